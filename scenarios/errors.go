package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// position is where a node was written.
type position struct {
	file         string // "--set" for what came from the command line
	line, column int    // from 1; 0 where there is none
	layer        layer
}

func (p position) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d:%d", p.file, p.line, p.column)
}

// Problem is one objection to a scenario.
type Problem struct {
	File         string
	Line, Column int    // from 1; 0 where there is none
	Path         string // producers.checkout.config.linger.ms
	Text         string // what is wrong; what would be right
	Case         string // the varied settings, where only some cases are wrong
}

// String returns file:line:column: path: text.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(position{file: p.File, line: p.Line, column: p.Column}.String())
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	b.WriteString(": " + p.Text)
	if p.Case != "" {
		b.WriteString(" (in case " + p.Case + ")")
	}
	return b.String()
}

// Errors are all objections to a scenario, in the order of its files.
type Errors []Problem

// Error returns one line for each objection.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// problems collects objections.
type problems struct{ list []Problem }

func (p *problems) add(at position, path, format string, args ...any) {
	p.list = append(p.list, Problem{
		File: at.file, Line: at.line, Column: at.column, Path: path, Text: fmt.Sprintf(format, args...),
	})
}

// err returns the objections in the order of files, lines and columns, each once; nil if
// there are none.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	return Errors(sorted(p.list))
}

func sorted(list []Problem) []Problem {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	seen := map[Problem]bool{}
	return slices.DeleteFunc(list, func(p Problem) bool {
		again := seen[p]
		seen[p] = true
		return again
	})
}
