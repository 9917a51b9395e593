package workload

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/internal/kafka"
)

// A joinPhase is how far a member is with joining its group.
const (
	phaseIdle       int32 = iota // not joining: in no generation yet, or settled in one
	phaseWaiting                 // has asked to join; the coordinator waits for the other members
	phaseSharing                 // has joined; the partitions are being shared out
	phaseServerSide              // by KIP-848, where heartbeats alone bring partitions
)

// joinHook follows the joinPhase of a member by the requests that its client writes and reads.
type joinHook struct{ phase *atomic.Int32 }

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (h joinHook) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, err error) {
	switch {
	case err != nil:
	case kmsg.Key(key) == kmsg.JoinGroup:
		h.phase.Store(phaseWaiting)
	case kmsg.Key(key) == kmsg.ConsumerGroupHeartbeat:
		h.phase.Store(phaseServerSide)
	}
}

// OnBrokerRead implements kgo.HookBrokerRead.
func (h joinHook) OnBrokerRead(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	switch kmsg.Key(key) {
	case kmsg.JoinGroup:
		h.phase.Store(phaseSharing)
	case kmsg.SyncGroup:
		h.phase.Store(phaseIdle)
	}
}

// lookEvery is how often a group that is joining is looked at: generations have no callback.
const lookEvery = 10 * time.Millisecond

// nudgeEvery is how long a group may stand still before its members are nudged again.
const nudgeEvery = 200 * time.Millisecond

// awaitMembers waits until all members are in one generation and hold all partitions of the
// group's topics: a member that joins later would take partitions from the others in the
// middle of the load.
func (g *consumerGroup) awaitMembers(ctx context.Context, bound time.Duration) error {
	all := 0
	for _, topic := range g.topics {
		all += len(topic.positions)
	}
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	nudge := time.NewTicker(nudgeEvery)
	defer nudge.Stop()
	for settled := int32(0); ; {
		joined, generation := g.joined()
		holding := g.rebalances.holding()
		switch whole := joined == len(g.members) && holding >= all && !g.anyIn(phaseWaiting, phaseSharing); {
		case whole && settled == generation:
			return nil
		case whole:
			settled = generation // and once more, because a nudge may still be on its way
		default:
			settled = 0
		}
		if err := g.refusal.Load(); err != nil {
			return *err
		}
		select {
		case <-look.C:
		case <-nudge.C:
			if settled == 0 {
				g.nudge()
			}
		case <-ctx.Done():
			counts, others := g.failures.take()
			return &kafka.Problem{
				Cause: fmt.Sprintf("group %s has %d of %d members and %d of %d partitions after %v%s", g.id,
					joined, len(g.members), holding, all, bound, describeFailures(addCounts(counts, others))),
				Remedy:   "look at the group coordinator, and at the rights to read the topic and the group",
				Category: kafka.Unreachable, Err: ctx.Err(),
			}
		}
	}
}

// nudge makes members ask for their partitions at once, not at their next heartbeat
// (heartbeat.interval.ms, 3 s by default). It is for the time before the load alone.
//
// By the classic protocol those that are settled join again, if others wait for them. Nobody else
// may be told: the client keeps the word until its next session, which then ends at once, and where
// joining takes longer than nudgeEvery no generation would last.
func (g *consumerGroup) nudge() {
	waited := g.anyIn(phaseWaiting)
	for _, m := range g.members {
		_, generation := m.client.GroupMetadata()
		phase := m.joining.Load()
		if generation > 0 && (phase == phaseServerSide || phase == phaseIdle && waited) {
			m.client.ForceRebalance()
		}
	}
}

// anyIn says whether any member is in one of the phases.
func (g *consumerGroup) anyIn(phases ...int32) bool {
	return slices.ContainsFunc(g.members, func(m *member) bool { return slices.Contains(phases, m.joining.Load()) })
}

// joined returns how many members are in the newest generation, and which that is.
func (g *consumerGroup) joined() (n int, newest int32) {
	for _, m := range g.members {
		_, generation := m.client.GroupMetadata()
		switch {
		case generation > newest:
			newest, n = generation, 1
		case generation == newest && generation > 0:
			n++
		}
	}
	return n, newest
}

func describeFailures(counts map[string]int64) string {
	if len(counts) == 0 {
		return ""
	}
	var kinds []string
	for kind, n := range counts {
		kinds = append(kinds, fmt.Sprintf("%s %d times", kind, n))
	}
	return "; its members saw " + strings.Join(kinds, ", ")
}
