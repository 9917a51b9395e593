package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var inf = math.Inf(1)

func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b))
}

func TestMedian(t *testing.T) {
	tests := []struct {
		name   string
		sample []float64
		want   float64
	}{
		{"the middle of an odd sample", []float64{9, 1, 5}, 5},
		{"between the two middle values of an even one", []float64{9, 1, 5, 6}, 5.5},
		{"infinite where the middle is", []float64{1, inf, inf}, inf},
		{"infinite where one of the two middle values is", []float64{1, inf}, inf},
		{"between the infinities nothing is known", []float64{-inf, inf}, 0},
		{"two huge values do not overflow", []float64{math.MaxFloat64, math.MaxFloat64}, math.MaxFloat64},
		{"unknown for an empty sample", nil, math.NaN()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Median(test.sample); !near(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestQuantileIsTheValueAtItsRank(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for q, want := range map[float64]float64{0: 1, 0.01: 1, 0.5: 50, 0.99: 99, 0.991: 100, 1: 100} {
		if got := Quantile(hundred, q); got != want {
			t.Errorf("quantile %v of 1 to 100 is %v, want %v", q, got, want)
		}
	}
}

// The levels are the binomial's: tables of order-statistic intervals have the same.
func TestMedianIntervalHasTheLevelThatWasReached(t *testing.T) {
	tests := []struct {
		n      int
		lo, hi float64
		level  float64
		ok     bool
	}{
		{0, 0, 0, 0, false},
		{1, 0, 0, 0, false},
		{2, 1, 2, 0.5, true},
		{3, 1, 3, 0.75, true},
		{5, 1, 5, 0.9375, true},
		{6, 1, 6, 0.96875, true},
		{8, 1, 8, 0.9921875, true},
		{9, 2, 8, 0.9609375, true},
		{20, 6, 15, 0.9586105346679688, true},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.n, " values"), func(t *testing.T) {
			var sample []float64
			for i := range test.n {
				sample = append(sample, float64(test.n-i))
			}
			got, ok := MedianInterval(sample, 0.95)
			if ok != test.ok || got.Lo != test.lo || got.Hi != test.hi || !near(got.Level, test.level) {
				t.Errorf("got %+v, %v; want [%v, %v] at %v, %v", got, ok, test.lo, test.hi, test.level, test.ok)
			}
		})
	}
}

// Critical values from Hollander, Wolfe, Chicken, tables A.4 (signed rank) and A.6 (rank sum),
// and counts that can be done by hand.
func TestNullDistributions(t *testing.T) {
	tests := []struct {
		name string
		null distribution
		k    int
		want float64
	}{
		{"signed rank of 3: only the empty subset sums to 0", signedRank(3), 0, 1.0 / 8},
		{"signed rank of 3: {}, {1}, {2}, {3}, {1,2} sum to at most 3", signedRank(3), 3, 5.0 / 8},
		{"signed rank of 10: P(T <= 8) = 0.0244", signedRank(10), 8, 25.0 / 1024},
		{"signed rank is never below 0", signedRank(10), -1, 0},
		{"signed rank is never above its top", signedRank(10), 55, 1},
		{"rank sum of 2 and 2: one order of six has no inversions", rankSum(2, 2), 0, 1.0 / 6},
		{"rank sum of 2 and 2: two more have up to one", rankSum(2, 2), 1, 2.0 / 6},
		{"rank sum of 3 and 4: P(U <= 1) = 2/35", rankSum(3, 4), 1, 2.0 / 35},
		{"rank sum of 4 and 3 is the same", rankSum(4, 3), 1, 2.0 / 35},
		{"rank sum of 6 and 6: P(U <= 5) = 0.0206", rankSum(6, 6), 5, 19.0 / 924},
		{"permutations of 4: three of 24 have exactly one inversion", kendall(4), 1, 4.0 / 24},
		{"permutations of 4: at most two inversions", kendall(4), 2, 9.0 / 24},
		{"permutations of 4: all have at most six", kendall(4), 6, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.null(test.k); !near(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// Where the exact distributions end the approximations must have taken over already.
func TestApproximationsMeetTheExactDistributions(t *testing.T) {
	tests := []struct {
		name        string
		exact       distribution
		approximate distribution
		k           int // near the 2.5% point
	}{
		{"signed rank of 50", signedRank(50), normal(50*51/4.0, 50*51*101/24.0), 434},
		{"rank sum of 50 and 50", rankSum(50, 50), normal(1250, 2500*101/12.0), 965},
		{"permutations of 50", kendall(50), normal(50*49/4.0, 50*49*105/72.0), 495},
	}
	for _, test := range tests {
		exact, approximate := test.exact(test.k), test.approximate(test.k)
		if exact < 0.01 || exact > 0.04 || math.Abs(exact-approximate) > 0.0005 {
			t.Errorf("%s: P(<= %d) is %.5f exactly and %.5f approximately", test.name, test.k, exact, approximate)
		}
	}
}

func TestShiftsOfSmallSamples(t *testing.T) {
	tests := []struct {
		name  string
		got   Estimate
		value float64
		lo    float64
		hi    float64
		level float64
		ok    bool
	}{
		{"no differences: nothing is known", PairedShift(nil, 0.95), math.NaN(), 0, 0, 0, false},
		{"one difference has no interval", PairedShift([]float64{3}, 0.95), 3, 0, 0, 0, false},
		{"three differences reach 75%", PairedShift([]float64{1, 2, 6}, 0.95), 2.75, 1, 6, 0.75, true},
		{"six differences reach 96.875%", PairedShift([]float64{1, 2, 3, 4, 5, 6}, 0.95), 3.5, 1, 6, 0.96875, true},
		{"one infinite difference does not move the centre far", PairedShift([]float64{1, 1, 1, 1, 1, inf}, 0.95), 1, 1, inf, 0.96875, true},
		{"two samples", Shift([]float64{1, 2, 3}, []float64{11, 12, 13}, 0.95), 10, 8, 12, 0.9, true},
		{"equal infinities do not differ", Shift([]float64{inf}, []float64{inf}, 0.95), 0, 0, 0, 0, false},
		{"finite against infinite is without bound", Shift([]float64{1, 2}, []float64{inf, inf}, 0.95), inf, inf, inf, 2.0 / 3, true},
		{"a straight line", Slope([]float64{0, 1, 2, 3}, []float64{5, 7, 9, 11}, 0.95), 2, 2, 2, 11.0 / 12, true},
		{"a line with one outlier", Slope([]float64{0, 1, 2, 3, 4}, []float64{0, 1, 2, 3, 1000}, 0.5), 1, 1, 250, 62.0 / 120, true},
		{"one point has no slope", Slope([]float64{1}, []float64{1}, 0.95), math.NaN(), 0, 0, 0, false},
		{"points of one x have no slope", Slope([]float64{1, 1}, []float64{1, 2}, 0.95), math.NaN(), 0, 0, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := test.got
			if !near(g.Value, test.value) || g.HasInterval != test.ok {
				t.Fatalf("got %+v, want %v with interval %v", g, test.value, test.ok)
			}
			if test.ok && (g.Interval.Lo != test.lo || g.Interval.Hi != test.hi || !near(g.Interval.Level, test.level)) {
				t.Errorf("got %+v, want [%v, %v] at %v", g.Interval, test.lo, test.hi, test.level)
			}
		})
	}
}

// The intervals cover the truth as often as they say, whatever the distribution.
func TestIntervalsCoverTheTruthAsOftenAsTheySay(t *testing.T) {
	sample := func(r *rand.Rand, n int, draw func(*rand.Rand) float64) []float64 {
		s := make([]float64, n)
		for i := range s {
			s[i] = draw(r)
		}
		return s
	}
	exponential := func(r *rand.Rand) float64 { return r.ExpFloat64() }
	lognormal := func(r *rand.Rand) float64 { return math.Exp(r.NormFloat64()) }
	laplace := func(r *rand.Rand) float64 { return math.Copysign(r.ExpFloat64(), r.Float64()-0.5) }
	normal := func(r *rand.Rand) float64 { return r.NormFloat64() }
	median := func(n int, level float64) func(*rand.Rand) (Interval, bool) {
		return func(r *rand.Rand) (Interval, bool) { return MedianInterval(sample(r, n, exponential), level) }
	}
	paired := func(n int, level float64, draw func(*rand.Rand) float64) func(*rand.Rand) (Interval, bool) {
		return func(r *rand.Rand) (Interval, bool) {
			e := PairedShift(sample(r, n, draw), level)
			return e.Interval, e.HasInterval
		}
	}
	unpaired := func(m, n int, level float64) func(*rand.Rand) (Interval, bool) {
		return func(r *rand.Rand) (Interval, bool) {
			e := Shift(sample(r, m, lognormal), sample(r, n, lognormal), level)
			return e.Interval, e.HasInterval
		}
	}
	slope := func(n int) func(*rand.Rand) (Interval, bool) {
		return func(r *rand.Rand) (Interval, bool) {
			x := make([]float64, n)
			y := sample(r, n, laplace)
			for i := range x {
				x[i] = float64(i)
				y[i] += 3 * x[i]
			}
			e := Slope(x, y, 0.95)
			return e.Interval, e.HasInterval
		}
	}
	tests := []struct {
		name     string
		truth    float64
		draws    int
		interval func(*rand.Rand) (Interval, bool)
	}{
		{"median of 5 exponential values", math.Ln2, 20_000, median(5, 0.95)},
		{"median of 6 exponential values", math.Ln2, 20_000, median(6, 0.95)},
		{"median of 15 exponential values", math.Ln2, 20_000, median(15, 0.95)},
		{"median of 30 exponential values at 80%", math.Ln2, 20_000, median(30, 0.8)},
		{"6 paired normal differences", 0, 20_000, paired(6, 0.95, normal)},
		{"8 paired Laplace differences at 90%", 0, 20_000, paired(8, 0.9, laplace)},
		{"20 paired normal differences", 0, 10_000, paired(20, 0.95, normal)},
		{"60 paired normal differences, by approximation", 0, 3_000, paired(60, 0.95, normal)},
		{"6 against 6 lognormal values", 0, 20_000, unpaired(6, 6, 0.95)},
		{"5 against 9 lognormal values at 90%", 0, 20_000, unpaired(5, 9, 0.9)},
		{"slope of 10 points", 3, 10_000, slope(10)},
		{"slope of 60 points, by approximation", 3, 3_000, slope(60)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			covered, level := 0, 0.0
			for range test.draws {
				interval, ok := test.interval(r)
				if !ok {
					t.Fatal("no interval")
				}
				level = interval.Level // the same in every draw: it depends on the sizes alone
				if !interval.Excludes(test.truth) {
					covered++
				}
			}
			if share := float64(covered) / float64(test.draws); math.Abs(share-level) > 0.01 {
				t.Errorf("%.1f%% of the intervals cover the truth, %.1f%% should", 100*share, 100*level)
			}
		})
	}
}
