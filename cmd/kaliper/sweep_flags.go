package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

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

// apply takes off the scenario what the flags leave out, done rounds being there already. It
// returns what to tell about the budget, if anything.
func (f *sweepFlags) apply(s *scenarios.Scenario, done int) (budget string, err error) {
	if err := s.Only(f.only); err != nil {
		return "", badInput(err)
	}
	switch {
	case f.budget < 0:
		return "", badInput(fmt.Errorf("--budget %v: write a time such as 30m", f.budget))
	case f.budget == 0:
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
