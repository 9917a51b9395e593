package workload

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/scenarios"
)

// consumerGroup is a consumer group at work.
type consumerGroup struct {
	settings scenarios.ConsumerGroup
	id       string // the cluster's group id; empty when partitions are assigned
	ownGroup bool   // kaliper named the group, so that its offsets may be set
	// fromStart says that the group reads its topics from the first record of the trial.
	fromStart bool
	clock     *loadClock
	window    *window
	run       uint64
	topics    []*consumedTopic
	byName    map[string]*consumedTopic // by the cluster's name
	membersMu sync.Mutex
	members   []*member
	shards    []*consumerShard
	failures  failures
	metrics   *clientMetrics
	events    *eventLog

	refusal                 atomic.Pointer[error] // a right that is missing: to wait for the members is in vain
	processing              atomic.Int64          // members that work on what they have polled
	consumed, consumedBytes atomic.Int64
	polls, commits          atomic.Int64

	rebalances rebalances
	pipeline   *pipeline // nil where the group only reads
}

// consumedTopic is one topic as a group reads it.
type consumedTopic struct {
	logical   string
	name      string
	positions []atomic.Int64 // by partition: the next offset to read; -1 before it is known
	ledger    *ledger        // nil where records carry no stamps
	effects   *effects       // in place of the ledger where pipelines write the topic
	checked   bool           // integrity
	own       bool           // made for this trial: nobody else writes to it
	// transactional: transactions write to the topic, so that the log has control records, which
	// are returned and passed over: else the position would stay before the last one.
	transactional bool
	// The cluster's names of the topics that its failed records go to; empty where there are none.
	retry, deadLetter string
}

func newConsumedTopic(logical, name string, partitions int) *consumedTopic {
	t := &consumedTopic{logical: logical, name: name, positions: make([]atomic.Int64, partitions)}
	for p := range t.positions {
		t.positions[p].Store(-1)
	}
	return t
}

// member is one consumer: a client and the goroutine that polls it.
type member struct {
	group     *consumerGroup
	index     int
	client    *kgo.Client
	shard     *consumerShard
	processor *processor
}

// pollPause is how long a member waits after a poll that only brought errors: missing rights
// would make it spin.
const pollPause = 100 * time.Millisecond

// commitBound bounds a commit that the workload itself makes.
const commitBound = 10 * time.Second

// run polls until the context is done.
func (m *member) run(ctx context.Context) {
	g := m.group
	most := int(g.settings.Properties.Int64("max.poll.records"))
	nextCommit := g.clock.Now() + int64(g.settings.CommitInterval)
	for {
		fetches := m.client.PollRecords(ctx, most)
		if ctx.Err() != nil || fetches.IsClientClosed() {
			m.client.AllowRebalance()
			return
		}
		g.processing.Add(1)
		m.polled(ctx, fetches)
		g.processing.Add(-1)
		switch g.settings.Commit {
		case scenarios.CommitPerBatch:
			if !fetches.Empty() {
				m.commit(ctx)
			}
		case scenarios.CommitAtInterval:
			if now := g.clock.Now(); now >= nextCommit {
				m.commit(ctx)
				nextCommit = now + int64(g.settings.CommitInterval)
			}
		}
		m.client.AllowRebalance()
	}
}

// polled accounts for what a poll returned, and processes it.
func (m *member) polled(ctx context.Context, fetches kgo.Fetches) {
	g := m.group
	returned := g.clock.Now()
	if !m.take(ctx, fetches, returned) || m.processor == nil && g.settings.Commit != scenarios.CommitPerRecord {
		return
	}
	m.process(ctx, fetches, returned)
}

// take accounts for what a poll returned; false where there is nothing to process. After
// errors alone it pauses.
func (m *member) take(ctx context.Context, fetches kgo.Fetches, returned int64) bool {
	g := m.group
	g.polls.Add(1)
	records := 0
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if len(p.Records) == 0 {
			return
		}
		records += len(p.Records)
		topic := g.byName[p.Topic]
		if topic == nil || int(p.Partition) >= len(topic.positions) {
			return
		}
		m.account(topic, p.Partition, p.Records, returned)
		topic.positions[p.Partition].Store(p.Records[len(p.Records)-1].Offset + 1)
	})
	failed := false
	fetches.EachError(func(topic string, partition int32, err error) {
		if errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed) {
			return
		}
		failed = true
		kind := kafka.ErrorKind(err)
		g.failures.add(outside, kind)
		g.events.once("error", kind, fmt.Sprintf("%s: %v", g.settings.Name, err))
		if kafka.LacksRight(kind) {
			g.refuse(topic, err)
		}
	})
	if records == 0 && failed {
		select {
		case <-time.After(pollPause):
		case <-ctx.Done():
		}
	}
	return records > 0
}

