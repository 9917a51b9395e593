package report

import (
	"fmt"

	"kaliper/results"
)

// supersededSection lists the attempts that another one stands for: what was measured and does
// not count must be seen too.
func (s *study) supersededSection() *Section {
	t := &Table{ID: "superseded", Caption: "Attempts that do not count", Columns: []Column{
		{Name: "Attempt", Text: true}, {Name: "Round"}, {Name: metricName(s.headline())}, {Name: "Trust", Text: true}, {Name: "Why", Text: true},
	}}
	for _, c := range s.subjects {
		for _, trial := range c.summary.Superseded {
			figure := "–"
			if v, ok := trial.Metrics[s.headline()]; ok {
				figure = value(float64(v.Value), v.Unit)
			}
			t.Rows = append(t.Rows, Row{Cells: []Cell{
				{Text: trialName(s, placedTrial{subject: c, trial: trial}), Strong: true}, {Text: count(int64(trial.Round))},
				{Text: figure}, {Text: string(trial.Trust)}, {Text: whySuperseded(trial)},
			}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return &Section{ID: "attempts", Heading: "Trials that were made again", Table: t,
		See:   fmt.Sprintf("%s of no account above: a later attempt stands for each.", capital(plural(len(t.Rows), "attempt"))),
		Notes: []string{"An untrusted trial is made once more, at once and with the same keys and values, and the second attempt counts whatever it shows."}}
}

// whySuperseded says what was wrong with an attempt.
func whySuperseded(trial results.SummaryTrial) string {
	if trial.State != results.Complete {
		return "it is " + string(trial.State) + ", and the run was resumed"
	}
	for _, reason := range trial.Reasons {
		return reason.Text // those of trust come first
	}
	return "a later attempt is there"
}

// repeatedWarning says that trials were made again, where any were.
func repeatedWarning(run *results.Run, in string) []string {
	again := map[string]bool{}
	for _, trial := range run.Superseded {
		if trial.State == results.Complete {
			again[results.TrialRef{Case: trial.Begin.Case, Trial: trial.Begin.Trial}.String()] = true
		}
	}
	if len(again) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s%s untrusted and made again; the table of attempts says why.", in, wasOrWere(len(again)))}
}

func wasOrWere(trials int) string {
	if trials == 1 {
		return "1 trial was"
	}
	return plural(trials, "trial") + " were"
}
