package workload

import (
	"context"
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
	fetched   fetchedFrom
	events    *eventLog

	refusal                 atomic.Pointer[error] // a right that is missing: to wait for the members is in vain
	processing              atomic.Int64          // members that work on what they have polled
	consumed, consumedBytes atomic.Int64
	polls, commits          atomic.Int64

	rebalances rebalances
	pipeline   *pipeline   // nil where the group only reads
	sharing    *sharing    // nil where the group is no share group
	dedup      *deduper    // nil where it does not deduplicate
	cutOff     atomic.Bool // the trial ended while a member was processing
	names      []string    // of the topics, the cluster's
	next       int         // the number of the next member that joins
	decodes    bool        // values with a schema
}

// late says whether the group joins during the load.
func (g *consumerGroup) late() bool {
	return g.settings.Start.After > 0 || g.settings.Start.Backlog > 0
}

// handles says whether a record may have been read and not been processed: where handlers take
// no time, the poll is all there is.
func (g *consumerGroup) handles() bool {
	p := g.settings.Processing
	return g.sharing != nil || g.pipeline == nil && (p.Time > 0 || len(p.Stalls) > 0 || p.HandOff || g.settings.Dedup.On())
}

// consumedTopic is one topic as a group reads it.
type consumedTopic struct {
	logical      string
	name         string
	positions    []atomic.Int64    // by partition: the next offset to read; -1 before it is known
	pending      []atomic.Int64    // of a share group, by partition: records that it is not done with; -1 where not known
	ledger       *ledger           // nil where records carry no stamps
	handled      *ledger           // of what handlers are done with; nil where that is what was read
	effects      *effects          // in place of the ledger where pipelines write the topic
	seen         *transactionsSeen // beside a ledger, where transactions of producers write the topic
	checked      bool              // integrity
	thinned      string            // why records may be missing that were not lost; empty where each missing one was
	own          bool              // made for this trial: nobody else writes to it
	deserializer *deserializer     // nil where values are not decoded
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

// thin says why records of the topic may be missing that were not lost.
func (t *consumedTopic) thin(why string) {
	t.thinned = why
	for _, l := range []*ledger{t.ledger, t.handled} {
		if l != nil {
			l.thinned = why
		}
	}
	if t.effects != nil {
		t.effects.thinned = why
	}
}

// polled accounts for what a poll returned, and processes it or hands it over.
func (m *member) polled(ctx context.Context, fetches kgo.Fetches) {
	g := m.group
	if g.decodes {
		m.deserialize(ctx, fetches)
	}
	returned := g.clock.Now()
	if !m.take(ctx, fetches, returned) || m.processor == nil && g.settings.Commit != scenarios.CommitPerRecord {
		return
	}
	if m.handOff != nil {
		m.hand(ctx, fetches, returned)
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
		if g.sharing == nil {
			topic.positions[p.Partition].Store(p.Records[len(p.Records)-1].Offset + 1)
		}
	})
	failed := false
	fetches.EachError(func(topic string, partition int32, err error) {
		if silent(err) {
			return
		}
		failed = true
		kind := kafka.ErrorKind(err)
		g.failures.add(outside, kind)
		g.events.once("error", kind, fmt.Sprintf("%s: %v", g.settings.Name, err))
		if p := kafka.TimeoutsRefused(g.id, err); p != nil {
			refused := error(p)
			g.refusal.Store(&refused)
		}
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
		if topic.transactional && r.Attrs.IsControl() {
			p.nextOffset = max(p.nextOffset, r.Offset+1)
			continue
		}
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
		if topic.seen != nil && r.Offset >= p.nextOffset {
			o := originOf(r)
			topic.seen.enter(o.client, o.transaction)
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
	if g.dedup != nil {
		m.processOnce(ctx, fetches, returned, m)
		return
	}
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
				if ctx.Err() != nil {
					return // it was not done with this one
				}
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
	if !s.read(from) || s.run != m.group.run {
		return
	}
	if l := topic.handled; l != nil {
		p := &l.partitions[r.Partition]
		p.mu.Lock()
		first := p.enter(l, &s, r.Partition, r.Offset)
		p.mu.Unlock()
		if !first {
			return // a record that is processed again is a duplicate, not a latency
		}
	}
	if m.processor != nil || m.group.sharing == nil {
		m.shard.processed[side(m.group.window.holds(s.intended))].Record(done - s.intended)
	}
}
