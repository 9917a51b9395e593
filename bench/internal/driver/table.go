package driver

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// Table is printed with aligned columns, as a person reads and a Markdown page quotes it.
type Table struct {
	Title string
	rows  [][]string
}

// Row adds a row; the first is the header.
func (t *Table) Row(cells ...any) {
	var row []string
	for _, cell := range cells {
		row = append(row, fmt.Sprint(cell))
	}
	t.rows = append(t.rows, row)
}

// Print writes the table.
func (t *Table) Print(w io.Writer) error {
	fmt.Fprintf(w, "\n%s\n\n", t.Title)
	aligned := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range t.rows {
		fmt.Fprintln(aligned, "  "+strings.Join(row, "\t"))
	}
	return aligned.Flush()
}

// PrintMachine writes when, where and of what a figure was taken.
func PrintMachine(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, %d processors, %s/%s, %s, kaliper %s\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"),
		processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), revision())
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "processor unknown"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "processor unknown"
}

func revision() string {
	output, err := exec.Command("git", "describe", "--tags", "--always", "--dirty").Output()
	if err != nil {
		return "of unknown revision"
	}
	return strings.TrimSpace(string(output))
}
