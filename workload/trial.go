package workload

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"kaliper/internal/kafka"
	"kaliper/results"
	"kaliper/scenarios"
)

// Trial is what Run executes.
type Trial struct {
	Run     string // the run's id
	Owner   string // the run's short id, in the names of its topics and groups
	Case    scenarios.Case
	Ref     results.TrialRef
	Admin   *kafka.Admin
	Cluster results.ClusterSnapshot
	// Environment are the warnings known before the trial.
	Environment []results.Reason
	Bootstrap   []string // of the embedded broker; empty where the properties say it
	Directory   string   // of the trial's journal
	// Ceilings are those of the run; nil where the null sink is not to be measured.
	Ceilings *Ceilings
	// Observe is told every interval as it is written, and what is waited for after the load; nil if nobody looks.
	Observe func(Progress)
	// Preparing is told once a second how many producer clients of all are ready for the load; nil if
	// nobody looks.
	Preparing func(ready, all int)
}

// Progress is what somebody who looks on is told once a second.
type Progress struct {
	Interval results.Interval
	Begin    *results.Begin
	Phase    string // warm-up, window, drain
	// Text says what goes on where nothing is measured, after the load; Interval is empty then.
	Text string
}

// Bounds of what a trial waits for besides its load.
const (
	topicsBound    = 60 * time.Second      // topics are there and in sync, or gone,
	partitionBound = 20 * time.Millisecond // and so much later for each partition
	joinBound      = 60 * time.Second      // all groups hold all their partitions
	closeBound     = 10 * time.Second      // clients leave and close
	interrupted    = 5 * time.Second       // the drain after a signal
	catchUpEvery   = 5 * time.Millisecond
)

// Run executes one trial and writes its journal. When ctx is done it drains for at most five
// seconds, closes the books and returns a trial that is marked interrupted, with a nil error.
// An error before the load is a *kafka.Problem where a person can mend it; nothing but the
// journal's directory is left behind then.
func Run(ctx context.Context, t Trial) (results.Trial, error) {
	// What must happen after a signal too has a context of its own.
	after := context.WithoutCancel(ctx)

	stage, err := prepare(ctx, t)
	if err != nil {
		if stage != nil {
			err = errors.Join(err, stage.tearDown(after))
		}
		return results.Trial{State: results.Incomplete}, err
	}
	trial, err := stage.perform(ctx)
	return trial, errors.Join(err, stage.tearDown(after))
}

// seedOf derives independent seeds for the parts of a trial: the same scenario, seed and trial
// number give the same keys, values and arrival times, whatever the case is.
func seedOf(seed uint64, trial int, parts ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, seed, trial)
	fmt.Fprintln(h, parts...)
	return h.Sum64()
}

// runStamp identifies the trial in its records.
func (t *Trial) runStamp() uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, t.Run, t.Ref.Case, t.Ref.Number())
	return h.Sum64()
}
