package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// wandering is a series whose values resemble the one before by r.
func wandering(random *rand.Rand, n int, r float64) []float64 {
	series := make([]float64, n)
	last := random.NormFloat64() / math.Sqrt(1-r*r)
	for i := range series {
		last = r*last + random.NormFloat64()
		series[i] = last
	}
	return series
}

func seconds(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

func TestATrendIsSeldomSeenInASeriesThatOnlyWanders(t *testing.T) {
	for _, test := range []struct {
		n        int
		r        float64
		falseMax float64
	}{{30, 0, 0.05}, {30, 0.3, 0.06}, {30, 0.6, 0.08}, {100, 0.6, 0.06}} {
		random := rand.New(rand.NewPCG(3, 4))
		wrong := 0
		const draws = 4000
		for range draws {
			e := Trend(seconds(test.n), wandering(random, test.n, test.r), 0.95)
			if e.HasInterval && e.Interval.Excludes(0) {
				wrong++
			}
		}
		if share := float64(wrong) / draws; share > test.falseMax+0.01 {
			t.Errorf("n %d, r %.1f: %.1f%% show a trend", test.n, test.r, 100*share)
		}
	}
}

func TestATrendIsSeenWhereThereIsOne(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	seen := 0
	for range 500 {
		series := wandering(random, 30, 0.3)
		for i := range series {
			series[i] += 0.3 * float64(i)
		}
		e := Trend(seconds(30), series, 0.95)
		if e.HasInterval && e.Interval.Lo > 0 {
			seen++
		}
	}
	if seen < 450 {
		t.Errorf("of 500 growing series %d show it", seen)
	}
	if e := Trend([]float64{0, 1, 2, 3}, []float64{1, 3, 5, 7}, 0.95); math.Abs(e.Value-2) > 1e-9 || e.HasInterval && e.Interval.Excludes(e.Value) {
		t.Errorf("a straight line: %+v", e)
	}
	if e := Trend([]float64{1}, []float64{1}, 0.95); !math.IsNaN(e.Value) || e.HasInterval {
		t.Errorf("one point: %+v", e)
	}
}

func TestSteadyStateOfKnownSeries(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const draws = 1000
	for _, n := range []int{50, 100, 200} {
		none, found, growing := 0, 0, 0
		for range draws {
			noise := wandering(random, n, 0.2)
			if s := SteadyState(noise); !s.Reached {
				none++
			}
			transient, trend := make([]float64, n), make([]float64, n)
			for i, v := range noise {
				transient[i] = v + 20*math.Exp(-float64(i)/float64(n/20))
				trend[i] = v + 10*float64(i)/float64(n)
			}
			if s := SteadyState(transient); s.Reached && s.From > 0 {
				found++
			}
			if s := SteadyState(trend); !s.Reached {
				growing++
			}
		}
		if none > draws/20 || found < draws*9/10 || growing < draws*8/10 {
			t.Errorf("%d values, of %d series each: %d of noise without a steady state, %d transients found, %d growing ones without",
				n, draws, none, found, growing)
		}
	}
	if s := SteadyState(make([]float64, 49)); s.Known {
		t.Error("49 values are too few to tell")
	}
}
