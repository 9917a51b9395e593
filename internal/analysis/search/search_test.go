package search

import (
	"math"
	"slices"
	"testing"

	"kaliper/internal/metric"
)

// searched runs a search against a system that is given as a function of the step and of how many
// trials there were before.
func searched(t *testing.T, o Options, system func(step Step, n int) (Finding, string)) *Search {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for {
		step, more := s.Next()
		if !more {
			return s
		}
		s.Observe(system(step, len(s.Trials())))
	}
}

// sharp fails above a rate.
func sharp(capacity float64) func(Step, int) (Finding, string) {
	return func(step Step, _ int) (Finding, string) {
		if step.Rate > capacity {
			return Fails, "ack.p99 < 50ms"
		}
		return Passes, ""
	}
}

func TestASharpEdgeIsFoundWithinThePrecision(t *testing.T) {
	for _, capacity := range []float64{3, 777, 1000, 12_345, 1_000_000} {
		r := searched(t, Normal(1000), sharp(capacity)).Result()
		if r.Interval.Lo > capacity || r.Interval.Hi < capacity || r.Interval.Hi/r.Interval.Lo > 1.0201 {
			t.Errorf("capacity %g: %+v", capacity, r)
		}
		if r.Interval.Level != 1-2.0/32 || r.LimitedBy != "ack.p99 < 50ms" || r.LowerBound || !r.Confirmed || r.Contradiction != "" {
			t.Errorf("capacity %g: %+v", capacity, r)
		}
	}
}

func TestAWrongFindingOfAShortTrialIsRepaired(t *testing.T) {
	for wrong := range 10 {
		s := searched(t, Normal(1000), func(step Step, n int) (Finding, string) {
			finding, by := sharp(12_345)(step, n)
			if n != wrong {
				return finding, by
			}
			if finding == Passes {
				return Fails, "noise"
			}
			return Passes, ""
		})
		r := s.Result()
		if r.Interval.Excludes(12_345) || math.Abs(r.Rate/12_345-1) > 0.05 {
			t.Errorf("trial %d wrong: %+v after %d trials", wrong, r, len(s.Trials()))
		}
	}
}

func TestARateThatTheInstrumentCannotOfferIsALowerBound(t *testing.T) {
	r := searched(t, Normal(1000), func(step Step, _ int) (Finding, string) {
		if step.Rate > 20_000 {
			return Spoiled, "slip_pacer"
		}
		return Passes, ""
	}).Result()
	if !r.LowerBound || r.LimitedBy != LimitedByGenerator || r.Rate < 15_000 || r.Rate > 20_000 || !math.IsInf(r.Interval.Hi, 1) || r.Interval.Level != 1-1.0/32 {
		t.Errorf("%+v", r)
	}
}

// A short trial may be trusted at a rate at which no hold is.
func TestOnlyARateThatPassedIsClaimedAndSpoiledHoldsMoveFarDown(t *testing.T) {
	s, err := New(Quick(200))
	if err != nil {
		t.Fatal(err)
	}
	follow := func(until func(Step) bool) {
		for step, more := s.Next(); more && !until(step); step, more = s.Next() {
			switch {
			case step.Rate > 110_000:
				s.Observe(Fails, "ack.p99 < 500ms")
			case step.Hold && step.Rate > 80_000:
				s.Observe(Spoiled, "steal")
			default:
				s.Observe(Passes, "")
			}
		}
	}
	follow(func(step Step) bool { return step.Hold && step.Rate < 80_000 })
	if r := s.Result(); r.Confirmed || r.Rate != 51_200 || r.Interval.Lo != 51_200 {
		t.Errorf("before a hold has passed: %+v", r)
	}
	follow(func(Step) bool { return false })
	if r := s.Result(); !r.Confirmed || !r.LowerBound || r.LimitedBy != LimitedByGenerator || r.Rate > 80_000 || r.Rate < 60_000 {
		t.Errorf("%+v", r)
	}
	if n := len(s.Trials()); n > 35 {
		t.Errorf("%d trials", n)
	}
}

func TestASingleSpoiledTrialIsRepeated(t *testing.T) {
	s := searched(t, Normal(1000), func(step Step, n int) (Finding, string) {
		if n%4 == 1 {
			return Spoiled, "steal"
		}
		return sharp(12_345)(step, n)
	})
	if r := s.Result(); r.LowerBound || r.Interval.Excludes(12_345) {
		t.Errorf("%+v", r)
	}
}

func TestASearchThatFindsNoRateSaysSo(t *testing.T) {
	fails := func(Step, int) (Finding, string) { return Fails, "errors.ratio < 0.1%" }
	s := searched(t, Normal(1024), fails)
	if r := s.Result(); r.Rate != 0 || r.LimitedBy != "errors.ratio < 0.1%" || r.Interval.Level != 0 {
		t.Errorf("%+v", r)
	}
	if last := s.Trials()[len(s.Trials())-1]; last.Rate != 1 {
		t.Errorf("the last rate tried is %g, and should be the least", last.Rate)
	}
	spoiled := func(Step, int) (Finding, string) { return Spoiled, "steal" }
	if r := searched(t, Normal(1024), spoiled).Result(); r.Rate != 0 || r.LimitedBy != LimitedByGenerator {
		t.Errorf("all spoiled: %+v", r)
	}
}

func TestAnObjectiveThatEveryRateMeetsIsALowerBound(t *testing.T) {
	passes := func(Step, int) (Finding, string) { return Passes, "" }
	r := searched(t, Normal(1000), passes).Result()
	if r.Rate != 1000*4096 || !r.LowerBound || r.LimitedBy != LimitedByCeiling || !math.IsInf(r.Interval.Hi, 1) {
		t.Errorf("%+v", r)
	}
}

