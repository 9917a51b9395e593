package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"kaliper/bench/internal/driver"
	"kaliper/internal/stats"
)

// aims are by how much kaliper's figure may differ from Java's.
var aims = []struct {
	name   string
	unit   string
	within float64
	of     func(figures) float64
}{
	{"records per batch", "%.3g", 0.15, func(f figures) float64 { return f.RecordsPerBatch }},
	{"requests/s", "%.4g", 0.15, func(f figures) float64 { return f.RequestsPerSecond }},
	{"bytes per record", "%.4g", 0.05, func(f figures) float64 { return f.BytesPerRecord }},
	{"service p50 ms", "%.3g", 0.20, func(f figures) float64 { return 1000 * f.ServiceP50Seconds }},
}

const (
	tableBegins = "<!-- table: make bench-fidelity -->\n"
	tableEnds   = "<!-- end of table -->\n"
)

// comparison is one figure of one cell: Java's median, and the median of the ratios within the
// pairs with the interval that so many pairs give.
type comparison struct {
	java, ratio float64
	interval    stats.Interval
	known       bool // the interval
	within      bool // the median ratio
}

func compare(pairs []pair, of func(figures) float64, within float64) comparison {
	var java, kaliper driver.Sample
	for _, p := range pairs {
		java, kaliper = append(java, of(p.Java)), append(kaliper, of(p.Kaliper))
	}
	ratios := driver.Ratios(kaliper, java)
	c := comparison{java: stats.Median(java), ratio: stats.Median(ratios)}
	c.interval, c.known = stats.MedianInterval(ratios, 0.95)
	c.within = math.Abs(c.ratio-1) <= within
	return c
}

func (c comparison) cell(format string) string {
	text := fmt.Sprintf(format+" x%.2f", c.java, c.ratio)
	if c.known {
		text += fmt.Sprintf(" [%.2f, %.2f]", c.interval.Lo, c.interval.Hi)
	}
	if !c.within {
		text = "**" + text + "**"
	}
	return text
}

// writeTable writes the table in Markdown, what it sums up to before it.
func writeTable(w io.Writer, cells []cell, pairs []pair) error {
	byCell := map[string][]pair{}
	untrusted := 0
	for _, p := range pairs {
		byCell[p.Cell] = append(byCell[p.Cell], p)
		if p.Trust != "TRUSTED" {
			untrusted++
		}
	}
	var rows bytes.Buffer
	within := make([]int, len(aims))
	measured, fewest, level := 0, math.MaxInt, math.NaN()
	for _, c := range cells {
		of := byCell[c.String()]
		if len(of) == 0 {
			continue
		}
		measured, fewest = measured+1, min(fewest, len(of))
		row := []string{c.String()}
		for i, aim := range aims {
			figure := compare(of, aim.of, aim.within)
			if figure.within {
				within[i]++
			}
			if figure.known {
				level = figure.interval.Level
			}
			row = append(row, figure.cell(aim.unit))
		}
		fmt.Fprintf(&rows, "| %s |\n", strings.Join(row, " | "))
	}
	if measured == 0 {
		_, err := fmt.Fprintln(w, "Nothing is measured yet.")
		return err
	}
	last := slices.MaxFunc(pairs, func(a, b pair) int { return a.At.Compare(b.At) })
	fmt.Fprintf(w, "%d cells of %d, at least %d pairs each, the last of %s; %d of %d trials of kaliper called themselves untrusted.\nWithin the aim, by the median ratio:",
		measured, len(allCells()), fewest, last.At.Format("2006-01-02"), untrusted, len(pairs))
	for i, aim := range aims {
		fmt.Fprintf(w, " %s %d of %d (aim: ±%.0f%%);", aim.name, within[i], measured, 100*aim.within)
	}
	with := ""
	if !math.IsNaN(level) {
		with = fmt.Sprintf(" with an interval of %.0f%%", 100*level)
	}
	fmt.Fprintf(w, "\nmisses are in bold. Each column: Java's median, then kaliper / Java%s.\n\n", with)
	header, line := []string{"cell"}, []string{"---"}
	for _, aim := range aims {
		header, line = append(header, aim.name), append(line, "---")
	}
	_, err := fmt.Fprintf(w, "| %s |\n| %s |\n%s", strings.Join(header, " | "), strings.Join(line, " | "), rows.String())
	return err
}

// replaceTable puts the table between the page's marks.
func replaceTable(path string, cells []cell, pairs []pair) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begun := strings.Cut(string(page), tableBegins)
	_, after, ended := strings.Cut(rest, tableEnds)
	if !begun || !ended {
		return fmt.Errorf("%s has not the two lines that a table stands between:\n%s%s", path, tableBegins, tableEnds)
	}
	var made bytes.Buffer
	made.WriteString(before + tableBegins + "\n")
	if err := writeTable(&made, cells, pairs); err != nil {
		return err
	}
	made.WriteString("\n" + tableEnds + after)
	return os.WriteFile(path, made.Bytes(), 0o644)
}
