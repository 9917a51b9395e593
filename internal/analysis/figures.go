package analysis

import (
	"fmt"
	"maps"
	"slices"

	"kaliper/internal/measure"
	"kaliper/results"
)

// figures are the decoded figures of one trial.
type figures struct {
	trial *results.Trial
	// start and end of the window, in seconds since the trial's start; equal where the trial
	// ended before it.
	start, end float64
	// inWindow are the intervals whose middle lies in the window, together so many seconds.
	inWindow        []results.Interval
	intervalSeconds float64

	producers map[string]producerFigures
	consumers map[string]consumerFigures
	// damage says in words which histograms could not be decoded.
	damage []string
}

// producerFigures are those of one producer group. Histograms hold the records intended in
// the window.
type producerFigures struct {
	openLoop bool
	totals   results.ProducerTotals
	ack      *measure.Histogram
	service  *measure.Histogram
	pacer    *measure.Histogram
	blocked  *measure.Histogram
	commit   *measure.Histogram // nil where the group sends no transactions

	serialize serializationFigures
}

// infinite returns how many of the window's records were never acknowledged.
func (p producerFigures) infinite() int64 {
	return failed(p.totals.Window) + p.totals.Window.Unresolved
}

// consumerFigures are those of one consumer group.
type consumerFigures struct {
	totals    results.ConsumerTotals
	endToEnd  *measure.Histogram
	processed *measure.Histogram

	deserialize serializationFigures
	// Of a pipeline; nil where the group is none.
	stage, commit *measure.Histogram
	// Of a group with failures; nil without.
	recovered, deadLettered *measure.Histogram
	dedup                   *measure.Histogram // round trips; nil of a group that does not deduplicate
}

// unprocessed returns how many of the window's records never came out of the handler.
func (c consumerFigures) unprocessed() int64 {
	return c.totals.Unread + max(c.endToEnd.Count()-c.processed.Count(), 0)
}

func failed(books results.Books) int64 {
	var sum int64
	for _, n := range books.Failed {
		sum += n
	}
	return sum
}

// seconds returns the window's length.
func (f *figures) seconds() float64 { return f.end - f.start }

// readFigures decodes a trial.
func readFigures(trial *results.Trial) *figures {
	f := &figures{
		trial:     trial,
		producers: map[string]producerFigures{},
		consumers: map[string]consumerFigures{},
	}
	f.start, f.end = window(trial)
	for _, interval := range trial.Intervals {
		if middle := (interval.Start + interval.End) / 2; middle > f.start && middle < f.end {
			f.inWindow = append(f.inWindow, interval)
			f.intervalSeconds += interval.End - interval.Start
		}
	}
	if trial.End != nil {
		f.readEnd(trial.End)
	} else {
		f.readIntervals()
	}
	return f
}

// window returns the window as it was, or, of a trial that was killed, as far as it went.
func window(trial *results.Trial) (start, end float64) {
	if trial.End != nil {
		return trial.End.WindowStart, max(trial.End.WindowStart, trial.End.WindowEnd)
	}
	start = trial.Begin.WarmupSeconds
	end = start + trial.Begin.DurationSeconds
	last := 0.0
	if n := len(trial.Intervals); n > 0 {
		last = trial.Intervals[n-1].End
	}
	return start, max(start, min(end, last))
}

func (f *figures) readEnd(end *results.End) {
	for name, totals := range end.Producers {
		where := "producers." + name
		p := producerFigures{
			openLoop: f.openLoop(name),
			totals:   totals,
			ack:      f.decode(where+".ack", totals.Ack),
			service:  f.decode(where+".service", totals.Service),
			pacer:    f.decode(where+".slip.pacer", totals.SlipPacer),
			blocked:  f.decode(where+".slip.blocked", totals.SlipBlocked),

			serialize: f.serialization(where+".serialize", totals.Serialize),
		}
		if of := totals.Transactions; of != nil {
			p.commit = f.decode(where+".commit", of.Commit)
		}
		f.producers[name] = p
	}
	for name, totals := range end.Consumers {
		where := "consumers." + name
		c := consumerFigures{
			totals:    totals,
			endToEnd:  f.decode(where+".e2e", totals.EndToEnd),
			processed: f.decode(where+".processed", totals.Processed),

			deserialize: f.serialization(where+".deserialize", totals.Deserialize),
		}
		if p := totals.Pipeline; p != nil {
			c.stage, c.commit = f.decode(where+".stage", p.Stage), f.decode(where+".commit", p.Commit)
		}
		if p := totals.Failures; p != nil {
			c.recovered, c.deadLettered = f.decode(where+".recovered", p.Recovered), f.decode(where+".dead_lettered", p.DeadLettered)
		}
		if p := totals.Dedup; p != nil {
			c.dedup = f.decode(where+".dedup", p.RoundTrip)
		}
		f.consumers[name] = c
	}
}

