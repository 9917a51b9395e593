package experiment

import (
	"fmt"
	"slices"
	"time"

	"kaliper/results"
)

// source returns one trial after the other, as Options.Next does.
type source func(ended *results.TrialRef) (results.TrialRef, bool, error)

// rounds goes through an order that is known, and ends it before the first round that would
// exceed the budget. Rounds that are on disk already take no time and cost nothing of it.
func rounds(order []results.TrialRef, budget time.Duration) source {
	at := 0
	start := time.Now()
	round, longest := start, time.Duration(0)
	return func(*results.TrialRef) (results.TrialRef, bool, error) {
		if at == len(order) {
			return results.TrialRef{}, false, nil
		}
		if at > 0 && order[at].Round != order[at-1].Round {
			now := time.Now()
			longest, round = max(longest, now.Sub(round)), now
			if budget > 0 && now.Sub(start)+longest > budget {
				return results.TrialRef{}, false, nil
			}
		}
		at++
		return order[at-1], true, nil
	}
}

// union returns an order and after it what of another it lacks.
func union(order, planned []results.TrialRef) []results.TrialRef {
	known := make(map[results.TrialRef]bool, len(order))
	for _, ref := range order {
		known[ref] = true
	}
	for _, ref := range planned {
		if !known[ref] {
			order = append(order, ref)
		}
	}
	return order
}

// enter notes in the manifest that an attempt is about to be made, unless it was planned, so that
// one of a run that is killed is known to have been begun.
func (r *run) enter(ref results.TrialRef) error {
	if err := r.enterCase(ref.Case); err != nil {
		return err
	}
	order := r.Manifest.Order
	if i := slices.Index(order[r.at+1:], ref); i >= 0 {
		r.at += 1 + i
		return nil
	}
	r.at++
	r.Manifest.Order = slices.Insert(slices.Clone(order), r.at, ref)
	return r.write()
}

// enterCase makes a case that comes up as the run goes.
func (r *run) enterCase(id string) error {
	if _, known := r.cases[id]; known || r.Case == nil {
		return nil
	}
	c, info, err := r.Case(id)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	r.cases[id] = c
	r.Manifest.Cases = append(slices.Clone(r.Manifest.Cases), info)
	return nil
}

// close takes the rounds that a budget left out off the plan.
func (r *run) close() {
	if r.Next != nil || r.at+1 == len(r.Manifest.Order) || r.at < 0 {
		return
	}
	planned := r.Manifest.Order[len(r.Manifest.Order)-1].Round
	r.Manifest.Order = r.Manifest.Order[:r.at+1]
	r.Manifest.Repeats = r.Manifest.Order[r.at].Round
	r.Manifest.Notes = append(slices.Clone(r.Manifest.Notes), fmt.Sprintf("the budget of %v ended the run after %d of %d rounds: rounds took longer than was estimated, or trials were made again", r.Budget, r.Manifest.Repeats, planned))
}
