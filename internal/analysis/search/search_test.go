package search

import (
	"math"
	"slices"
	"strings"
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

// band holds between two rates: below it by a latency that eases as the rate rises.
func band(low, high float64) func(Step, int) (Finding, string) {
	return func(step Step, _ int) (Finding, string) {
		switch {
		case step.Rate < low:
			return Fails, "ack.p99 < 50ms"
		case step.Rate > high:
			return Fails, "overloaded"
		}
		return Passes, ""
	}
}

// easing are the options of a search one of whose objectives may hold again at a higher rate.
func easing(start float64) Options {
	o := Normal(start)
	o.Eases = []string{"ack.p99 < 50ms"}
	return o
}

func TestARateAboveAStartThatFailsByAnEasingLatencyIsFound(t *testing.T) {
	for _, low := range []float64{1500, 3000, 7500} {
		s := searched(t, easing(1000), band(low, 23_456))
		r := s.Result()
		if r.Interval.Lo > 23_456 || r.Interval.Hi < 23_456 || r.Interval.Hi/r.Interval.Lo > 1.0201 || !r.Confirmed || r.LimitedBy != "overloaded" {
			t.Errorf("from %g: %+v", low, r)
		}
		if r.Contradiction == "" || len(r.Contradicting) == 0 {
			t.Errorf("from %g: it is not called contradictory: %+v", low, r)
		}
		short := easing(1000)
		short.Holds = 1 // the many trials below must not outvote them
		if r := searched(t, short, band(low, 23_456)).Result(); r.LimitedBy != "overloaded" {
			t.Errorf("from %g: limited by %s", low, r.LimitedBy)
		}
	}
}

func TestNothingIsTriedAboveAStartWhereItCannotHelp(t *testing.T) {
	highest := func(s *Search) float64 {
		most := 0.0
		for _, trial := range s.Trials() {
			most = max(most, trial.Rate)
		}
		return most
	}
	overloaded := func(Step, int) (Finding, string) { return Fails, "overloaded" }
	low := easing(1000)
	low.Most = 1500
	for _, test := range []struct {
		name    string
		options Options
		system  func(Step, int) (Finding, string)
		want    float64
	}{
		{"it fails by the rate itself", easing(1000), overloaded, 1000},
		{"no objective eases", Normal(1000), band(1500, 23_456), 1000},
		{"a rate below passes", easing(1000), sharp(300), 1000},
		{"above it the rate itself fails", easing(1000), band(1500, 1600), 2000},
		{"above it no latency eases in reach", easing(1000), band(9000, 23_456), 8000},
		{"no higher rate may be tried", low, band(1500, 23_456), 1000},
	} {
		s := searched(t, test.options, test.system)
		if got := highest(s); got != test.want {
			t.Errorf("%s: the highest rate tried is %g, want %g", test.name, got, test.want)
		}
	}
}

// The instrument may not manage what is above the start: that is no finding about the system.
func TestSpoiledTrialsAboveTheStartLeaveTheFindingsBelow(t *testing.T) {
	r := searched(t, easing(1000), func(step Step, n int) (Finding, string) {
		if step.Rate > 1000 {
			return Spoiled, "slip_pacer"
		}
		return band(1500, 23_456)(step, n)
	}).Result()
	if r.Rate != 0 || r.LimitedBy != "ack.p99 < 50ms" || r.LowerBound || r.Contradiction != "" {
		t.Errorf("%+v", r)
	}
}

// A short trial above the start may pass by chance: the lower end must not move into rates that fail.
func TestALowerEndDoesNotMoveBelowWhatFailedBefore(t *testing.T) {
	s := searched(t, easing(1000), func(step Step, n int) (Finding, string) {
		if step.Rate == 2000 && !step.Hold {
			return Passes, ""
		}
		return Fails, "ack.p99 < 50ms"
	})
	r := s.Result()
	if r.Rate != 0 || r.Confirmed || r.LimitedBy != "ack.p99 < 50ms" || r.Contradiction == "" {
		t.Errorf("%+v", r)
	}
	holds := 0
	for _, trial := range s.Trials() {
		if trial.Hold {
			holds++
		}
		if trial.Hold && trial.Rate <= 1000 {
			t.Errorf("a hold at %g", trial.Rate)
		}
	}
	if holds == 0 || holds > 8 {
		t.Errorf("%d holds", holds)
	}
}

// What was found before counts when the time is up, though rates below it fail.
func TestATimeThatIsUpAboveAStartThatFailsKeepsWhatPassed(t *testing.T) {
	s, err := New(easing(1000))
	if err != nil {
		t.Fatal(err)
	}
	for step, more := s.Next(); more && step.Rate < 8000; step, more = s.Next() {
		s.Observe(band(1500, 23_456)(step, 0))
	}
	s.Stop()
	if r := s.Result(); r.Rate != 4000 || r.Confirmed || r.LimitedBy != LimitedByBudget || !r.LowerBound {
		t.Errorf("%+v", r)
	}
}

func TestWhatContradictsAreAllTrialsOfClearPairsByRisingRate(t *testing.T) {
	s := Search{trials: []Trial{
		{Rate: 1000, Finding: Passes}, {Rate: 4000, Finding: Passes}, {Rate: 2000, Finding: Fails, By: "x"},
		{Rate: 3900, Finding: Fails, By: "y"}, {Rate: 2100, Finding: Passes}, {Rate: 2500, Finding: Passes}, {Rate: 1900, Finding: Spoiled}, {Rate: 3000, Finding: Fails, By: "z"},
	}}
	text, trials := s.contradiction()
	if !slices.Equal(trials, []int{2, 5, 7, 1}) || !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), "passes at 4,000 records/s though one fails at 2,000 records/s (x)") {
		t.Errorf("%v, %s", trials, text)
	}
	s.trials = s.trials[:3]
	s.trials[1].Rate = 2150 // noise at an edge
	if text, trials := s.contradiction(); text != "" || trials != nil {
		t.Errorf("%v, %s", trials, text)
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
		o.Eases = []string{"some reason"}
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

func TestLatenciesAndCostsARecordMayEaseAsTheRateRises(t *testing.T) {
	var conditions []metric.Condition
	for _, text := range []string{"ack.p99 < 50ms", "errors.ratio < 1%", "checkout.e2e.p50 < 1s", "cpu.seconds_per_record < 1us", "lost == 0", "memory.rss.max < 1GB", "lag.records.max < 10"} {
		c, err := metric.ParseCondition(text, []string{"checkout"})
		if err != nil {
			t.Fatal(err)
		}
		conditions = append(conditions, c)
	}
	if got := Easing(conditions); !slices.Equal(got, []string{"ack.p99 < 50ms", "checkout.e2e.p50 < 1s", "cpu.seconds_per_record < 1us"}) {
		t.Errorf("%q", got)
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
