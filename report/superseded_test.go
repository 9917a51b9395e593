package report

import (
	"slices"
	"strings"
	"testing"

	"kaliper/results"
)

func TestATrialThatWasMadeAgainIsSeenWithWhatWasWrong(t *testing.T) {
	run := twoCases().build(t)
	before := run.Trials[0]
	run.Trials[0].Begin.Attempt = 2
	run.Superseded = []results.Trial{before}
	c := &run.Summary.Cases[slices.IndexFunc(run.Summary.Cases, func(c results.SummaryCase) bool { return c.ID == before.Begin.Case })]
	c.Superseded = []results.SummaryTrial{{
		ID: before.Begin.Ref().String(), Round: before.Begin.Round, State: results.Complete, Trust: results.Untrusted,
		Reasons: []results.Reason{{Code: "slip_pacer", Text: "kaliper's own timer was late by a mile"}},
		Metrics: map[string]results.TrialValue{"ack.p99": {Unit: "s", Value: 0.123}},
	}}
	d, err := New(run)
	if err != nil {
		t.Fatal(err)
	}
	for format, text := range rendered(t, d) {
		wanted := []string{"1 trial was untrusted and made again"}
		switch format {
		case "html", "markdown":
			wanted = append(wanted, "by a mile", "123")
		case "csv":
			wanted = []string{",superseded", "0.123,,,,,false,true"}
		case "json":
			wanted = []string{`"superseded"`, "by a mile"}
		}
		for _, want := range wanted {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", format, want)
			}
		}
	}
}
