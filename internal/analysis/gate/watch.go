package gate

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

const (
	passAlpha   = 0.05 // of a PASS, per metric
	failAlpha   = 0.05 // of a FAIL, split between the metrics
	strictAlpha = 0.01 // of the guard's second chance

	// leastReach is the guard: a FAIL above T is believed where T is this many standard errors
	// of a whole budget away from no change. Without it, no change fails in 5% of noisy gates.
	leastReach = 2
	// futilePairs is the first look that may give up, and futileChance the chance under which
	// it does. finalWidth is a bound's distance from the estimate at N, in standard errors.
	futilePairs  = 8
	futileChance = 0.05
	finalWidth   = 2.1
	// pilotPairs are the pairs after which the noise is known well enough to judge the budget,
	// and advisoryReach the number of its standard errors that D must be away from no change.
	pilotPairs    = 8
	advisoryReach = 1.5
	// spreadOfMedian makes a standard deviation of the median distance between two values, for
	// a normal distribution: sqrt(2) times its third quartile.
	spreadOfMedian = 0.9539
)

// watch follows one metric.
type watch struct {
	metric             Metric
	tolerate, detect   float64 // T and D
	pairs              int     // N
	pass, fail, strict Table

	differences []float64
	walsh       []float64 // (d_i+d_j)/2 for i <= j, sorted
	distances   []float64 // |d_i-d_j| for i < j, sorted

	lower, upper float64 // running bounds of the pass table
	failLower    float64 // of the fail table
	strictLower  float64

	verdict  Verdict
	decided  int // pairs at which the verdict was reached
	advisory bool
	why      string
}

func newWatch(m Metric, pairs int, pass, fail, strict Table) *watch {
	none := math.Inf(-1)
	return &watch{
		metric: m, tolerate: m.margin(m.Tolerate), detect: m.margin(m.Detect), pairs: pairs,
		pass: pass, fail: fail, strict: strict,
		lower: none, failLower: none, strictLower: none, upper: math.Inf(1),
		verdict: Undecided,
	}
}

// add takes the next difference. What was decided stays so; the estimates go on.
func (w *watch) add(d float64) {
	averages, distances := make([]float64, 0, len(w.differences)+1), make([]float64, 0, len(w.differences))
	for _, other := range w.differences {
		averages = append(averages, average(d, other))
		distances = append(distances, distance(d, other))
	}
	w.differences = append(w.differences, d)
	w.walsh = merge(w.walsh, append(averages, d))
	w.distances = merge(w.distances, distances)

	n := len(w.differences)
	w.lower = math.Max(w.lower, w.lowerBound(w.pass.Rank(n)))
	w.failLower = math.Max(w.failLower, w.lowerBound(w.fail.Rank(n)))
	w.strictLower = math.Max(w.strictLower, w.lowerBound(w.strict.Rank(n)))
	if rank := w.pass.Rank(n); rank > 0 {
		w.upper = math.Min(w.upper, w.walsh[len(w.walsh)-rank])
	}
	if w.verdict == Undecided && n >= firstLook {
		w.look(n)
	}
}

func (w *watch) lowerBound(rank int) float64 {
	if rank == 0 {
		return math.Inf(-1)
	}
	return w.walsh[rank-1]
}

// look decides after n pairs, if it can.
func (w *watch) look(n int) {
	worse := w.failLower > w.tolerate
	fails := worse && w.guarded()
	passes := w.upper < w.detect
	if fails && passes { // both errors are possible: the estimate takes the nearer side
		fails = w.estimate() >= (w.tolerate+w.detect)/2
		passes = !fails
	}
	switch {
	case fails:
		w.conclude(Fail, n, "worse by more than what is tolerated")
	case passes:
		w.conclude(Pass, n, "not worse by what must be detected")
	case n >= w.pairs && worse:
		w.conclude(Inconclusive, n, "it looks worse, but the noise is too large for this budget to be sure")
	case n >= w.pairs:
		w.conclude(Inconclusive, n, "the budget ended before either was certain")
	case n == pilotPairs && w.reach(w.detect) < advisoryReach:
		w.advisory = true
		w.conclude(Inconclusive, n, "too noisy for this budget: it only advises")
	case n >= futilePairs && w.futile(n):
		w.conclude(Inconclusive, n, "more pairs of this budget would hardly decide it")
	}
}

func (w *watch) conclude(verdict Verdict, n int, why string) {
	w.verdict, w.decided, w.why = verdict, n, why
}

// estimate is the median Walsh average (Hodges-Lehmann).
func (w *watch) estimate() float64 { return medianOf(w.walsh) }

// spread is a standard deviation of the differences that outliers do not reach.
func (w *watch) spread() float64 { return medianOf(w.distances) / spreadOfMedian }

// reach is how many standard errors of the whole budget a margin spans.
func (w *watch) reach(margin float64) float64 { return reach(margin, w.spread(), w.pairs) }

func reach(margin, spread float64, pairs int) float64 {
	if margin == 0 {
		return 0 // even without noise
	}
	return margin * math.Sqrt(float64(pairs)) / spread
}

func (w *watch) guarded() bool { return w.reach(w.tolerate) >= leastReach || w.strictLower > 0 }

// futile says that neither verdict can be expected: what the estimate may still move until N
// is normal with standard deviation v.
func (w *watch) futile(n int) bool {
	s, total := w.spread(), float64(w.pairs)
	if s == 0 || math.IsInf(s, 0) {
		return false
	}
	h, width := w.estimate(), finalWidth*s/math.Sqrt(total)
	v := s * math.Sqrt(1/float64(n)-1/total)
	fail := distuv.UnitNormal.CDF((h - w.tolerate - width) / v)
	pass := distuv.UnitNormal.CDF((w.detect - width - h) / v)
	return math.Max(fail, pass) < futileChance
}

// average returns the mean of two values, of which any may be infinite; between the two
// infinities it is 0.
func average(a, b float64) float64 {
	if math.IsInf(a, 0) && a == -b {
		return 0
	}
	return a/2 + b/2
}

// distance is 0 between two infinities of the same sign.
func distance(a, b float64) float64 {
	if a == b {
		return 0
	}
	return math.Abs(a - b)
}

// medianOf returns the middle of sorted values; NaN of none.
func medianOf(sorted []float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return average(sorted[(len(sorted)-1)/2], sorted[len(sorted)/2])
}

// merge sorts the new values into the sorted ones, in place where there is room.
func merge(sorted, added []float64) []float64 {
	slices.Sort(added)
	i, j := len(sorted)-1, len(added)-1
	sorted = append(sorted, added...)
	for k := len(sorted) - 1; j >= 0; k-- {
		if i >= 0 && sorted[i] > added[j] {
			sorted[k] = sorted[i]
			i--
		} else {
			sorted[k] = added[j]
			j--
		}
	}
	return sorted
}
