package analysis

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"kaliper/internal/analysis/choose"
	"kaliper/internal/metric"
	"kaliper/internal/unit"
	"kaliper/results"
)

// Choosing follows the choice of the best case round by round, while it runs or from its
// journals.
//
//  1. In the rounds of the screening all cases are played. One that meets a condition in none of
//     them, or breaks one of integrity or errors in any, is dropped; so is one that cannot be
//     measured.
//  2. Of the others those stay that may be the best for some objective (internal/analysis/choose).
//  3. In the rounds of the confirmation the kept cases are played, as many as the noise of the
//     noisiest objective demands and the budget holds.
//  4. The kept cases that meet all conditions in the confirmation qualify. The best of them for
//     each objective is picked by the confirmation alone.
type Choosing struct {
	plan       results.ChoosePlan
	cases      []string
	conditions []metric.Condition
	rounds     []map[string]results.SummaryTrial // complete ones, by case
	dropped    map[string]string                 // case -> why
	kept       []string                          // nil while the screening goes on
}

// NewChoosing begins a choice among cases; groups are the names of the scenario's.
func NewChoosing(plan results.ChoosePlan, cases, groups []string) (*Choosing, error) {
	c := &Choosing{plan: plan, cases: cases, dropped: map[string]string{}}
	for _, text := range plan.SubjectTo {
		condition, err := metric.ParseCondition(text, groups)
		if err != nil {
			return nil, fmt.Errorf("choose: %w", err)
		}
		c.conditions = append(c.conditions, condition)
	}
	if len(plan.Objectives) == 0 {
		return nil, errors.New("choose: there is nothing to minimize or maximize")
	}
	return c, nil
}

// Round returns the cases of the next round; none at the end.
func (c *Choosing) Round() []string {
	switch {
	case len(c.rounds) < choose.ScreeningRounds:
		return c.cases
	case c.confirmed() < c.most():
		return c.kept
	}
	return nil
}

// Add takes the trials of the round that Round named, by case.
func (c *Choosing) Add(trials map[string]results.SummaryTrial) {
	c.rounds = append(c.rounds, trials)
	if len(c.rounds) == choose.ScreeningRounds {
		c.screen()
	}
}

func (c *Choosing) confirmed() int { return max(0, len(c.rounds)-choose.ScreeningRounds) }

// most returns how many rounds of confirmation there will be, as far as is known by now.
func (c *Choosing) most() int {
	if len(c.kept) == 0 {
		return 0
	}
	most := min(c.wanted(), choose.MostRounds)
	if c.plan.Trials > 0 {
		left := c.plan.Trials - choose.ScreeningRounds*len(c.cases)
		most = min(most, max(1, left/len(c.kept)))
	}
	return most
}

// wanted returns how many rounds of confirmation the noise demands.
func (c *Choosing) wanted() int {
	wanted := choose.FewestRounds
	for _, o := range c.plan.Objectives {
		wanted = max(wanted, choose.Rounds(c.noise(o), len(c.kept)))
	}
	return wanted
}

// noise is that of the kept cases which could be measured throughout, over all rounds.
func (c *Choosing) noise(o results.ChooseObjective) float64 {
	return choose.Noise(c.table(o, c.measurable(o, c.kept, c.rounds), c.rounds))
}

// level returns the logarithm of an objective in a trial, lower being better; false where there
// is none.
func level(o results.ChooseObjective, trial results.SummaryTrial) (float64, bool) {
	value, measured := trial.Metrics[o.Metric]
	log := math.Log(float64(value.Value))
	if trial.State != results.Complete || !measured || math.IsNaN(log) || math.IsInf(log, 0) {
		return 0, false
	}
	if o.HigherBetter {
		return -log, true
	}
	return log, true
}

// measurable returns the cases that have a level in every round.
func (c *Choosing) measurable(o results.ChooseObjective, cases []string, rounds []map[string]results.SummaryTrial) []string {
	return slices.DeleteFunc(slices.Clone(cases), func(id string) bool {
		return c.unmeasured(o, id, rounds) != ""
	})
}

// unmeasured says why a case cannot be compared in an objective, or nothing.
func (c *Choosing) unmeasured(o results.ChooseObjective, id string, rounds []map[string]results.SummaryTrial) string {
	for _, round := range rounds {
		trial := round[id]
		if _, ok := level(o, trial); ok {
			continue
		}
		if trial.State != results.Complete {
			return fmt.Sprintf("its trial %s is not complete", trial.ID)
		}
		if value, measured := trial.Metrics[o.Metric]; measured {
			return fmt.Sprintf("%s is %s in trial %s, which nothing can be compared with", o.Metric, unit.Format(float64(value.Value), value.Unit), trial.ID)
		}
		return fmt.Sprintf("%s is not known in trial %s", o.Metric, trial.ID)
	}
	return ""
}

// table returns the levels of cases that are measurable.
func (c *Choosing) table(o results.ChooseObjective, cases []string, rounds []map[string]results.SummaryTrial) []choose.Round {
	table := make([]choose.Round, len(rounds))
	for r, round := range rounds {
		for _, id := range cases {
			v, _ := level(o, round[id])
			table[r] = append(table[r], v)
		}
	}
	return table
}

// screen decides which cases are confirmed.
func (c *Choosing) screen() {
	var eligible []string
	for _, id := range c.cases {
		why := c.fails(id)
		for _, o := range c.plan.Objectives {
			if why == "" {
				why = c.unmeasured(o, id, c.rounds)
			}
		}
		if why != "" {
			c.dropped[id] = why
			continue
		}
		eligible = append(eligible, id)
	}
	keep := map[string]bool{}
	if len(eligible) > 0 {
		for _, o := range c.plan.Objectives {
			for _, i := range choose.Keep(c.table(o, eligible, c.rounds)) {
				keep[eligible[i]] = true
			}
		}
	}
	c.kept = []string{}
	for _, id := range eligible {
		if keep[id] {
			c.kept = append(c.kept, id)
		} else {
			c.dropped[id] = fmt.Sprintf("in %d rounds of screening others were better", choose.ScreeningRounds)
		}
	}
}

// fails says which condition a case breaks beyond doubt in the screening, or nothing.
func (c *Choosing) fails(id string) string {
	trials := trialsOf(id, c.rounds)
	for _, condition := range c.conditions {
		broken, met, known := 0, 0, 0
		for _, v := range perTrial(condition, trials) {
			holds, ok := condition.Holds(float64(v))
			switch {
			case ok && holds:
				met++
				known++
			case ok:
				broken++
				known++
			}
		}
		switch {
		case broken > 0 && (met == 0 || onWorstTrial(condition.Ref.Definition.Name)):
			return fmt.Sprintf("it does not meet %s", condition)
		case known == 0:
			return fmt.Sprintf("whether it meets %s is not known", condition)
		}
	}
	return ""
}

func trialsOf(id string, rounds []map[string]results.SummaryTrial) []results.SummaryTrial {
	var trials []results.SummaryTrial
	for _, round := range rounds {
		if trial, played := round[id]; played {
			trials = append(trials, trial)
		}
	}
	return trials
}
