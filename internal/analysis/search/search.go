// Package search looks for the highest rate that a system holds under objectives: given the
// findings so far, the rate to try next, or the answer.
//
//  1. Bracket: from a start, short trials at twice the rate until one fails (or at half of it
//     until one passes). Where the start fails by what may ease as the rate rises, and all below
//     it fail, too, short trials at twice, four and eight times the start look for a rate above that
//     passes: then the bracket begins there.
//  2. Bisect: short trials in the middle of the bracket's logarithm until its ends are apart by
//     the precision.
//  3. Confirm: longer trials, holds, at both ends. The lower end stands when all of a set of holds
//     pass there, the upper one when all fail. An end that does not stand moves outwards, in
//     steps that double, so that a wrong finding near the edge costs trials and not the answer.
//     Where that left a gap, holds in its middle close it again.
//
// It decides on rates, on what bounds them and on the level of the interval. It refuses to know
// how a trial is made: Kafka, a simulation and a replay of what is on disk are the same to it.
// What a trial shows is Judge's, in evidence.go. A search is a function of its options and its
// findings alone: one that is told the same findings asks for the same rates, which is how it resumes.
//
// What is looked for is the rate at which half of the holds pass. At or above it a hold passes
// with a probability of at most 1/2, so that a set of n stands by chance with 2^-n at most; below
// it the same is true of failing. Every set that was begun is charged, so that trying until it
// fits is paid for in level.
package search

import (
	"fmt"
	"math"
	"slices"
)

// Finding is what one trial shows.
type Finding string

// The findings.
const (
	Passes Finding = "passes" // all that was asked for holds
	Fails  Finding = "fails"  // the system does not
	// Spoiled: the instrument or its machine gave out. It says nothing about the system.
	Spoiled Finding = "spoiled"
)

// The kinds of what bounds a rate that is not an objective or a reason code of internal/analysis.
const (
	LimitedByGenerator = "generator" // kaliper or its machine
	LimitedByCeiling   = "ceiling"   // the highest rate that the search may try
	LimitedByBudget    = "budget"
)

// Trial is a trial that was made.
type Trial struct {
	Rate    float64 // offered, records/s over all groups
	Hold    bool
	Finding Finding
	// By names what it failed by: an objective as it was written, or a code such as overloaded,
	// throttled, lag_grows, no_steady_state, or the code of a distrust where it is spoiled.
	By string
}

// Step is a trial to make.
type Step struct {
	Rate float64
	Hold bool
}

// Options say how to search. Rates are in records/s.
type Options struct {
	Start     float64 // the first rate to try
	Least     float64 // below it no rate is worth having
	Most      float64 // above it none is tried
	Precision float64 // of the bracket's ends, as a ratio: 0.02
	Holds     int     // of a set
	Trials    int     // at the most
	// Eases are what trials fail by (Trial.By) that may hold again at a higher rate (MayEase).
	Eases []string
}

// Normal are the options of a search without wishes: sets of five holds show each end at 1/32.
func Normal(start float64) Options {
	return Options{Start: start, Least: start / 1024, Most: start * 4096, Precision: 0.02, Holds: 5, Trials: 80}
}

// Quick are those of --quick: coarser, and of three holds.
func Quick(start float64) Options {
	o := Normal(start)
	o.Precision, o.Holds, o.Trials = 0.04, 3, 40
	return o
}

// check refuses options that no search ends with.
func (o Options) check() error {
	switch {
	case !(o.Least > 0 && o.Start >= o.Least && o.Most >= o.Start) || math.IsInf(o.Most, 0):
		return fmt.Errorf("search: rates must ascend from least %g over start %g to most %g", o.Least, o.Start, o.Most)
	case !(o.Precision > 0 && o.Precision < 1):
		return fmt.Errorf("search: precision %g is not between 0 and 1", o.Precision)
	case o.Holds < 1 || o.Trials < 1:
		return fmt.Errorf("search: %d holds in at most %d trials; both must be at least 1", o.Holds, o.Trials)
	}
	return nil
}

// phase is what the search is at.
type phase int

const (
	bracketing   phase = iota
	lookingAbove       // the start, where no rate below it passes
	confirmingLow
	confirmingHigh
	closing // the gap
	done
)

// Spoiled trials limit the rate when as many in a row say so: a single one may be a neighbour's
// noise, and more of them where the instrument has managed that rate or a higher one before.
const (
	spoiledLimit        = 2
	spoiledLimitManaged = 5
)

