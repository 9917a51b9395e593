package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kaliper/internal/analysis/search"
	"kaliper/results"
	"kaliper/scenarios"
)

// searchFlags are the flags of kaliper search.
type searchFlags struct {
	runFlags
	objectives  []string
	quick, soak bool
	simulatedOK bool
}

func newSearchCommand(env *environment) *cobra.Command {
	flags := &searchFlags{}
	command := &cobra.Command{
		Use:   "search SCENARIO --objective CONDITION",
		Short: "Find the highest rate that holds under objectives",
		Long: `search makes short trials at twice the rate until one fails, closes the bracket to 2% on the
logarithm, and confirms both of its ends by longer trials, holds: at the lower end five must all
pass, at the upper end five must all fail. The answer is a rate with an interval and its level, and
what limits it. Where kaliper or its machine gives out first, it is "at least", limited by the generator.

A trial passes where at least 99.5% of the offered rate is acknowledged (20 records, of fewer than 200
a tenth, or what 25 ms offer may be missing beside that), every objective holds, no group falls behind,
and the measurement is trusted. All producer groups are scaled together: each keeps its share of the
rate. Over a matrix there is one search for each case, interleaved.

The scenario's search block says objectives, the first rate and the lengths of trials; --objective
replaces its objectives. search.json in the run's directory holds the answer (kaliper.search/1).

Exit codes: 0 a rate was found and confirmed; 4 no rate qualifies; 5 every trial was untrusted;
6 inconclusive, also where the generator limits and no rate is known to hold; 64 bad input; 130
interrupted, with what was measured until then kept: --resume goes on.`,
		Example: `  kaliper search orders.yaml --objective 'ack.p99 < 50ms'
  kaliper search orders.yaml --objective 'ack.p99 < 50ms' --objective 'e2e.p99 < 200ms' --quick
  kaliper search capacity --bootstrap-server localhost:9092 --budget 30m
  kaliper search orders.yaml --resume latest       go on with an interrupted search
  kaliper search capacity --simulated-ok --quick   see how it works, on the simulated broker`,
		Args: exactly(1, "one scenario"),
		RunE: func(c *cobra.Command, args []string) error { return runSearch(c.Context(), env, flags, args[0]) },
	}
	f := command.Flags()
	flags.scenarioFlags.register(f)
	f.StringArrayVar(&flags.objectives, "objective", nil, "a condition that must hold, such as 'ack.p99 < 50ms' (repeatable)")
	f.BoolVar(&flags.quick, "quick", false, "find it in minutes, to 4%, with three short holds at each end")
	f.BoolVar(&flags.soak, "soak", false, "confirm by holds of five minutes, beyond what caches and burst credits lend")
	f.BoolVar(&flags.simulatedOK, "simulated-ok", false, "search on the simulated broker too, which says nothing about a real one")
	f.StringArrayVar(&flags.only, "only", nil, "search only the cases with this label=value (repeatable; values of one label are alternatives)")
	f.DurationVar(&flags.budget, "budget", 0, "end the search before the first trial that would not fit into this time, such as 30m")
	f.StringVar(&flags.resume, "resume", "", "go on with this search of the same scenario: a directory, the beginning of an id, or latest")
	f.StringVar(&flags.results, "results", "results", "write the run's directory into this folder")
	f.BoolVar(&flags.quiet, "quiet", false, "print no progress")
	f.BoolVar(&flags.json, "json", false, "print search.json on standard output, and nothing else there")
	f.StringSliceVar(&flags.allow, "allow", nil, "untrusted: let untrusted trials count; inconclusive: exit 0 instead of 6 (a warning stands in every output)")
	f.BoolVar(&flags.yes, "yes", false, "start even if the search may take more than an hour")
	f.BoolVar(&flags.keepTopics, "keep-topics", false, "leave the run's topics on the cluster")
	return command
}