// readIntervals rebuilds the totals of a trial that was killed. What was under way when the
// last interval ended is unresolved: in a stall it is what counts most.
func (f *figures) readIntervals() {
	for _, interval := range f.trial.Intervals {
		for name, p := range interval.Producers {
			figure, found := f.producers[name]
			if !found {
				figure = producerFigures{
					openLoop: f.openLoop(name),
					totals:   results.ProducerTotals{Window: results.Books{Failed: map[string]int64{}}},
					ack:      measure.NewHistogram(), service: measure.NewHistogram(),
					pacer: measure.NewHistogram(), blocked: measure.NewHistogram(),
				}
			}
			where := "producers." + name
			f.merge(where+".ack", p.Ack.Window, figure.ack)
			f.merge(where+".service", p.Service.Window, figure.service)
			f.merge(where+".slip.pacer", p.SlipPacer.Window, figure.pacer)
			f.merge(where+".slip.blocked", p.SlipBlocked.Window, figure.blocked)
			if of := p.Transactions; of != nil {
				if figure.commit == nil {
					figure.commit = measure.NewHistogram()
				}
				f.merge(where+".commit", of.Commit.Window, figure.commit)
			}
			f.mergeSerialization(where+".serialize", p.Serialize, &figure.serialize)
			figure.totals.Window.Unresolved = p.InFlight + p.Backlog
			f.producers[name] = figure
		}
		for name, c := range interval.Consumers {
			figure, found := f.consumers[name]
			if !found {
				figure = consumerFigures{endToEnd: measure.NewHistogram(), processed: measure.NewHistogram()}
			}
			f.merge("consumers."+name+".e2e", c.EndToEnd.Window, figure.endToEnd)
			f.merge("consumers."+name+".processed", c.Processed.Window, figure.processed)
			f.mergeSerialization("consumers."+name+".deserialize", c.Deserialize, &figure.deserialize)
			f.mergePipeline(name, c.Pipeline, &figure)
			f.mergeFailures(name, c.Failures, &figure)
			if i := c.Dedup; i != nil {
				if figure.dedup == nil {
					figure.dedup = measure.NewHistogram()
				}
				f.merge("consumers."+name+".dedup", i.RoundTrip.Window, figure.dedup)
			}
			f.consumers[name] = figure
		}
	}
	for _, interval := range f.inWindow {
		for name, p := range interval.Producers {
			figure := f.producers[name]
			books := &figure.totals.Window
			books.Intended += p.Offered
			books.IntendedBytes += p.OfferedBytes
			for kind, n := range p.Failed {
				books.Failed[kind] += n
			}
			figure.totals.CompletedInWindow += p.Acked
			figure.totals.CompletedBytesInWindow += p.AckedBytes
			f.producers[name] = figure
		}
		for name, c := range interval.Consumers {
			figure := f.consumers[name]
			figure.totals.ConsumedInWindow += c.Consumed
			figure.totals.ConsumedBytesInWindow += c.ConsumedBytes
			if p := c.Pipeline; p != nil {
				figure.totals.Pipeline.ProducedInWindow += p.Produced
				figure.totals.Pipeline.ProducedBytesInWindow += p.ProducedBytes
			}
			f.consumers[name] = figure
		}
	}
}

// openLoop says whether a group follows a schedule. A group that the first frame does not
// name, because it is lost, is taken to.
func (f *figures) openLoop(name string) bool {
	for _, p := range f.trial.Begin.Producers {
		if p.Name == name {
			return p.OpenLoop
		}
	}
	return true
}

func (f *figures) decode(what string, encoded measure.Encoded) *measure.Histogram {
	h := measure.NewHistogram()
	f.merge(what, encoded, h)
	return h
}

func (f *figures) merge(what string, encoded measure.Encoded, into *measure.Histogram) {
	if err := encoded.MergeInto(into); err != nil {
		f.damage = append(f.damage, fmt.Sprintf("%s: %v", what, err))
	}
}

// producerNames returns the producer groups' names in order.
func (f *figures) producerNames() []string { return slices.Sorted(maps.Keys(f.producers)) }

// consumerNames returns the consumer groups' names in order.
func (f *figures) consumerNames() []string { return slices.Sorted(maps.Keys(f.consumers)) }
