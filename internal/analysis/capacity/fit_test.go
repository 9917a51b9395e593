package capacity

import (
	"math"
	"math/rand/v2"
	"testing"
)

// within compares on a ratio scale.
func within(got, want, share float64) bool { return math.Abs(math.Log(got/want)) <= math.Log(1+share) }

func fitted(t *testing.T, observations []Observation) *Fit {
	t.Helper()
	f, err := NewFit(observations)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTheParametersOfAKnownSystemAreRecovered(t *testing.T) {
	k := knownSystem()
	recovered(t, k, fitted(t, k.sweep(1, 0.005, 0.01)), 0.10, 0.15)
}

// At the noise at which intervals are held to their level, and which docs/plan.md names.
func TestTheParametersOfANoisySystemAreRecovered(t *testing.T) {
	t.Parallel()
	k := knownSystem()
	for seed := range uint64(8) {
		recovered(t, k, fitted(t, k.sweep(seed, 0.03, 0.1)), 0.15, 0.15)
	}
}

// recovered holds a fit against the truth: the producers' costs and the latencies within near, those
// of partitions and members, which bind less often, within far.
func recovered(t *testing.T, k known, f *Fit, near, far float64) {
	t.Helper()
	for _, c := range []struct {
		name      string
		got, want float64
		share     float64
	}{
		{"producers, per record", f.Throughput.Producers["lz4"].RecordSeconds, k.throughput.Producers["lz4"].RecordSeconds, near},
		{"producers, per byte", f.Throughput.Producers["lz4"].ByteSeconds, k.throughput.Producers["lz4"].ByteSeconds, near},
		{"partitions, per record", f.Throughput.Partitions.RecordSeconds, k.throughput.Partitions.RecordSeconds, far},
		{"partitions, per byte", f.Throughput.Partitions.ByteSeconds, k.throughput.Partitions.ByteSeconds, far},
		{"members, per record", f.Throughput.Members.RecordSeconds, k.throughput.Members.RecordSeconds, far},
		{"p50, base", f.Latencies[Median].Base, k.latencies[Median].Base, near},
		{"p99, base", f.Latencies[P99].Base, k.latencies[P99].Base, near},
		{"p99, queueing", f.Latencies[P99].Queueing, k.latencies[P99].Queueing, near},
	} {
		if !within(c.got, c.want, c.share) {
			t.Errorf("%s: %.4g, the truth is %.4g", c.name, c.got, c.want)
		}
	}
}

// fresh are configurations that no sweep measured.
func fresh() []Configuration {
	return []Configuration{
		knownConfiguration(8, 3, 5, 700), knownConfiguration(3, 8, 6, 2000), knownConfiguration(12, 8, 2, 300),
		knownConfiguration(12, 6, 10, 200), knownConfiguration(4, 2, 4, 3000), knownConfiguration(9, 5, 3, 150),
		knownConfiguration(2, 4, 2, 500), knownConfiguration(10, 1, 6, 250), knownConfiguration(5, 10, 5, 1500),
		knownConfiguration(16, 10, 4, 120), knownConfiguration(7, 7, 7, 900), knownConfiguration(6, 2, 3, 2500),
	}
}

func TestPredictionIntervalsHoldFreshMeasurementsAsOftenAsTheySay(t *testing.T) {
	t.Parallel()
	k := knownSystem()
	var rate, p50, p99 Score
	count := func(s *Score, p Prediction, measured float64) {
		s.Predictions++
		s.Level += p.Level
		if !p.Excludes(measured) {
			s.Coverage++
		}
	}
	const seeds = 16
	for seed := range uint64(seeds) {
		f := fitted(t, k.sweep(seed, 0.03, 0.1))
		random := rand.New(rand.NewPCG(seed, 99))
		for _, c := range append(fresh(), fresh()...) {
			measured := Groups(k.measure(c, 0.03, 0.1, random))[0]
			carries, _ := measured.Capacity()
			count(&rate, f.Carries(c), carries)
			for _, o := range measured.Observations {
				if o.Saturated {
					continue
				}
				median, _ := f.Wait(Median, c, o.Offered)
				tail, _ := f.Wait(P99, c, o.Offered)
				count(&p50, median, o.P50)
				count(&p99, tail, o.P99)
			}
		}
	}
	for name, s := range map[string]Score{OfThroughput: rate, OfMedian: p50, OfP99: p99} {
		coverage, level := s.Coverage/float64(s.Predictions), s.Level/float64(s.Predictions)
		t.Logf("%s: %.1f%% of %d lie in their interval of %.0f%%", name, 100*coverage, s.Predictions, 100*level)
		if coverage < 0.80 || coverage > 0.97 {
			t.Errorf("%s: %.1f%% of %d lie in their interval of %.0f%%, want 80%% to 97%%", name, 100*coverage, s.Predictions, 100*level)
		}
	}
}

func TestALeftOutConfigurationIsPredicted(t *testing.T) {
	t.Parallel()
	all := knownSystem().sweep(3, 0.02, 0.05)
	const trials, configurations = 5, 13
	misses, err := LeaveOneOut(all[:configurations*trials])
	if err != nil {
		t.Fatal(err)
	}
	for quantity, most := range map[string]float64{OfThroughput: 0.10, OfMedian: 0.25, OfP99: 0.25} {
		s := ScoreOf(misses, quantity)
		t.Logf("%s: %+v", quantity, s)
		if s.Configurations != configurations || s.MeanError > most {
			t.Errorf("%s: mean error %.1f%% over %d configurations, want at most %.0f%% over %d", quantity, 100*s.MeanError, s.Configurations, 100*most, configurations)
		}
	}
}

func TestTheSameObservationsGiveTheSameFit(t *testing.T) {
	observations := knownSystem().sweep(5, 0.03, 0.1)
	a, b := fitted(t, observations), fitted(t, observations)
	c := knownConfiguration(8, 3, 5, 700)
	if x, y := a.Carries(c), b.Carries(c); x != y {
		t.Errorf("%+v and %+v", x, y)
	}
}

func TestBatchingLowersLatencyAsTheRateRises(t *testing.T) {
	l := Latency{Quantile: P99, Base: 1e-3}
	c := knownConfiguration(1, 1, 1, 1000)
	c.LingerSeconds = 50e-3
	slow, fast := l.Predict(c, 100, 0.1), l.Predict(c, 10_000, 0.5)
	if !within(slow, 0.99*50e-3+1e-3, 1e-6) || !within(fast, 0.99*(16384-1000)/10e6+1e-3, 1e-6) {
		t.Errorf("p99 of %g s at 100/s and %g s at 10,000/s", slow, fast)
	}
}

func TestTooFewCapacitiesMakeNoModel(t *testing.T) {
	k := knownSystem()
	random := rand.New(rand.NewPCG(1, 1))
	var all []Observation
	for _, c := range knownConfigurations()[:3] {
		all = append(all, k.measure(c, 0, 0, random)...)
	}
	if _, err := NewFit(all); err == nil {
		t.Error("three configurations made a model")
	}
}

func TestATrialThatFellShortOfWhatOthersCarriedIsNoCapacity(t *testing.T) {
	c := knownConfiguration(1, 1, 1, 100)
	g := Groups([]Observation{
		{Configuration: c, Through: 1000, Saturated: true},
		{Configuration: c, Offered: 600, Through: 590, Saturated: true, P99: 1},
		{Configuration: c, Offered: 1200, Through: 980, Saturated: true},
	})[0]
	if capacity, measured := g.Capacity(); !measured || !within(capacity, math.Sqrt(1000*980), 1e-9) {
		t.Errorf("capacity %g", capacity)
	}
	if o := g.Observations[1]; o.Saturated || o.P99 != 0 || o.Through != 590 {
		t.Errorf("the disturbed trial: %+v", o)
	}
}
