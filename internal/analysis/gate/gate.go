package gate

import (
	"errors"
	"fmt"
	"math"
)

// Verdict is a gate's answer, or one metric's.
type Verdict string

// The verdicts.
const (
	Undecided    Verdict = "undecided" // another pair is needed
	Pass         Verdict = "PASS"
	Fail         Verdict = "FAIL"
	Inconclusive Verdict = "INCONCLUSIVE"
)

// Gate follows the metrics of one gate, pair by pair.
type Gate struct {
	pairs   int
	watches []*watch
	verdict Verdict
	decided int
	taken   int
}

// New returns a gate of at most the given number of pairs. It refuses a budget in which nothing
// could be decided, whatever the noise; Prospect says what the noise leaves of it.
func New(pairs int, metrics ...Metric) (*Gate, error) {
	if len(metrics) == 0 {
		return nil, errors.New("a gate needs at least one metric")
	}
	names := map[string]bool{}
	var problems []error
	for _, m := range metrics {
		if names[m.Name] {
			problems = append(problems, fmt.Errorf("metric %s is named twice", m.Name))
		}
		names[m.Name] = true
		problems = append(problems, m.check())
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if pairs < LeastPairs {
		return nil, fmt.Errorf("a budget of %d pairs decides nothing: allow at least %d, or shorten the trials", pairs, LeastPairs)
	}
	pass, err := NewTable(pairs, passAlpha)
	if err != nil {
		return nil, err
	}
	fail := pass
	if len(metrics) > 1 {
		if fail, err = NewTable(pairs, failAlpha/float64(len(metrics))); err != nil {
			return nil, err
		}
	}
	if !fail.decides() {
		return nil, fmt.Errorf("with %d metrics %d pairs can never fail: allow more pairs, or watch fewer metrics", len(metrics), pairs)
	}
	strict, err := NewTable(pairs, strictAlpha)
	if err != nil {
		return nil, err
	}
	g := &Gate{pairs: pairs, verdict: Undecided}
	for _, m := range metrics {
		g.watches = append(g.watches, newWatch(m, pairs, pass, fail, strict))
	}
	return g, nil
}

// Add takes the differences of the next pair, one per metric in the order of New, and returns
// the verdict so far. Once it is decided, it stays.
func (g *Gate) Add(differences ...float64) (Verdict, error) {
	if len(differences) != len(g.watches) {
		return g.verdict, fmt.Errorf("a pair has %d differences, but the gate watches %d metrics", len(differences), len(g.watches))
	}
	if g.taken == g.pairs {
		return g.verdict, fmt.Errorf("the budget of %d pairs is used up", g.pairs)
	}
	for i, d := range differences {
		if math.IsNaN(d) {
			return g.verdict, fmt.Errorf("metric %s: the pair has no difference", g.watches[i].metric.Name)
		}
	}
	g.taken++
	for i, d := range differences {
		g.watches[i].add(d)
	}
	if g.verdict == Undecided {
		if g.verdict = g.combine(); g.verdict != Undecided {
			g.decided = g.taken
		}
	}
	return g.verdict, nil
}

// combine makes one verdict of the metrics': any FAIL fails, all PASS pass. Advisory metrics
// do not count; where there is nothing else, nothing is known.
func (g *Gate) combine() Verdict {
	counted, passed, open := 0, 0, 0
	for _, w := range g.watches {
		if w.advisory {
			continue
		}
		counted++
		switch w.verdict {
		case Fail:
			return Fail
		case Pass:
			passed++
		case Undecided:
			open++
		}
	}
	switch {
	case open > 0:
		return Undecided
	case counted > 0 && passed == counted:
		return Pass
	}
	return Inconclusive
}

// Decision is the state of a gate.
type Decision struct {
	Verdict Verdict
	Pairs   int // taken so far
	Decided int // pairs at which the verdict was reached; 0 while it is undecided
	Budget  int // pairs allowed
	Metrics []MetricDecision
}

// MetricDecision is the state of one metric. Changes are the candidate's against the base: 0.05
// where it is 5% higher.
type MetricDecision struct {
	Metric   Metric
	Verdict  Verdict
	Decided  int  // pairs at which its verdict was reached; 0 while it is undecided
	Advisory bool // too noisy to count
	Why      string

	Change float64 // Hodges-Lehmann; NaN before the first pair
	// Lo and Hi bound the change at 90% over all looks together; infinite where the looks so far
	// do not bound it.
	Lo, Hi float64
	Spread float64 // standard deviation of the differences, robust; NaN before the second pair
	// Prospect says what the whole budget can show with this spread; it is zero before the pilot
	// of 8 pairs is over.
	Prospect Prospect
}

// Decision returns the state of the gate.
func (g *Gate) Decision() Decision {
	d := Decision{Verdict: g.verdict, Pairs: g.taken, Decided: g.decided, Budget: g.pairs}
	for _, w := range g.watches {
		m := MetricDecision{Metric: w.metric, Verdict: w.verdict, Decided: w.decided, Advisory: w.advisory, Why: w.why,
			Change: w.metric.Change(w.estimate()), Spread: w.spread()}
		// A shift of the noise during the gate can cross the bounds; their hull says less, and
		// nothing false.
		lo, hi := w.metric.Change(w.lower), w.metric.Change(w.upper)
		m.Lo, m.Hi = math.Min(lo, hi), math.Max(lo, hi)
		if g.taken >= pilotPairs {
			m.Prospect = newProspect(w.metric, m.Spread, g.pairs, len(g.watches))
		}
		d.Metrics = append(d.Metrics, m)
	}
	return d
}
