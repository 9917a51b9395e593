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
// against those of one. About figures it only advises, exit 0 or 6; what the run shows by itself
// has the exit codes of any other: untrusted 5, a trial that failed or an expectation that is missed 4.
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
	end := gateEnd{env: env, flags: flags, manifest: s.manifest(), directory: s.directory, about: results.Gate{Baseline: base.Run, WritesBaseline: flags.writeBaseline}}
	if s.directory == "" { // nothing was started
		return end.withoutFigures(ctx, failure)
	}
	return end.finishBaseline(ctx, scenario, base, failure)
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

// finishBaseline judges the run, or writes its figures as a baseline, tells everybody, and returns
// the error that carries the exit code.
func (e gateEnd) finishBaseline(ctx context.Context, scenario *scenarios.Scenario, base results.Baseline, failure error) error {
	run, err := openSummarized(e.directory)
	if err != nil {
		return e.withoutFigures(ctx, errors.Join(failure, err))
	}
	var result results.Gate
	var refused error // to be written as a baseline
	switch settings := scenario.Cases[0].Fingerprint(); {
	case failure != nil:
		result = analysis.Alone(run, nil)
		result.Baseline, result.WritesBaseline = e.about.Baseline, e.about.WritesBaseline
		result.Verdict, result.Why = results.GateUndecided, "the gate was stopped: "+failure.Error()
	case e.flags.writeBaseline != "":
		result, refused, failure = e.writeBaseline(run, settings)
	default:
		result = analysis.JudgeAgainst(base, run, settings, gateMargins(scenario.Gate), e.flags.allow)
	}
	analysis.WarnOfAllowed(&result, e.flags.allow)
	err = errors.Join(results.WriteGate(e.directory, result), writeDerived(run), e.tell(report.NewGate(run, result)))
	switch {
	case failure != nil || err != nil:
		return joined(failure, err)
	case ctx.Err() != nil:
		return errInterrupted()
	case refused != nil:
		return refused
	}
	return gateExit(e.env, e.flags, result)
}

// writeBaseline writes the figures of a run that may become a baseline. Where they may not, refused
// carries the exit code, whatever was allowed: a file that is not there must not pass for one.
func (e gateEnd) writeBaseline(run *results.Run, settings string) (result results.Gate, refused, failure error) {
	result = analysis.Alone(run, e.flags.allow)
	result.WritesBaseline = e.flags.writeBaseline
	now, err := analysis.NewBaseline(run, settings)
	code, _ := analysis.GateExit(result, e.flags.allow)
	if err != nil && code == analysis.ExitDone {
		code, result.Verdict, result.Why = analysis.ExitInconclusive, results.GateInconclusive, err.Error()
	}
	if code != analysis.ExitDone {
		result.Why += "; no baseline was written"
		return result, &exitError{code, fmt.Errorf("%s (exit %d): %s", result.Verdict, code, result.Why)}, nil
	}
	if err := results.WriteBaseline(e.flags.writeBaseline, now); err != nil {
		result.Verdict, result.Why = results.GateUndecided, err.Error()
		return result, nil, err
	}
	result.Why += fmt.Sprintf("; the figures of %d were written, and nothing was compared", len(now.Trials))
	return result, nil, nil
}
