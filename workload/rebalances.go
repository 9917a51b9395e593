package workload

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// rebalances follows which member of a group holds which partition.
type rebalances struct {
	clock  *loadClock
	events *eventLog
	group  string

	mu         sync.Mutex
	held       map[string]map[int32]*member // topic, partition
	gone       map[string]map[int32]parted  // held by nobody
	generation int32
	count      int64
	moved      int64 // partitions that have another owner, since the last take
	pause      int64 // longest since the last take, nanoseconds
	idle       int64 // nanoseconds of partitions without an owner, ended since the last take
	started    bool  // the load runs: from now on every rebalance counts
}

// parted is a partition that was given up.
type parted struct {
	from    *member
	since   int64 // nanoseconds
	counted int64 // until when idle time was taken
}

func newRebalances(group string, clock *loadClock, events *eventLog) rebalances {
	return rebalances{
		clock: clock, events: events, group: group,
		held: map[string]map[int32]*member{}, gone: map[string]map[int32]parted{},
	}
}

func (r *rebalances) assigned(m *member, generation int32, partitions map[string][]int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	n, moved, longest := 0, 0, int64(0)
	for topic, list := range partitions {
		if r.held[topic] == nil {
			r.held[topic] = map[int32]*member{}
		}
		for _, partition := range list {
			before := r.held[topic][partition]
			r.held[topic][partition] = m
			if left, ok := r.gone[topic][partition]; ok {
				before = left.from
				longest = max(longest, now-left.since)
				r.idle += now - left.counted
				delete(r.gone[topic], partition)
			}
			if before != nil && before.index != m.index {
				moved++
			}
			n++
		}
	}
	if r.started {
		r.moved += int64(moved)
	}
	r.pause = max(r.pause, longest)
	if generation > r.generation {
		if r.started {
			r.count++
			r.events.add("rebalance", fmt.Sprintf("%s: generation %d, member %d got %d partitions, %d of them another's, after %v",
				r.group, generation, m.index+1, n, moved, time.Duration(longest).Round(time.Millisecond)))
		}
		r.generation = generation
	}
}

// revoked notes what a member gives up, and returns what it did hold: by the time that a client
// tells of a loss, another member may be the owner.
func (r *rebalances) revoked(m *member, partitions map[string][]int32) map[string][]int32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	given := map[string][]int32{}
	for topic, list := range partitions {
		if r.gone[topic] == nil {
			r.gone[topic] = map[int32]parted{}
		}
		for _, partition := range list {
			if r.held[topic][partition] != m {
				continue
			}
			delete(r.held[topic], partition)
			r.gone[topic][partition] = parted{from: m, since: now, counted: now}
			given[topic] = append(given[topic], partition)
		}
	}
	return given
}

// heldBy returns what a member holds.
func (r *rebalances) heldBy(m *member) map[string][]int32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	mine := map[string][]int32{}
	for topic, partitions := range r.held {
		for _, partition := range slices.Sorted(maps.Keys(partitions)) {
			if partitions[partition] == m {
				mine[topic] = append(mine[topic], partition)
			}
		}
	}
	return mine
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

// rebalanced is what happened between two takes.
type rebalanced struct {
	count, moved        int64
	pauseSeconds        float64 // longest of one partition
	partitionsIdleInSum float64 // seconds without an owner, summed over partitions
}

// take returns the rebalances since the last take. A pause that still lasts counts as far as it
// has come.
func (r *rebalances) take() rebalanced {
	r.mu.Lock()
	defer r.mu.Unlock()
	pause, idle := r.pause, r.idle
	now := r.clock.Now()
	for _, partitions := range r.gone {
		for partition, left := range partitions {
			if r.started {
				pause = max(pause, now-left.since)
				idle += now - left.counted
				left.counted = now
				partitions[partition] = left
			}
		}
	}
	taken := rebalanced{
		count: r.count, moved: r.moved,
		pauseSeconds: float64(pause) / 1e9, partitionsIdleInSum: float64(idle) / 1e9,
	}
	r.count, r.moved, r.pause, r.idle = 0, 0, 0, 0
	return taken
}
