package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPairedMeanIsStudentsInterval(t *testing.T) {
	// 2.776 is the 97.5% point of Student's t with 4 degrees of freedom; the deviation is
	// sqrt(2.5), so the interval reaches 1.963 to either side, and t = 3/0.7071 = 4.243.
	got := PairedMean([]float64{1, 2, 3, 4, 5}, 0.95)
	if !near(got.Value, 3) || math.Abs(got.Interval.Lo-(3-1.9632)) > 1e-3 || math.Abs(got.P-0.01324) > 1e-4 {
		t.Errorf("got %+v", got)
	}
}

func TestPairedMeanOfFewOrEqualDifferences(t *testing.T) {
	if got := PairedMean(nil, 0.95); !math.IsNaN(got.Value) || got.HasInterval || got.P != 1 {
		t.Errorf("none: %+v", got)
	}
	if got := PairedMean([]float64{2}, 0.95); got.Value != 2 || got.HasInterval || got.P != 1 {
		t.Errorf("one: %+v", got)
	}
	if got := PairedMean([]float64{2, 2, 2}, 0.95); got.Interval.Lo != 2 || got.Interval.Hi != 2 || got.P != 0 {
		t.Errorf("equal: %+v", got)
	}
	if got := PairedMean([]float64{0, 0, 0}, 0.95); got.P != 1 {
		t.Errorf("nothing: %+v", got)
	}
}

func TestPairedMeansCoverTheTruthAsOftenAsTheySay(t *testing.T) {
	for _, n := range []int{3, 6, 8} {
		r := rand.New(rand.NewPCG(5, uint64(n)))
		covered, small := 0, 0
		const draws = 20_000
		for range draws {
			sample := make([]float64, n)
			for i := range sample { // means of four Laplace differences, as a contrast over four pairs is
				for range 4 {
					sample[i] += math.Copysign(r.ExpFloat64(), r.Float64()-0.5) / 4
				}
			}
			e := PairedMean(sample, 0.95)
			if !e.Interval.Excludes(0) {
				covered++
			}
			if e.P < 0.05 {
				small++
			}
		}
		if share := float64(covered) / draws; math.Abs(share-0.95) > 0.01 || covered+small != draws {
			t.Errorf("%d rounds: %.1f%% of the intervals cover the truth, 95%% should", n, 100*share)
		}
	}
}

func TestHolmCorrectsTheSmallestMost(t *testing.T) {
	if got, want := Holm([]float64{0.01, 0.04, 0.03, 0.005}), []float64{0.03, 0.06, 0.06, 0.02}; !slices.EqualFunc(got, want, near) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Holm([]float64{0.6, 0.9}); got[0] != 1 || got[1] != 1 {
		t.Errorf("got %v, want no more than 1", got)
	}
}
