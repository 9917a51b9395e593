package analysis

import (
	"math"

	"kaliper/internal/stats"
)

// SmallestDifference returns the smallest difference that tells a case from the best one by
// BestFor in so many rounds, as a share of the best's figure, where single trials vary by the
// spread, their relative standard deviation. It is the observed difference that is just enough
// after Holm's correction over all other cases, if none of them is told from the best: a true
// difference of this size is found in 50% to 65% of runs. +Inf where no difference, however large,
// is told.
func SmallestDifference(cases, rounds int, spread float64) float64 {
	if cases < 2 || rounds < fewestRounds {
		return math.Inf(1)
	}
	// Two trials make a difference, each with its own noise.
	reach := stats.SmallestMean(rounds, claimP/float64(cases-1)) * spread * math.Sqrt2
	return math.Max(math.Expm1(reach), materialShare)
}

// RoundsForSigns returns the fewest rounds that tell a case from the best one where a value is
// zero or infinite, so that nothing but the sign of a difference counts: of n signs none is rarer
// than 1 in 2^(n-1), and that must be below what the correction leaves.
func RoundsForSigns(cases int) int {
	return max(fewestRounds, 1+int(math.Floor(math.Log2(float64(cases-1)/claimP)))+1)
}

// RoundsFor returns the fewest rounds in which SmallestDifference is at most so large; at most
// limit, 0 where even so many are too few.
func RoundsFor(cases int, spread, difference float64, limit int) int {
	// More rounds never tell less.
	low, high := fewestRounds, limit
	if SmallestDifference(cases, limit, spread) > difference {
		return 0
	}
	for low < high {
		if middle := (low + high) / 2; SmallestDifference(cases, middle, spread) > difference {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}
