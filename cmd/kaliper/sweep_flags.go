package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"kaliper/results"
	"kaliper/scenarios"
)

// sweepFlags say which part of a scenario's trials to plan.
type sweepFlags struct {
	only   []string
	budget time.Duration
}

func (f *sweepFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.only, "only", nil, "take only the cases with this label=value (repeatable; values of one label are alternatives)")
	flags.DurationVar(&f.budget, "budget", 0, "make as many whole rounds as fit into this time, such as 30m")
}

// sweep is what a run would do of a scenario's trials.
type sweep struct {
	trials   int // to be made, of a choice about
	most     int // at the most
	perTrial time.Duration
	says     string // about the budget or the choice; may be empty
	// choose is there where the best case is sought, and the order of trials grows.
	choose *results.ChoosePlan
}

func (s sweep) expected() time.Duration { return time.Duration(s.trials) * s.perTrial }
func (s sweep) longest() time.Duration  { return time.Duration(s.most) * s.perTrial }

// plan takes off the scenario what the flags leave out. Of a run to resume, some is there.
func (f *sweepFlags) plan(s *scenarios.Scenario, resumed *results.Run) (sweep, error) {
	if err := s.Only(f.only); err != nil {
		return sweep{}, badInput(err)
	}
	if f.budget < 0 {
		return sweep{}, badInput(fmt.Errorf("--budget %v: write a time such as 30m", f.budget))
	}
	if s.Choose != nil {
		return planChoice(s, f.budget)
	}
	says, err := f.fit(s, wholeRounds(resumed))
	if err != nil {
		return sweep{}, err
	}
	e := s.Estimate()
	lacking := max(0, e.Trials-completeTrials(resumed))
	return sweep{trials: lacking, most: lacking, perTrial: e.Duration / time.Duration(e.Trials), says: says}, nil
}

// fit leaves as many rounds as the budget holds, done ones being there already.
func (f *sweepFlags) fit(s *scenarios.Scenario, done int) (says string, err error) {
	if f.budget == 0 {
		return "", nil
	}
	round := s.Estimate().Round
	fit := int(f.budget / round)
	if fit == 0 {
		return "", badInput(fmt.Errorf("--budget %v: not one round fits: %s take about %v; allow more, name fewer cases by --only, or shorten warmup and duration",
			f.budget, plural(len(s.Cases), "trial"), round.Round(time.Second)))
	}
	wanted := s.Repeats - done
	s.Repeats = min(s.Repeats, done+fit)
	return fmt.Sprintf("%d of %s fit into %v, of about %v each", min(fit, wanted), plural(wanted, "round"), f.budget, round.Round(time.Second)), nil
}
