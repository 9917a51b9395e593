package report

import (
	"fmt"
	"slices"
	"strings"

	"kaliper/internal/analysis"
	"kaliper/internal/unit"
	"kaliper/results"
)

// contrastTable is the id of the tables of a contrast.
const contrastTable = "contrast"

// Document puts a contrast into words and a picture.
func (c *Contrast) Document() *Document {
	d := &Document{
		Title:    fmt.Sprintf("Is %s worse than %s?", c.sideName(c.Candidate), c.sideName(c.Base)),
		Kind:     "comparison of two sides",
		Runs:     slices.Compact([]string{c.Base.Manifest.ID, c.Candidate.Manifest.ID}),
		Verdicts: []Verdict{c.verdictInWords()},
		Answer:   []Sentence{{{Text: c.answer()}}},
	}
	if c.Base.Manifest.Simulated && c.Candidate.Manifest.Simulated {
		d.Warnings = append(d.Warnings, "SIMULATED BROKER: no figure here says anything about a real Kafka cluster.")
	}
	for _, why := range c.Unsound() {
		d.Warnings = append(d.Warnings, "UNSOUND: "+why+".")
	}
	for i, run := range []*results.Run{c.Base, c.Candidate} {
		if i == 0 || run.Manifest.ID != c.Base.Manifest.ID {
			d.Warnings = append(d.Warnings, stateWarnings(run, run.Manifest.ID+": ")...)
		}
	}
	for _, m := range c.Mismatches {
		if !m.Unsound {
			d.Warnings = append(d.Warnings, fmt.Sprintf("%s differs: %s and %s; %s.", capital(m.What), m.Base, m.Candidate, m.Why))
		}
	}
	if len(c.Unmatched) > 0 {
		d.Warnings = append(d.Warnings, "Without a counterpart, and left out: "+strings.Join(c.Unmatched, "; ")+".")
	}
	if section := c.changesSection(); section != nil {
		d.Sections = append(d.Sections, *section)
	}
	d.Sections = append(d.Sections, c.settingsSection())
	for i := range c.Cases {
		d.Sections = append(d.Sections, c.caseSection(i))
	}
	d.AnswerNotes = c.notes()
	d.Facts = []Fact{
		{"Base", c.sideFact(c.Base)},
		{"Candidate", c.sideFact(c.Candidate)},
	}
	return d
}

// sideName is a run, or a case of it.
func (c *Contrast) sideName(run *results.Run) string {
	if c.Base.Manifest.ID == c.Candidate.Manifest.ID {
		return caseName(run, run.Summary.Cases[0])
	}
	runs := []*results.Run{c.Base, c.Candidate}
	name := runName(runs, slices.Index(runs, run))
	if len(run.Summary.Cases) == 1 && len(run.Summary.Cases[0].Settings) > 0 {
		name += ", " + caseName(run, run.Summary.Cases[0])
	}
	return name
}

func (c *Contrast) sideFact(run *results.Run) string {
	m := run.Manifest
	return fmt.Sprintf("%s, %s, %s, %s", m.ID, clusterText(run), machineText(m.Machine), versionsText(m.Versions))
}

// verdictInWords is the answer and why.
func (c *Contrast) verdictInWords() Verdict {
	v := Verdict{Aspect: "Verdict", Answer: capital(string(c.Verdict()))}
	switch c.Verdict() {
	case ContrastUnsound:
		v.Text = "whatever the figures say, they cannot be put down to what was to be compared"
	case ContrastWorse:
		v.Text = "the candidate is worse in at least one deciding metric"
	case ContrastUnknown:
		v.Text = "these trials are too few or too noisy for at least one deciding metric"
	case ContrastNotWorse:
		v.Text, v.Good = "the candidate is better or equivalent in every deciding metric", true
	}
	return v
}

// answer says what each deciding metric shows.
func (c *Contrast) answer() string {
	judged := c.judged()
	var parts []string
	for _, change := range []analysis.Change{analysis.Worse, analysis.Better, analysis.Different, analysis.Equivalent, analysis.CannotTell} {
		names := judged[change]
		if len(names) == 0 {
			continue
		}
		word := capital(string(change))
		if change == analysis.Equivalent {
			word += " within " + unit.Format(c.Margin, "ratio")
		}
		parts = append(parts, word+": "+enumerate(names, "and")+".")
	}
	return strings.Join(parts, " ")
}

