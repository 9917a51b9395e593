package stats

import (
	"math"
	"slices"
)

// Estimate is an estimated quantity, and its interval where the sample allows one.
type Estimate struct {
	Value       float64
	Interval    Interval
	HasInterval bool
}

// Up to these sizes the null distributions are computed exactly; beyond them the normal
// approximation is off by less than 0.1 points of level at 95%.
const (
	exactSignedRank = 50   // differences
	exactRankSum    = 2500 // pairs of values
	exactKendall    = 50   // points
)

// PairedShift estimates the centre of paired differences (Hodges-Lehmann: the median of the
// pairwise averages) with the exact interval of Wilcoxon's signed-rank test. The differences
// must be independent and symmetric about their centre; where each pair's order is random,
// the hypothesis of no difference makes them so. The value is NaN without differences.
//
// Hodges, Lehmann: Estimates of location based on rank tests, 1963. Hollander, Wolfe, Chicken:
// Nonparametric Statistical Methods, 3rd ed., section 3.
func PairedShift(differences []float64, level float64) Estimate {
	n := len(differences)
	averages := make([]float64, 0, n*(n+1)/2)
	for i, a := range differences {
		for _, b := range differences[i:] {
			averages = append(averages, midpoint(a, b))
		}
	}
	return estimate(averages, level, signedRank(n))
}

// Shift estimates by how much b lies above a (Hodges-Lehmann: the median of all differences
// b[j] - a[i]), with the exact interval of the Wilcoxon-Mann-Whitney rank-sum test. The
// samples must be independent and differ in location alone. A difference of two infinite
// values of the same sign is 0. The value is NaN where a sample is empty.
func Shift(a, b []float64, level float64) Estimate {
	differences := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			differences = append(differences, Difference(x, y))
		}
	}
	return estimate(differences, level, rankSum(len(a), len(b)))
}

// Difference returns b - a, and 0 where both are the same infinity.
func Difference(a, b float64) float64 {
	if a == b {
		return 0
	}
	return b - a
}

func estimate(values []float64, level float64, null distribution) Estimate {
	slices.Sort(values)
	e := Estimate{Value: medianOfSorted(values)}
	e.Interval, e.HasInterval = central(values, level, null)
	return e
}

// signedRank returns the distribution of the signed-rank statistic of n differences: the sum
// of a random subset of the ranks 1 to n.
func signedRank(n int) distribution {
	top := n * (n + 1) / 2
	if n > exactSignedRank {
		return normal(float64(top)/2, float64(n)*float64(n+1)*float64(2*n+1)/24)
	}
	probabilities := make([]float64, top+1)
	probabilities[0] = 1
	for rank := 1; rank <= n; rank++ {
		for sum := rank * (rank + 1) / 2; sum >= 0; sum-- {
			without := probabilities[sum]
			with := 0.0
			if sum >= rank {
				with = probabilities[sum-rank]
			}
			probabilities[sum] = (without + with) / 2
		}
	}
	return cumulative(probabilities)
}

// rankSum returns the distribution of the Mann-Whitney statistic of samples of m and n values:
// the number of pairs in which the first sample's value is the larger. The largest of all i+j
// values is of the first sample with probability i/(i+j), and then larger than j others:
//
//	P(i, j, u) = i/(i+j) P(i-1, j, u-j) + j/(i+j) P(i, j-1, u)
func rankSum(m, n int) distribution {
	if m*n > exactRankSum {
		return normal(float64(m*n)/2, float64(m*n)*float64(m+n+1)/12)
	}
	row := make([][]float64, n+1) // row[j] is P(i, j, .)
	for j := range row {
		row[j] = make([]float64, m*n+1)
		row[j][0] = 1 // i = 0
	}
	for i := 1; i <= m; i++ {
		// row[0] stays {1}: against nobody nothing is larger.
		for j := 1; j <= n; j++ {
			first := float64(i) / float64(i+j)
			for u := i * j; u >= 0; u-- {
				p := (1 - first) * row[j-1][u]
				if u >= j {
					p += first * row[j][u-j]
				}
				row[j][u] = p
			}
		}
	}
	return cumulative(row[n])
}

// kendall returns the distribution of the number of inversions of a random permutation of n.
func kendall(n int) distribution {
	top := n * (n - 1) / 2
	if n > exactKendall {
		return normal(float64(top)/2, float64(n)*float64(n-1)*float64(2*n+5)/72)
	}
	probabilities := []float64{1}
	for i := 2; i <= n; i++ { // the i-th element stands before 0 to i-1 of the others, equally likely
		next := make([]float64, i*(i-1)/2+1)
		sum := 0.0
		for k := range next {
			if k < len(probabilities) {
				sum += probabilities[k]
			}
			if k >= i {
				sum -= probabilities[k-i]
			}
			next[k] = math.Max(sum, 0) / float64(i)
		}
		probabilities = next
	}
	return cumulative(probabilities)
}
