package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"kaliper/internal/unit"
	"kaliper/results"
)

// Gate is the answer of a gate, with its run: for people a document, for CI several formats.
type Gate struct {
	Run    *results.Run // with its summary
	Result results.Gate
}

// NewGate returns the report of a gate's run.
func NewGate(run *results.Run, result results.Gate) *Gate { return &Gate{run, result} }

// JSON writes what gate.json holds.
func (g *Gate) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // conditions are read by people
	encoder.SetIndent("", "  ")
	return encoder.Encode(g.Result)
}

// Document puts the gate into words: the answer first, then the pairs, then what a run's report
// shows of its two sides.
func (g *Gate) Document() *Document {
	d := &Document{sources: []*results.Run{g.Run}}
	if g.Run.Manifest.ID != "" { // else nothing was started
		d.Runs = []string{g.Run.Manifest.ID}
	}
	if len(g.Run.Trials) > 0 && len(g.Run.Summary.Cases) > 0 {
		d = newStudy([]*results.Run{g.Run}).document()
	}
	d.Title, d.Kind = g.title(), "gate"
	d.Warnings = g.warnings()
	d.Verdicts = []Verdict{{Aspect: "Gate", Answer: string(g.Result.Verdict), Text: g.Result.Why, Good: g.Result.Verdict == results.GatePass}}
	d.Answer = g.answer()
	d.AnswerNotes = g.notes()
	d.AnswerTable = g.metricsTable()
	if len(g.Result.Played) > 0 {
		d.Sections = append([]Section{g.pairsSection()}, d.Sections...)
	}
	return d
}

func (g *Gate) title() string {
	name := g.Run.Manifest.Name
	switch {
	case g.Result.WritesBaseline != "":
		return fmt.Sprintf("Can the figures of %s become a baseline?", name)
	case g.Result.AA:
		return fmt.Sprintf("What can a gate of %s detect here?", name)
	}
	return fmt.Sprintf("Is the candidate of %s worse than its base?", name)
}

// warnings are what to know before believing the answer. Untrusted trials are the rule's
// business: its reasons name them.
func (g *Gate) warnings() []string {
	var warnings []string
	if g.Result.Simulated {
		warnings = append(warnings, "SIMULATED BROKER: no figure here says anything about a real Kafka cluster.")
	}
	warnings = append(warnings, stateWarnings(g.Run, "")...)
	for _, warning := range g.Result.Warnings {
		warnings = append(warnings, capital(warning)+".")
	}
	for _, reason := range g.Run.Summary.Run.Environment {
		if reason.Code != simulatedCode {
			warnings = append(warnings, "Environment: "+reason.Text+".")
		}
	}
	return warnings
}

// answer says the verdict, and of each metric the change.
func (g *Gate) answer() []Sentence {
	verdict := Span{Text: string(g.Result.Verdict), Role: AboutPick}
	if g.Result.Verdict != results.GatePass {
		verdict.Role = AsTrouble
	}
	switch {
	case g.Result.WritesBaseline != "":
		return []Sentence{{verdict, {Text: " for the baseline " + g.Result.WritesBaseline + ": " + g.Result.Why + "."}}}
	case g.Result.Run == "":
		return []Sentence{{verdict, {Text: ": " + g.Result.Why + "."}}}
	case g.Result.Baseline != "":
		return append([]Sentence{{verdict, {Text: " against the baseline of run " + g.Result.Baseline + "."}}}, g.metricSentences()...)
	}
	answer := []Sentence{{verdict, {Text: fmt.Sprintf(" after %s of at most %d.", plural(g.Result.Pairs, "pair"), g.Result.MostPairs)}}}
	return append(answer, g.metricSentences()...)
}

func (g *Gate) metricSentences() []Sentence {
	var answer []Sentence
	for _, m := range g.Result.Metrics {
		answer = append(answer, Sentence{{Text: capital(metricName(m.Metric)) + ": " + gateChange(m) + " "}, {Text: "(" + gateInterval(m) + ")", Role: AsInterval}, {Text: ", " + gateJudgement(m) + "."}})
	}
	return answer
}

// notes say how to read the answer.
func (g *Gate) notes() []string {
	switch {
	case len(g.Result.Metrics) == 0: // nothing was compared
		return nil
	case g.Result.Baseline != "":
		return []string{"Changes are the candidate’s against the baseline’s, of another time: a gate of live pairs is what to trust."}
	}
	notes := []string{"Changes are the candidate’s against the base’s, in pairs of trials whose order a coin decided. Intervals hold at 90% over all looks together."}
	repeated := 0
	for _, pair := range g.Result.Played {
		if !pair.Counts {
			repeated++
		}
	}
	if repeated > 0 {
		notes = append(notes, fmt.Sprintf("%s did not count; the table of pairs says why.", capital(plural(repeated, "pair"))))
	}
	for _, m := range g.Result.Metrics {
		if m.SmallestDetectable > 0 {
			text := fmt.Sprintf("%s: trials vary by %s; of such gates 90%% find a change of %s", capital(metricName(m.Metric)), percent(float64(m.Spread)/math.Sqrt2), percent(float64(m.SmallestDetectable)))
			if m.PairsNeeded > 0 {
				text += fmt.Sprintf(", and %d pairs would do for %s", m.PairsNeeded, percent(m.Detect))
			} else {
				text += fmt.Sprintf("; %s is out of reach of any gate: make trials longer", percent(m.Detect))
			}
			notes = append(notes, text+".")
		}
	}
	return notes
}

