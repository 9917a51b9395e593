package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"kaliper/results"
)

// casesOfRounds are cases of one run with equal trials, but for the last one: its values are
// those of the others, times the exponential of a round's difference.
func casesOfRounds(cases int, differences []float64) results.Summary {
	var summary results.Summary
	for i := range cases {
		c := results.SummaryCase{ID: fmt.Sprintf("case-%d", i)}
		for round, d := range differences {
			value := 0.01
			if i == cases-1 {
				value *= math.Exp(d)
			}
			c.Trials = append(c.Trials, results.SummaryTrial{Round: round + 1, State: results.Complete,
				Metrics: map[string]results.TrialValue{"ack.p99": {Unit: "s", Value: results.Number(value)}}})
		}
		c.Metrics = overTrials(c.Trials)
		summary.Cases = append(summary.Cases, c)
	}
	return summary
}

// told says whether the last case is told from the best, by the report's own rule.
func told(cases int, differences []float64) bool {
	best := BestFor(casesOfRounds(cases, differences), []string{"ack.p99"})[0]
	return best.Case != cases-1 && !slices.Contains(best.Ties, cases-1)
}

// spreadAround returns n differences whose mean and standard deviation are exactly these.
func spreadAround(mean, deviation float64, n int) []float64 {
	var all []float64
	centre, squares := float64(n-1)/2, 0.0
	for i := range n {
		squares += (float64(i) - centre) * (float64(i) - centre)
	}
	for i := range n {
		all = append(all, mean+(float64(i)-centre)*deviation/math.Sqrt(squares/float64(n-1)))
	}
	return all
}

func TestTheSmallestDifferenceIsWhereTheReportBeginsToTellACaseFromTheBest(t *testing.T) {
	for _, cases := range []int{2, 3, 12, 100} {
		for _, rounds := range []int{3, 4, 6, 12, 40} {
			for _, spread := range []float64{0.02, 0.05, 0.1} {
				smallest := SmallestDifference(cases, rounds, spread)
				at := math.Log1p(smallest)
				below, above := spreadAround(at*(1-1e-6), spread*math.Sqrt2, rounds), spreadAround(at*(1+1e-6), spread*math.Sqrt2, rounds)
				if told(cases, below) || !told(cases, above) {
					t.Errorf("%d cases, %d rounds, spread %v: %v is no limit; told below it: %v, above it: %v",
						cases, rounds, spread, smallest, told(cases, below), told(cases, above))
				}
			}
		}
	}
	if smallest := SmallestDifference(2, 6, 0.0001); smallest != materialShare || told(2, spreadAround(math.Log1p(materialShare*0.99), 0.0001, 6)) {
		t.Errorf("%v: a difference that does not matter is told", smallest)
	}
}

func TestATrueDifferenceOfTheSmallestSizeIsFoundSomewhatMoreOftenThanNot(t *testing.T) {
	const draws = 1000
	random := rand.New(rand.NewPCG(11, 12))
	for _, rounds := range []int{3, 6, 12} {
		at, found := math.Log1p(SmallestDifference(2, rounds, 0.05)), 0
		for range draws {
			differences := make([]float64, rounds)
			for i := range differences {
				differences[i] = at + 0.05*math.Sqrt2*random.NormFloat64()
			}
			if told(2, differences) {
				found++
			}
		}
		if share := float64(found) / draws; share < 0.47 || share > 0.68 {
			t.Errorf("%d rounds find it in %.0f%%", rounds, 100*share)
		}
	}
}

func TestFewerThanThreeRoundsTellNothingHoweverLargeTheDifference(t *testing.T) {
	for rounds := 1; rounds <= 2; rounds++ {
		if smallest := SmallestDifference(2, rounds, 0.05); !math.IsInf(smallest, 1) {
			t.Errorf("%d rounds: %v", rounds, smallest)
		}
		if told(2, slices.Repeat([]float64{50}, rounds)) {
			t.Errorf("%d rounds tell a case from the best", rounds)
		}
	}
	if !told(2, slices.Repeat([]float64{50}, 3)) {
		t.Error("three rounds do not tell the most extreme difference")
	}
}

// Where records never arrive, the sign is all there is: the smallest P of n signs is 1 in 2^(n-1).
func TestRoundsForSignsIsWhereTheReportBeginsToTellAnInfiniteCaseFromTheBest(t *testing.T) {
	infinite := func(rounds int) []float64 { return slices.Repeat([]float64{math.Inf(1)}, rounds) }
	for _, cases := range []int{2, 3, 6, 21, 100} {
		rounds := RoundsForSigns(cases)
		if !told(cases, infinite(rounds)) || told(cases, infinite(rounds-1)) {
			t.Errorf("%d cases: %d rounds tell: %v, one less: %v", cases, rounds, told(cases, infinite(rounds)), told(cases, infinite(rounds-1)))
		}
	}
}

func TestRoundsForIsTheFewestThatSuffice(t *testing.T) {
	for _, cases := range []int{2, 12, 10_000} {
		rounds := RoundsFor(cases, 0.05, 0.1, 10_000)
		if SmallestDifference(cases, rounds, 0.05) > 0.1 || SmallestDifference(cases, rounds-1, 0.05) <= 0.1 {
			t.Errorf("%d cases: %d rounds", cases, rounds)
		}
	}
	if rounds := RoundsFor(2, 0.5, 0.01, 20); rounds != 0 {
		t.Errorf("%d rounds for what 20 cannot show", rounds)
	}
}
