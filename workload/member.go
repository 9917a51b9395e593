package workload

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
)

// member is one consumer: a client and the goroutine that polls it. It ends in one of three
// ways: it leaves (what it has polled is processed and committed, and the coordinator is told),
// it crashes (its client's context is done: no request is sent any more), or the trial ends.
type member struct {
	group     *consumerGroup
	index     int
	client    *kgo.Client // written under the group's membersMu
	shard     *consumerShard
	processor *processor
	handOff   chan handedOff // nil where records are processed in the poll loop

	newClient func() (*kgo.Client, error) // in place of one that is closed
	alive     context.Context             // the client's: done when the member crashes, and not when the trial ends
	kill      context.CancelFunc          // ends alive
	// processing is done when the member crashes or the trial ends: handlers stop then.
	processing     context.Context
	stopProcessing context.CancelFunc
	ended          chan struct{} // run has returned

	closed     atomic.Pointer[kgo.Client] // the last one that was closed
	nextCommit int64
	joining    atomic.Int32 // a joinPhase
	polledAt   atomic.Int64 // when the poll returned that is being processed; 0 between polls
	gone       atomic.Bool  // left or crashed, or put out by the watchdog: callbacks mean nothing
	stopped    atomic.Bool  // at a record that it cannot process: nobody polls any more

	mu        sync.Mutex
	interrupt context.CancelFunc // of the poll that is under way
	leaving   bool
	expelled  bool
	seek      kafka.Offsets // to be done before the next poll
}

// pollPause is how long a member waits after a poll that only brought errors: missing rights
// would make it spin.
const pollPause = 100 * time.Millisecond

// run polls until the member leaves or crashes, or the context is done.
func (m *member) run(ctx context.Context) {
	g := m.group
	most := int(g.settings.Properties.Int64("max.poll.records"))
	m.nextCommit = max(g.clock.Now(), 0) + int64(g.settings.CommitInterval) // not from before the load, or the first poll would be committed
	for m.beforePoll(ctx) {
		fetches := m.poll(ctx, most)
		if m.processing.Err() != nil || ctx.Err() != nil {
			break
		}
		if fetches.IsClientClosed() {
			continue // put out by the watchdog, or closed by the trial's end
		}
		m.polledAt.Store(g.clock.Now())
		g.processing.Add(1)
		m.polled(m.processing, fetches)
		if ctx.Err() != nil {
			g.cutOff.Store(true)
		}
		g.processing.Add(-1)
		m.commitPolled(m.processing, fetches.Empty())
		m.polledAt.Store(0)
		m.client.AllowRebalance()
	}
	m.client.AllowRebalance()
}

// beforePoll does what may only be done between polls; false where there is no next one.
func (m *member) beforePoll(ctx context.Context) bool {
	m.mu.Lock()
	leaving, expelled, seek := m.leaving, m.expelled, m.seek
	m.expelled, m.seek = false, nil
	m.mu.Unlock()
	if leaving || ctx.Err() != nil || m.processing.Err() != nil {
		return false
	}
	if expelled {
		return m.rejoin(ctx)
	}
	if seek != nil {
		m.goTo(seek)
	}
	return true
}

// poll waits for records, until it is interrupted.
func (m *member) poll(ctx context.Context, most int) kgo.Fetches {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m.mu.Lock()
	if m.leaving || m.expelled || m.seek != nil {
		cancel()
	}
	m.interrupt = cancel
	m.mu.Unlock()
	return m.client.PollRecords(ctx, most)
}

// tell changes what the member is to do next, and ends its poll.
func (m *member) tell(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	if m.interrupt != nil {
		m.interrupt()
	}
}

// callbacks follow the partitions that the member holds.
func (m *member) callbacks() []kgo.Opt {
	g := m.group
	return []kgo.Opt{
		kgo.OnPartitionsAssigned(func(_ context.Context, client *kgo.Client, partitions map[string][]int32) {
			_, generation := client.GroupMetadata()
			g.rebalances.assigned(m, generation, partitions)
		}),
		kgo.OnPartitionsRevoked(func(ctx context.Context, client *kgo.Client, partitions map[string][]int32) {
			if m.gone.Load() {
				return
			}
			// As Java does: what was processed is committed before it goes.
			m.commitLast(ctx)
			g.goBack(client, g.rebalances.revoked(m, partitions))
		}),
		kgo.OnPartitionsLost(func(_ context.Context, client *kgo.Client, partitions map[string][]int32) {
			g.goBack(client, g.rebalances.revoked(m, partitions))
		}),
	}
}