func percent(v float64) string { return unit.Format(v, "ratio") }

// gateChange prints a metric's change, +3.1%.
func gateChange(m results.GateMetric) string { return change(1 + float64(m.Change)) }

// gateInterval prints its interval; a side without bound says so.
func gateInterval(m results.GateMetric) string {
	lo, hi := float64(m.Interval.Lo), float64(m.Interval.Hi)
	unboundedLow, unboundedHigh := lo <= -1 || math.IsNaN(lo), math.IsInf(hi, 1) || math.IsNaN(hi)
	switch {
	case unboundedLow && unboundedHigh:
		return "not bounded yet"
	case unboundedLow:
		return "at most " + change(1+hi)
	case unboundedHigh:
		return "at least " + change(1+lo)
	}
	return change(1+lo) + " to " + change(1+hi)
}

// gateJudgement says what a metric contributes.
func gateJudgement(m results.GateMetric) string {
	text := string(m.Verdict)
	if m.Advisory {
		text = "advisory"
	}
	if m.Why != "" {
		text += ": " + m.Why
	}
	return text
}

// GateMetricText says in one line how a metric of a gate stands.
func GateMetricText(m results.GateMetric) string {
	return fmt.Sprintf("%s %s (%s) %s", m.Metric, gateChange(m), gateInterval(m), strings.ToLower(string(m.Verdict)))
}

// metricsTable lists the metrics; nil where none was compared.
func (g *Gate) metricsTable() *Table {
	if len(g.Result.Metrics) == 0 {
		return nil
	}
	interval := "interval at 90%"
	if g.Result.Baseline != "" { // its levels are those that so many trials reach
		interval = "interval"
	}
	t := &Table{ID: "gate", Caption: "Metric by metric", Columns: []Column{
		{Name: "Metric", Text: true}, {Name: "base"}, {Name: "candidate"}, {Name: "change"}, {Name: interval},
		{Name: "tolerated"}, {Name: "to be detected"}, {Name: "Verdict", Text: true},
	}}
	for _, m := range g.Result.Metrics {
		between := gateInterval(m)
		if g.Result.Baseline != "" && m.Interval.Level > 0 {
			between += " at " + percent(m.Interval.Level)
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: metricName(m.Metric)}, {Text: value(float64(m.Base), m.Unit)}, {Text: value(float64(m.Candidate), m.Unit)},
			{Text: gateChange(m), Strong: true}, {Text: between}, {Text: percent(m.Tolerate)}, {Text: percent(m.Detect)}, {Text: gateJudgement(m)},
		}})
	}
	return t
}

// pairsSection lists every pair that was played, also those that do not count.
func (g *Gate) pairsSection() Section {
	t := &Table{ID: "pairs", Caption: "Pairs", Columns: []Column{{Name: "Round"}, {Name: "First", Text: true}}}
	for _, m := range g.Result.Metrics {
		for _, column := range []string{", base", ", candidate", ", change"} {
			t.Columns = append(t.Columns, Column{Name: metricName(m.Metric) + column})
		}
	}
	t.Columns = append(t.Columns, Column{Name: "Counts", Text: true})
	for _, pair := range g.Result.Played {
		row := Row{Cells: []Cell{{Text: fmt.Sprint(pair.Round)}, {Text: pair.First}}}
		for i, m := range g.Result.Metrics {
			base, candidate := float64(pair.Base[i]), float64(pair.Candidate[i])
			row.Cells = append(row.Cells, Cell{Text: value(base, m.Unit)}, Cell{Text: value(candidate, m.Unit)}, Cell{Text: change(candidate / base)})
		}
		counts := "yes"
		switch {
		case pair.Counts && len(pair.Reasons) > 0:
			counts = "yes, though untrusted: " + strings.Join(pair.Reasons, "; ")
		case !pair.Counts:
			counts = "no: " + strings.Join(pair.Reasons, "; ")
		}
		row.Cells = append(row.Cells, Cell{Text: counts})
		t.Rows = append(t.Rows, row)
	}
	return Section{ID: "pairs", Heading: "Pair by pair", See: capital(plural(len(t.Rows), "pair")) + " in the order of time.", Table: t}
}
