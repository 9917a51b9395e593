package workload

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"kaliper/internal/kafka"
	"kaliper/internal/pace"
	"kaliper/scenarios"
)

// step is one thing to do to a group, of which a change of the scenario may make several.
type step struct {
	at   int64 // nanoseconds since the start of the load
	text string
	do   func(ctx context.Context) error
}

// followSchedule changes a group when its scenario says so. Steps that take long, such as a
// member that finishes its work before it leaves, delay those behind them.
func (s *stage) followSchedule(ctx context.Context, g *consumerGroup, clock pace.Clock) {
	f := &changes{stage: s, group: g}
	for _, c := range g.settings.Schedule {
		f.plan(c)
	}
	for len(f.steps) > 0 {
		next := f.steps[0]
		f.steps = f.steps[1:]
		if !sleep(ctx, time.Duration(next.at-clock.Now())) {
			break
		}
		s.events.add("members", g.settings.Name+": "+next.text)
		if err := next.do(ctx); err != nil {
			g.failures.add(inside, "schedule")
			s.events.add("error", fmt.Sprintf("%s: %s: %v", g.settings.Name, next.text, err))
		}
	}
	f.ending.Wait()
}

// sleep waits; false where ctx was done before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// changes are the steps that a group has before it, by time.
type changes struct {
	stage  *stage
	group  *consumerGroup
	steps  []step
	ending sync.WaitGroup // crashed members whose clients are being closed
}

func (c *changes) add(at time.Duration, text string, do func(ctx context.Context) error) {
	i, _ := slices.BinarySearchFunc(c.steps, int64(at)+1, func(s step, at int64) int { return int(min(max(s.at-at, -1), 1)) })
	c.steps = slices.Insert(c.steps, i, step{at: int64(at), text: text, do: do})
}

// plan turns a change into steps.
func (c *changes) plan(change scenarios.Change) {
	n := change.Members
	switch change.Action {
	case scenarios.ActionJoin:
		c.add(change.At, fmt.Sprintf("%d join", n), func(context.Context) error { return c.join(n) })
	case scenarios.ActionLeave:
		c.add(change.At, fmt.Sprintf("%d leave", n), func(context.Context) error {
			for _, m := range c.group.takeLast(n) {
				m.leave()
			}
			return nil
		})
	case scenarios.ActionCrash:
		c.add(change.At, fmt.Sprintf("%d crash", n), func(context.Context) error {
			c.crash(n, change)
			return nil
		})
	case scenarios.ActionRollingRestart:
		c.add(change.At, "rolling restart", func(context.Context) error {
			c.roll(change)
			return nil
		})
	case scenarios.ActionSeek:
		c.add(change.At, "seek", func(ctx context.Context) error { return c.seek(ctx, change) })
	}
}

func (c *changes) join(n int) error {
	for range n {
		if err := c.stage.startMember(c.group, c.group.next, nil); err != nil {
			return err
		}
	}
	return nil
}

// crash kills the newest members. They come back under their numbers, and so with their
// group.instance.id.
func (c *changes) crash(n int, change scenarios.Change) {
	for _, m := range c.group.takeLast(n) {
		c.ending.Go(m.crash)
		if change.Back > 0 {
			c.add(change.At+change.Back, fmt.Sprintf("member %d is back", m.index+1), func(context.Context) error {
				return c.stage.startMember(c.group, m.index, nil)
			})
		}
	}
}

// roll plans the restarts of all members that there are.
func (c *changes) roll(change scenarios.Change) {
	c.group.membersMu.Lock()
	members := slices.Clone(c.group.members)
	c.group.membersMu.Unlock()
	for i, m := range members {
		at := change.At + time.Duration(i)*change.Every
		c.add(at, fmt.Sprintf("member %d restarts", m.index+1), func(context.Context) error {
			if !c.group.take(m) {
				return nil // gone meanwhile
			}
			m.leave()
			return c.stage.startMember(c.group, m.index, nil)
		})
	}
}

func (c *changes) seek(ctx context.Context, change scenarios.Change) error {
	to := startOf(change.Seek)
	if change.Ago > 0 {
		to = kafka.StartAfter(time.Now().Add(-change.Ago))
	}
	offsets, err := c.stage.trial.Admin.ResolveStart(ctx, to, c.group.names...)
	if err != nil {
		return err
	}
	c.group.membersMu.Lock()
	defer c.group.membersMu.Unlock()
	for _, m := range c.group.members {
		m.tell(func() { m.seek = offsets })
	}
	return nil
}

// takeLast takes the newest members out of the group's list: who ends them is their owner.
func (g *consumerGroup) takeLast(n int) []*member {
	g.membersMu.Lock()
	defer g.membersMu.Unlock()
	cut := max(len(g.members)-n, 0)
	taken := slices.Clone(g.members[cut:])
	g.members = g.members[:cut]
	slices.Reverse(taken)
	return taken
}

// take takes one member out of the list; false where it is not there.
func (g *consumerGroup) take(m *member) bool {
	g.membersMu.Lock()
	defer g.membersMu.Unlock()
	i := slices.Index(g.members, m)
	if i < 0 {
		return false
	}
	g.members = slices.Delete(g.members, i, i+1)
	return true
}

// watchEvery is how often the time since a member's last poll is looked at, as a share of
// max.poll.interval.ms, and its bounds.
const (
	watchShare = 20
	watchLeast = 10 * time.Millisecond
	watchMost  = time.Second
)

// watchPolls puts members out of the group that do not poll within max.poll.interval.ms. The
// client library has no such watchdog, and Java's has.
func (g *consumerGroup) watchPolls(ctx context.Context) {
	interval := g.settings.Properties.Duration("max.poll.interval.ms")
	if interval <= 0 || g.id == "" || g.pipeline != nil || g.sharing != nil {
		return
	}
	tick := time.NewTicker(min(max(interval/watchShare, watchLeast), watchMost))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := g.clock.Now()
		g.membersMu.Lock()
		members := slices.Clone(g.members)
		g.membersMu.Unlock()
		for _, m := range members {
			at := m.polledAt.Load()
			if at == 0 || now-at <= int64(interval) || m.gone.Load() {
				continue
			}
			g.failures.add(outside, "poll_interval_exceeded")
			g.events.add("members", fmt.Sprintf("%s: member %d did not poll within max.poll.interval.ms (%v) and is put out of the group",
				g.settings.Name, m.index+1, interval))
			m.expel()
		}
	}
}

// seeks says whether members of the group go to other offsets during the load.
func (g *consumerGroup) seeks() bool {
	return slices.ContainsFunc(g.settings.Schedule, func(c scenarios.Change) bool { return c.Action == scenarios.ActionSeek })
}
