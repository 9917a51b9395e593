package stats

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Trend estimates the slope of y over x by least squares, with an interval that allows for a
// series that wanders, as lag does: where each residual resembles the one before it, n values tell
// as much as n (1-r)/(1+r) independent ones, r being their autocorrelation at one step. It counts
// as 0 where it is negative, and is corrected for the bias that short series have. Both the error
// of the slope and the degrees of freedom of Student's t use that number. There is no interval
// where it is less than 3: such a series shows no trend, whatever it looks like. Points must be
// about equally spaced and finite.
//
// Santer et al.: Statistical significance of trends and trend differences, 2000, section 5.
// Kendall: Note on bias in the estimation of autocorrelation, 1954.
func Trend(x, y []float64, level float64) Estimate {
	n := len(x)
	if n < 2 || stat.Variance(x, nil) == 0 {
		return Estimate{Value: math.NaN()}
	}
	intercept, slope := stat.LinearRegression(x, y, nil, false)
	e := Estimate{Value: slope}
	residuals := make([]float64, n)
	squares := 0.0
	for i := range x {
		residuals[i] = y[i] - intercept - slope*x[i]
		squares += residuals[i] * residuals[i]
	}
	independent := float64(n)
	if squares > 0 {
		r := 0.0
		for i := 1; i < n; i++ {
			r += residuals[i] * residuals[i-1] / squares
		}
		r = min(max(r+(1+4*r)/float64(n), 0), 0.99)
		independent *= (1 - r) / (1 + r)
	}
	if independent < 3 {
		return e
	}
	spread := stat.Variance(x, nil) * float64(n-1)
	reach := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: independent - 2}.Quantile((1+level)/2) *
		math.Sqrt(squares/(independent-2)/spread)
	e.Interval, e.HasInterval = Interval{Lo: slope - reach, Hi: slope + reach, Level: level}, true
	return e
}
