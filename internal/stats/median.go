package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Median returns the middle of a sample, the mean of the two middle values of an even one;
// NaN of an empty sample.
func Median(sample []float64) float64 { return medianOfSorted(sorted(sample)) }

// Quantile returns the value at rank ceil(q n), at least 1, as the histograms of
// internal/measure do; NaN of an empty sample.
func Quantile(sample []float64, q float64) float64 {
	if len(sample) == 0 {
		return math.NaN()
	}
	n := float64(len(sample))
	rank := int(math.Ceil(q*n - 1e-9*n)) // the slack keeps 0.99 * 100 at rank 99
	return sorted(sample)[min(max(rank, 1), len(sample))-1]
}

// MedianInterval returns a confidence interval for the median of what the sample was drawn
// from, by order statistics: the number of values below the true median is binomial. It asks
// for at least the level; Interval.Level is what there is: at most 93.75% for five values,
// 96.875% for six.
func MedianInterval(sample []float64, level float64) (Interval, bool) {
	binomial := distuv.Binomial{N: float64(len(sample)), P: 0.5}
	return central(sorted(sample), level, func(k int) float64 { return binomial.CDF(float64(k)) })
}

func sorted(sample []float64) []float64 {
	s := slices.Clone(sample)
	slices.Sort(s)
	return s
}

func medianOfSorted(s []float64) float64 {
	n := len(s)
	switch {
	case n == 0:
		return math.NaN()
	case n%2 == 1:
		return s[n/2]
	}
	return midpoint(s[n/2-1], s[n/2])
}

// midpoint returns the mean of two values, of which any may be infinite. Between the two
// infinities it is 0: they say nothing about where.
func midpoint(a, b float64) float64 {
	if math.IsInf(a, 0) && a == -b {
		return 0
	}
	return a/2 + b/2 // a + b may overflow
}
