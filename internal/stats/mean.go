package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// MeanEstimate is a mean with its interval and how surprising it is where nothing differs.
type MeanEstimate struct {
	Estimate
	P float64 // two-sided, of a true mean of 0; 1 where it cannot be told
}

// PairedMean estimates the mean of paired differences with Student's interval. It is for
// contrasts that are themselves averages over many pairs, whose sum is near enough to normal:
// unlike PairedShift it can reach the small P that a correction for many contrasts asks for with
// few pairs (of six signs none is rarer than 1 in 32). The differences must be finite. Less than
// two have no interval.
//
// Student: The probable error of a mean, 1908.
func PairedMean(differences []float64, level float64) MeanEstimate {
	n := len(differences)
	if n == 0 {
		return MeanEstimate{Estimate: Estimate{Value: math.NaN()}, P: 1}
	}
	mean, deviation := stat.MeanStdDev(differences, nil)
	if n == 1 {
		return MeanEstimate{Estimate: Estimate{Value: differences[0]}, P: 1}
	}
	student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}
	deviation /= math.Sqrt(float64(n))
	reach := student.Quantile((1+level)/2) * deviation
	e := MeanEstimate{Estimate: Estimate{Value: mean, Interval: Interval{Lo: mean - reach, Hi: mean + reach, Level: level}, HasInterval: true}, P: 1}
	switch {
	case deviation > 0:
		e.P = 2 * student.CDF(-math.Abs(mean)/deviation)
	case mean != 0:
		e.P = 0
	}
	return e
}

// SmallestMean returns the mean of n paired differences at which PairedMean's P is p, in standard
// deviations of the differences; +Inf of less than two, of which no mean is surprising.
func SmallestMean(n int, p float64) float64 {
	if n < 2 {
		return math.Inf(1)
	}
	return -distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(p/2) / math.Sqrt(float64(n))
}

// Holm corrects the P of several hypotheses, in their order: to claim those whose corrected P is
// below alpha claims a wrong one with a probability of at most alpha, however they depend on
// each other.
//
// Holm: A simple sequentially rejective multiple test procedure, 1979.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	corrected := make([]float64, len(p))
	largest := 0.0
	for rank, i := range order {
		largest = max(largest, min(1, p[i]*float64(len(p)-rank)))
		corrected[i] = largest
	}
	return corrected
}
