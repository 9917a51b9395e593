// Package stats estimates medians, shifts and slopes from small samples, with confidence
// intervals whose level is the one that was really reached. It takes floats and returns
// floats; what they measure, and whether a difference matters, is decided elsewhere
// (internal/analysis).
//
// All intervals here are distribution-free and made in the same way. An estimator is the
// median of M sorted values: the sample itself, pairwise averages, pairwise differences,
// pairwise slopes. Under the null hypothesis the number of negative values has a known
// distribution F, so that [V(k), V(M+1-k)] covers the truth with probability 1 - 2 F(k-1),
// exactly where the sample is continuous and at least so where it has ties. F is discrete,
// so that 95% is rarely reached to the point; and five trials cannot give 95% for a median
// at all. No level is interpolated: a narrower interval of an invented level would be worth
// less than an honest one.
//
// Infinite values are legal, as a latency whose record never arrived is. NaN is not.
package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a confidence interval and the level it has.
type Interval struct {
	Lo, Hi float64
	Level  float64 // in (0, 1)
}

// Excludes reports whether the value lies outside of the interval.
func (i Interval) Excludes(value float64) bool { return value < i.Lo || value > i.Hi }

// distribution gives the probability that at most k values are negative under the null
// hypothesis.
type distribution func(k int) float64

// central returns the narrowest symmetric interval of sorted values that reaches the level,
// or else the widest there is, with its level. It is false where even that has none: a
// sample of one says nothing about its error.
func central(sorted []float64, level float64, null distribution) (Interval, bool) {
	reached := func(k int) float64 { return 1 - 2*null(k-1) }
	// The slack keeps a level that is asked for as 0.9375 in spite of rounding.
	const slack = 1e-9
	k := 1
	for k+1 <= (len(sorted)+1)/2 && reached(k+1) >= level-slack {
		k++
	}
	if len(sorted) == 0 || reached(k) <= 0 {
		return Interval{}, false
	}
	return Interval{Lo: sorted[k-1], Hi: sorted[len(sorted)-k], Level: reached(k)}, true
}

// cumulative turns the probabilities of 0, 1, 2, ... into a distribution.
func cumulative(probabilities []float64) distribution {
	sums := make([]float64, len(probabilities))
	sum := 0.0
	for i, p := range probabilities {
		sum += p
		sums[i] = sum
	}
	return func(k int) float64 {
		switch {
		case k < 0:
			return 0
		case k >= len(sums):
			return 1
		}
		return sums[k]
	}
}

// normal approximates a symmetric distribution of integers, with correction for continuity.
func normal(mean, variance float64) distribution {
	n := distuv.Normal{Mu: mean, Sigma: math.Sqrt(variance)}
	return func(k int) float64 { return n.CDF(float64(k) + 0.5) }
}
