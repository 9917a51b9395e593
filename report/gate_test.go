package report

import (
	"bytes"
	"encoding/xml"
	"math"
	"strings"
	"testing"

	"kaliper/results"
)

// gateOf is a gate of some pairs, without journals.
func gateOf(verdict results.GateVerdict, why string) *Gate {
	manifest := results.Manifest{
		ID: "20261123T161200Z-orders-7f3a", Name: "orders", State: results.Complete,
		Machine: results.Machine{Hostname: "runner", OS: "linux", Arch: "amd64", CPU: "AMD EPYC", Processors: 2},
	}
	metric := verdict
	if verdict == results.GateUntrusted {
		metric = results.GateUndecided
	}
	run := &results.Run{Manifest: manifest, Summary: results.Summary{Run: results.SummaryRun{ID: manifest.ID, State: results.Complete}}}
	result := results.Gate{
		Schema: results.GateSchema, Run: manifest.ID, State: results.Complete, Verdict: verdict, Why: why, Pairs: 2, MostPairs: 16,
		Metrics: []results.GateMetric{
			{
				GateMargin: results.GateMargin{Metric: "ack.p50", Unit: "s", Tolerate: 0.05, Detect: 0.1},
				Verdict:    metric, Why: why, Base: 0.0036, Candidate: 0.0046, Change: 0.276,
				Interval: results.ConfidenceInterval{Lo: 0.251, Hi: 0.302, Level: 0.9}, Spread: 0.04, SmallestDetectable: 0.09, PairsNeeded: 14,
			},
			{
				GateMargin: results.GateMargin{Metric: "acked.records_per_second", Unit: "records/s", HigherBetter: true, Tolerate: 0.05, Detect: 0.1},
				Verdict:    results.GateInconclusive, Advisory: true, Why: "too noisy for this budget: it only advises", Base: 5000, Candidate: 4990, Change: -0.002,
				Interval: results.ConfidenceInterval{Lo: -1, Hi: results.Number(math.Inf(1)), Level: 0.9}, Spread: 0.5, SmallestDetectable: 0.7,
			},
		},
		Played: []results.GatePair{
			{Round: 1, First: "candidate", Counts: true, Base: []results.Number{0.0036, 5000}, Candidate: []results.Number{0.0046, 4990}},
			{Round: 2, First: "base", Reasons: []string{"base: its timer was late, by 50%"}, Base: []results.Number{0.0036, 5000}, Candidate: []results.Number{0.0046, 4990}},
			{Round: 3, First: "base", Counts: true, Base: []results.Number{0.0037, 5001}, Candidate: []results.Number{results.Number(math.Inf(1)), 4991}},
		},
		Warnings: []string{},
	}
	return NewGate(run, result)
}

