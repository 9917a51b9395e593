package report

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaliper/results"
)

// hockeyStick is the search of a queue that serves 5,000 records/s, without a run.
func hockeyStick() *Search {
	c := results.SearchCase{ID: "e3b0c442", RecordsPerSecond: 4500, BytesPerSecond: 4.5e6, LimitedBy: "ack.p99 < 10ms",
		Interval: results.ConfidenceInterval{Lo: 4450, Hi: 4550, Level: 0.9375}, Confirmed: true, Ended: true}
	for i, rate := range []float64{600, 1200, 2400, 4800, 3394, 4036, 4402, 4597, 4450, 4450, 4450, 4550, 4550, 4550} {
		latency := math.Log(100) / (5000 - rate)
		trial := results.SearchTrial{ID: fmt.Sprintf("c%d/1", i), RecordsPerSecond: rate, Hold: i > 7, Finding: "passes", Metrics: map[string]results.TrialValue{
			"ack.p99": {Unit: "s", Value: results.Number(latency)}, "acked.records_per_second": {Unit: "records/s", Value: results.Number(rate)}}}
		if rate > 4500 {
			trial.Finding, trial.By, trial.Text = "fails", "ack.p99 < 10ms", "ack.p99 is 11 ms"
		}
		c.Trials = append(c.Trials, trial)
	}
	c.Trials = append(c.Trials, results.SearchTrial{ID: "x/1", RecordsPerSecond: 4450, Finding: "spoiled", By: "steal", Metrics: map[string]results.TrialValue{"ack.p99": {Unit: "s", Value: 0.03}}},
		results.SearchTrial{ID: "y/1", RecordsPerSecond: 9000, Finding: "fails", By: "errors.ratio < 0.1%", Metrics: map[string]results.TrialValue{"ack.p99": {Unit: "s", Value: results.Number(math.Inf(1))}}})
	plan := results.SearchPlan{Holds: 5, HoldSeconds: 25, TrialSeconds: 10, WarmupSeconds: 3}
	return &Search{
		Run:    &results.Run{Manifest: results.Manifest{ID: "20261123T205013Z-capacity-a394", Name: "capacity", State: results.Complete, Search: &plan}},
		Result: results.Search{State: results.Complete, Objectives: []string{"errors.ratio < 0.1%", "ack.p99 < 10ms"}, Cases: []results.SearchCase{c}},
	}
}

func textOf(t *testing.T, s *Search) string {
	t.Helper()
	var out bytes.Buffer
	if err := s.Document().Text(&out, TextOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(out.String(), noBreakSpace, " ")), " ")
}

func TestASearchAnswersWithTheRateItsIntervalAndWhatLimitsIt(t *testing.T) {
	text := textOf(t, hockeyStick())
	for _, want := range []string{"What rate does capacity hold?", "4,500 records/s (4.50 MB/s) (4,450 records/s to 4,550 records/s, level 93.8%), limited by ack.p99 < 10ms.", "knee", "does not hold"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in: %s", want, text)
		}
	}
}

func TestWhatIsNoAnswerIsNotPrintedAsOne(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*results.SearchCase)
		want   string
	}{
		{"the generator", func(c *results.SearchCase) {
			c.LimitedBy, c.Bound, c.Interval.Hi = "generator", true, results.Number(math.Inf(1))
		}, "at least 4,450 records/s (4.45 MB/s) hold; limited by the generator"},
		{"nothing holds", func(c *results.SearchCase) { c.RecordsPerSecond, c.Interval.Lo = 0, 0 }, "no rate holds, down to 600 records/s and up to 9,000 records/s; limited by ack.p99 < 10ms"},
		{"nothing is known", func(c *results.SearchCase) { c.RecordsPerSecond, c.Interval.Lo, c.LimitedBy = 0, 0, "generator" }, "no rate is known to hold"},
		{"nothing holds, and nothing was tried above", func(c *results.SearchCase) {
			c.RecordsPerSecond, c.Interval.Lo, c.Trials[0].RecordsPerSecond = 0, 0, 9600
		}, "no rate holds, down to 1,200 records/s; limited by ack.p99 < 10ms"},
		{"not at its end", func(c *results.SearchCase) { c.Ended = false }, "did not come to its end"},
		{"no level", func(c *results.SearchCase) { c.Interval.Level = 0 }, "of no level"},
		{"not monotone", func(c *results.SearchCase) { c.Contradiction = "a trial passes above one that fails" }, "Not monotone: a trial passes"},
	} {
		s := hockeyStick()
		test.change(&s.Result.Cases[0])
		if text := textOf(t, s); !strings.Contains(text, test.want) {
			t.Errorf("%s: %q is not in: %s", test.name, test.want, text)
		}
	}
}

