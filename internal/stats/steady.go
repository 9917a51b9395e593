package stats

import "gonum.org/v1/gonum/stat"

// Steady says from where on a series shows a steady state.
type Steady struct {
	// Known is false where the series is too short to tell.
	Known bool
	// Reached is false where there is no steady state: the series still moves in its second half.
	Reached bool
	// From is the number of leading values that belong to the transient.
	From int
}

// MSER-5 averages over five values. With fewer than ten such averages the smallest error of a
// mean is as often a fluke as not.
const (
	steadyBatch   = 5
	steadyBatches = 10
	steadyKept    = 3 // batches, at least: of fewer the error is anything
)

// SteadyState finds the transient of a series by MSER-5: of all numbers of leading batches that
// could be left out, the one after which the mean has the smallest standard error. Where that
// is more than half of them, and what the rule would leave out differs from the rest by more than
// chance makes it (two and a half standard errors), the series has no steady
// state. The second condition is needed because the rule alone leaves out more than half of
// every eighth series that is pure noise.
//
// White, Cobb, Spratt: A comparison of five steady-state truncation heuristics for simulation, 2000.
func SteadyState(series []float64) Steady {
	n := len(series) / steadyBatch
	if n < steadyBatches {
		return Steady{}
	}
	means := make([]float64, n)
	for i := range means {
		means[i] = stat.Mean(series[i*steadyBatch:(i+1)*steadyBatch], nil)
	}
	best, from := 0.0, -1
	for d := 0; d <= n-steadyKept; d++ {
		kept := means[d:]
		// Squares over the square of the number, as the rule is written.
		m := float64(len(kept))
		if statistic := stat.Variance(kept, nil) * (m - 1) / (m * m); from < 0 || statistic < best {
			best, from = statistic, d
		}
	}
	steady := Steady{Known: true, Reached: true, From: from * steadyBatch}
	if 2*from > n && differs(means[:from], means[from:]) {
		steady.Reached = false
	}
	return steady
}

// differs says whether the means of two samples lie further apart than chance makes them.
func differs(a, b []float64) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	difference := stat.Mean(a, nil) - stat.Mean(b, nil)
	// The variance of the differences from one batch to the next: it holds where the level moves.
	error2 := 0.0
	all := append(append([]float64{}, a...), b...)
	for i := 1; i < len(all); i++ {
		error2 += (all[i] - all[i-1]) * (all[i] - all[i-1]) / 2 / float64(len(all)-1)
	}
	error2 *= 1/float64(len(a)) + 1/float64(len(b))
	return difference*difference > 2.5*2.5*error2
}
