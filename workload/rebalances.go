package workload

import (
	"fmt"
	"sync"
	"time"
)

// rebalances follows which partitions a group holds.
type rebalances struct {
	clock  *loadClock
	events *eventLog
	group  string

	mu         sync.Mutex
	held       map[string]map[int32]bool  // topic, partition
	gone       map[string]map[int32]int64 // revoked at, nanoseconds
	generation int32
	count      int64
	pause      int64 // longest since the last take, nanoseconds
	started    bool  // the load runs: from now on every rebalance counts
}

func newRebalances(group string, clock *loadClock, events *eventLog) rebalances {
	return rebalances{
		clock: clock, events: events, group: group,
		held: map[string]map[int32]bool{}, gone: map[string]map[int32]int64{},
	}
}

func (r *rebalances) assigned(m *member, generation int32, partitions map[string][]int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	n, longest := 0, int64(0)
	for topic, list := range partitions {
		if r.held[topic] == nil {
			r.held[topic] = map[int32]bool{}
		}
		for _, partition := range list {
			r.held[topic][partition] = true
			if since, ok := r.gone[topic][partition]; ok {
				longest = max(longest, now-since)
				delete(r.gone[topic], partition)
			}
			n++
		}
	}
	r.pause = max(r.pause, longest)
	if generation > r.generation {
		if r.started {
			r.count++
			r.events.add("rebalance", fmt.Sprintf("%s: generation %d, member %d got %d partitions after %v",
				r.group, generation, m.index+1, n, time.Duration(longest).Round(time.Millisecond)))
		}
		r.generation = generation
	}
}

func (r *rebalances) revoked(_ *member, partitions map[string][]int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	for topic, list := range partitions {
		if r.gone[topic] == nil {
			r.gone[topic] = map[int32]int64{}
		}
		for _, partition := range list {
			delete(r.held[topic], partition)
			r.gone[topic][partition] = now
		}
	}
}

// holding returns how many partitions the group holds.
func (r *rebalances) holding() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, partitions := range r.held {
		n += len(partitions)
	}
	return n
}

// counting makes rebalances count, or stop to: joining and leaving are no finding.
func (r *rebalances) counting(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = on
	clear(r.gone)
}

// take returns the rebalances and their longest pause since the last take. A pause that still
// lasts counts as far as it has come.
func (r *rebalances) take() (count int64, pauseSeconds float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	count, pause := r.count, r.pause
	now := r.clock.Now()
	for _, partitions := range r.gone {
		for _, since := range partitions {
			if r.started {
				pause = max(pause, now-since)
			}
		}
	}
	r.count, r.pause = 0, 0
	return count, float64(pause) / 1e9
}
