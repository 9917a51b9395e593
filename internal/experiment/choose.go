package experiment

import (
	"fmt"
	"math/rand/v2"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// Choice is the order of the trials of a choice: rounds of all cases, then rounds of those that
// are kept, each in an order of its own that the seed decides.
type Choice struct {
	directory string // of the run
	choosing  *analysis.Choosing
	seed      uint64
	observe   func(results.Choose)

	round  int
	left   []string                        // cases of the round that goes on
	played map[string]results.SummaryTrial // of that round, by case
}

// NewChoice returns the order of a choice in a run's directory. Observe is told after every round.
func NewChoice(directory string, choosing *analysis.Choosing, seed uint64, observe func(results.Choose)) *Choice {
	return &Choice{directory: directory, choosing: choosing, seed: seed, observe: observe, played: map[string]results.SummaryTrial{}}
}

// Next is Options.Next.
func (c *Choice) Next(ended *results.TrialRef) (results.TrialRef, bool, error) {
	if ended != nil {
		trial, err := results.ReadJournal(results.JournalPath(c.directory, *ended))
		if err != nil {
			return results.TrialRef{}, false, fmt.Errorf("choose: %w", err)
		}
		c.played[ended.Case] = analysis.SummarizeTrial(trial)
	}
	if len(c.left) == 0 && len(c.played) > 0 {
		c.choosing.Add(c.played)
		c.played = map[string]results.SummaryTrial{}
		c.observe(c.choosing.Result())
	}
	if len(c.left) == 0 {
		cases := c.choosing.Round()
		if len(cases) == 0 {
			return results.TrialRef{}, false, nil
		}
		c.round++
		c.left = shuffled(cases, c.seed, c.round)
	}
	id := c.left[0]
	c.left = c.left[1:]
	return results.TrialRef{Case: id, Trial: c.round, Round: c.round}, true, nil
}

// shuffled returns the cases in the order of a round. A generator for each round keeps earlier
// rounds as they are when more are planned.
func shuffled(cases []string, seed uint64, round int) []string {
	random := rand.New(rand.NewPCG(seed, uint64(round)))
	order := make([]string, len(cases))
	for i, at := range random.Perm(len(cases)) {
		order[i] = cases[at]
	}
	return order
}
