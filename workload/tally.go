package workload

import (
	"sync"
	"sync/atomic"

	"kaliper/internal/measure"
	"kaliper/results"
)

// The two sides of the window: records intended in it, and all others (warm-up).
const (
	inside = iota
	outside
	sides
)

func side(inWindow bool) int {
	if inWindow {
		return inside
	}
	return outside
}

// producerShard is where some clients of a group record. Clients share a shard only where
// there are more clients than shards, and the additions are atomic then too.
type producerShard struct {
	ack, service, slipPacer, slipBlocked [sides]measure.Recorder

	serialize *serialization // nil where values have no schema
}

// consumerShard is where some members of a group record.
type consumerShard struct {
	endToEnd, processed [sides]measure.Recorder

	deserialize *serialization // nil where values are not decoded
}

// shardsPerGroup bounds the memory of a group's recorders (0.8 MB a producers' shard) however
// many clients it has.
const shardsPerGroup = 4

// failures counts errors by kind. Errors are rare, so a lock serves.
type failures struct {
	mu     sync.Mutex
	counts [sides]map[string]int64
	total  atomic.Int64
}

func (f *failures) add(side int, kind string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts[side] == nil {
		f.counts[side] = map[string]int64{}
	}
	f.counts[side][kind]++
	f.total.Add(1)
}

// take returns the counts of both sides since the last take; nil where there are none.
func (f *failures) take() (inWindow, others map[string]int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	inWindow, others = f.counts[inside], f.counts[outside]
	f.counts = [sides]map[string]int64{}
	return inWindow, others
}

func addCounts(to map[string]int64, from map[string]int64) map[string]int64 {
	if len(from) == 0 {
		return to
	}
	if to == nil {
		to = map[string]int64{}
	}
	for kind, n := range from {
		to[kind] += n
	}
	return to
}

// track accumulates one latency of a group: the interval's histograms, and the window's over
// the whole trial. It belongs to the sampler.
type track struct {
	interval [sides]*measure.Histogram
	whole    *measure.Histogram // of records intended in the window
}

func newTrack() *track {
	return &track{[sides]*measure.Histogram{measure.NewHistogram(), measure.NewHistogram()}, measure.NewHistogram()}
}

// add drains a recorder of each side into the interval.
func (t *track) add(recorders *[sides]measure.Recorder) {
	for s := range recorders {
		recorders[s].DrainInto(t.interval[s])
	}
}

// close ends the interval: its latency for the journal and how many records it has a side.
func (t *track) close() (latency results.Latency, counts [sides]int64, err error) {
	if latency.Window, err = t.interval[inside].Encode(); err != nil {
		return latency, counts, err
	}
	if latency.Outside, err = t.interval[outside].Encode(); err != nil {
		return latency, counts, err
	}
	t.whole.Merge(t.interval[inside])
	for s, h := range t.interval {
		counts[s] = h.Count()
		h.Reset()
	}
	return latency, counts, nil
}
