package workload

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/pace"
	"kaliper/results"
	"kaliper/scenarios"
)

// stage is everything of a trial that is set up before the load and taken down after it.
type stage struct {
	trial     Trial
	load      scenarios.Load
	clock     *loadClock
	window    *window
	events    *eventLog
	anomalies anomalies
	topics    map[string]results.TopicInfo // by logical name
	owned     []string                     // created by this trial: the cluster's names
	groups    []string                     // group ids of this trial
	producers []*producerGroup
	consumers []*consumerGroup
	lag       *kafka.LagSampler
	warnings  []results.Reason
	ceiling   float64 // records per second of the null sink; 0 where not measured

	members    sync.WaitGroup
	stopMember context.CancelFunc
	memberCtx  context.Context
}

// prepare does all that comes before the load. A stage that is not nil must be torn down even
// when there is an error.
func prepare(ctx context.Context, t Trial) (*stage, error) {
	s := &stage{
		trial: t, load: t.Case.Load, clock: newLoadClock(),
		window: newWindow(t.Case.Load.Warmup, t.Case.Load.Duration),
		topics: map[string]results.TopicInfo{},
	}
	s.events = newEventLog(s.clock)
	s.memberCtx, s.stopMember = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.makeTopics(ctx); err != nil {
		return s, err
	}
	if err := s.prepareProducers(ctx); err != nil {
		return s, err
	}
	if err := s.prepareConsumers(ctx); err != nil {
		return s, err
	}
	return s, nil
}

// makeTopics creates the trial's own topics and looks at the others.
func (s *stage) makeTopics(ctx context.Context) error {
	var specs []kafka.TopicSpec
	var names []string
	for _, topic := range s.load.Topics {
		if topic.Existing != "" {
			info, err := s.trial.Admin.ExistingTopic(ctx, topic.Name, topic.Existing)
			if err != nil {
				return err
			}
			s.topics[topic.Name] = info
			names = append(names, info.Name)
			continue
		}
		name, err := kafka.TopicName(s.trial.Owner, s.trial.Ref.Case, s.trial.Ref.Trial, topic.Name)
		if err != nil {
			return err
		}
		specs = append(specs, kafka.TopicSpec{
			Logical: topic.Name, Name: name, Partitions: topic.Partitions,
			ReplicationFactor: topic.ReplicationFactor, Config: topic.Config,
		})
		names = append(names, name)
	}
	if len(specs) > 0 {
		infos, warnings, err := s.trial.Admin.CreateTopics(ctx, s.trial.Owner, specs, topicsBound)
		if err != nil {
			return err
		}
		s.warnings = append(s.warnings, warnings...)
		for _, info := range infos {
			s.topics[info.Logical] = info
			s.owned = append(s.owned, info.Name)
		}
	}
	s.lag = kafka.NewLagSampler(s.trial.Admin, names...)
	return nil
}

// consumed says whether any group reads the topic.
func (s *stage) consumed(topic string) bool {
	for _, c := range s.load.Consumers {
		for _, name := range c.Topics {
			if name == topic {
				return true
			}
		}
	}
	return false
}

