package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"kaliper/internal/analysis"
	"kaliper/scenarios"
)

// gateFlags are the flags of kaliper gate.
type gateFlags struct {
	runFlags
	base, candidate []string // overlays
	aa              bool
	baseline        string // file to compare with
	writeBaseline   string // file to write
	outputs         gateOutputs
}

func newGateCommand(env *environment) *cobra.Command {
	flags := &gateFlags{}
	command := &cobra.Command{
		Use:   "gate SCENARIO --candidate OVERLAY",
		Short: "Say by an exit code whether a change is slower than its base",
		Long: `gate runs pairs of short trials, one of the base and one of the candidate, in an order that a coin
decides for each pair, and stops as soon as it knows: PASS, FAIL, INCONCLUSIVE or UNTRUSTED.

A side is the scenario with an overlay: other settings, another target, or commands to run before
each of its trials (gate.before). A side without an overlay is the scenario as it is. The scenario's
gate block says how long trials are, how long the gate may take, and of each metric which change is
tolerated and which must be detected; without it, see docs/scenario.md for what is assumed.

Exit codes: 0 PASS; 4 FAIL; 6 INCONCLUSIVE; 5 UNTRUSTED; 64 bad input, also a budget in which
nothing can be decided; 130 interrupted, with what was measured until then kept.`,
		Example: `  kaliper gate orders.yaml --candidate linger.yaml
  kaliper gate orders.yaml --base kafka-4.2.yaml --candidate kafka-4.3.yaml --junit gate.xml
  kaliper gate orders.yaml --aa                  what can this runner detect?
  kaliper gate orders.yaml --write-baseline baseline.json
  kaliper gate orders.yaml --baseline baseline.json --allow inconclusive
  kaliper gate demo --set matrix=null --candidate linger.yaml --simulated-ok`,
		Args: exactly(1, "one scenario"),
		RunE: func(c *cobra.Command, args []string) error { return runGate(c.Context(), env, flags, args[0]) },
	}
	flags.scenarioFlags.register(command.Flags())
	f := command.Flags()
	f.StringArrayVar(&flags.base, "base", nil, "lay this file over the scenario for the base (repeatable)")
	f.StringArrayVar(&flags.candidate, "candidate", nil, "lay this file over the scenario for the candidate (repeatable)")
	f.BoolVar(&flags.aa, "aa", false, "make both sides the base, and see what this runner can detect")
	f.BoolVar(&flags.simulatedOK, "simulated-ok", false, "gate on the simulated broker too, which says nothing about a real one")
	f.StringVar(&flags.baseline, "baseline", "", "compare the candidate's trials with this file's instead of a live base: about figures it only advises, exit 0 or 6")
	f.StringVar(&flags.writeBaseline, "write-baseline", "", "run the candidate alone and write its figures into this file")
	f.StringVar(&flags.results, "results", "results", "write the run's directory into this folder")
	f.BoolVar(&flags.quiet, "quiet", false, "print no progress")
	f.BoolVar(&flags.json, "json", false, "print gate.json on standard output, and nothing else there")
	f.StringSliceVar(&flags.allow, "allow", nil, "untrusted: let untrusted pairs count; inconclusive: exit 0 instead of 6 (a warning stands in every output)")
	f.BoolVar(&flags.yes, "yes", false, "start even if the gate may take more than an hour")
	f.BoolVar(&flags.keepTopics, "keep-topics", false, "leave the run's topics on the cluster")
	flags.outputs.register(f)
	return command
}

var errSimulated = errors.New("the target is the simulated broker, which says nothing about a real one: name a cluster by --bootstrap-server or --target, or say --simulated-ok to gate the client alone")

// runGate is kaliper gate.
func runGate(ctx context.Context, env *environment, flags *gateFlags, argument string) error {
	if err := checkAllow(flags.allow); err != nil {
		return err
	}
	if flags.baseline != "" || flags.writeBaseline != "" {
		return runBaselineGate(ctx, env, flags, argument)
	}
	if err := flags.check(); err != nil {
		return err
	}
	plan, err := flags.plan(env, argument)
	if err != nil {
		return err
	}
	return runLiveGate(ctx, env, flags, plan)
}

// check says what is wrong with the flags alone.
func (f *gateFlags) check() error {
	switch {
	case f.aa && len(f.candidate) > 0:
		return badInput(errors.New("--aa compares the base with itself: leave --candidate out"))
	case !f.aa && len(f.base)+len(f.candidate) == 0:
		return badInput(errors.New("a gate needs two sides: say --candidate OVERLAY, --base OVERLAY or both; or --aa to see what this runner can detect"))
	}
	return nil
}

// plan reads the two sides.
func (f *gateFlags) plan(env *environment, argument string) (*scenarios.GatePlan, error) {
	side := func(overlays []string) (*scenarios.Scenario, error) {
		flags := f.scenarioFlags
		flags.overlays = slices.Concat(flags.overlays, overlays)
		return flags.load(env, argument)
	}
	if argument == "-" {
		return nil, badInput(errors.New("a gate reads its scenario twice, once for each side: give a file instead of -"))
	}
	base, err := side(f.base)
	if err != nil {
		return nil, err
	}
	candidate := base
	if !f.aa {
		if candidate, err = side(f.candidate); err != nil {
			return nil, err
		}
	}
	plan, err := scenarios.PlanGate(base, candidate, f.aa)
	if err != nil {
		return nil, badInput(err)
	}
	if plan.Cases[0].Load.Target.Embedded && !f.simulatedOK {
		return nil, badInput(errSimulated)
	}
	return plan, nil
}

// checkAllow refuses what --allow cannot name.
func checkAllow(allow []string) error {
	for _, what := range allow {
		if what != analysis.AllowUntrusted && what != analysis.AllowInconclusive {
			return badInput(fmt.Errorf("--allow %s: use untrusted, inconclusive or both, separated by a comma", what))
		}
	}
	return nil
}
