package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
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
	// Every trial joins the manifest's order before it starts. Nil: Plan decides. The package
	// comment says what Next may depend on.
	Next func(ended *results.TrialRef) (results.TrialRef, bool, error)
	// Case makes a case that Next names and Cases lacks, where the cases are not known beforehand
	// either. It joins the manifest with its first trial. Nil: all cases are in Cases.
	Case func(id string) (scenarios.Case, results.CaseInfo, error)
	// Again says of a complete trial whether to make it once more, which happens at once and
	// at most once; the second attempt stands for it. Nil: no trial is made again.
	Again func(results.Trial) bool
	// Resume goes on with the run that the directory holds, of which Manifest has the order and
	// the times: complete trials stay as they are, those that were cut off or failed are made
	// again as further attempts, missing ones are made.
	Resume bool
	// Budget ends the run before the first round that would not fit into it any more, by the
	// longest round so far; Manifest.Repeats and the order then say what was done. 0: none. It
	// has no effect on Next.
	Budget time.Duration
}

// Run carries out all trials of a run. While it works, manifest.json says incomplete and has
// no end, so that a run that is killed shows as what it is. A trial that fails is recorded as
// failed, and the next one follows. An interruption, when ctx is done, is no error: the
// manifest says interrupted. Errors are a trial's that Stop wraps, and those of writing.
func Run(ctx context.Context, options Options, execute Execute) error {
	r := &run{Options: options, execute: execute, cases: map[string]scenarios.Case{}, at: -1}
	var ids []string
	for _, c := range options.Cases {
		if _, twice := r.cases[c.ID]; twice {
			return fmt.Errorf("run: two cases have the id %q: their varied settings are equal", c.ID)
		}
		r.cases[c.ID] = c
		ids = append(ids, c.ID)
	}
	manifest := &r.Manifest
	now := time.Now().UTC()
	if options.Resume {
		manifest.Resumed = append(slices.Clone(manifest.Resumed), now)
	} else {
		manifest.Started, manifest.Order = now, nil
	}
	manifest.State, manifest.Ended = results.Incomplete, time.Time{}
	next := options.Next
	if next == nil {
		planned := Plan(ids, manifest.Repeats, manifest.Seed)
		manifest.Order = union(manifest.Order, planned)
		next = rounds(planned, options.Budget)
	}
	if err := r.write(); err != nil {
		return err
	}
	state, err := r.all(ctx, next)
	manifest.State, manifest.Ended = state, time.Now().UTC()
	return errors.Join(err, r.write())
}

// run is a run under way.
type run struct {
	Options
	execute Execute
	cases   map[string]scenarios.Case
	at      int  // the place of the last trial in the manifest's order
	started bool // a trial was executed
}

func (r *run) write() error {
	if err := results.WriteManifest(r.Directory, r.Manifest); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	return nil
}

// all executes trial after trial and returns the run's state.
func (r *run) all(ctx context.Context, next source) (results.State, error) {
	state := results.Complete
	var ended *results.TrialRef
	for {
		ref, more, err := next(ended)
		if err != nil {
			return results.Incomplete, err
		}
		if !more {
			r.close()
			return state, nil
		}
		standing, of, err := r.trial(ctx, ref)
		switch {
		case err != nil:
			return results.Incomplete, err
		case of == results.Interrupted:
			return of, nil
		case of != results.Complete:
			state = results.Incomplete
		}
		ended = &standing
	}
}

// trial makes the attempts that a trial takes. It returns the one that stands for it, and what
// became of the last: interrupted means that the whole run is. An error ends the run.
func (r *run) trial(ctx context.Context, first results.TrialRef) (standing results.TrialRef, state results.State, err error) {
	complete := 0
	standing = first
	for ref := first; ; ref = ref.Again() {
		if err := r.enter(ref); err != nil {
			return standing, results.Incomplete, err
		}
		state, there := results.State(""), false
		if r.Resume {
			if state, there, err = r.onDisk(ref); err != nil {
				return standing, results.Incomplete, err
			}
		}
		if !there {
			if state, err = r.attempt(ctx, ref); err != nil {
				return standing, results.Incomplete, err
			}
		}
		switch {
		case state == results.Complete:
			standing = ref
			complete++
		case complete == 0:
			standing = ref
		}
		switch {
		case state != results.Complete && there: // cut off or failed before the run was resumed
		case state != results.Complete, complete > 1:
			return standing, state, nil
		default:
			again, err := r.again(ref)
			if !again || err != nil {
				return standing, state, err
			}
		}
	}
}

// onDisk says what an earlier invocation left of a trial.
func (r *run) onDisk(ref results.TrialRef) (state results.State, there bool, err error) {
	trial, err := results.ReadJournal(results.JournalPath(r.Directory, ref))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case errors.Is(err, results.ErrNewerSchema):
		return "", false, fmt.Errorf("resume trial %s: %w", ref, err)
	case err != nil: // cut off before its first frame: it stays, beside the next attempt
		return results.Crashed, true, nil
	}
	return trial.State, true, nil
}

// again says whether a complete trial is to be made once more.
func (r *run) again(ref results.TrialRef) (bool, error) {
	if r.Again == nil {
		return false, nil
	}
	trial, err := results.ReadJournal(results.JournalPath(r.Directory, ref))
	if err != nil {
		return false, fmt.Errorf("trial %s: %w", ref, err)
	}
	return r.Again(trial), nil
}

// attempt executes one attempt at a trial and says what became of it. An error ends the run.
func (r *run) attempt(ctx context.Context, ref results.TrialRef) (results.State, error) {
	if r.started {
		rest(ctx, r.Rest)
	}
	if ctx.Err() != nil {
		return results.Interrupted, nil
	}
	r.started = true
	directory := results.TrialDirectory(r.Directory, ref)
	trial, err := r.execute(ctx, r.cases[ref.Case], ref, directory)
	var stop stopError
	switch {
	case errors.As(err, &stop):
		recordErr := recordFailure(directory, r.Manifest, ref, err)
		return results.Incomplete, errors.Join(fmt.Errorf("trial %s: %w", ref, stop.error), recordErr)
	case ctx.Err() != nil && (err != nil || trial.State != results.Complete):
		return results.Interrupted, nil
	case err != nil:
		return results.Incomplete, recordFailure(directory, r.Manifest, ref, err)
	}
	return trial.State, nil
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
		Run: manifest.ID, Case: ref.Case, Trial: ref.Trial, Round: ref.Round, Attempt: ref.Attempt,
		Started: time.Now().UTC(), Simulated: manifest.Simulated,
	})
	_, endErr := journal.End(results.End{State: results.Incomplete, Error: failure.Error()})
	return errors.Join(beginErr, endErr, journal.Close())
}
