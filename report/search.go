package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"kaliper/internal/analysis"
	"kaliper/internal/analysis/search"
	"kaliper/results"
)

// Search is the answer of a search, with its run.
type Search struct {
	Run    *results.Run // with its summary
	Result results.Search
}

// NewSearch returns the report of a search's run.
func NewSearch(run *results.Run, result results.Search) *Search { return &Search{run, result} }

// JSON writes what search.json holds.
func (s *Search) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // conditions are read by people
	encoder.SetIndent("", "  ")
	return encoder.Encode(s.Result)
}

// Document puts the search into words: the answer first, then the curve of every case and the
// trials that it is made of.
func (s *Search) Document() *Document {
	d := &Document{Runs: []string{s.Run.Manifest.ID}, sources: []*results.Run{s.Run}}
	if len(s.Run.Trials) > 0 && len(s.Run.Summary.Cases) > 0 {
		// The rates of a search are no cases to choose from: of a run's report the facts and the
		// details remain.
		all := newStudy([]*results.Run{s.Run}).document()
		d.Facts, d.Details = s.facts(all.Facts), all.Details
	}
	d.Title, d.Kind = fmt.Sprintf("What rate does %s hold?", s.Run.Manifest.Name), "search"
	d.Warnings = s.warnings()
	for _, c := range s.Result.Cases {
		d.Verdicts = append(d.Verdicts, s.verdict(c))
		d.Answer = append(d.Answer, s.answer(c)...)
	}
	d.AnswerNotes = s.notes()
	d.AnswerTable = s.table()
	for i, c := range s.Result.Cases {
		if section := s.curve(i, c); section != nil {
			d.Sections = append(d.Sections, *section)
		}
		if section := s.contradiction(i, c); section != nil {
			d.Sections = append(d.Sections, *section)
		}
		d.Sections = append(d.Sections, s.trials(i, c))
	}
	return d
}

// facts says of the load and of the trials what is true of a search.
func (s *Search) facts(facts []Fact) []Fact {
	kept := slices.DeleteFunc(facts, func(f Fact) bool { return f.Name == "Load" || f.Name == "Trials" })
	plan := s.Run.Manifest.Search
	if plan == nil {
		return kept
	}
	return append(kept, Fact{"Trials", fmt.Sprintf("%s: short ones of %s, holds of %s, each after %s of warm-up", plural(len(s.Run.Trials), "trial"),
		value(plan.TrialSeconds, "s"), value(plan.HoldSeconds, "s"), value(plan.WarmupSeconds, "s"))})
}

// caseName names a case of the matrix; empty where there is only one.
func (s *Search) caseName(c results.SearchCase) string {
	if len(s.Result.Cases) == 1 {
		return ""
	}
	var parts []string
	for _, setting := range c.Settings {
		parts = append(parts, setting.Label+" "+setting.Value)
	}
	return strings.Join(parts, ", ")
}

func (s *Search) warnings() []string {
	var warnings []string
	if s.Result.Simulated {
		warnings = append(warnings, "SIMULATED BROKER: no figure here says anything about a real Kafka cluster.")
	}
	if s.Result.State != results.Incomplete { // a trial that failed is a finding of a search
		warnings = append(warnings, stateWarnings(s.Run, "")...)
	}
	for _, c := range s.Result.Cases {
		if c.Contradiction != "" {
			warnings = append(warnings, "Not monotone: "+strings.TrimPrefix(s.caseName(c)+": "+c.Contradiction, ": ")+".")
		}
	}
	for _, warning := range s.Result.Warnings {
		warnings = append(warnings, capital(warning)+".")
	}
	for _, reason := range s.Run.Summary.Run.Environment {
		if reason.Code != simulatedCode {
			warnings = append(warnings, "Environment: "+reason.Text+".")
		}
	}
	return warnings
}

// verdict is a case's answer in a few words.
func (s *Search) verdict(c results.SearchCase) Verdict {
	v := Verdict{Aspect: "Rate", Good: c.Confirmed && !c.Bound && c.Interval.Level > 0, Answer: rate(float64(c.RecordsPerSecond)), Text: limitedText(c.LimitedBy)}
	if name := s.caseName(c); name != "" {
		v.Aspect = name
	}
	switch {
	case !c.Ended:
		v.Answer, v.Text = "not found yet", fmt.Sprintf("the search did not come to its end; %s so far", plural(len(c.Trials), "trial"))
	case c.RecordsPerSecond == 0:
		v.Answer = "none"
	case c.Bound:
		v.Answer = "at least " + rate(float64(c.Interval.Lo))
	}
	return v
}

func rate(v float64) string { return value(v, "records/s") }

// limitedText says in words what limited a rate.
func limitedText(by string) string {
	switch by {
	case "":
		return "nothing has limited it yet"
	case search.LimitedByGenerator:
		return "limited by the generator: kaliper or its machine gave out first"
	case search.LimitedByCeiling:
		return "every rate that the search tries passes: make the objectives stricter, or start higher"
	case search.LimitedByBudget:
		return "the budget ended the search"
	case search.ByThrottle:
		return "limited by throttling: a quota of the brokers is in force"
	case search.ByShortfall:
		return fmt.Sprintf("limited by the rate itself: above it less than %s of what is offered is acknowledged", percent(search.AchievedLeast))
	case search.ByLag:
		return "limited by the readers: above it a group falls behind"
	case search.ByNoSteady:
		return "limited by the steady state: above it the latency does not settle"
	}
	return "limited by " + by
}