// goBack sets the group's positions in partitions that a member has lost to what it had
// committed, which is where the next owner will begin.
func (g *consumerGroup) goBack(client *kgo.Client, partitions map[string][]int32) {
	if g.pipeline != nil {
		return // rewinds by itself what it has not committed
	}
	committed := client.CommittedOffsets()
	for name, list := range partitions {
		topic := g.byName[name]
		for _, partition := range list {
			if at, known := committed[name][partition]; known && topic != nil && at.Offset >= 0 {
				topic.positions[partition].Store(at.Offset)
			}
		}
	}
}

// goTo makes the partitions that the member holds go on at other offsets. What a seek forward
// passes over is no loss.
func (m *member) goTo(offsets kafka.Offsets) {
	mine := map[string]map[int32]kgo.EpochOffset{}
	for name, list := range m.group.rebalances.heldBy(m) {
		topic := m.group.byName[name]
		if topic == nil {
			continue
		}
		mine[name] = map[int32]kgo.EpochOffset{}
		for _, partition := range list {
			to, known := offsets[name][partition]
			if !known {
				continue
			}
			mine[name][partition] = kgo.EpochOffset{Epoch: -1, Offset: to}
			for _, l := range []*ledger{topic.ledger, topic.handled} {
				if l != nil {
					l.forgive(partition)
				}
			}
			topic.positions[partition].Store(to)
		}
	}
	m.client.SetOffsets(mine)
}

// leave ends the member in order.
func (m *member) leave() {
	m.tell(func() { m.leaving = true })
	<-m.ended
	m.close()
}

// close leaves the group and closes the client.
func (m *member) close() {
	m.closeClient()
	m.gone.Store(true)
	m.kill()
	m.stopProcessing()
}

// current returns the member's client, which is another one after a rejoin.
func (m *member) current() *kgo.Client {
	m.group.membersMu.Lock()
	defer m.group.membersMu.Unlock()
	return m.client
}

// closeClient closes the client that the member has, once: the trial's end, the watchdog and
// the schedule may all want to.
func (m *member) closeClient() *kgo.Client {
	client := m.current()
	if m.closed.Swap(client) != client {
		client.CloseAllowingRebalance()
	}
	return client
}

// crash ends the member as kill -9 does: its connections close, and no request is sent any
// more, neither a commit nor one that leaves the group.
func (m *member) crash() {
	m.gone.Store(true)
	g := m.group
	m.kill()
	m.stopProcessing()
	m.tell(func() {})
	g.goBack(m.current(), g.rebalances.revoked(m, g.rebalances.heldBy(m)))
	<-m.ended
	m.closeClient()
}

// expel puts a member out of its group whose handler took longer than max.poll.interval.ms, as
// Java's consumer leaves by itself then. What it is working on cannot be committed any more; it
// joins again with its next poll.
func (m *member) expel() {
	g := m.group
	m.gone.Store(true)
	held := g.rebalances.revoked(m, g.rebalances.heldBy(m))
	g.goBack(m.closeClient(), held)
	m.tell(func() { m.expelled = true })
}

// rejoin opens a client in place of the one that the watchdog has closed.
func (m *member) rejoin(ctx context.Context) bool {
	for ctx.Err() == nil {
		m.kill()
		client, err := m.newClient()
		if err == nil {
			m.gone.Store(false)
			m.group.membersMu.Lock()
			m.client = client
			m.group.membersMu.Unlock()
			return true
		}
		m.group.failures.add(outside, "join_"+kafka.ErrorKind(err))
		select {
		case <-time.After(pollPause):
		case <-ctx.Done():
		}
	}
	return false
}

// silent says whether an error is but the end of a poll or of a client.
func silent(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed)
}