// runSearch is kaliper search.
func runSearch(ctx context.Context, env *environment, flags *searchFlags, argument string) error {
	if err := checkAllow(flags.allow); err != nil {
		return err
	}
	scenario, plan, err := flags.plan(env, argument)
	if err != nil {
		return err
	}
	var resumed *results.Run
	if flags.resume != "" {
		if resumed, err = openToResume(flags.results, flags.resume); err != nil {
			return err
		}
		if resumed.Manifest.Search == nil {
			return badInput(fmt.Errorf("--resume %s: it is no search: say kaliper run SCENARIO --resume", resumed.Dir))
		}
	}
	return runLiveSearch(ctx, env, flags, scenario, plan, resumed)
}

// plan reads the scenario and says what keeps it from being searched.
func (f *searchFlags) plan(env *environment, argument string) (*scenarios.Scenario, *scenarios.SearchPlan, error) {
	mode := scenarios.SearchNormal
	switch {
	case f.quick && f.soak:
		return nil, nil, badInput(errors.New("--quick and --soak exclude each other: the one is short, the other long"))
	case f.budget < 0:
		return nil, nil, badInput(fmt.Errorf("--budget %v: write a time such as 30m", f.budget))
	case f.quick:
		mode = scenarios.SearchQuick
	case f.soak:
		mode = scenarios.SearchSoak
	}
	scenario, err := f.load(env, argument)
	if err != nil {
		return nil, nil, err
	}
	if err := scenario.Only(f.only); err != nil {
		return nil, nil, badInput(err)
	}
	plan, err := scenario.PlanSearch(mode, f.objectives)
	if err != nil {
		return nil, nil, badInput(err)
	}
	if plan.Cases[0].Load.Target.Embedded && !f.simulatedOK {
		return nil, nil, badInput(errSimulated)
	}
	return scenario, plan, nil
}

// leastRecordsOfTrial is how many records a short trial has at the lowest rate that is tried: of
// fewer no percentile is known.
const leastRecordsOfTrial = 20

// searchPlan is what the manifest says of a search.
func searchPlan(plan *scenarios.SearchPlan, allowUntrusted bool) results.SearchPlan {
	options := search.Normal(1)
	if plan.Mode == scenarios.SearchQuick {
		options = search.Quick(1)
	}
	written := results.SearchPlan{
		Mode: plan.Mode, WarmupSeconds: plan.Lengths.Warmup.Seconds(), TrialSeconds: plan.Lengths.Trial.Seconds(), HoldSeconds: plan.Lengths.Hold.Seconds(),
		Precision: options.Precision, Holds: options.Holds, MostTrials: options.Trials, AllowUntrusted: allowUntrusted,
		Groups: plan.Cases[0].Load.Groups(),
	}
	for _, objective := range plan.Objectives {
		written.Objectives = append(written.Objectives, objective.String())
	}
	for _, c := range plan.Cases {
		base := results.SearchBase{
			ID: c.ID, Settings: []results.Setting{}, StartRecordsPerSecond: c.StartRecordsPerSecond,
			LowestRecordsPerSecond: min(max(options.Least*c.StartRecordsPerSecond, leastRecordsOfTrial/plan.Lengths.Trial.Seconds()), c.StartRecordsPerSecond),
			MostRecordsPerSecond:   options.Most * c.StartRecordsPerSecond,
			BytesPerRecord:         c.BytesPerRecord,
		}
		for _, setting := range c.Settings {
			base.Settings = append(base.Settings, results.Setting(setting))
		}
		written.Cases = append(written.Cases, base)
	}
	return written
}

// searchTime is what a search of all cases takes where every finding is right, and at the most.
func searchTime(plan *scenarios.SearchPlan, short, holds, most int) (usual, longest time.Duration) {
	cases := time.Duration(len(plan.Cases))
	usual = cases * (time.Duration(short)*plan.TrialDuration(false) + time.Duration(holds)*plan.TrialDuration(true))
	return usual, cases * time.Duration(most) * plan.TrialDuration(true)
}