// generatorPrecision is how closely the rate is found at which the instrument gives out: the
// answer is a lower bound in any case, and trials there tell nothing about the system.
const generatorPrecision = 0.25

// looksAbove bounds how often the search looks above a start below which nothing passes: linger.ms
// is waited out at rates of its own order, and trials far above what a system carries are long.
const looksAbove = 3

// closings bounds how often a gap is closed.
const closings = 6

// Search is one search under way. It is not safe for concurrent use.
type Search struct {
	options Options
	trials  []Trial
	phase   phase
	low     float64 // highest rate believed to hold; 0 for none
	high    float64 // lowest rate believed not to; +Inf for none
	highBy  string  // why, where that is not the system: LimitedByGenerator
	at      float64 // rate of the current set
	passed  int     // of the current set
	failed  int
	spoiled int // in a row
	moves   int // of the current end, in a row
	lowSet  bool
	highSet bool
	bottom  float64 // rates up to it fail, though some above pass; 0 for none
	looks   int     // above the start
	sets    int     // that could have stood by chance, over both ends
	closed  int
	ended   string // why it ended without an answer: LimitedByBudget
}

// New returns a search that has not begun.
func New(options Options) (*Search, error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	return &Search{options: options, high: math.Inf(1), at: options.Start}, nil
}

// Next returns the trial to make, and false when the search is over.
func (s *Search) Next() (Step, bool) {
	if s.phase == done {
		return Step{}, false
	}
	return Step{Rate: s.at, Hold: s.phase != bracketing && s.phase != lookingAbove}, true
}

// Trials returns what was found so far, in order.
func (s *Search) Trials() []Trial { return s.trials }

// Stop ends the search where it is: its time is up.
func (s *Search) Stop() {
	if s.phase != done {
		s.phase, s.ended = done, LimitedByBudget
	}
}

// Observe takes what the trial showed that Next asked for.
func (s *Search) Observe(finding Finding, by string) {
	step, more := s.Next()
	if !more {
		return
	}
	s.trials = append(s.trials, Trial{Rate: step.Rate, Hold: step.Hold, Finding: finding, By: by})
	if finding == Spoiled {
		s.spoil()
	} else {
		s.spoiled = 0
		switch s.phase {
		case bracketing:
			s.bracket(finding == Passes)
		case lookingAbove:
			s.foundAbove(finding == Passes)
		case confirmingLow:
			s.confirmLow(finding == Passes)
		case confirmingHigh:
			s.confirmHigh(finding == Passes)
		case closing:
			s.close(finding == Passes)
		}
	}
	if len(s.trials) >= s.options.Trials {
		s.Stop()
	}
}

// spoil repeats the trial, or takes the rate for one that the instrument cannot offer.
func (s *Search) spoil() {
	limit := spoiledLimit
	if s.managed() >= s.at {
		limit = spoiledLimitManaged
	}
	if s.spoiled++; s.spoiled < limit {
		return
	}
	s.spoiled = 0
	if s.phase == closing || s.phase == lookingAbove { // what there was to find is found already
		s.phase = done
		return
	}
	s.high, s.highBy, s.highSet = s.at, LimitedByGenerator, true
	switch {
	case s.phase == bracketing:
		s.narrow()
	case s.phase == confirmingLow:
		// By that much at once: each place costs several trials that tell nothing.
		s.low, s.lowSet = s.at/(1+generatorPrecision), false
		s.lowerLow()
	default: // the lower end stands already, and there is no more to learn above it
		s.phase = done
	}
}

// managed is the highest rate at which the instrument was trusted.
func (s *Search) managed() float64 {
	highest := 0.0
	for _, t := range s.trials {
		if t.Finding != Spoiled {
			highest = max(highest, t.Rate)
		}
	}
	return highest
}

// bracket moves an end to where the short trial was.
func (s *Search) bracket(passes bool) {
	if passes {
		s.low = s.at
	} else {
		s.high, s.highBy = s.at, ""
	}
	s.narrow()
}

// narrow finds the next short trial, or begins to confirm.
func (s *Search) narrow() {
	precision := s.options.Precision
	if s.highBy == LimitedByGenerator {
		precision = max(precision, generatorPrecision)
	}
	switch {
	case s.low == 0 && s.high <= s.options.Least*(1+1e-9):
		s.lookAbove()
	case s.low == 0:
		s.at = max(s.high/2, s.options.Least)
	case math.IsInf(s.high, 1) && s.low >= s.options.Most*(1-1e-9):
		s.begin(confirmingLow, s.low)
	case math.IsInf(s.high, 1):
		s.at = min(s.low*2, s.options.Most)
	case s.high/s.low > 1+precision:
		s.at = math.Sqrt(s.low * s.high)
	default:
		s.begin(confirmingLow, s.low)
	}
}

