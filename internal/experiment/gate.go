package experiment

import (
	"fmt"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// Gate is the order of a gate's trials: pairs of one trial of each side, of which a fair coin,
// tossed for every pair by itself, says which is first, until the gate is decided. Both trials of
// a pair have the same number, hence the same keys, values and arrival times.
type Gate struct {
	directory       string // of the run
	base, candidate string // ids of cases
	gating          *analysis.Gating
	coin            func() bool
	observe         func(results.Gate)

	ended  []analysis.GateTrial // of the pair that goes on
	round  int
	second string // the side that comes next
}

// NewGate returns the order of a gate of two cases in a run's directory. The coin must be fair
// and independent: see internal/analysis/gate. Observe is told after every pair.
func NewGate(directory, base, candidate string, gating *analysis.Gating, coin func() bool, observe func(results.Gate)) *Gate {
	return &Gate{directory: directory, base: base, candidate: candidate, gating: gating, coin: coin, observe: observe}
}

// Next is Options.Next. What a trial showed is read from its journal, so that the answer is the
// one that any later reader derives from it.
func (g *Gate) Next(ended *results.TrialRef) (results.TrialRef, bool, error) {
	if ended != nil {
		trial, err := results.ReadJournal(results.JournalPath(g.directory, *ended))
		if err != nil {
			return results.TrialRef{}, false, fmt.Errorf("gate: %w", err)
		}
		g.ended = append(g.ended, analysis.NewGateTrial(trial))
	}
	if len(g.ended) == 1 {
		return g.ref(g.second), true, nil
	}
	if len(g.ended) == 2 {
		g.take()
	}
	if g.gating.Decided() {
		return results.TrialRef{}, false, nil
	}
	g.round++
	first := g.base
	g.second = g.candidate
	if g.coin() {
		first, g.second = g.candidate, g.base
	}
	return g.ref(first), true, nil
}

func (g *Gate) ref(id string) results.TrialRef {
	return results.TrialRef{Case: id, Trial: g.round, Round: g.round}
}

// take gives a pair to the rule.
func (g *Gate) take() {
	base, candidate, first := g.ended[0], g.ended[1], g.base
	if g.second == g.base {
		base, candidate, first = candidate, base, g.candidate
	}
	g.ended = nil
	g.gating.Add(base, candidate, first)
	g.observe(g.gating.Result())
}
