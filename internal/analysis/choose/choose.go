// Package choose is the rule by which the best of many cases is found: all of them are screened
// in a few rounds, those that may be the best are confirmed in fresh ones, and the best of these
// is picked by the confirmation alone.
//
//  1. Screening has ScreeningRounds rounds of all cases. Noise tells how much trials vary, beyond
//     what differs between cases and between rounds.
//  2. Keep drops the cases that are too far behind to be the best, and of the rest as many from
//     the end as the noise allows: half of them where trials vary by 5%.
//  3. Rounds tells how many rounds of confirmation the noise demands, for 9 right picks in 10
//     even where all other cases are just over Margin behind. It is asked after every round,
//     with the noise as it is known by then; it never looks at who leads, so that asking often
//     favours nobody (Stein, 1945).
//  4. Decide picks the case with the best mean, and certifies it where it is shown to be within
//     Margin of every kept case: one-sided Student's tests of the differences within rounds,
//     corrected by Holm.
//
// The best of many in a screening is flattered by chance; that is why its figures count for
// nothing after step 2. The certificate says nothing of cases that were dropped.
//
// It takes logarithms, lower being better, and decides about floats alone: what they measure,
// and which cases are eligible at all, is internal/analysis' business. How often it is right is
// simulated by bench/choose.
//
// Stein: A two-sample test for a linear hypothesis whose power is independent of the variance,
// 1945. Bechhofer, Dunnett, Sobel: A two-sample multiple decision procedure, 1954.
package choose

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"kaliper/internal/stats"
)

const (
	// ScreeningRounds is how often every case is tried before any is dropped.
	ScreeningRounds = 3
	// FewestRounds and MostRounds bound the confirmation. Six give a 95% interval for a median;
	// sixty do where trials vary by more than 10%.
	FewestRounds = 6
	MostRounds   = 60
	// Margin is how much worse than another case the pick may be.
	Margin = 0.05
	// Alpha is the probability of a certificate that is wrong.
	Alpha = 0.05
)

const (
	// dropShare and missShare are how often the screening may drop the best case, and how often
	// the confirmation may pick another, where all others are Margin behind.
	dropShare = 0.04
	missShare = 0.05
	// keepErrors is how many standard errors of a difference a case may be behind after the
	// screening: the best one is so far behind once in 700.
	keepErrors = 3
)

// Round is the logarithms of one round, by case; lower is better, and all are finite.
type Round []float64

// Noise returns the standard deviation of a trial's logarithm beyond the differences between
// cases and between rounds: about the coefficient of variation. It is NaN where there are less
// than two cases or rounds.
func Noise(rounds []Round) float64 {
	if len(rounds) < 2 || len(rounds[0]) < 2 {
		return math.NaN()
	}
	byCase := means(rounds)
	sum := 0.0
	overall := mean(byCase)
	for _, round := range rounds {
		level := mean(round)
		for c, v := range round {
			residual := v - byCase[c] - level + overall
			sum += residual * residual
		}
	}
	return math.Sqrt(sum / float64((len(rounds)-1)*(len(rounds[0])-1)))
}

// Keep returns the indexes of the cases that are worth confirming, the best first: at least two
// where there are two. It takes so many that the best one is among them, but for dropShare, even
// where all others are equal and Margin behind it: then a share q of them has means below
// Quantile(q) standard errors, and its own lies Margin below theirs.
func Keep(screening []Round) []int {
	level := means(screening)
	order := make([]int, len(level))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(level[a], level[b]) })
	standardError := Noise(screening) / math.Sqrt(float64(len(screening)))
	most := min(len(order), mostKept(len(order), standardError))
	reach := keepErrors * math.Sqrt2 * standardError
	kept := order[:min(2, len(order))]
	for i := len(kept); i < most && level[order[i]]-level[order[0]] <= reach; i++ {
		kept = order[:i+1]
	}
	return kept
}

// Rounds returns how many rounds of confirmation the noise demands to tell the best of so many
// kept cases from others that are Margin behind; it may exceed MostRounds.
func Rounds(noise float64, kept int) int {
	if kept < 2 || math.IsNaN(noise) {
		return FewestRounds
	}
	z := distuv.UnitNormal.Quantile(1 - missShare/float64(kept-1))
	r := z * noise / math.Log1p(Margin)
	return max(FewestRounds, int(math.Ceil(math.Min(2*r*r, math.MaxInt32))))
}

// Answer is what a confirmation shows.
type Answer struct {
	Pick      int // index of the case with the best mean
	Certified bool
	Others    []Comparison // of every other case, in their order
}

// Comparison is another case against the pick.
type Comparison struct {
	Case     int
	Ratio    float64        // of the pick to the other, a geometric mean
	Interval stats.Interval // of Ratio, for this comparison alone; false without
	Known    bool
	P        float64 // that the pick is Margin worse than it or more, corrected by Holm
}

// Decide picks the best of the cases by the rounds of the confirmation.
func Decide(confirmation []Round) Answer {
	level := means(confirmation)
	answer := Answer{Pick: slices.Index(level, slices.Min(level)), Certified: true}
	var p []float64
	for c := range level {
		if c == answer.Pick {
			continue
		}
		differences := make([]float64, len(confirmation))
		behind := make([]float64, len(confirmation))
		for r, round := range confirmation {
			differences[r] = round[answer.Pick] - round[c]
			behind[r] = differences[r] - math.Log1p(Margin)
		}
		e := stats.PairedMean(differences, 1-Alpha)
		answer.Others = append(answer.Others, Comparison{
			Case: c, Ratio: math.Exp(e.Value), Known: e.HasInterval,
			Interval: stats.Interval{Lo: math.Exp(e.Interval.Lo), Hi: math.Exp(e.Interval.Hi), Level: e.Interval.Level},
		})
		test := stats.PairedMean(behind, 1-Alpha)
		one := 1 - test.P/2
		if test.Value < 0 {
			one = test.P / 2
		}
		p = append(p, one)
	}
	for i, corrected := range stats.Holm(p) {
		answer.Others[i].P = corrected
		answer.Certified = answer.Certified && corrected < Alpha
	}
	return answer
}

// Select returns the rounds of some of the cases alone.
func Select(rounds []Round, cases []int) []Round {
	selected := make([]Round, len(rounds))
	for r, round := range rounds {
		for _, c := range cases {
			selected[r] = append(selected[r], round[c])
		}
	}
	return selected
}

// means returns the mean of every case over the rounds.
func means(rounds []Round) []float64 {
	if len(rounds) == 0 {
		return nil
	}
	all := make([]float64, len(rounds[0]))
	for _, round := range rounds {
		for c, v := range round {
			all[c] += v / float64(len(rounds))
		}
	}
	return all
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Expect returns how many cases are kept, and how many rounds confirm them, where trials vary by
// so much and all other cases are Margin behind the best.
func Expect(cases int, noise float64) (kept, rounds int) {
	kept = min(cases, max(2, mostKept(cases, noise/math.Sqrt(ScreeningRounds))))
	return kept, min(Rounds(noise, kept), MostRounds)
}

// mostKept returns of how many of the best the best one is among, but for dropShare, where their
// means have this standard error.
func mostKept(cases int, standardError float64) int {
	share := distuv.UnitNormal.CDF(distuv.UnitNormal.Quantile(1-dropShare) - math.Log1p(Margin)/standardError)
	return 1 + int(math.Ceil(share*float64(cases-1)))
}
