package workload

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"kaliper/internal/kafka"
	"kaliper/results"
)

// healthEvery is the pause between two looks at the cluster.
const healthEvery = time.Second

// health follows the cluster's own state beside the load, in a goroutine of its own and not over
// the load's connections: a cluster that answers late delays no frame.
type health struct {
	watcher *kafka.HealthWatcher
	clock   *loadClock
	events  *eventLog

	mu     sync.Mutex
	newest *results.ClusterHealth // since the last frame
}

// run polls until ctx is done.
func (h *health) run(ctx context.Context) {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	var before *results.ClusterHealth
	silent := false
	for {
		now, err := h.watcher.Poll(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !silent:
			h.events.add("cluster", fmt.Sprintf("the cluster does not tell its state: %v", err))
		case err == nil:
			now.Seconds = float64(h.clock.Now()) / 1e9
			h.mark(before, &now)
			h.keep(now)
			before = &now
		}
		silent = err != nil
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// keep makes a poll the newest one; changes that no frame has told yet are added up.
func (h *health) keep(now results.ClusterHealth) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last := h.newest; last != nil {
		now.LeaderChanges += last.LeaderChanges
		if now.ControllerChanges >= 0 {
			now.ControllerChanges += max(last.ControllerChanges, 0)
		}
	}
	h.newest = &now
}

// take returns what the newest poll since the last call found; nil if there was none.
func (h *health) take() *results.ClusterHealth {
	h.mu.Lock()
	defer h.mu.Unlock()
	taken := h.newest
	h.newest = nil
	return taken
}

// mark puts what has changed on the time axis. before is nil at the first poll: what is wrong
// from the beginning is among the environment's warnings.
func (h *health) mark(before, now *results.ClusterHealth) {
	if before == nil {
		return
	}
	changed := func(kind string, was, is int64, some, none string) {
		switch {
		case is == was:
		case is == 0:
			h.events.add(kind, none)
		default:
			h.events.add(kind, fmt.Sprintf("%d of %d partitions %s", is, now.Partitions, some))
		}
	}
	changed("offline", before.Offline, now.Offline, "have no leader", "all partitions have a leader again")
	changed("under_replicated", before.UnderReplicated, now.UnderReplicated, "have replicas out of sync", "all replicas are in sync again")
	if before.Brokers != now.Brokers {
		h.events.add("brokers", fmt.Sprintf("%d brokers are up, before %d", now.Brokers, before.Brokers))
	}
	if now.LeaderChanges > 0 {
		h.events.add("leader_change", fmt.Sprintf("%d of %d partitions have another leader", now.LeaderChanges, now.Partitions))
	}
	if now.ControllerChanges > 0 {
		h.events.add("controller_change", fmt.Sprintf("broker %d is the active controller, after %d elections", now.Controller, now.ControllerChanges))
	}
}

// throttling puts on the time axis when brokers begin to throttle a group, and when they have
// stopped: a quota was exceeded.
type throttling struct {
	groups map[string]bool
}

func (t *throttling) mark(interval results.Interval, events *eventLog) {
	now := map[string]float64{}
	for name, p := range interval.Producers {
		now[name] = p.Client.ThrottleSeconds
	}
	for name, c := range interval.Consumers {
		now[name] += c.Client.ThrottleSeconds
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		switch throttled := now[name] > 0; {
		case throttled && !t.groups[name]:
			events.add("throttled", fmt.Sprintf("brokers throttle %s: it exceeds a quota", name))
			t.groups[name] = true
		case !throttled && t.groups[name]:
			events.add("throttled", fmt.Sprintf("brokers no longer throttle %s", name))
			t.groups[name] = false
		}
	}
}
