package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"kaliper/internal/stats"
	"kaliper/internal/unit"
)

// Result is the answer of a search, or what there is of one.
type Result struct {
	// Rate is the estimate, records/s: the middle of the interval on the logarithm where both
	// ends stand, else the highest rate that holds; 0 where there is none. Interval.Lo is the rate
	// at which every hold passed; where no set of holds stands, the highest at which a trial did.
	Rate float64
	// LimitedBy is what the trials at the upper end failed by (Trial.By), or LimitedByGenerator,
	// LimitedByCeiling or LimitedByBudget, where the rate is a lower bound alone.
	LimitedBy string
	// Interval holds the rate at which half of the holds pass. Hi is infinite where nothing but
	// the instrument bounds it. It has the level that its sets of holds reached; 0 is none.
	Interval stats.Interval
	// LowerBound says that the system's own limit was not seen.
	LowerBound bool
	// Confirmed says that the lower end stands by a whole set of holds.
	Confirmed bool
	// Contradiction names a trial that passes clearly above one that fails; empty for none.
	Contradiction string
	// Contradicting are the trials that fail clearly below one that passes and those that pass
	// clearly above one that fails, as indices of Trials, by rising rate.
	Contradicting []int
}

// Result returns the answer so far.
func (s *Search) Result() Result {
	low := s.low
	if !s.lowSet {
		low = s.passedUpTo(s.low)
	}
	r := Result{Rate: low, Confirmed: s.lowSet}
	r.Contradiction, r.Contradicting = s.contradiction()
	r.Interval = stats.Interval{Lo: low, Hi: s.high, Level: s.level()}
	if s.lowSet && s.highSet && s.highBy == "" {
		r.Rate = math.Sqrt(s.low * s.high)
	}
	switch {
	case s.highBy == LimitedByGenerator:
		r.LimitedBy, r.LowerBound, r.Interval.Hi = LimitedByGenerator, true, math.Inf(1)
	case s.ended != "":
		r.LimitedBy, r.LowerBound = s.ended, !s.highSet
	case math.IsInf(s.high, 1):
		r.LimitedBy, r.LowerBound = LimitedByCeiling, true
	default:
		r.LimitedBy = s.failedBy()
	}
	if !s.lowSet && s.ended != "" {
		r.Interval.Level = 0
	}
	return r
}

// passedUpTo is the highest rate up to one at which a trial passed, below all that fail above the
// bottom; 0 for none. The place of a lower end that has not stood yet may never have been tried.
func (s *Search) passedUpTo(most float64) float64 {
	for _, t := range s.trials {
		if t.Finding == Fails && t.Rate > s.bottom {
			most = min(most, t.Rate)
		}
	}
	highest := 0.0
	for _, t := range s.trials {
		if t.Finding == Passes && t.Rate <= most {
			highest = max(highest, t.Rate)
		}
	}
	return highest
}

// level is what the sets of holds reach: every set that was begun may have stood by chance, with
// 2^-holds.
func (s *Search) level() float64 {
	if !s.lowSet {
		return 0
	}
	return max(0, 1-float64(s.sets)*math.Exp2(-float64(s.options.Holds)))
}

// failedBy returns what most of the failing trials nearest to the upper end failed by: those up
// to twice the rate, where holds count more than short trials.
func (s *Search) failedBy() string {
	votes := map[string]int{}
	best := ""
	for _, t := range s.trials {
		if t.Finding != Fails || t.Rate > 2*s.high || t.Rate <= s.bottom {
			continue
		}
		votes[t.By]++
		if t.Hold && t.Rate <= s.high*(1+s.options.Precision) {
			votes[t.By] += 4
		}
		if votes[t.By] > votes[best] || votes[t.By] == votes[best] && t.By < best {
			best = t.By
		}
	}
	return best
}

// contradictionMargin is how far apart trials must be before their findings contradict each other
// and are not merely noise at the edge.
const contradictionMargin = 1.10

// contradiction finds the clearest pair of a trial that fails and one above it that passes, and
// every trial that belongs to such a pair.
func (s *Search) contradiction() (text string, trials []int) {
	failing, passing := Trial{Rate: math.Inf(1)}, Trial{}
	for _, t := range s.trials {
		switch {
		case t.Finding == Fails && t.Rate < failing.Rate:
			failing = t
		case t.Finding == Passes && t.Rate > passing.Rate:
			passing = t
		}
	}
	if passing.Rate < failing.Rate*contradictionMargin {
		return "", nil
	}
	for i, t := range s.trials {
		if t.Finding == Fails && t.Rate*contradictionMargin <= passing.Rate || t.Finding == Passes && t.Rate >= failing.Rate*contradictionMargin {
			trials = append(trials, i)
		}
	}
	slices.SortStableFunc(trials, func(a, b int) int { return cmp.Compare(s.trials[a].Rate, s.trials[b].Rate) })
	return fmt.Sprintf("a trial passes at %s though one fails at %s (%s): the system does not get worse steadily with the rate, or it changes by itself",
		unit.Format(passing.Rate, "records/s"), unit.Format(failing.Rate, "records/s"), failing.By), trials
}
