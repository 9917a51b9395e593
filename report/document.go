// Package report turns finished runs into something to read: one document model, and renderers
// for the terminal, HTML, Markdown, JSON, CSV and plots.
//
// It decides the order in which things are said, the words, and what is left out because the
// data do not support it. It refuses to judge: trust, outcome, environment, medians, intervals
// and expectations are internal/analysis' answers, found in results.Summary. It starts no
// workload and opens no connection.
//
// The way of the data:
//
//  1. New gathers the cases of all runs as subjects, names them, and says what each one is
//     compared with: the first case of its run, or the same case of the first run.
//  2. Each part of the document is built from the subjects: facts, verdicts, the answer,
//     sections with a figure or a table, and the details that are folded away.
//  3. A renderer walks the document. What must be known before any figure is believed (a
//     simulated broker, an untrusted, interrupted or crashed run) is in Warnings, which every
//     renderer prints first.
//
// Whatever a run directory says is untrusted input: no renderer writes it unescaped.
package report

import (
	"errors"
	"fmt"

	"kaliper/report/plot"
	"kaliper/results"
)

// Document is a report before it is rendered. Its texts use no-break spaces before units and a
// true minus.
type Document struct {
	Title    string // the question
	Kind     string // run report, comparison of 2 runs
	Runs     []string
	Warnings []string  // what to know before believing a figure; every renderer's first lines
	Verdicts []Verdict // trust, outcome, environment, ...
	Facts    []Fact    // when, where, what load, how often, with what

	Answer      []Sentence
	AnswerNotes []string
	Asked       *Table  // what the scenario says to look at; nil where it says nothing
	AnswerTable *Table  // nil where the table of all cases says the same
	Pastes      []Paste // the settings of the best cases, for a client's configuration

	Sections []Section
	Details  []Detail

	sources []*results.Run
}

// Verdict is the answer to one question about the run as a whole.
type Verdict struct {
	Aspect string // Trust
	Answer string // Trusted
	Text   string // why
	Good   bool
}

// Fact is a name and what is to be said of it.
type Fact struct{ Name, Text string }

// Sentence is text of which parts play a role.
type Sentence []Span

// Span is a part of a sentence.
type Span struct {
	Text string
	Role Role
}

// Role is what a span is about.
type Role string

// The roles.
const (
	Plain      Role = ""
	AboutPick  Role = "pick" // the case in question
	AboutBase  Role = "base" // what it is compared with
	AsInterval Role = "interval"
	AsTrouble  Role = "alert"
)

// String returns the sentence without its roles.
func (s Sentence) String() string {
	text := ""
	for _, span := range s {
		text += span.Text
	}
	return text
}

// Section is one piece of evidence: a heading, what is to be seen, and a figure or a table.
type Section struct {
	ID      string
	Heading string
	See     string // one line
	Notes   []string
	Figure  plot.Figure // nil for none
	Table   *Table      // nil for none
	Folded  bool        // the table says the figure's values again, for those who want them in words
}

// Table is a table of a document.
type Table struct {
	ID      string
	Caption string
	Columns []Column
	Rows    []Row
	Sorts   bool // a page lets its reader sort it
	Heat    bool // rows and columns are values of two settings, shaded by the cells' values
	Filters []Filter
}

// Column is one column of a table.
type Column struct {
	Name string
	Unit string // below the name; may be empty
	Text bool   // left-aligned
	Tone Role
}

// Row is one row of a table.
type Row struct {
	ID    string // anchor; may be empty
	Tone  Role
	Kinds []string // its value for each of the table's filters
	Cells []Cell
}

// Cell is one cell of a table.
type Cell struct {
	Text     string
	Unit     string // after the text, lighter
	Interval string // after or below the text, lighter
	Strong   bool
	Few      bool    // a percentile with fewer than 20 records beyond it
	Sort     float64 // what the column is sorted by
	Bar      *Bar    // nil for none
	Tone     Role
	Shade    int // of a heat map: 1, light, to 5
}

// Filter lets a page's reader keep the rows with one value of a setting.
type Filter struct {
	Name   string
	Values []string
}

// Bar is a bar from 0 with the jaws of its interval, as shares of the column's largest value.
type Bar struct{ Value, Low, High float64 }

// Detail is a folded part at the end.
type Detail struct {
	Heading string
	Hint    string
	Facts   []Fact
	Tables  []Table
	Lines   []string // preformatted
	Texts   []string
}

// New builds the report of one run, or one comparative report of several. The summary of every
// run must be there (internal/analysis makes it).
func New(runs ...*results.Run) (*Document, error) {
	if len(runs) == 0 {
		return nil, errors.New("report: no run was given")
	}
	for _, run := range runs {
		if len(run.Summary.Cases) == 0 {
			return nil, fmt.Errorf("report %s: there is no summary of any case: no trial got as far as its first second", run.Manifest.ID)
		}
	}
	return newStudy(runs).document(), nil
}

// document puts the parts into their reading order.
func (s *study) document() *Document {
	d := &Document{
		Title:       s.title(),
		Kind:        s.kind(),
		Warnings:    s.warnings(),
		Verdicts:    s.verdicts(),
		Facts:       s.facts(),
		Answer:      s.answer(),
		AnswerNotes: s.answerNotes(),
		Asked:       s.askedTable(),
		AnswerTable: s.answerTable(),
		Pastes:      s.pastes(),
		Details:     s.details(),
		sources:     s.runs,
	}
	for _, run := range s.runs {
		d.Runs = append(d.Runs, run.Manifest.ID)
	}
	for _, section := range []*Section{
		s.differingSettings(),
		s.frontSection(),
		s.effectsSection(),
		s.heatSection(),
		s.percentilesSection(),
		s.histogramSection(),
		s.timelineSection(),
		s.rebalancesSection(),
		s.compactionSection(),
		s.readbackSection(),
		s.anomaliesSection(),
		s.stripSection(),
		s.casesSection(),
		s.trialsSection(),
		s.supersededSection(),
	} {
		if section != nil {
			d.Sections = append(d.Sections, *section)
		}
	}
	return d
}

// Figures returns the figures of a document in reading order.
func (d *Document) Figures() []plot.Figure {
	var figures []plot.Figure
	for _, s := range d.Sections {
		if s.Figure != nil {
			figures = append(figures, s.Figure)
		}
	}
	return figures
}