// lookAbove goes on with a short trial at twice the rate, from the start on, before it is said that
// no rate holds. It does so only while rates fail by what may ease: a latency falls while the rate
// rises where records wait for their batch, which linger.ms closes when nothing fills it.
func (s *Search) lookAbove() {
	last := s.options.Start * math.Exp2(float64(s.looks))
	if s.looks == looksAbove || 2*last > s.options.Most || !s.mayEase(last) {
		s.phase = done
		return
	}
	s.looks++
	s.phase, s.at = lookingAbove, 2*last
}

// mayEase says whether a trial at a rate failed by what may hold again above it.
func (s *Search) mayEase(rate float64) bool {
	return slices.ContainsFunc(s.trials, func(t Trial) bool {
		return t.Rate == rate && t.Finding == Fails && slices.Contains(s.options.Eases, t.By)
	})
}

// foundAbove begins the bracket anew at a rate that passes above the start.
func (s *Search) foundAbove(passes bool) {
	if !passes {
		s.lookAbove()
		return
	}
	s.bottom, s.low = s.at/2, s.at
	s.high, s.highBy = math.Inf(1), ""
	s.phase = bracketing
	s.narrow()
}

// begin starts a set of holds.
func (s *Search) begin(p phase, at float64) {
	s.phase, s.at, s.passed, s.failed = p, at, 0, 0
	s.sets++
	if p == closing {
		s.sets++ // it could stand for either end
	}
}

// confirmLow asks that all holds of the set pass. One that fails moves the end downwards.
func (s *Search) confirmLow(passes bool) {
	if !passes {
		if !s.highSet {
			s.high, s.highBy = s.at, ""
		}
		s.low = s.below(s.at)
		s.lowerLow()
		return
	}
	if s.passed++; s.passed < s.options.Holds {
		return
	}
	s.low, s.lowSet, s.moves = s.at, true, 0
	switch {
	case math.IsInf(s.high, 1) || s.highBy == LimitedByGenerator:
		s.phase = done
	default:
		s.begin(confirmingHigh, s.high)
	}
}

// lowerLow begins a set at the lower end that was moved there.
func (s *Search) lowerLow() {
	if s.low < s.options.Least || s.low <= s.bottom {
		s.low, s.phase = 0, done
		return
	}
	s.begin(confirmingLow, s.low)
}

// below and above are the next place of an end, in steps that double.
func (s *Search) below(rate float64) float64 { return rate / s.reach() }
func (s *Search) above(rate float64) float64 { return rate * s.reach() }

func (s *Search) reach() float64 {
	step := math.Pow(1+s.options.Precision, math.Exp2(float64(min(s.moves, 5))))
	s.moves++
	return step
}

// confirmHigh asks that all holds of the set fail. One that passes moves the end upwards.
func (s *Search) confirmHigh(passes bool) {
	if passes {
		if s.at >= s.options.Most {
			s.high, s.phase = math.Inf(1), done
			return
		}
		s.high = min(s.above(s.at), s.options.Most)
		s.begin(confirmingHigh, s.high)
		return
	}
	if s.failed++; s.failed < s.options.Holds {
		return
	}
	s.high, s.highSet, s.moves = s.at, true, 0
	s.gap()
}

// gap closes what moving the ends left open, or ends the search.
func (s *Search) gap() {
	if s.high/s.low <= (1+s.options.Precision)*(1+s.options.Precision)*1.001 || s.closed >= closings {
		s.phase = done
		return
	}
	s.closed++
	s.begin(closing, math.Sqrt(s.low*s.high))
}

// close moves the end to which all holds of the set point. Where they disagree the rate is within
// the zone in which the system now holds and now does not, and the interval says so.
func (s *Search) close(passes bool) {
	if passes {
		s.passed++
	} else {
		s.failed++
	}
	switch {
	case s.passed > 0 && s.failed > 0:
		s.phase = done
	case s.passed == s.options.Holds:
		s.low = s.at
		s.gap()
	case s.failed == s.options.Holds:
		s.high = s.at
		s.gap()
	}
}
