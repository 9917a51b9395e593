package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"kaliper/results"
)

// Choice is the answer of a choice, with its run.
type Choice struct {
	Run    *results.Run // with its summary
	Result results.Choose
}

// NewChoice returns the report of a choice's run.
func NewChoice(run *results.Run, result results.Choose) *Choice { return &Choice{run, result} }

// JSON writes what choose.json holds.
func (c *Choice) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // conditions are read by people
	encoder.SetIndent("", "  ")
	return encoder.Encode(c.Result)
}

// Document puts the choice into words: the picks first, then what became of every case, then what
// a run's report shows of all trials.
func (c *Choice) Document() (*Document, error) {
	d, err := New(c.Run)
	if err != nil {
		return nil, err
	}
	s := newStudy([]*results.Run{c.Run})
	d.Kind = "choice"
	d.Verdicts = append([]Verdict{{Aspect: "Choice", Answer: capital(string(c.Result.Verdict)), Text: c.Result.Why, Good: c.Result.Verdict == results.ChooseCertified}}, d.Verdicts...)
	d.Answer, d.AnswerNotes, d.AnswerTable, d.Pastes = c.answer(s), c.notes(), c.picksTable(s), c.pastes(s)
	d.Sections = append([]Section{c.casesSection(s)}, d.Sections...)
	return d, nil
}

// named returns the case of an id; every case of the result is one of the run's.
func (s *study) named(id string) *subject {
	i := slices.IndexFunc(s.subjects, func(c *subject) bool { return c.summary.ID == id })
	if i < 0 {
		return &subject{name: id}
	}
	return s.subjects[i]
}

// answer names the pick for each objective.
func (c *Choice) answer(s *study) []Sentence {
	if len(c.Result.Picks) == 0 {
		return []Sentence{{{Text: capital(string(c.Result.Verdict)), Role: AsTrouble}, {Text: ": " + c.Result.Why + "."}}}
	}
	var answer []Sentence
	for _, pick := range c.Result.Picks {
		sentence := Sentence{{Text: s.named(pick.Case).name, Role: AboutPick}, {Text: " has the " + extreme(pick.ChooseObjective) + ": " + value(float64(pick.Median), pick.Unit)}}
		if pick.Interval != nil {
			sentence = append(sentence, Span{Text: fmt.Sprintf(" (%s to %s)", value(float64(pick.Interval.Lo), pick.Unit), value(float64(pick.Interval.Hi), pick.Unit)), Role: AsInterval})
		}
		certificate := Span{Text: "certified: " + pick.Why}
		if !pick.Certified {
			certificate = Span{Text: "not certified: " + pick.Why, Role: AsTrouble}
		}
		answer = append(answer, append(sentence, Span{Text: "; "}, certificate, Span{Text: "."}))
	}
	if c.Result.Verdict == results.ChooseNotCertified {
		answer = append(answer, Sentence{{Text: capital(c.Result.Why) + "."}})
	}
	return answer
}

func extreme(o results.ChooseObjective) string {
	if o.HigherBetter {
		return "highest " + metricName(o.Metric)
	}
	return "lowest " + metricName(o.Metric)
}

// notes say what the answer rests on, and what it does not cover.
func (c *Choice) notes() []string {
	kept := 0
	for _, one := range c.Result.Cases {
		if one.Kept {
			kept++
		}
	}
	notes := []string{fmt.Sprintf("%s were screened in %s; %d of them were confirmed in %s, on which alone these figures rest.",
		capital(plural(len(c.Result.Cases), "case")), plural(c.Result.ScreeningRounds, "round"), kept, plural(c.Result.ConfirmationRounds, "fresh round"))}
	if len(c.Result.Picks) > 0 {
		notes = append(notes, fmt.Sprintf("A certificate says that the pick is within %s of every kept case that qualified, at 95%% over all comparisons of its metric; of the cases that were dropped it says nothing.", percent(c.Result.Margin)))
	}
	return notes
}

// picksTable compares the picks with the other kept cases.
func (c *Choice) picksTable(s *study) *Table {
	t := &Table{ID: "picks", Caption: "The picks, and what else was kept", Columns: []Column{
		{Name: "Metric", Text: true}, {Name: "Case", Text: true}, {Name: "median"}, {Name: "the pick against it"}, {Name: "interval"},
	}}
	for _, pick := range c.Result.Picks {
		t.Rows = append(t.Rows, Row{Tone: AboutPick, Cells: []Cell{
			{Text: metricName(pick.Metric)}, {Text: s.named(pick.Case).name, Strong: true}, {Text: value(float64(pick.Median), pick.Unit), Strong: true}, {Text: "the pick"}, {Text: ""},
		}})
		for _, other := range pick.Others {
			interval := "–"
			if other.Interval != nil {
				interval = change(1+float64(other.Interval.Lo)) + " to " + change(1+float64(other.Interval.Hi))
			}
			t.Rows = append(t.Rows, Row{Cells: []Cell{
				{Text: ""}, {Text: s.named(other.Case).name}, {Text: value(float64(other.Median), pick.Unit)}, {Text: change(1 + float64(other.Change))}, {Text: interval},
			}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// pastes are the properties of the picks, each case once.
func (c *Choice) pastes(s *study) []Paste {
	var all []Paste
	place := map[string]int{}
	for _, pick := range c.Result.Picks {
		if at, known := place[pick.Case]; known {
			all[at].Heading += ", " + extreme(pick.ChooseObjective)
			continue
		}
		place[pick.Case] = len(all)
		subject := s.named(pick.Case)
		all = append(all, Paste{Heading: subject.name + ": " + extreme(pick.ChooseObjective), Lines: propertyLines(subject)})
	}
	return all
}

// casesSection says what became of every case.
func (c *Choice) casesSection(s *study) Section {
	t := &Table{ID: "choice", Caption: "What became of every case", Columns: []Column{{Name: "Case", Text: true}, {Name: "Confirmed", Text: true}, {Name: "Qualified", Text: true}, {Name: "Why not", Text: true}}}
	yes := map[bool]string{true: "yes", false: "no"}
	qualified := 0
	for _, one := range c.Result.Cases {
		if one.Qualified {
			qualified++
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: s.named(one.Case).name, Strong: true}, {Text: yes[one.Kept]}, {Text: yes[one.Qualified]}, {Text: one.Why}}})
	}
	return Section{ID: "choice", Heading: "What became of every case", Table: t,
		See: fmt.Sprintf("%d of %s qualified.", qualified, plural(len(c.Result.Cases), "case"))}
}