// Everything that contradicts itself is listed point by point, in every way of reading the report.
func TestTrialsThatContradictEachOtherAreListed(t *testing.T) {
	s := hockeyStick()
	c := &s.Result.Cases[0]
	c.Contradiction = "a trial passes at 2,400 records/s though one fails at 600 records/s"
	for _, i := range []int{0, 1} {
		c.Trials[i].Finding, c.Trials[i].By, c.Trials[i].Text = "fails", "ack.p99 < 10ms", "ack.p99 is 33 ms"
	}
	for _, i := range []int{0, 1, 2, 8, 9, 10} {
		trial := c.Trials[i]
		c.ContradictingTrials = append(c.ContradictingTrials, results.ContradictingTrial{ID: trial.ID, RecordsPerSecond: trial.RecordsPerSecond, Hold: trial.Hold, Finding: trial.Finding, By: trial.By, Text: trial.Text})
	}
	var page, markdown, file bytes.Buffer
	d := s.Document()
	if err := d.HTML(&page); err != nil {
		t.Fatal(err)
	}
	if err := d.Markdown(&markdown, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.JSON(&file); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, text, want string }{
		{"text", textOf(t, s), "Trials that contradict each other"},
		{"text", textOf(t, s), "600 records/s short 1 fails ack.p99 is 33 ms"},
		{"text", textOf(t, s), "2,400 records/s short 1 passes"},
		{"text", textOf(t, s), "4,450 records/s hold 3 passes"},
		{"HTML", page.String(), `id="contradiction-1"`},
		{"HTML", strings.ReplaceAll(page.String(), noBreakSpace, " "), "It fails at lower rates, too, up to 1,200 records/s"},
		{"Markdown", markdown.String(), "Not monotone"},
		{"JSON", strings.Join(strings.Fields(file.String()), ""), `"contradicting_trials":[{"id":"c0/1","records_per_second":600,"hold":false,"finding":"fails","by":"ack.p99<10ms","text":"ack.p99is33ms"},`},
	} {
		if !strings.Contains(test.text, test.want) {
			t.Errorf("%s: %q is not in: %s", test.name, test.want, test.text)
		}
	}
	if text := textOf(t, hockeyStick()); strings.Contains(text, "contradict") {
		t.Errorf("nothing contradicts, and the report says: %s", text)
	}
}

func TestTheCurveMarksTheKneeAndEveryTrial(t *testing.T) {
	d := hockeyStick().Document()
	if len(d.Figures()) != 1 || len(d.Figures()[0].Samples()) != 16 {
		t.Fatalf("%d figures", len(d.Figures()))
	}
	var page bytes.Buffer
	if err := d.HTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"knee", "holds up to here", "Latency over the load", `id="search-1-16"`} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if *writeTo != "" {
		if err := os.WriteFile(filepath.Join(*writeTo, "search.html"), page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var markdown bytes.Buffer
	if err := d.Markdown(&markdown, "plots"); err != nil || !strings.Contains(markdown.String(), "plots/load-1.svg") {
		t.Errorf("%v: %s", err, markdown.String())
	}
}