func (c *Contrast) notes() []string {
	notes := []string{
		"Of the candidate against the base, each with the interval of that one metric: of twenty at 95% one excludes the truth. " +
			"Metrics with a mark (›) decide the exit code. Detectable is the smallest change that these trials could have shown.",
	}
	if !c.Cases[0].Paired {
		notes = append(notes, "The two runs were measured at different times: what changed in between is part of every difference. "+
			"Cases of one run are interleaved, and are compared round by round.")
	}
	if c.Base.Pooled > 1 || c.Candidate.Pooled > 1 {
		notes = append(notes, "Runs are pooled: their trials count alike. Those of one run are more alike than those of several, "+
			"so that with few runs the intervals are narrower than the truth.")
	}
	return notes
}

// settingsSection shows what was varied, or differs otherwise.
func (c *Contrast) settingsSection() Section {
	section := Section{ID: "settings-that-differ", Heading: "Settings that differ"}
	t := &Table{ID: "settings", Caption: "Settings that differ", Columns: []Column{
		{Name: "Setting", Text: true}, {Name: "base", Text: true}, {Name: "candidate", Text: true},
	}}
	for _, name := range settingNames([]*results.Run{c.Base, c.Candidate}) {
		b, d := strings.Join(settingValues(c.Base, name), ", "), strings.Join(settingValues(c.Candidate, name), ", ")
		if b == d {
			continue
		}
		row := Row{Cells: []Cell{{Text: name}}}
		for _, text := range []string{b, d} {
			if text == "" {
				text = "–"
			}
			row.Cells = append(row.Cells, Cell{Text: text})
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		section.See = "No client property, topic or load differs between the two."
		return section
	}
	section.See = capital(plural(len(t.Rows), "setting")) + " of the clients, the topics or the load."
	section.Table = t
	return section
}

// caseSection is the table of one pair of cases.
func (c *Contrast) caseSection(i int) Section {
	contrasted := c.Cases[i]
	name, heading := contrasted.Name, "Metric · "+contrasted.Name
	if len(c.Cases) == 1 {
		name, heading = "Metric by metric", "Metric"
	}
	t := &Table{ID: contrastTable, Caption: name, Columns: []Column{
		{Name: heading, Text: true}, {Name: "base"}, {Name: "candidate"}, {Name: "change"}, {Name: "detectable"}, {Name: "interval"}, {Name: "Verdict", Text: true},
	}}
	for _, metric := range c.shown(contrasted) {
		x, _ := contrasted.comparison(metric)
		label := "  " + metricName(metric)
		if slices.Contains(c.Deciding, metric) {
			label = "› " + metricName(metric)
		}
		shift, interval, detectable := "–", "–", "–"
		if x.HasInterval {
			shift, detectable = amountOf(x, x.Shift, true), amountOf(x, x.Detectable, false)
			interval = fmt.Sprintf("%s to %s at %s", amountOf(x, x.Interval.Lo, true), amountOf(x, x.Interval.Hi, true), unit.Format(x.Interval.Level, "ratio"))
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: label}, {Text: value(x.Base, x.Unit)}, {Text: value(x.Candidate, x.Unit)},
			{Text: shift}, {Text: detectable}, {Text: interval}, {Text: c.judgement(x)},
		}})
	}
	see := fmt.Sprintf("%s of the base and %s of the candidate.", plural(len(contrasted.Base.Trials), "trial"), plural(len(contrasted.Candidate.Trials), "trial"))
	return Section{ID: "contrast-" + contrasted.Candidate.ID, Heading: name, See: see, Table: t}
}

// shown are the metrics of a table: those that decide, then the usual ones.
func (c *Contrast) shown(contrasted ContrastCase) []string {
	var names []string
	for _, name := range append(slices.Clone(c.Deciding), displayed()...) {
		if _, ok := contrasted.comparison(name); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// amountOf formats a change, or the size of one.
func amountOf(x analysis.Comparison, v float64, signed bool) string {
	switch {
	case x.Relative && signed:
		return change(1 + v)
	case x.Relative:
		return strings.TrimLeft(change(1+v), "+±")
	}
	return value(v, x.Unit)
}
