package choose

import (
	"math"
	"slices"
	"testing"
)

func rounds(levels ...[]float64) []Round {
	var all []Round
	for _, l := range levels {
		all = append(all, l)
	}
	return all
}

func TestNoiseIsWhatCasesAndRoundsDoNotExplain(t *testing.T) {
	if got := Noise(rounds([]float64{1, 2, 4}, []float64{3, 4, 6}, []float64{0, 1, 3})); got > 1e-12 {
		t.Errorf("cases and rounds explain all, and there is noise of %v", got)
	}
	// One residual of a 2 x 2 table in each cell, ±0.1, with one degree of freedom.
	if got := Noise(rounds([]float64{0.1, -0.1}, []float64{-0.1, 0.1})); math.Abs(got-0.2) > 1e-12 {
		t.Errorf("noise %v, want 0.2", got)
	}
	for _, few := range [][]Round{nil, rounds([]float64{1, 2}), rounds([]float64{1}, []float64{2})} {
		if got := Noise(few); !math.IsNaN(got) {
			t.Errorf("noise %v of %v", got, few)
		}
	}
}

func TestKeepLeavesTheBestFirst(t *testing.T) {
	tests := []struct {
		name   string
		levels []float64 // of three rounds with a noise of about 5%
		kept   []int
	}{
		{"one case", []float64{0}, []int{0}},
		{"two cases, however far apart", []float64{3, 0}, []int{1, 0}},
		{"those that are near", []float64{0.9, 0.02, 0, 0.8, 0.03}, []int{2, 1, 4}},
		{"not all of those that are near", []float64{0.05, 0.05, 0.04, 0.03, 0.02, 0.01, 0, 0.05}, []int{6, 5, 4, 3, 2, 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var screening []Round
			for r := range 3 {
				round := slices.Clone(test.levels)
				for c := range round { // cancels over the rounds
					round[c] += 0.05 * math.Sin(2*math.Pi*float64(r+c)/3) * math.Sqrt2
				}
				screening = append(screening, round)
			}
			if got := Keep(screening); !slices.Equal(got, test.kept) {
				t.Errorf("kept %v, want %v (noise %v)", got, test.kept, Noise(screening))
			}
		})
	}
	if got := Keep(rounds([]float64{2, 1, 1}, []float64{2, 1, 1}, []float64{2, 1, 1})); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("without any noise %v are kept", got)
	}
}

func TestRoundsGrowWithTheSquareOfTheNoise(t *testing.T) {
	for _, kept := range []int{2, 6, 12} {
		five, ten := Rounds(0.05, kept), Rounds(0.10, kept)
		if ten < 4*five-4 || ten > 4*five {
			t.Errorf("%d kept: %d rounds at 5%%, %d at 10%%", kept, five, ten)
		}
	}
	for _, noise := range []float64{0, 0.01, math.NaN()} {
		if got := Rounds(noise, 6); got != FewestRounds {
			t.Errorf("%d rounds at %v", got, noise)
		}
	}
	if Rounds(1e9, 3) <= MostRounds {
		t.Error("no number of rounds is too large")
	}
}

func TestDecideCertifiesWhatTheRoundsShow(t *testing.T) {
	wobble := func(size float64, levels ...float64) []Round {
		var all []Round
		for r := range 8 {
			round := slices.Clone(Round(levels))
			for c := range round {
				round[c] += size * math.Sin(float64(7*r+3*c))
			}
			all = append(all, round)
		}
		return all
	}
	clear := Decide(wobble(0.01, 0.5, 0, 0.3))
	if clear.Pick != 1 || !clear.Certified || len(clear.Others) != 2 || clear.Others[0].Case != 0 {
		t.Errorf("%+v", clear)
	}
	if r := clear.Others[0].Ratio; math.Abs(r-math.Exp(-0.5)) > 0.02 || clear.Others[0].Interval.Lo > r || clear.Others[0].Interval.Hi < r {
		t.Errorf("the ratio is %+v", clear.Others[0])
	}
	if equal := Decide(wobble(0.01, 0, 0)); !equal.Certified {
		t.Error("of two equal cases either is as good as the other")
	}
	if noisy := Decide(wobble(0.5, 0, 0.01, 0.02)); noisy.Certified {
		t.Error("nothing can be certified here")
	}
	if alone := Decide(wobble(0.5, 0)); alone.Pick != 0 || !alone.Certified {
		t.Errorf("the only case: %+v", alone)
	}
	if once := Decide(rounds([]float64{0, 9})); once.Certified {
		t.Error("one round certifies nothing")
	}
}
