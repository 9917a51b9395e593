package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"kaliper/results"
	"kaliper/scenarios"
)

// Execute carries out one trial of a case and writes its journal into the directory, which
// does not exist yet. It returns what became of it; when the context is done it drains, keeps
// what it has and returns a trial whose state is interrupted. An error is that trial's alone,
// and the run goes on, unless Stop wraps it.
type Execute func(ctx context.Context, c scenarios.Case, ref results.TrialRef, directory string) (results.Trial, error)

// Stop marks an error of a trial as one that no later trial could escape: a target that
// refuses the user, a topic that is not there, a disk that is full. It returns nil for nil.
func Stop(err error) error {
	if err == nil {
		return nil
	}
	return stopError{err}
}

type stopError struct{ error }

func (e stopError) Unwrap() error { return e.error }

// Options say what a run consists of.
type Options struct {
	// Directory is the run's, as results.CreateRun makes it.
	Directory string
	// Manifest is what is known beforehand. Run fills in its order, state and times.
	Manifest results.Manifest
	// Cases are executed Manifest.Repeats times each, in rounds that Manifest.Seed orders.
	Cases []scenarios.Case
	// Rest is the time between the end of a trial and the start of the next.
	Rest time.Duration
	// Next decides on the trials one by one where their order is not known beforehand: it is
	// told the one that ended, nil at first, and returns the one to come, or false at the end.
	// Every trial joins the manifest's order before it starts. Nil: Plan decides.
	Next func(ended *results.TrialRef) (results.TrialRef, bool, error)
}

// Run carries out all trials of a run. While it works, manifest.json says incomplete and has
// no end, so that a run that is killed shows as what it is. A trial that fails is recorded as
// failed, and the next one follows. An interruption, when ctx is done, is no error: the
// manifest says interrupted. Errors are a trial's that Stop wraps, and those of writing.
func Run(ctx context.Context, options Options, execute Execute) error {
	cases := map[string]scenarios.Case{}
	var ids []string
	for _, c := range options.Cases {
		if _, twice := cases[c.ID]; twice {
			return fmt.Errorf("run: two cases have the id %q: their varied settings are equal", c.ID)
		}
		cases[c.ID] = c
		ids = append(ids, c.ID)
	}
	manifest := options.Manifest
	if options.Next == nil {
		manifest.Order = Plan(ids, manifest.Repeats, manifest.Seed)
	}
	manifest.State = results.Incomplete
	manifest.Started, manifest.Ended = time.Now().UTC(), time.Time{}
	if err := results.WriteManifest(options.Directory, manifest); err != nil {
		return fmt.Errorf("run: %w", err)
	}

	next := planned(manifest.Order)
	if options.Next != nil {
		next = recorded(options, &manifest)
	}
	state, err := executeAll(ctx, options, next, cases, execute)

	manifest.State, manifest.Ended = state, time.Now().UTC()
	if writeErr := results.WriteManifest(options.Directory, manifest); writeErr != nil {
		err = errors.Join(err, fmt.Errorf("run: %w", writeErr))
	}
	return err
}

// source returns one trial after the other.
type source func(ended *results.TrialRef) (results.TrialRef, bool, error)

// planned goes through an order that is known.
func planned(order []results.TrialRef) source {
	at := 0
	return func(*results.TrialRef) (results.TrialRef, bool, error) {
		if at == len(order) {
			return results.TrialRef{}, false, nil
		}
		at++
		return order[at-1], true, nil
	}
}

// recorded asks options.Next, and writes what it says into the manifest before it is done, so
// that a trial of a run that is killed is known to have been planned.
func recorded(options Options, manifest *results.Manifest) source {
	return func(ended *results.TrialRef) (results.TrialRef, bool, error) {
		ref, more, err := options.Next(ended)
		if !more || err != nil {
			return ref, false, err
		}
		manifest.Order = append(manifest.Order, ref)
		if err := results.WriteManifest(options.Directory, *manifest); err != nil {
			return ref, false, fmt.Errorf("run: %w", err)
		}
		return ref, true, nil
	}
}

// executeAll executes trial after trial and returns the run's state.
func executeAll(ctx context.Context, options Options, next source, cases map[string]scenarios.Case, execute Execute) (results.State, error) {
	state := results.Complete
	var ended *results.TrialRef
	for {
		ref, more, err := next(ended)
		if err != nil {
			return results.Incomplete, err
		}
		if !more {
			return state, nil
		}
		if ended != nil {
			rest(ctx, options.Rest)
		}
		if ctx.Err() != nil {
			return results.Interrupted, nil
		}
		directory := results.TrialDirectory(options.Directory, ref)
		trial, err := execute(ctx, cases[ref.Case], ref, directory)
		var stop stopError
		switch {
		case errors.As(err, &stop):
			recordErr := recordFailure(directory, options.Manifest, ref, err)
			return results.Incomplete, errors.Join(fmt.Errorf("trial %s: %w", ref, stop.error), recordErr)
		case ctx.Err() != nil && (err != nil || trial.State != results.Complete):
			return results.Interrupted, nil
		case err != nil:
			state = results.Incomplete
			if err := recordFailure(directory, options.Manifest, ref, err); err != nil {
				return results.Incomplete, err
			}
		case trial.State != results.Complete:
			state = results.Incomplete
		}
		ended = &ref
	}
}

// rest waits, but not for longer than the context lasts.
func rest(ctx context.Context, duration time.Duration) {
	if duration <= 0 {
		return
	}
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// recordFailure writes the journal of a trial that failed before it had one, so that its
// reason is kept where readers look. A trial that has a journal tells by itself.
func recordFailure(directory string, manifest results.Manifest, ref results.TrialRef, failure error) error {
	journal, err := results.CreateJournal(directory)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("record the failure of trial %s (%w): %w", ref, failure, err)
	}
	_, beginErr := journal.Begin(results.Begin{
		Run: manifest.ID, Case: ref.Case, Trial: ref.Trial, Round: ref.Round,
		Started: time.Now().UTC(), Simulated: manifest.Simulated,
	})
	_, endErr := journal.End(results.End{State: results.Incomplete, Error: failure.Error()})
	return errors.Join(beginErr, endErr, journal.Close())
}
