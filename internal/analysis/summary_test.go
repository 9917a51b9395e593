package analysis

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"kaliper/results"
)

// cleanRun returns a complete run of one case whose trials have the given ack latencies.
func cleanRun(t testing.TB, ackMilliseconds ...float64) *results.Run {
	t.Helper()
	run := &results.Run{Manifest: results.Manifest{
		ID: "20261123T161200Z-demo-7f3a", State: results.Complete,
		Cases: []results.CaseInfo{{ID: "c0ffee00", Settings: []results.Setting{{Label: "codec", Value: "lz4"}}}},
	}}
	for i, milliseconds := range ackMilliseconds {
		trial := cleanTrial(t)
		trial.Begin.Trial, trial.Begin.Round = i+1, i+1
		changeProducer(&trial, func(p *results.ProducerTotals) { p.Ack = latencies(t, milliseconds, 1000) })
		run.Trials = append(run.Trials, trial)
	}
	return run
}

func summarize(t testing.TB, run *results.Run) results.Summary {
	t.Helper()
	summary, err := Summarize(run)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func TestSummaryHasMediansOverTrialsWithTheirIntervals(t *testing.T) {
	summary := summarize(t, cleanRun(t, 10, 30, 20, 50, 40, 60))
	if summary.Schema != results.SummarySchema || len(summary.Cases) != 1 || len(summary.Cases[0].Trials) != 6 || len(summary.Cases[0].Settings) != 1 {
		t.Fatalf("summary is %+v", summary)
	}
	if r := summary.Run; r.State != results.Complete || r.Trust != results.Trusted || r.Outcome != results.Sustained || len(r.Missing) != 0 || len(r.Environment) != 0 {
		t.Errorf("run is %+v", r)
	}
	got := summary.Cases[0].Metrics["ack.p99"]
	if got.N != 6 || got.Unit != "s" || !near(float64(got.Median), 0.035) || got.Interval == nil ||
		!near(float64(got.Interval.Lo), 0.010) || !near(float64(got.Interval.Hi), 0.060) || got.Interval.Level != 0.96875 {
		t.Errorf("ack.p99 is %+v, interval %+v", got, got.Interval)
	}
	if id := summary.Cases[0].Trials[2].ID; id != "c0ffee00/3" {
		t.Errorf("the third trial is %s", id)
	}
	if one := summarize(t, cleanRun(t, 10)).Cases[0].Metrics["ack.p99"]; one.Interval != nil || one.N != 1 {
		t.Errorf("one trial has the interval %+v", one.Interval)
	}
}

// Two trials of six failed that way: half of those that had the kind would be a median of 7.
func TestAKindOfErrorThatIsAskedForIsCountedInEveryTrial(t *testing.T) {
	run := cleanRun(t, 10, 10, 10, 10, 10, 10)
	run.Manifest.Show = []string{"errors.timed_out.count", "checkout.errors.timed_out.count", "nobody.errors.timed_out.count", "ack.p50"}
	failing(t, &run.Trials[1], 7)
	failing(t, &run.Trials[4], 7)
	metrics := summarize(t, run).Cases[0].Metrics
	for _, name := range run.Manifest.Show[:2] {
		if got := metrics[name]; got.N != 6 || got.Median != 0 || got.Unit != "records" || got.Interval == nil || got.Interval.Hi != 7 {
			t.Errorf("%s is %+v", name, got)
		}
	}
	if got, there := metrics["nobody.errors.timed_out.count"]; there {
		t.Errorf("a group that is not there failed %+v", got)
	}
	run.Manifest.Show = nil
	if got := summarize(t, run).Cases[0].Metrics["errors.timed_out.count"]; got.N != 2 {
		t.Errorf("not asked for: %+v", got)
	}
}

func TestSummaryOfAnImperfectRun(t *testing.T) {
	t.Run("only complete trials count", func(t *testing.T) {
		run := cleanRun(t, 10, 20, 900)
		run.Manifest.State = results.Incomplete
		run.Trials[2].State = results.Crashed
		run.Trials[2].Damage = "its last frame is missing"
		run.Missing = []results.TrialRef{{Case: "c0ffee00", Trial: 4, Round: 4}}
		run.Damage = []string{"the run was not ended"}
		summary := summarize(t, run)
		if got := summary.Cases[0].Metrics["ack.p99"]; got.N != 2 || !near(float64(got.Median), 0.015) {
			t.Errorf("ack.p99 is %+v", got)
		}
		if missing := strings.Join(summary.Run.Missing, "; "); !strings.Contains(missing, "c0ffee00/4 was planned") ||
			!strings.Contains(missing, "c0ffee00/3 is crashed: its last frame") || !strings.Contains(missing, "was not ended") {
			t.Errorf("missing is %q", missing)
		}
	})
	t.Run("one untrusted trial is one too many, and the worst outcome is the run's", func(t *testing.T) {
		run := cleanRun(t, 10, 10, 10, 10)
		changeProducer(&run.Trials[1], func(p *results.ProducerTotals) { p.SlipPacer = latencies(t, 5, 1000) })
		changeProducer(&run.Trials[2], func(p *results.ProducerTotals) { p.CompletedInWindow = 500 })
		failing(t, &run.Trials[3], 3)
		summary := summarize(t, run)
		if summary.Run.Trust != results.Untrusted || summary.Run.Outcome != results.Degraded {
			t.Errorf("trust %s, outcome %s; want UNTRUSTED, degraded", summary.Run.Trust, summary.Run.Outcome)
		}
		if n := summary.Cases[0].Metrics["ack.p99"].N; n != 4 {
			t.Errorf("%d trials count, want all 4: trials are not chosen by their figures", n)
		}
	})
	t.Run("environment names each warning once", func(t *testing.T) {
		run := cleanRun(t, 10, 10)
		run.Manifest.Simulated = true
		for i := range run.Trials {
			run.Trials[i].Begin.Environment = []results.Reason{{Code: "leaders", Text: "leaders are unbalanced"}}
		}
		run.Trials[1].Begin.Cluster.Brokers = []results.BrokerInfo{{ID: 1}}
		if got := codes(summarize(t, run).Run.Environment); got != "simulated_broker leaders cluster_changed" {
			t.Errorf("environment is %q", got)
		}
	})
	t.Run("a run without a manifest and trials is a summary too", func(t *testing.T) {
		summary := summarize(t, &results.Run{Manifest: results.Manifest{Expect: []string{"ack.p99 < 1s"}, Cases: []results.CaseInfo{{ID: "c0ffee00"}}}})
		if e := summary.Run.Expectations; len(e) != 1 || e[0].Verdict != Unknown {
			t.Errorf("expectations are %+v", e)
		}
	})
	t.Run("cases that only journals know are listed", func(t *testing.T) {
		run := cleanRun(t, 10)
		run.Manifest.Cases = nil
		if cases := summarize(t, run).Cases; len(cases) != 1 || cases[0].ID != "c0ffee00" || len(cases[0].Trials) != 1 {
			t.Errorf("cases are %+v", cases)
		}
	})
}

func TestExpectations(t *testing.T) {
	lose := func(trial int, n int64, unknown string) func(*results.Run) {
		return func(run *results.Run) {
			changeConsumer(&run.Trials[trial], func(c *results.ConsumerTotals) { c.Integrity.Lost, c.Integrity.Unknown = n, unknown })
		}
	}
	all := func(changes ...func(*results.Run)) func(*results.Run) {
		return func(run *results.Run) {
			for _, change := range changes {
				change(run)
			}
		}
	}
	tests := []struct {
		name, condition string
		change          func(run *results.Run)
		verdict         string
		value           float64
	}{
		{"a latency is met on the median, whatever the worst trial", "ack.p99 < 25ms", nil, Met, 0.020},
		{"a latency that the median does not meet", "checkout.ack.p99 < 15ms", nil, NotMet, 0.020},
		{"an infinite latency fails", "ack.p99 < 1h", func(run *results.Run) {
			for i := range run.Trials {
				failing(t, &run.Trials[i], 20)
			}
		}, NotMet, math.Inf(1)},
		{"a rate", "acked.records_per_second >= 99/s", nil, Met, 100},
		{"integrity is met where every trial meets it", "lost == 0", nil, Met, 0},
		{"one lost record in one trial is not made good by the others", "analytics.lost == 0", lose(1, 1, ""), NotMet, 1},
		{"the worst failing trial is named", "lost == 0", all(lose(0, 2, ""), lose(1, 5, "")), NotMet, 5},
		{"integrity that one trial does not know is unknown", "lost == 0", lose(2, 0, "too many ranges"), Unknown, math.NaN()},
		{"a failure is one, whatever other trials do not know", "lost == 0", all(lose(0, 0, "too many ranges"), lose(2, 1, "")), NotMet, 1},
		{"errors count in the worst trial", "errors.ratio < 1%", func(run *results.Run) { failing(t, &run.Trials[1], 20) }, NotMet, 0.02},
		{"errors of a kind that did not occur are none", "errors.timed_out.count == 0", nil, Met, 0},
		{"what was not measured is unknown, never met", "throttle.seconds < 1s", func(run *results.Run) {
			for i := range run.Trials {
				run.Trials[i].Intervals = nil
			}
		}, Unknown, math.NaN()},
		{"integrity that was off is unknown", "lost == 0", func(run *results.Run) {
			for i := range run.Trials {
				changeConsumer(&run.Trials[i], func(c *results.ConsumerTotals) { c.Integrity = results.Integrity{} })
			}
		}, Unknown, math.NaN()},
		{"without a complete trial nothing is known", "lost == 0", func(run *results.Run) {
			for i := range run.Trials {
				run.Trials[i].State = results.Interrupted
			}
		}, Unknown, math.NaN()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			run := cleanRun(t, 10, 20, 900)
			run.Manifest.Expect = []string{test.condition}
			if test.change != nil {
				test.change(run)
			}
			got := summarize(t, run).Run.Expectations
			if len(got) != 1 || got[0].Verdict != test.verdict || !near(float64(got[0].Value), test.value) || got[0].Condition != test.condition || got[0].Unit == "" {
				t.Errorf("got %+v, want %s of %v", got, test.verdict, test.value)
			}
		})
	}
	t.Run("an unknown metric is an error, not a pass", func(t *testing.T) {
		run := cleanRun(t, 10)
		run.Manifest.Expect = []string{"ack.p98 < 1s"}
		if _, err := Summarize(run); err == nil || !strings.Contains(err.Error(), "ack.p98") {
			t.Errorf("error %v", err)
		}
	})
}

// A report of 200 trials takes less than 5 s; the summary is the larger part of it.
func BenchmarkSummarize200Trials(b *testing.B) {
	run := &results.Run{Manifest: results.Manifest{State: results.Complete}}
	trial := cleanTrial(b)
	for i := range 200 {
		trial.Begin.Case, trial.Begin.Trial = fmt.Sprint("case", i%20), i/20+1
		run.Trials = append(run.Trials, trial)
	}
	for b.Loop() {
		if _, err := Summarize(run); err != nil {
			b.Fatal(err)
		}
	}
}
