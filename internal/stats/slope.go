package stats

// Slope estimates the slope of y over x (Theil-Sen: the median of the slopes of all pairs of
// points), with the interval that follows from Kendall's rank correlation (Sen 1968). Up to
// 29% of the points may be outliers. The errors must be independent of each other: in a
// series that wanders, such as lag, the interval is too narrow, and a slope that is asked to
// mean something should be asked to be material too. Points of equal x say nothing and are
// skipped. The value is NaN with fewer than two points.
//
// The work grows with the square of the points: thin a long series first.
func Slope(x, y []float64, level float64) Estimate {
	slopes := make([]float64, 0, len(x)*(len(x)-1)/2)
	for i := range x {
		for j := i + 1; j < len(x); j++ {
			if x[i] != x[j] {
				slopes = append(slopes, Difference(y[i], y[j])/(x[j]-x[i]))
			}
		}
	}
	return estimate(slopes, level, kendall(len(x)))
}