func (s *stage) prepareProducers(ctx context.Context) error {
	index := uint32(0)
	var offered, ceilings []float64
	for i, settings := range s.load.Producers {
		random := rand.New(rand.NewPCG(seedOf(s.load.Seed, s.trial.Ref.Trial, "values", settings.Name), uint64(i)))
		values, err := prepareValues(settings.Value, random, int(settings.Properties.Int64("batch.size")))
		if err != nil {
			return fmt.Errorf("producers.%s: %w", settings.Name, err)
		}
		g := &producerGroup{
			settings: settings,
			topic:    s.topics[settings.Topic].Name,
			values:   values,
			keys:     newKeySpace(settings.Key),
			metrics:  &clientMetrics{key: produceKey},
			// Latencies of readers need stamps too. Without a reader they are what the scenario
			// asks for.
			stamped: s.consumed(settings.Topic) || s.load.Integrity == scenarios.IntegrityFull,
		}
		for key, value := range settings.Headers {
			g.headers = append(g.headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
		}
		if !settings.Rate[0].Max() {
			g.profile = pace.NewProfile(segments(settings.Rate, g.meanBytes()), s.load.Warmup+s.load.Duration)
		}
		for range min(settings.Clients, shardsPerGroup) {
			g.shards = append(g.shards, &producerShard{})
		}
		s.producers = append(s.producers, g)
		options, err := g.options(s.trial.Bootstrap)
		if err != nil {
			return fmt.Errorf("producers.%s: %w", settings.Name, err)
		}
		if g.openLoop() && s.trial.Ceilings != nil {
			ceiling, err := s.trial.Ceilings.of(ctx, g, s.topics[settings.Topic].Partitions, options)
			if err != nil {
				return fmt.Errorf("producers.%s: %w", settings.Name, err)
			}
			offered, ceilings = append(offered, g.profile.Peak()), append(ceilings, ceiling)
		}
		for client := range settings.Clients {
			c := g.newClient(client, index)
			c.run, c.window = s.trial.runStamp(), s.window
			c.seed(s.load.Seed, s.trial.Ref.Trial)
			c.sequences = make([]partitionSequence, s.topics[settings.Topic].Partitions)
			kafkaClient, err := kgo.NewClient(append(options, kgo.WithHooks(c.hooks()...))...)
			if err != nil {
				return fmt.Errorf("producers.%s: %w", settings.Name, err)
			}
			c.kafka, c.sink = kafkaClient, kafkaClient
			g.clients = append(g.clients, c)
			index++
		}
	}
	s.ceiling = combinedCeiling(offered, ceilings)
	return nil
}

// contacting returns the properties with the bootstrap servers that are only known now, those
// of the embedded broker; without any it returns them as they are.
func contacting(p kafka.Properties, bootstrap []string) kafka.Properties {
	if len(bootstrap) == 0 {
		return p
	}
	return kafka.WithBootstrap(p, strings.Join(bootstrap, ","))
}

// meanBytes returns the mean size of key and value.
func (g *producerGroup) meanBytes() float64 { return g.values.meanBytes + g.keys.meanBytes() }

// segments turns phases into records per second.
func segments(phases []scenarios.Phase, meanBytes float64) []pace.Segment {
	perSecond := func(of float64, bytes bool) float64 {
		if bytes {
			return of / meanBytes
		}
		return of
	}
	var list []pace.Segment
	for _, p := range phases {
		list = append(list, pace.Segment{
			Name: p.Name, For: p.For,
			From: perSecond(p.From.PerSecond, p.From.Bytes), To: perSecond(p.To.PerSecond, p.To.Bytes),
		})
	}
	return list
}

// options returns the client options that all clients of the group share.
func (g *producerGroup) options(bootstrap []string) ([]kgo.Opt, error) {
	properties := contacting(g.settings.Properties, bootstrap)
	headerBytes := 0
	for _, h := range g.headers {
		headerBytes += len(h.Key) + len(h.Value) + 10 // two lengths of at most five bytes
	}
	if g.stamped && !g.values.inValue {
		headerBytes += len(stampHeader) + stampBytes + 2
	}
	ratio, err := kafka.CompressionRatio(properties, g.sample(int(properties.Int64("batch.size"))))
	if err != nil {
		return nil, err
	}
	payload := kafka.Payload{
		LargestRecord:    kafka.EncodedBytes(max(g.settings.Key.Size, keyRoom), g.values.largest, headerBytes),
		CompressionRatio: ratio,
	}
	options, err := kafka.ProducerOptions(properties, payload)
	if err != nil {
		return nil, err
	}
	options = append(options, kgo.RecordPartitioner(partitioner(g.settings.Partitioner, stickiness{
		batchBytes: float64(properties.Int64("batch.size")),
		ratio:      payload.EstimatedRatio(),
		adaptive:   properties.Bool("partitioner.adaptive.partitioning.enable"),
		ignoreKeys: properties.Bool("partitioner.ignore.keys"),
	})))
	return options, nil
}

// sample returns values that make about one batch.
func (g *producerGroup) sample(batchBytes int) []byte {
	var sample []byte
	for _, value := range g.values.list {
		if len(sample) > 0 && len(sample)+len(value) > max(batchBytes, 1<<10) {
			break
		}
		sample = append(sample, value...)
	}
	return sample
}

// newClient returns a client without its connection.
func (g *producerGroup) newClient(client int, index uint32) *producerClient {
	properties := g.settings.Properties
	c := &producerClient{
		group: g, number: client, index: index,
		shard:        g.shards[client%len(g.shards)],
		budget:       newBudget(properties.Int64("buffer.memory"), properties.Int64("batch.size")),
		maxBlock:     int64(properties.Duration("max.block.ms")),
		reuseClock:   !g.openLoop() && properties.String("acks") != "0",
		blockedSince: -1,
		// Clients go through the values in step, so that no two send the same one at a time.
		value: client * len(g.values.list) / g.settings.Clients,
	}
	c.promise = c.acknowledged
	return c
}

// hooks returns what the client library is to call. The hook at partitioning is called for
// every record, so that it is there only for records that carry stamps.
func (c *producerClient) hooks() []kgo.Hook {
	hooks := []kgo.Hook{c.group.metrics, responseHook{c}}
	if c.group.stamped {
		hooks = append(hooks, stampHook{c})
	}
	return hooks
}

// seed makes the client's keys and arrival times what the seed and the trial say.
func (c *producerClient) seed(seed uint64, trial int) {
	g := c.group
	random := func(what string) *rand.Rand {
		return rand.New(rand.NewPCG(seedOf(seed, trial, what, g.settings.Name), uint64(c.number)))
	}
	c.keys = newKeys(g.keys, c.number, g.settings.Clients, random("keys"))
	if g.profile == nil {
		return
	}
	schedule := func() *pace.Schedule {
		if g.settings.Arrival == scenarios.ArrivalPoisson {
			return pace.NewPoisson(g.profile, g.settings.Clients, random("arrivals"))
		}
		return pace.NewConstant(g.profile, c.number, g.settings.Clients)
	}
	c.schedule, c.bellSchedule = schedule(), schedule()
}

func (s *stage) prepareConsumers(ctx context.Context) error {
	for i := range s.load.Consumers {
		settings := s.load.Consumers[i]
		g, err := s.newConsumerGroup(settings)
		if err != nil {
			return fmt.Errorf("consumers.%s: %w", settings.Name, err)
		}
		s.consumers = append(s.consumers, g)
		if settings.Start.After > 0 {
			continue // joins during the load
		}
		if err := s.join(ctx, g); err != nil {
			return fmt.Errorf("consumers.%s: %w", settings.Name, err)
		}
	}
	for _, g := range s.consumers {
		if g.settings.Start.After == 0 && g.id != "" {
			if err := g.awaitMembers(ctx, joinBound); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *stage) newConsumerGroup(settings scenarios.ConsumerGroup) (*consumerGroup, error) {
	g := &consumerGroup{
		settings: settings, clock: s.clock, window: s.window, run: s.trial.runStamp(),
		byName: map[string]*consumedTopic{}, metrics: &clientMetrics{key: fetchKey}, events: s.events,
		fromStart: settings.Start.After == 0 || settings.Start.From == scenarios.StartEarliest,
	}
	g.rebalances = newRebalances(settings.Name, s.clock, s.events)
	if !settings.Assigned {
		if g.id = settings.Properties.String("group.id"); g.id == "" {
			id, err := kafka.GroupName(s.trial.Owner, s.trial.Ref.Case, s.trial.Ref.Trial, settings.Name)
			if err != nil {
				return nil, err
			}
			g.id, g.ownGroup = id, true
			s.groups = append(s.groups, id)
		}
	}
	for range min(settings.Members, shardsPerGroup) {
		g.shards = append(g.shards, &consumerShard{})
	}
	clients := 0
	for _, p := range s.producers {
		clients += p.settings.Clients
	}
	for _, logical := range settings.Topics {
		info := s.topics[logical]
		topic := newConsumedTopic(logical, info.Name, info.Partitions)
		for _, p := range s.producers {
			if p.settings.Topic != logical {
				continue
			}
			if topic.ledger == nil {
				topic.ledger = newLedger(settings.Name, logical, g.run, clients, info.Partitions, g.fromStart, &s.anomalies)
			}
			topic.checked = s.load.Integrity == scenarios.IntegrityFull
		}
		g.topics = append(g.topics, topic)
		g.byName[info.Name] = topic
	}
	return g, nil
}

// join starts the members of a group at their positions.
func (s *stage) join(ctx context.Context, g *consumerGroup) error {
	names := make([]string, len(g.topics))
	for i, topic := range g.topics {
		names[i] = topic.name
	}
	var start kafka.Start
	switch from := g.settings.Start; from.From {
	case scenarios.StartLatest:
		start = kafka.StartLatest()
	case scenarios.StartOffset:
		start = kafka.StartAt(from.Offset)
	case scenarios.StartTimestamp:
		start = kafka.StartAfter(from.Timestamp)
	default:
		start = kafka.StartEarliest()
	}
	offsets, err := s.trial.Admin.ResolveStart(ctx, start, names...)
	if err != nil {
		return err
	}
	// A group that the user named keeps its own positions.
	if g.ownGroup {
		if err := s.trial.Admin.CommitStart(ctx, g.id, offsets); err != nil {
			return err
		}
	}
	if g.ownGroup || g.id == "" {
		for _, topic := range g.topics {
			for partition, offset := range offsets[topic.name] {
				topic.positions[partition].Store(offset)
			}
		}
	}
	for i := range g.settings.Members {
		if err := s.startMember(g, i, names, offsets); err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) startMember(g *consumerGroup, index int, names []string, offsets kafka.Offsets) error {
	options, err := kafka.ConsumerOptions(contacting(g.settings.Properties, s.trial.Bootstrap), kafka.Role{Group: g.id, Member: index})
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seedOf(s.load.Seed, s.trial.Ref.Trial, "processing", g.settings.Name), uint64(index)))
	m := &member{
		group: g, index: index, shard: g.shards[index%len(g.shards)],
		processor: newProcessor(g.settings.Processing, s.clock, random),
	}
	options = append(options, kgo.WithHooks(g.metrics))
	if g.id == "" {
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
		options = append(options, kgo.ConsumePartitions(mine.Assignment()))
	} else {
		options = append(options, kgo.ConsumeTopics(names...), kgo.BlockRebalanceOnPoll())
		options = append(options, m.callbacks()...)
		if g.settings.Commit != scenarios.CommitAuto {
			options = append(options, kgo.DisableAutoCommit())
		}
	}
	if m.client, err = kgo.NewClient(options...); err != nil {
		return err
	}
	g.membersMu.Lock()
	g.members = append(g.members, m)
	g.membersMu.Unlock()
	s.members.Go(func() { m.run(s.memberCtx) })
	return nil
}

// joinEvery is how often a group that is joining is looked at: generations have no callback.
const joinEvery = 10 * time.Millisecond

// nudgeEvery is how long a group may stand still before its members are made to join again.
const nudgeEvery = 200 * time.Millisecond

// nudge makes the members that have joined join again at once, so that those that came after
// them need not wait until the next heartbeat (heartbeat.interval.ms, 3 s by default). It is for
// the time before the load alone.
func (g *consumerGroup) nudge() {
	for _, m := range g.members {
		if _, generation := m.client.GroupMetadata(); generation > 0 {
			m.client.ForceRebalance()
		}
	}
}

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
	look := time.NewTicker(joinEvery)
	defer look.Stop()
	nudge := time.NewTicker(nudgeEvery)
	defer nudge.Stop()
	for {
		joined, holding := g.joined(), g.rebalances.holding()
		if joined == len(g.members) && holding >= all {
			return nil
		}
		select {
		case <-look.C:
		case <-nudge.C:
			g.nudge()
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

// joined returns how many members are in the newest generation.
func (g *consumerGroup) joined() int {
	newest, n := int32(0), 0
	for _, m := range g.members {
		_, generation := m.client.GroupMetadata()
		switch {
		case generation > newest:
			newest, n = generation, 1
		case generation == newest && generation > 0:
			n++
		}
	}
	return n
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

// tearDown closes what is open and deletes the trial's own topics and groups.
func (s *stage) tearDown(ctx context.Context) error {
	var problems []error
	s.stopMember()
	var closing sync.WaitGroup
	for _, g := range s.producers {
		for _, c := range g.clients {
			closing.Go(c.kafka.Close)
		}
	}
	for _, g := range s.consumers {
		g.membersMu.Lock()
		for _, m := range g.members {
			closing.Go(m.client.CloseAllowingRebalance)
		}
		g.membersMu.Unlock()
	}
	if !within(closeBound, func() { closing.Wait(); s.members.Wait() }) {
		problems = append(problems, fmt.Errorf("clients did not close within %v", closeBound))
	}
	if s.load.KeepTopics {
		return errors.Join(problems...)
	}
	if len(s.owned) > 0 {
		problems = append(problems, s.trial.Admin.DeleteTopics(ctx, s.trial.Owner, s.owned, topicsBound))
	}
	if len(s.groups) > 0 {
		problems = append(problems, s.trial.Admin.DeleteGroups(ctx, s.trial.Owner, s.groups))
	}
	return errors.Join(problems...)
}

// within runs do and waits for it, at most so long.
func within(bound time.Duration, do func()) bool {
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
