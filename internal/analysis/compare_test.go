package analysis

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"kaliper/results"
)

// caseOf returns a case whose trials, one a round, have the given values of one metric.
func caseOf(name string, values ...float64) results.SummaryCase {
	c := results.SummaryCase{Metrics: map[string]results.MetricValue{name: {Unit: "s"}}}
	for i, value := range values {
		c.Trials = append(c.Trials, results.SummaryTrial{
			Round: i + 1, State: results.Complete,
			Metrics: map[string]results.TrialValue{name: {Value: results.Number(value)}},
		})
	}
	return c
}

func TestCompare(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		name, metric    string
		base, candidate []float64
		paired          bool
		change          Change
		shift           float64
		text            string // a part of it
	}{
		{"a latency that fell is better, though rounds drift", "ack.p99", []float64{1, 2, 3, 4, 5, 6}, []float64{0.9, 1.8, 2.7, 3.6, 4.5, 5.4},
			true, Better, -0.1, "10% lower"},
		{"the same without pairs drowns in the drift", "ack.p99", []float64{1, 2, 3, 4, 5, 6}, []float64{0.9, 1.8, 2.7, 3.6, 4.5, 5.4},
			false, NoChange, -0.1, "would have shown"},
		{"a latency that rose is worse, of a group too", "checkout.ack.p99", []float64{1, 2, 3, 4, 5, 6}, []float64{2, 4, 6, 8, 10, 12}, true, Worse, 1, "100% higher"},
		{"a throughput that rose is better", "acked.records_per_second", []float64{1, 1.01, 1.02, 1.03, 1.04, 1.05}, []float64{2, 2.01, 2.02, 2.03, 2.04, 2.05}, false, Better, 0.97, "higher"},
		{"a metric without direction is different", "batch.records", []float64{1, 1, 1, 1, 1, 1}, []float64{2, 2, 2, 2, 2, 2}, true, Different, 1, "higher"},
		{"three rounds claim nothing", "ack.p99", []float64{1, 1, 1}, []float64{2, 2, 2}, true, NotKnown, 1, "too few trials to tell (3 and 3)"},
		{"one round has no interval", "ack.p99", []float64{1}, []float64{2}, true, NotKnown, 1, "too few trials"},
		{"a change of half a per cent does not matter, however sure", "ack.p99", []float64{1, 1, 1, 1, 1, 1}, []float64{1.005, 1.005, 1.005, 1.005, 1.005, 1.005}, true, NoChange, 0.005, "too small to matter"},
		{"zero on both sides is no difference", "errors.ratio", []float64{0, 0, 0, 0, 0, 0}, []float64{0, 0, 0, 0, 0, 0}, true, NoChange, 0, "no detectable difference; 0% would have shown"},
		{"infinite on both sides is no difference", "ack.p99", []float64{inf, inf, inf, inf, inf, inf}, []float64{inf, inf, inf, inf, inf, inf}, true, NoChange, 0, ""},
		{"infinite on one side is worse without bound", "ack.p99", []float64{1, 1, 1, 1, 1, 1}, []float64{inf, inf, inf, inf, inf, inf}, true, Worse, inf, "∞"},
		{"from infinite to finite is better", "ack.p99", []float64{inf, inf, inf, inf, inf, inf}, []float64{1, 1, 1, 1, 1, 1}, false, Better, -1, "lower"},
		{"errors where there were none are worse without bound", "errors.timed_out.count", []float64{0, 0, 0, 0, 0, 0}, []float64{1, 2, 3, 4, 5, 6}, true, Worse, inf, ""},
		{"what can be negative is compared in its unit", "lag.slope", []float64{-5, -4, -3, -2, -1, 0}, []float64{5, 6, 7, 8, 9, 10}, true, Worse, 10, "higher"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Compare(caseOf(test.metric, test.base...), caseOf(test.metric, test.candidate...), test.paired)
			if len(got) != 1 {
				t.Fatalf("%d comparisons, want 1", len(got))
			}
			c := got[0]
			if c.Change != test.change || !near(c.Shift, test.shift) && math.Abs(c.Shift-test.shift) > 0.02 || !strings.Contains(c.Text(), test.text) {
				t.Errorf("%s by %v (%+v): %q; want %s by %v: %q", c.Change, c.Shift, c.Interval, c.Text(), test.change, test.shift, test.text)
			}
		})
	}
}

func TestCompareTakesOnlyWhatBothSidesKnow(t *testing.T) {
	base, candidate := caseOf("ack.p99", 1, 2, math.NaN(), 4), caseOf("ack.p99", 1, 2, 3, 4)
	base.Metrics["e2e.p99"] = results.MetricValue{}
	candidate.Trials[0].State = results.Interrupted
	got := Compare(base, candidate, true)
	if len(got) != 1 || got[0].BaseN != 3 || got[0].CandN != 3 || got[0].Pairs != 2 {
		t.Errorf("got %+v, want ack.p99 alone, of 3 and 3 trials in 2 pairs", got)
	}
}

func TestCompareIsInTheOrderOfTheListPooledFirst(t *testing.T) {
	c := results.SummaryCase{Metrics: map[string]results.MetricValue{}}
	for _, name := range []string{"lost", "checkout.ack.p99", "ack.p99", "zz.unheard.of", "errors.x.count", "ack.p50", "bulk.ack.p99"} {
		c.Metrics[name] = results.MetricValue{}
	}
	var names []string
	for _, comparison := range Compare(c, c, true) {
		names = append(names, comparison.Metric)
	}
	want := "ack.p50 ack.p99 bulk.ack.p99 checkout.ack.p99 errors.x.count lost zz.unheard.of"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("order is %s, want %s", got, want)
	}
}

// With no change the interval excludes it as seldom as it says; with one that Detectable
// names it is usually seen.
func TestCompareKeepsItsLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	trials := func(shift float64) []float64 {
		var values []float64
		for range 8 {
			values = append(values, shift*math.Exp(0.05*r.NormFloat64()))
		}
		return values
	}
	const runs = 4000
	claims, seen := 0, 0
	for range runs {
		same := Compare(caseOf("ack.p99", trials(1)...), caseOf("ack.p99", trials(1)...), true)[0]
		if same.HasInterval && same.Interval.Excludes(0) {
			claims++
		}
		if other := Compare(caseOf("ack.p99", trials(1)...), caseOf("ack.p99", trials(1+2*same.Detectable)...), true)[0]; other.Change == Worse {
			seen++
		}
	}
	level := Compare(caseOf("ack.p99", trials(1)...), caseOf("ack.p99", trials(1)...), true)[0].Interval.Level
	if share := float64(claims) / runs; math.Abs(share-(1-level)) > 0.01 {
		t.Errorf("%.1f%% of equal sides are told apart, %.1f%% should be", 100*share, 100*(1-level))
	}
	if share := float64(seen) / runs; share < 0.9 {
		t.Errorf("a change of twice what is detectable is seen in %.0f%% of runs, want at least 90%%", 100*share)
	}
}