// answer says the rate, its interval, and what limits it.
func (s *Search) answer(c results.SearchCase) []Sentence {
	prefix := ""
	if name := s.caseName(c); name != "" {
		prefix = capital(name) + ": "
	}
	switch {
	case !c.Ended:
		return []Sentence{{{Text: prefix + "the search did not come to its end."}}}
	case c.RecordsPerSecond == 0 && c.LimitedBy == search.LimitedByGenerator:
		return []Sentence{{{Text: prefix}, {Text: "no rate is known to hold", Role: AsTrouble}, {Text: ": kaliper or its machine spoiled the trials, which says nothing about the cluster."}}}
	case c.RecordsPerSecond == 0:
		return []Sentence{{{Text: prefix}, {Text: "no rate holds, " + analysis.TriedRates(c), Role: AsTrouble}, {Text: "; " + limitedText(c.LimitedBy) + "."}}}
	case c.Bound:
		hold := "hold"
		if !c.Confirmed {
			hold = "hold for a short trial, which no hold has confirmed"
		}
		return []Sentence{{{Text: prefix}, {Text: "at least " + rate(float64(c.Interval.Lo)), Role: AboutPick},
			{Text: fmt.Sprintf(" (%s) %s; ", value(s.bytes(c, float64(c.Interval.Lo)), "bytes/s"), hold)}, {Text: limitedText(c.LimitedBy) + "."}}}
	}
	interval := fmt.Sprintf("(%s to %s", rate(float64(c.Interval.Lo)), rate(float64(c.Interval.Hi)))
	switch {
	case c.Interval.Level > 0:
		interval += ", level " + percent(c.Interval.Level)
	case c.Confirmed:
		interval += ", of no level: its ends had to move too often"
	default:
		interval += ", not confirmed"
	}
	return []Sentence{
		{{Text: prefix}, {Text: rate(float64(c.RecordsPerSecond)), Role: AboutPick}, {Text: fmt.Sprintf(" (%s) ", value(float64(c.BytesPerSecond), "bytes/s"))},
			{Text: interval + ")", Role: AsInterval}, {Text: ", " + limitedText(c.LimitedBy) + "."}},
	}
}

// bytes is what a rate is in bytes of key and value.
func (s *Search) bytes(c results.SearchCase, rate float64) float64 {
	return rate * float64(c.BytesPerSecond) / float64(c.RecordsPerSecond)
}

// notes say how to read the answer.
func (s *Search) notes() []string {
	notes := []string{"Objectives: " + strings.Join(s.Result.Objectives, ", ") + fmt.Sprintf("; beside them at least %s of the offered rate is acknowledged, but for 20 records (of fewer than 200 a tenth) or what 25 ms offer, in flight at the window’s edges; no group falls behind, and the measurement is trusted.", percent(search.AchievedLeast))}
	if plan := s.Run.Manifest.Search; plan != nil {
		if slices.ContainsFunc(s.Result.Cases, func(c results.SearchCase) bool { return c.Confirmed }) {
			notes = append(notes, fmt.Sprintf("At the interval’s lower end every one of %d holds of %s passed, at its upper end every one failed. What is estimated is the rate at which half of them pass.",
				plan.Holds, value(plan.HoldSeconds, "s")))
		}
		if len(plan.Groups) > 0 && len(s.Run.Trials) > 0 && len(s.Run.Trials[0].Begin.Producers) > 1 {
			notes = append(notes, "The rate is that of all producer groups together; each kept its share of it.")
		}
	}
	return notes
}

// table is one row for each case.
func (s *Search) table() *Table {
	t := &Table{ID: "search", Caption: "The highest rate that holds", Columns: []Column{
		{Name: "Case", Text: true}, {Name: "holds at"}, {Name: "fails at"}, {Name: "level"}, {Name: "key and value"}, {Name: "Limited by", Text: true}, {Name: "trials"},
	}}
	for _, c := range s.Result.Cases {
		name := s.caseName(c)
		if name == "" {
			name = "the only case"
		}
		hi, level := rate(float64(c.Interval.Hi)), percent(c.Interval.Level)
		if math.IsInf(float64(c.Interval.Hi), 1) {
			hi = "not seen"
		}
		if c.Interval.Level == 0 {
			level = "none"
		}
		lo, bytes := rate(float64(c.Interval.Lo)), value(s.bytes(c, float64(c.Interval.Lo)), "bytes/s")
		if c.Interval.Lo == 0 {
			lo, bytes = "none", "none"
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: name}, {Text: lo, Strong: true}, {Text: hi}, {Text: level}, {Text: bytes}, {Text: c.LimitedBy}, {Text: fmt.Sprint(len(c.Trials))},
		}})
	}
	return t
}
