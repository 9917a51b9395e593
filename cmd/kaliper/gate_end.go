package main

import (
	"context"
	"errors"
	"time"

	"kaliper/internal/analysis"
	"kaliper/report"
	"kaliper/results"
)

// gateEnd is a gate that is over, one way or the other: whatever ended it, CI is told.
type gateEnd struct {
	env       *environment
	flags     *gateFlags
	manifest  results.Manifest
	directory string       // empty where nothing was started
	about     results.Gate // what is known of the gate without its trials
}

// withoutFigures tells of a gate that ended before there was anything to judge: nothing was started,
// or what was started cannot be read. It returns the failure.
func (e gateEnd) withoutFigures(ctx context.Context, failure error) error {
	now := time.Now().UTC()
	manifest, result := e.manifest, e.about
	manifest.Started, manifest.Ended = now, now
	if e.directory == "" {
		manifest.ID = ""
	}
	result.Schema, result.Run, result.State, result.Simulated = results.GateSchema, manifest.ID, results.Incomplete, manifest.Simulated
	result.Metrics, result.Played, result.Warnings = []results.GateMetric{}, []results.GatePair{}, []string{}
	result.Verdict, result.Why = results.GateUndecided, failure.Error()
	switch exitCodeOf(ctx, failure) {
	case analysis.ExitUntrusted:
		result.Verdict = results.GateUntrusted
	case analysis.ExitInterrupted:
		result.State, result.Why = results.Interrupted, "it was interrupted before there was anything to judge"
	}
	answer := report.NewGate(&results.Run{Manifest: manifest}, result)
	err := e.flags.outputs.write(e.env, answer)
	if e.flags.json {
		err = errors.Join(err, answer.JSON(e.env.stdout))
	}
	return joined(failure, err)
}

// tell writes what CI reads, and prints the answer.
func (e gateEnd) tell(answer *report.Gate) error {
	if err := e.flags.outputs.write(e.env, answer); err != nil {
		return err
	}
	if e.flags.json {
		return answer.JSON(e.env.stdout)
	}
	return printReport(e.env, answer.Document(), e.directory)
}

// joined is errors.Join that leaves an error alone where it is the only one.
func joined(failure, err error) error {
	if err == nil {
		return failure
	}
	return errors.Join(failure, err)
}

func errInterrupted() error {
	return &exitError{analysis.ExitInterrupted, errors.New("interrupted: partial results are kept and marked")}
}