func TestATimeThatIsUpLeavesNoLevel(t *testing.T) {
	s, err := New(Normal(1000))
	if err != nil {
		t.Fatal(err)
	}
	s.Observe(Passes, "")
	s.Stop()
	if r := s.Result(); r.Confirmed || r.LimitedBy != LimitedByBudget || r.Interval.Level != 0 || !r.LowerBound {
		t.Errorf("%+v", r)
	}
	if _, more := s.Next(); more {
		t.Error("there is a next trial")
	}
}

func TestASystemThatIsWorseAtALowRateIsCalledContradictory(t *testing.T) {
	s := searched(t, Normal(1000), func(step Step, n int) (Finding, string) {
		if step.Rate >= 1500 && step.Rate < 3000 {
			return Fails, "overloaded"
		}
		return sharp(12_345)(step, n)
	})
	s.trials = append(s.trials, Trial{Rate: 5000, Finding: Passes})
	if s.Result().Contradiction == "" {
		t.Errorf("%+v", s.Result())
	}
}

func TestTheSameFindingsAskForTheSameRates(t *testing.T) {
	first := searched(t, Quick(1000), sharp(4321))
	second := searched(t, Quick(1000), func(_ Step, n int) (Finding, string) {
		return first.Trials()[n].Finding, first.Trials()[n].By
	})
	if !slices.Equal(first.Trials(), second.Trials()) {
		t.Error("the trials differ")
	}
}

// Whatever is found, a search ends, within its bounds.
func FuzzASearchEnds(f *testing.F) {
	f.Add([]byte{0, 1, 2})
	f.Fuzz(func(t *testing.T, findings []byte) {
		o := Normal(1000)
		s := searched(t, o, func(_ Step, n int) (Finding, string) {
			if len(findings) == 0 {
				return Passes, ""
			}
			return []Finding{Passes, Fails, Spoiled}[findings[n%len(findings)]%3], "some reason"
		})
		if len(s.Trials()) > o.Trials {
			t.Errorf("%d trials", len(s.Trials()))
		}
		for _, trial := range s.Trials() {
			if trial.Rate < o.Least*0.999 || trial.Rate > o.Most*1.001 {
				t.Errorf("a trial at %g", trial.Rate)
			}
		}
		r := s.Result()
		if r.Interval.Lo > r.Interval.Hi || r.Interval.Level < 0 || r.Interval.Level > 1 {
			t.Errorf("%+v", r)
		}
	})
}

func TestOptionsThatNoSearchEndsWithAreRefused(t *testing.T) {
	for _, o := range []Options{
		{}, {Start: 1, Least: 2, Most: 3, Precision: 0.1, Holds: 1, Trials: 1},
		{Start: 2, Least: 1, Most: math.Inf(1), Precision: 0.1, Holds: 1, Trials: 1},
		{Start: 2, Least: 1, Most: 3, Holds: 1, Trials: 1}, {Start: 2, Least: 1, Most: 3, Precision: 0.1, Trials: 1},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

func TestATrialPassesOnlyWhereEverythingHolds(t *testing.T) {
	objective, err := metric.ParseCondition("ack.p99 < 50ms", nil)
	if err != nil {
		t.Fatal(err)
	}
	good := func() Evidence {
		return Evidence{Achieved: 1, Metrics: map[string]float64{"ack.p99": 0.02}}
	}
	line := func(slope float64) Series {
		var s Series
		for i := range 20 {
			s.Seconds = append(s.Seconds, float64(i))
			s.Values = append(s.Values, slope*float64(i)+float64(i%3))
		}
		return s
	}
	tests := []struct {
		name    string
		change  func(*Evidence)
		finding Finding
		by      string
	}{
		{"all holds", func(*Evidence) {}, Passes, ""},
		{"an objective does not hold", func(e *Evidence) { e.Metrics["ack.p99"] = 0.06 }, Fails, "ack.p99 < 50ms"},
		{"a record failed", func(e *Evidence) { e.Metrics["ack.p99"] = math.Inf(1) }, Fails, "ack.p99 < 50ms"},
		{"the objective was not measured", func(e *Evidence) { delete(e.Metrics, "ack.p99") }, Fails, ByUnmeasured},
		{"too little was acknowledged", func(e *Evidence) { e.Achieved = 0.99 }, Fails, ByShortfall},
		{"the lag grows", func(e *Evidence) { e.Lag = map[string]Series{"g": line(5)} }, Fails, ByLag},
		{"the lag does not grow", func(e *Evidence) { e.Lag = map[string]Series{"g": line(0)} }, Passes, ""},
		{"throttling explains the rest", func(e *Evidence) { e.Achieved, e.Throttled = 0.9, true }, Fails, ByThrottle},
		{"throttled without harm", func(e *Evidence) { e.Throttled = true }, Passes, ""},
		{"the trial ended early", func(e *Evidence) { e.Trouble = "error" }, Fails, "error"},
		{"untrusted, whatever else", func(e *Evidence) { e.Distrust, e.Achieved = "steal", 0.5 }, Spoiled, "steal"},
		{"the latency rises throughout", func(e *Evidence) {
			for i := range 100 {
				e.Latency = append(e.Latency, float64(i)+float64(i%3))
			}
		}, Fails, ByNoSteady},
	}
	for _, test := range tests {
		e := good()
		test.change(&e)
		if finding, by := Judge(e, []metric.Condition{objective}); finding != test.finding || by != test.by {
			t.Errorf("%s: %s by %q, want %s by %q", test.name, finding, by, test.finding, test.by)
		}
	}
}