// refuse remembers that a right is missing on a topic or, where none is named, on the group.
func (g *consumerGroup) refuse(topic string, err error) {
	name := topic
	if name == "" {
		name = g.id
	}
	var refused error
	if p := kafka.AccessProblem(name, err); p != nil {
		refused = p
	} else {
		refused = err
	}
	g.refusal.Store(&refused)
}

// account records the latency of one partition's records and enters them in the ledger. It is
// the hot path of reading: one lock a partition and poll, nothing allocated.
func (m *member) account(topic *consumedTopic, partition int32, records []*kgo.Record, returned int64) {
	g := m.group
	n, bytes := 0, 0
	for _, r := range records {
		if topic.transactional && r.Attrs.IsControl() {
			continue
		}
		n++
		bytes += len(r.Key) + len(r.Value)
	}
	g.consumed.Add(int64(n))
	g.consumedBytes.Add(int64(bytes))
	if topic.effects != nil {
		topic.effects.account(m, partition, records, returned)
		return
	}
	l := topic.ledger
	if l == nil {
		return
	}
	p := &l.partitions[partition]
	p.mu.Lock()
	defer p.mu.Unlock()
	var s stamp
	for _, r := range records {
		from, rest := stampOf(r)
		if !s.read(from) || s.run != g.run {
			if topic.own && topic.checked {
				p.enterCorrupted(l, unreadable(), partition, r.Offset)
			}
			continue // not of this trial
		}
		if topic.checked && !intact(from, rest) {
			p.enterCorrupted(l, &s, partition, r.Offset)
			continue
		}
		first := p.enter(l, &s, partition, r.Offset)
		inWindow := g.window.holds(s.intended)
		// A record that comes again is a duplicate, not a latency.
		if first {
			m.shard.endToEnd[side(inWindow)].Record(returned - s.intended)
		}
	}
}

// process lets the handler have every record of a poll.
func (m *member) process(ctx context.Context, fetches kgo.Fetches, returned int64) {
	g := m.group
	if m.processor != nil {
		m.processor.begin(returned)
	}
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		topic := g.byName[p.Topic]
		for _, r := range p.Records {
			if ctx.Err() != nil {
				return
			}
			if topic.transactional && r.Attrs.IsControl() {
				continue
			}
			if m.processor != nil {
				done := m.processor.record(ctx)
				m.recordProcessed(topic, r, done)
			}
			if g.settings.Commit == scenarios.CommitPerRecord {
				m.commitRecord(ctx, r)
			}
		}
	})
	if m.processor != nil {
		m.processor.end(ctx)
	}
}

func (m *member) recordProcessed(topic *consumedTopic, r *kgo.Record, done int64) {
	if topic == nil || topic.ledger == nil && topic.effects == nil {
		return
	}
	var s stamp
	from, _ := stampOf(r)
	if s.read(from) && s.run == m.group.run {
		m.shard.processed[side(m.group.window.holds(s.intended))].Record(done - s.intended)
	}
}

func (m *member) commit(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, commitBound)
	defer cancel()
	m.committed(ctx, m.client.CommitUncommittedOffsets(ctx))
}

func (m *member) commitRecord(ctx context.Context, r *kgo.Record) {
	ctx, cancel := context.WithTimeout(ctx, commitBound)
	defer cancel()
	m.committed(ctx, m.client.CommitRecords(ctx, r))
}

func (m *member) committed(ctx context.Context, err error) {
	switch {
	case err == nil:
		m.group.commits.Add(1)
	case errors.Is(ctx.Err(), context.Canceled): // the trial ends
	default:
		kind := "commit_" + kafka.ErrorKind(err)
		m.group.failures.add(outside, kind)
		m.group.events.once("error", kind, fmt.Sprintf("%s: commit: %v", m.group.settings.Name, err))
	}
}

// consumerCallbacks follow a group's partitions.
func (m *member) callbacks() []kgo.Opt {
	return []kgo.Opt{
		kgo.OnPartitionsAssigned(func(_ context.Context, client *kgo.Client, partitions map[string][]int32) {
			_, generation := client.GroupMetadata()
			m.group.rebalances.assigned(m, generation, partitions)
		}),
		kgo.OnPartitionsRevoked(func(ctx context.Context, _ *kgo.Client, partitions map[string][]int32) {
			// As Java does: what was processed is committed before it goes.
			switch m.group.settings.Commit {
			case scenarios.CommitPerBatch, scenarios.CommitAtInterval:
				m.commit(ctx)
			}
			m.group.rebalances.revoked(m, partitions)
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			m.group.rebalances.revoked(m, partitions)
		}),
	}
}
