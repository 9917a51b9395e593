package workload

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/scenarios"
)

func (s *stage) prepareConsumers(ctx context.Context) error {
	for _, settings := range s.load.Consumers {
		if err := s.prepareGroup(ctx, settings, s.working(settings)); err != nil {
			return fmt.Errorf("consumers.%s: %w", settings.Name, err)
		}
	}
	for _, settings := range s.load.Pipelines {
		if err := s.prepareGroup(ctx, settings.Group(), s.newPipeline(settings)); err != nil {
			return fmt.Errorf("pipelines.%s: %w", settings.Name, err)
		}
	}
	for _, g := range s.consumers {
		var err error
		switch {
		case g.late() || g.id == "":
		case g.sharing != nil:
			err = s.awaitShare(ctx, g, joinBound)
		default:
			if err = g.awaitMembers(ctx, joinBound); err == nil {
				err = g.awaitTransactions(ctx, joinBound)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// prepareGroup makes a group and lets its members join, but for those that join late. p is nil
// where the group only reads.
func (s *stage) prepareGroup(ctx context.Context, settings scenarios.ConsumerGroup, p *pipeline) error {
	g, err := s.newConsumerGroup(settings)
	if err != nil {
		return err
	}
	g.pipeline = p
	if err := s.deserializers(ctx, g); err != nil {
		return err
	}
	s.consumers = append(s.consumers, g)
	if err := s.prepareDedup(ctx, g); err != nil {
		return err
	}
	if p != nil && p.retries == nil && settings.Failures.Policy == scenarios.FailureRetryTopic {
		if err := s.prepareRetries(ctx, settings, p); err != nil {
			return err
		}
	}
	if !g.late() {
		return s.join(ctx, g)
	}
	if g.fromStart && g.sharing == nil {
		// Its lag grows from the first record on.
		offsets, err := s.trial.Admin.ResolveStart(ctx, startOf(settings.Start), g.names...)
		if err != nil {
			return err
		}
		g.startAt(offsets)
	}
	return nil // joins during the load
}

func (s *stage) newConsumerGroup(settings scenarios.ConsumerGroup) (*consumerGroup, error) {
	g := &consumerGroup{
		settings: settings, clock: s.clock, window: s.window, run: s.trial.runStamp(),
		byName: map[string]*consumedTopic{}, metrics: &clientMetrics{key: fetchKey}, events: s.events,
	}
	if g.sharing = newSharing(settings, s.load.Seed); g.sharing != nil {
		g.metrics.key = shareFetchKey
	}
	g.fromStart = !g.late() || settings.Start.From == scenarios.StartEarliest
	if g.sharing != nil {
		g.startShared(!slices.ContainsFunc(settings.Topics, func(topic string) bool { return s.topics[topic].Existing }))
	}
	g.rebalances = newRebalances(settings.Name, s.clock, s.events)
	if !settings.Assigned {
		if g.id = settings.Properties.String("group.id"); g.id == "" {
			id, err := kafka.GroupName(s.trial.Owner, s.trial.Ref.Case, s.trial.Ref.Number(), settings.Name)
			if err != nil {
				return nil, err
			}
			g.id, g.ownGroup = id, true
			s.groups = append(s.groups, id)
		} else if strings.HasSuffix(settings.Topics[0], scenarios.RetrySuffix) {
			g.id += scenarios.RetryGroupSuffix
		}
	}
	// A group that works through retries hands records on as they are.
	g.decodes = settings.Deserialize && settings.Failures.None() && slices.ContainsFunc(settings.Topics, s.load.Types)
	for range min(settings.MostMembers(), shardsPerGroup) {
		g.shards = append(g.shards, &consumerShard{})
		if g.decodes {
			g.shards[len(g.shards)-1].deserialize = &serialization{}
		}
	}
	var logicals []string
	for _, declared := range settings.Topics {
		logicals = append(logicals, s.copiesOf(declared)...)
	}
	for _, logical := range logicals {
		info := s.topics[logical]
		topic := newConsumedTopic(logical, info.Name, info.Partitions)
		topic.own = !info.Existing
		if g.sharing != nil {
			topic.pending = make([]atomic.Int64, info.Partitions)
		}
		topic.transactional = s.transactional(logical)
		s.failureNames(topic)
		if retry := strings.HasSuffix(logical, scenarios.RetrySuffix); retry || len(s.writersOf(logical)) > 0 {
			var seen *transactionsSeen
			if topic.transactional && !retry {
				seen = &transactionsSeen{log: &s.transactions}
			}
			topic.checked = s.load.Integrity == scenarios.IntegrityFull && !retry
			topic.effects = newEffects(settings.Name, logical, g.run, info.Partitions, topic.checked, &s.anomalies, seen)
			topic.effects.repeated, topic.effects.own = retry, topic.own
		}
		for _, p := range s.producers {
			if topic.effects != nil || !slices.Contains(s.copiesOf(p.settings.Topic), logical) {
				continue
			}
			if p.settings.Send == scenarios.SendTransaction && topic.seen == nil {
				topic.seen = &transactionsSeen{log: &s.transactions}
			}
			if topic.ledger == nil {
				topic.ledger = newLedger(settings.Name, logical, g.run, s.writing(logical), info.Partitions, g.fromStart, &s.anomalies)
				topic.ledger.unordered, topic.ledger.pending = g.sharing != nil, topic.pending
			}
			topic.checked = s.load.Integrity == scenarios.IntegrityFull
			if topic.checked && g.handles() && topic.handled == nil {
				topic.handled = newLedger(settings.Name, logical, g.run, s.writing(logical), info.Partitions, g.fromStart, &s.anomalies)
				topic.handled.ofHandlers = true
				topic.handled.unordered, topic.handled.pending = g.sharing != nil, topic.pending
			}
		}
		if compacted(info) {
			topic.thin(thinnedByCompaction)
		}
		g.topics = append(g.topics, topic)
		g.byName[info.Name] = topic
		g.names = append(g.names, info.Name)
	}
	return g, nil
}

// writing returns the numbers of the producer clients that write to a topic, in order.
func (s *stage) writing(logical string) (clients []uint32) {
	for _, p := range s.producers {
		for _, c := range p.clients {
			if c.logical == logical {
				clients = append(clients, c.index)
			}
		}
	}
	return clients
}

// fixPositions resolves where a group starts, and commits it for a group of the trial's own. A
// group that the user named keeps its own positions.
func (s *stage) fixPositions(ctx context.Context, g *consumerGroup) (kafka.Offsets, error) {
	offsets, err := s.trial.Admin.ResolveStart(ctx, startOf(g.settings.Start), g.names...)
	if err != nil {
		return nil, err
	}
	if g.ownGroup {
		if err := s.trial.Admin.CommitStart(ctx, g.id, offsets); err != nil {
			return nil, err
		}
	}
	g.startAt(offsets)
	return offsets, nil
}

// startAt sets the group's positions as they are before it reads.
func (g *consumerGroup) startAt(offsets kafka.Offsets) {
	if !g.ownGroup && g.id != "" {
		return
	}
	for _, topic := range g.topics {
		for partition, offset := range offsets[topic.name] {
			topic.positions[partition].Store(offset)
		}
	}
}

// startOf returns a scenario's position as one to resolve.
func startOf(from scenarios.Start) kafka.Start {
	switch from.From {
	case scenarios.StartLatest:
		return kafka.StartLatest()
	case scenarios.StartOffset:
		return kafka.StartAt(from.Offset)
	case scenarios.StartTimestamp:
		return kafka.StartAfter(from.Timestamp)
	case scenarios.StartAgo:
		return kafka.StartAgo(from.Ago)
	}
	return kafka.StartEarliest()
}

// join starts the members of a group at their positions.
func (s *stage) join(ctx context.Context, g *consumerGroup) error {
	if g.sharing != nil {
		return s.joinShare(ctx, g)
	}
	offsets, err := s.fixPositions(ctx, g)
	if err != nil {
		return err
	}
	for i := range g.settings.Members {
		if err := s.startMember(g, i, offsets); err != nil {
			return err
		}
	}
	return nil
}

// startMember makes a member and lets it join. offsets are needed where there is no group.
func (s *stage) startMember(g *consumerGroup, index int, offsets kafka.Offsets) error {
	random := rand.New(rand.NewPCG(seedOf(s.load.Seed, s.trial.Ref.Trial, "processing", g.settings.Name), uint64(index)))
	m := &member{
		group: g, index: index, shard: g.shards[index%len(g.shards)],
		processor: newProcessor(g.settings.Processing, s.clock, random, g.dedup != nil), ended: make(chan struct{}),
	}
	m.processing, m.stopProcessing = context.WithCancel(s.memberCtx)
	options, err := s.memberOptions(m, offsets)
	if err != nil {
		return err
	}
	run := m.run
	if g.sharing != nil {
		run = m.runSharing
	}
	connect := func(options []kgo.Opt) (*kgo.Client, error) { return kgo.NewClient(options...) }
	if g.pipeline != nil {
		w, producing, err := s.worker(m)
		if err != nil {
			return err
		}
		// What both sides set is the same but for what producing sets after: its timeouts.
		options = append(options, producing...)
		run, connect = w.run, w.connect
	}
	m.newClient = func() (*kgo.Client, error) {
		// A crash ends the client's context, and nothing else does before the client is closed.
		ctx, kill := context.WithCancel(context.WithoutCancel(s.memberCtx))
		own := []kgo.Opt{kgo.WithContext(ctx)}
		if g.sharing == nil {
			own = append(own, kgo.WithHooks(&fetchHook{into: &g.fetched}))
		}
		client, err := connect(append(slices.Clip(options), own...))
		m.alive, m.kill = ctx, kill
		return client, err
	}
	if m.client, err = m.newClient(); err != nil {
		return err
	}
	g.membersMu.Lock()
	g.members = append(g.members, m)
	g.next = max(g.next, index+1)
	g.membersMu.Unlock()
	s.members.Go(func() {
		defer close(m.ended)
		if g.settings.Processing.HandOff {
			var handler sync.WaitGroup
			m.handOff = make(chan handedOff, handOffPolls)
			handler.Go(func() { m.handle(m.processing) })
			defer handler.Wait()
			defer close(m.handOff)
		}
		run(s.memberCtx)
	})
	return nil
}

// memberOptions returns the options of a member's client.
func (s *stage) memberOptions(m *member, offsets kafka.Offsets) ([]kgo.Opt, error) {
	g := m.group
	if g.sharing != nil {
		options, err := kafka.ShareOptions(contacting(g.settings.Properties, s.trial.Bootstrap), g.id)
		return append(options, kgo.WithHooks(g.metrics), kgo.ConsumeTopics(g.names...), kgo.ShareAckCallback(m.acknowledged)), err
	}
	options, err := kafka.ConsumerOptions(contacting(g.settings.Properties, s.trial.Bootstrap), kafka.Role{Group: g.id, Member: m.index})
	if err != nil {
		return nil, err
	}
	options = append(options, kgo.WithHooks(g.metrics, joinHook{&m.joining}))
	if g.id == "" {
		options = append(options, kgo.ConsumePartitions(g.share(m.index, offsets).Assignment()))
	} else {
		options = append(options, kgo.ConsumeTopics(g.names...), kgo.BlockRebalanceOnPoll())
		options = append(options, m.callbacks()...)
		if g.settings.Commit != scenarios.CommitAuto {
			options = append(options, kgo.DisableAutoCommit())
		}
	}
	for _, topic := range g.topics {
		if topic.transactional {
			return append(options, kgo.KeepControlRecords()), nil
		}
	}
	return options, nil
}

// share deals out partitions in turn, without a group.
func (g *consumerGroup) share(index int, offsets kafka.Offsets) kafka.Offsets {
	mine := kafka.Offsets{}
	turn := 0
	for _, topic := range g.topics {
		mine[topic.name] = map[int32]int64{}
		for partition := range topic.positions {
			if turn%g.settings.Members == index {
				mine[topic.name][int32(partition)] = offsets[topic.name][int32(partition)]
			}
			turn++
		}
	}
	return mine
}
