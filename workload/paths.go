package workload

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/results"
	"kaliper/scenarios"
)

// path is where a delivery goes.
type path uint8

const (
	pathOutput path = iota
	pathRetry
	pathDeadLetter
)

// paths are a group's books of what became of its records.
type paths struct {
	mu      sync.Mutex
	counts  results.Paths
	givenUp int64 // skipped or dead-lettered, of records intended in the window
	retried int64 // sent to the retry topic, of records intended in the window
}

// unitPaths are those of one unit of work: they count when it is committed.
type unitPaths struct {
	counts           results.Paths
	consumed         int64
	givenUp, retried int64
}

// add counts a unit of work. What was not committed is undone, whatever became of it.
func (p *paths) add(u unitPaths, committed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !committed {
		p.counts.Add(results.Paths{Undone: u.consumed, Attempts: u.counts.Attempts})
		return
	}
	u.counts.Undone = u.consumed - u.counts.Sum()
	p.counts.Add(u.counts)
	p.givenUp += u.givenUp
	p.retried += u.retried
}

func (p *paths) take() results.Paths {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := p.counts
	p.counts = results.Paths{}
	return counts
}

// ofWindow returns how many records of the window were given up, and how many sent to be retried.
func (p *paths) ofWindow() (givenUp, retried int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.givenUp, p.retried
}

// handle processes one record and sends it on its path. It is false where the member stops at
// it.
func (w *worker) handle(ctx context.Context, topic *consumedTopic, r *kgo.Record, returned int64) bool {
	f := w.pipeline.failing
	if f == nil || !f.chosen(identity(r)) {
		w.succeed(ctx, topic, r, returned, false)
		return true
	}
	attempts := attemptsOf(r)
	if attempts > 0 { // of the retry topic
		pause(ctx, time.Until(r.Timestamp.Add(f.settings.Backoff)))
	}
	retries := 0
	if f.settings.Policy == scenarios.FailureRetry || f.settings.Policy == scenarios.FailureDeadLetter {
		retries = f.settings.Retries
	}
	for try := 0; try <= retries && ctx.Err() == nil; try++ {
		if try > 0 {
			w.attempt(ctx) // the one before, which failed
			pause(ctx, f.settings.Backoff)
		}
		if !f.fails(attempts + try) {
			w.succeed(ctx, topic, r, returned, attempts+try > 0)
			return true
		}
		w.unit.paths.counts.Attempts++
	}
	at := w.attempt(ctx)
	if ctx.Err() != nil {
		return true // it was not done with this one
	}
	w.done(topic, r, at)
	return w.giveUp(topic, r, returned, attempts+retries+1)
}

// attempt takes the time of processing a record and returns when it is done.
func (w *worker) attempt(ctx context.Context) int64 {
	if w.processor == nil {
		return w.group.clock.Now()
	}
	return w.processor.record(ctx)
}

// done records that the handler is done with a record.
func (w *worker) done(topic *consumedTopic, r *kgo.Record, at int64) {
	if w.processor != nil {
		w.recordProcessed(topic, r, at)
	}
}

// succeed counts a record that was processed, and hands over its output.
func (w *worker) succeed(ctx context.Context, topic *consumedTopic, r *kgo.Record, returned int64, recovered bool) {
	if w.processor != nil || recovered {
		done := w.attempt(ctx)
		if ctx.Err() != nil {
			return // it was not done with this one
		}
		w.done(topic, r, done)
		if recovered {
			w.unit.paths.counts.Recovered++
			if intended, side, ours := w.intendedOf(r); ours {
				w.shard.recovered[side].Record(done - intended)
			}
		}
	}
	w.unit.paths.counts.Processed++
	if w.pipeline.to != "" {
		d := w.fresh()
		d.record = kgo.Record{Topic: w.pipeline.to, Timestamp: r.Timestamp, Headers: ownHeaders(d.headers[:0], r)}
		w.produce(d, r, returned, pathOutput)
		w.unit.outputs++
	}
}

// giveUp does with a record that cannot be processed, for now or for good, what the policy
// says. It is false where the member stops.
func (w *worker) giveUp(topic *consumedTopic, r *kgo.Record, returned int64, attempts int) bool {
	f := w.pipeline.failing
	_, side, _ := w.intendedOf(r)
	inWindow := int64(0)
	if side == inside {
		inWindow = 1
	}
	switch f.settings.Policy {
	case scenarios.FailureStop:
		return false
	case scenarios.FailureSkip, scenarios.FailureRetry:
		w.unit.paths.counts.Skipped++
		w.unit.paths.givenUp += inWindow
		return true
	}
	d := w.fresh()
	d.record = kgo.Record{Topic: topic.deadLetter, Timestamp: time.Now(), Headers: f.failureHeadersOf(r, attempts)}
	if f.settings.Policy == scenarios.FailureRetryTopic && attempts <= f.settings.Retries {
		d.record.Topic = topic.retry
		w.unit.paths.counts.Retried++
		w.unit.paths.retried += inWindow
		w.produce(d, r, returned, pathRetry)
		return true
	}
	w.unit.paths.counts.DeadLettered++
	w.unit.paths.givenUp += inWindow
	w.produce(d, r, returned, pathDeadLetter)
	return true
}

// intendedOf returns when a record of this trial was intended, and the side of the window.
func (w *worker) intendedOf(r *kgo.Record) (intended int64, of int, ours bool) {
	var s stamp
	if from, _ := stampOf(r); !s.read(from) || s.run != w.group.run {
		return 0, outside, false
	}
	return s.intended, side(w.group.window.holds(s.intended)), true
}

// pause waits, unless the context is done before.
func pause(ctx context.Context, duration time.Duration) {
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