func TestAGateReadsAsTheGoldenFilesDo(t *testing.T) {
	g := gateOf(results.GateFail, "ack.p50: worse by more than what is tolerated")
	var text, markdown, junit, annotations, benchmark, page, json bytes.Buffer
	for name, render := range map[string]func() error{
		"text":        func() error { return g.Document().Text(&text, TextOptions{Width: 130}) },
		"markdown":    func() error { return g.Document().Markdown(&markdown, "") },
		"JUnit":       func() error { return g.JUnit(&junit) },
		"annotations": func() error { return g.Annotations(&annotations) },
		"benchmarks":  func() error { return g.BenchFmt(&benchmark) },
		"page":        func() error { return g.Document().HTML(&page) },
		"JSON":        func() error { return g.JSON(&json) },
	} {
		if err := render(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	golden(t, "gate.txt", text.Bytes())
	golden(t, "gate.md", markdown.Bytes())
	golden(t, "gate.xml", junit.Bytes())
	golden(t, "gate.annotations", annotations.Bytes())
	golden(t, "gate.bench", benchmark.Bytes())
	golden(t, "gate.json", json.Bytes())
	if !strings.Contains(page.String(), "FAIL") {
		t.Error("the page lacks the verdict")
	}
}

// The shape is the one that JUnit's readers agree on: counts that fit the tests, and one finding at
// most of each.
func TestJUnitHasTheVerdictsOfAGate(t *testing.T) {
	for _, test := range []struct {
		verdict                   results.GateVerdict
		failures, errors, skipped int
	}{
		{results.GatePass, 0, 0, 1},
		{results.GateFail, 2, 0, 1},
		{results.GateInconclusive, 0, 0, 3},
		{results.GateUntrusted, 0, 1, 2},
		{results.GateUndecided, 0, 1, 2},
	} {
		t.Run(string(test.verdict), func(t *testing.T) {
			var out bytes.Buffer
			if err := gateOf(test.verdict, `why <&"'> `+"\x1b").JUnit(&out); err != nil {
				t.Fatal(err)
			}
			var read junitSuites
			if err := xml.Unmarshal(out.Bytes(), &read); err != nil {
				t.Fatal(err)
			}
			suite := read.Suites[0]
			if suite.Tests != 3 || len(suite.Cases) != 3 || suite.Failures != test.failures || suite.Errors != test.errors || suite.Skipped != test.skipped {
				t.Errorf("%s", out.String())
			}
			counted := map[string]int{}
			for _, c := range suite.Cases {
				for kind, finding := range map[string]*junitFinding{"failure": c.Failure, "error": c.Error, "skipped": c.Skipped} {
					if finding != nil {
						counted[kind]++
					}
				}
			}
			if counted["failure"] != test.failures || counted["error"] != test.errors || counted["skipped"] != test.skipped {
				t.Errorf("findings %v", counted)
			}
		})
	}
}

func TestAnAnnotationStaysWithinItsCommand(t *testing.T) {
	var out bytes.Buffer
	if err := gateOf(results.GateFail, "50%\n::error::forged").Annotations(&out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 1 || !strings.HasPrefix(lines[0], "::error title=kaliper gate orders%3A FAIL::50%25%0A") {
		t.Errorf("%q", out.String())
	}
}

func TestAGateThatNeverBeganSaysSoAndNothingElse(t *testing.T) {
	g := NewGate(&results.Run{Manifest: results.Manifest{Name: "orders"}}, results.Gate{
		Verdict: results.GateUntrusted, Why: "the environment of the two sides differs", State: results.Incomplete, MostPairs: 16,
	})
	var markdown, junit bytes.Buffer
	if err := g.Document().Markdown(&markdown, ""); err != nil {
		t.Fatal(err)
	}
	const want = "# Is the candidate of orders worse than its base?\n\n- Gate: **UNTRUSTED** – the environment of the two sides differs\n\n" +
		"**UNTRUSTED**: the environment of the two sides differs.\n\n\n"
	if markdown.String() != want {
		t.Errorf("%q", markdown.String())
	}
	if err := g.JUnit(&junit); err != nil || !strings.Contains(junit.String(), `errors="1"`) {
		t.Errorf("%v: %s", err, junit.String())
	}
}

func TestAGateAgainstABaselineTellsTheLevelsThatItsTrialsReach(t *testing.T) {
	g := gateOf(results.GateInconclusive, "too few")
	g.Result.Baseline, g.Result.Played = "20261122T161200Z-orders-1111", nil
	g.Result.Metrics[0].Interval.Level = 0.951
	g.Result.Metrics[1].Interval = results.ConfidenceInterval{Lo: -1, Hi: results.Number(math.Inf(1))}
	table := g.Document().AnswerTable
	if at := table.Columns[4].Name; at != "interval" {
		t.Errorf("the column is %q", at)
	}
	if known, none := table.Rows[0].Cells[4].Text, table.Rows[1].Cells[4].Text; !strings.HasSuffix(known, " at 95.1%") || none != "not bounded yet" {
		t.Errorf("%q and %q", known, none)
	}
	g.Result.Baseline, g.Result.WritesBaseline = "", "baseline.json"
	d := g.Document()
	if d.Title != "Can the figures of orders become a baseline?" || !strings.Contains(d.Answer[0].String(), "INCONCLUSIVE for the baseline baseline.json: too few.") {
		t.Errorf("%s: %s", d.Title, d.Answer[0])
	}
}
