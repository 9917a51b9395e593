package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"kaliper/internal/analysis"
	"kaliper/report"
	"kaliper/results"
	"kaliper/scenarios"
	"kaliper/workload"
)

// runBaselineGate runs the candidate alone, and writes its figures as a baseline, or judges them
// against those of one. It only advises: exit 0 or 6, 5 where it is untrusted.
func runBaselineGate(ctx context.Context, env *environment, flags *gateFlags, argument string) error {
	scenario, err := flags.candidateAlone(env, argument)
	if err != nil {
		return err
	}
	var base results.Baseline
	if flags.baseline != "" {
		if base, err = results.ReadBaseline(flags.baseline); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				err = fmt.Errorf("%w; --write-baseline makes one", err)
			}
			return badInput(err)
		}
		if got := scenario.Cases[0].Fingerprint(); got != base.Settings {
			return badInput(fmt.Errorf("--baseline %s is of scenario %s with other settings (%s, these are %s): write a new one with --write-baseline", flags.baseline, base.Scenario, base.Settings, got))
		}
	}
	estimate := scenario.Estimate()
	if estimate.Duration > longRun && !flags.yes {
		return badInput(fmt.Errorf("%d trials take about %v; say --yes to start them", estimate.Trials, estimate.Duration))
	}
	show := newProgress(env.stderr, flags.quiet, estimate.Trials, estimate.Duration)
	show.live = show.live && !flags.json
	s := &session{env: env, flags: &flags.runFlags, scenario: scenario, progress: show, ceilings: workload.NewCeilings(), clusters: newClusters(env.executable, env.stderr)}
	failure := s.execute(ctx)
	show.clear()
	if err := s.clusters.close(); err != nil {
		show.say("warning: %v", err)
	}
	if failure != nil || s.directory == "" {
		return failure
	}
	if ctx.Err() != nil {
		return &exitError{analysis.ExitInterrupted, errors.New("interrupted: partial results are kept and marked")}
	}
	return finishBaseline(env, flags, s.directory, scenario, base)
}

// candidateAlone is the scenario below the candidate's overlays, with the trials of a gate.
func (f *gateFlags) candidateAlone(env *environment, argument string) (*scenarios.Scenario, error) {
	switch {
	case f.baseline != "" && f.writeBaseline != "":
		return nil, badInput(errors.New("--baseline and --write-baseline exclude each other: judge first, and write where you accept what is now"))
	case f.aa || len(f.base) > 0:
		return nil, badInput(errors.New("with a baseline there is no live base: leave --base and --aa out"))
	}
	flags := f.scenarioFlags
	flags.overlays = slices.Concat(flags.overlays, f.candidate)
	scenario, err := flags.load(env, argument)
	if err != nil {
		return nil, err
	}
	if len(scenario.Cases) != 1 {
		return nil, badInput(fmt.Errorf("the scenario has %d cases, and a baseline is of one: leave the matrix out, as with --set matrix=null", len(scenario.Cases)))
	}
	if len(scenario.Gate.Before) > 0 {
		return nil, badInput(errors.New("gate.before is for live gates: run the commands yourself before a baseline"))
	}
	load := &scenario.Cases[0].Load
	load.Warmup, load.Duration = scenario.Gate.Warmup, scenario.Gate.Duration
	if load.Target.Embedded && !f.simulatedOK {
		return nil, badInput(errSimulated)
	}
	return scenario, nil
}

func finishBaseline(env *environment, flags *gateFlags, directory string, scenario *scenarios.Scenario, base results.Baseline) error {
	run, err := openSummarized(directory)
	if err != nil {
		return err
	}
	if err := writeDerived(run); err != nil {
		return err
	}
	if run.Summary.Run.Trust == results.Untrusted && !slices.Contains(flags.allow, analysis.AllowUntrusted) {
		return &exitError{analysis.ExitUntrusted, fmt.Errorf("untrusted (exit 5): the report in %s says why", directory)}
	}
	now, err := analysis.NewBaseline(run, scenario.Cases[0].Fingerprint())
	if err != nil {
		return &exitError{analysis.ExitInconclusive, err}
	}
	if flags.writeBaseline != "" {
		if err := results.WriteBaseline(flags.writeBaseline, now); err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "baseline %s\nresults  %s\n", flags.writeBaseline, directory)
		return nil
	}
	if why := analysis.BaselineMismatch(base, now); why != "" {
		return &exitError{analysis.ExitInconclusive, fmt.Errorf("INCONCLUSIVE (exit 6): the baseline is not of this machine or cluster: %s", why)}
	}
	result := analysis.AgainstBaseline(base, now, gateMargins(scenario.Gate))
	if err := results.WriteGate(directory, result); err != nil {
		return err
	}
	answer := report.NewGate(run, result)
	if err := flags.outputs.write(env, answer); err != nil {
		return err
	}
	if flags.json {
		err = answer.JSON(env.stdout)
	} else {
		err = answer.Document().Text(env.stdout, textOptions(env))
	}
	if err != nil {
		return err
	}
	return gateExit(env, flags, result)
}
