// Package docs_test holds the pages of this folder against the code that they describe. What
// can be derived from the code stands between markers and is compared with it, or written anew
// by go test ./docs -update. What people wrote is checked where it states a fact: examples are
// parsed, lists of keys and codes are complete, defaults are the real ones.
package docs_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated parts of the pages anew")

// readPage returns a page with Unix line ends.
func readPage(t *testing.T, page string) string {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

// compareGenerated compares the part of a page that was generated from a source with what it
// should be.
func compareGenerated(t *testing.T, page, source, want string) {
	t.Helper()
	text := readPage(t, page)
	begin := "<!-- generated from " + source + ": go test ./docs -update -->\n"
	const end = "<!-- end of the generated part -->\n"
	before, rest, found := strings.Cut(text, begin)
	if !found {
		t.Fatalf("%s has no line %q", page, begin)
	}
	got, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no line %q after %q", page, end, begin)
	}
	if want = "\n" + want + "\n"; got == want {
		return
	}
	if !*update {
		t.Fatalf("the part of %s that is generated from %s is out of date: run go test ./docs -update\nit is:%swant:%s", page, source, got, want)
	}
	if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// escape keeps a cell's text from ending the cell, or from being taken for HTML.
var escape = strings.NewReplacer("|", `\|`, "<", `\<`)

// markdownTable writes a table, cells escaped.
func markdownTable(header []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		for _, cell := range cells {
			b.WriteString("| " + escape.Replace(cell) + " ")
		}
		b.WriteString("|\n")
	}
	line(header)
	b.WriteString(strings.Repeat("|---", len(header)) + "|\n")
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// tables returns the rows of all tables of a page with the given header, in order.
func tables(text, header string) [][][]string {
	var all [][][]string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if lines[i] != header {
			continue
		}
		var rows [][]string
		for i += 2; i < len(lines) && strings.HasPrefix(lines[i], "|"); i++ {
			cells := strings.Split(strings.Trim(lines[i], "|"), "|")
			for c := range cells {
				cells[c] = strings.TrimSpace(cells[c])
			}
			rows = append(rows, cells)
		}
		all = append(all, rows)
	}
	return all
}

// onlyTable returns the rows of the one table with the given header.
func onlyTable(t *testing.T, page, header string) [][]string {
	t.Helper()
	found := tables(readPage(t, page), header)
	if len(found) != 1 {
		t.Fatalf("%s has %d tables with the header %q, want 1", page, len(found), header)
	}
	return found[0]
}

// firstCells returns the first column without its backticks.
func firstCells(rows [][]string) []string {
	var cells []string
	for _, row := range rows {
		cells = append(cells, strings.Trim(row[0], "`"))
	}
	return cells
}

// example is a fenced block of a page.
type example struct {
	line int // of its first line, from 1
	text string
}

// examples returns the fenced blocks of a language.
func examples(text, language string) []example {
	var all []example
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if lines[i] != "```"+language {
			continue
		}
		begin := i + 1
		for i = begin; i < len(lines) && lines[i] != "```"; i++ {
		}
		all = append(all, example{begin + 1, strings.Join(lines[begin:i], "\n") + "\n"})
	}
	return all
}

// parseGo parses the Go files of a folder, without tests.
func parseGo(t *testing.T, folder string) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no Go files in ", folder, err)
	}
	files := map[string]*ast.File{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = file
	}
	return files
}

// sameElements compares two lists as sets.
func sameElements(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s: the page does not tell of %q", what, name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("%s: the page tells of %q, which is not there", what, name)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noSlug  = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// anchors returns the anchors that GitHub gives the headings of a page.
func anchors(text string) []string {
	var all []string
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(noSlug.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return all
}

func TestEveryLinkBetweenThePagesLeadsSomewhere(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	for _, page := range pages {
		for _, found := range link.FindAllStringSubmatch(readPage(t, page), -1) {
			target, anchor := found[1], found[2]
			if target == "" {
				target = page
			}
			if _, err := fs.Stat(os.DirFS(".."), filepath.ToSlash(filepath.Join("docs", target))); err != nil {
				t.Errorf("%s links to %s: %v", page, target, err)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(readPage(t, target)), anchor) {
				t.Errorf("%s links to %s#%s, and there is no such heading", page, target, anchor)
			}
		}
	}
}
