package workload

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"kaliper/results"
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
	// current is the newest generation while its members get their partitions; nil where it has
	// settled. settled are those before it, since the last take.
	current *results.Rebalance
	updated int64 // when current last changed
	settled []results.Rebalance
}

// settlesAfter is how long after its last change a generation is told: its members get their
// partitions one after the other.
const settlesAfter = int64(500 * time.Millisecond)

// rebalancesInFull bounds how many of an interval are told one by one. A storm of them is a number.
const rebalancesInFull = 20

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
	n, moved, longest, idle := 0, 0, int64(0), int64(0)
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
				idle += now - left.since
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
		r.settle()
		r.generation = generation
		if r.started {
			r.count++
			r.current = &results.Rebalance{Seconds: float64(now) / 1e9, Generation: generation}
		}
	}
	if c := r.current; c != nil {
		c.Given += int64(n)
		c.Moved += int64(moved)
		c.IdleSeconds += float64(idle) / 1e9
		c.PauseSeconds = max(c.PauseSeconds, float64(longest)/1e9)
		r.updated = now
	}
}

// settle ends the newest generation's account; the caller holds the lock.
func (r *rebalances) settle() {
	c := r.current
	if c == nil {
		return
	}
	r.current = nil
	if len(r.settled) < rebalancesInFull {
		r.settled = append(r.settled, *c)
	}
	r.events.at(c.Seconds, "rebalance", fmt.Sprintf("%s: generation %d, %d partitions given, %d of them another member's before, after %v at the longest",
		r.group, c.Generation, c.Given, c.Moved, time.Duration(c.PauseSeconds*1e9).Round(time.Millisecond)))
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
	list                []results.Rebalance
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
	if r.current != nil && (!r.started || now-r.updated >= settlesAfter) {
		r.settle()
	}
	taken := rebalanced{
		list:  r.settled,
		count: r.count, moved: r.moved,
		pauseSeconds: float64(pause) / 1e9, partitionsIdleInSum: float64(idle) / 1e9,
	}
	r.count, r.moved, r.pause, r.idle, r.settled = 0, 0, 0, 0, nil
	return taken
}
