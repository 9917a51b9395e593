package workload

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/pace"
	"kaliper/scenarios"
)

func (s *stage) prepareProducers(ctx context.Context) error {
	index := uint32(0)
	var offered, ceilings []float64
	for i, settings := range s.load.Producers {
		random := rand.New(rand.NewPCG(seedOf(s.load.Seed, s.trial.Ref.Trial, "values", settings.Name), uint64(i)))
		values, err := s.values(ctx, settings, random)
		if err != nil {
			return fmt.Errorf("producers.%s: %w", settings.Name, err)
		}
		g := &producerGroup{
			settings: settings,
			topic:    s.topics[settings.TopicOf(0)].Name,
			values:   values,
			keys:     newKeySpace(settings.Key),
			metrics:  &clientMetrics{key: produceKey},
			events:   s.events,
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
			g.shards = append(g.shards, g.newShard())
		}
		s.producers = append(s.producers, g)
		properties := contacting(g.settings.Properties, s.trial.Bootstrap)
		if settings.Send == scenarios.SendTransaction && !s.rehearsal {
			g.transactions = &groupTransactions{}
		}
		options, err := g.options(properties, g.transactions != nil)
		if err != nil {
			return fmt.Errorf("producers.%s: %w", settings.Name, err)
		}
		partitions := s.topics[settings.TopicOf(0)].Partitions
		// The null sink speaks neither TLS nor SASL: what encryption costs is not in the ceiling.
		plain, err := g.options(kafka.WithoutSecurity(properties), false)
		if err != nil {
			return fmt.Errorf("producers.%s: %w", settings.Name, err)
		}
		dial, err := kafka.Dialer(properties)
		if err != nil {
			return fmt.Errorf("producers.%s: %w", settings.Name, err)
		}
		if s.rehearsal {
			options = plain
		}
		if g.openLoop() && s.trial.Ceilings != nil {
			ceiling, err := s.trial.Ceilings.of(ctx, g, partitions, plain)
			if err != nil {
				return fmt.Errorf("producers.%s: %w", settings.Name, err)
			}
			offered, ceilings = append(offered, g.profile.Peak()), append(ceilings, ceiling)
		}
		var shared lingering
		lingers := properties.Duration("linger.ms") > 0 && g.openLoop() && settings.Send == scenarios.SendAsync
		if lingers {
			shared = newLingering(properties.Duration("linger.ms"), properties.Int64("buffer.memory"))
		}
		for client := range settings.Clients {
			c := g.newClient(client, index)
			c.run, c.window = s.trial.runStamp(), s.window
			c.seed(s.load.Seed, s.trial.Ref.Trial)
			c.logical = settings.TopicOf(client)
			info := s.topics[c.logical]
			c.topic, c.sequences = info.Name, make([]int64, info.Partitions)
			dial := dial
			if s.rehearsal {
				dial = (&nullBroker{topic: c.topic, partitions: info.Partitions}).dial(s.memberCtx)
			}
			if properties.String("acks") != "0" { // there are answers to listen to
				dial = kafka.WatchProduce(dial, c.answered)
			}
			options := append(slices.Clone(options), kgo.Dialer(dial))
			hooks, sticky := c.hooks(), g.sticky
			if properties.String("compression.type") != "none" {
				sticky.estimate = newCompressionEstimate()
				hooks = append(hooks, sticky.estimate)
			}
			if lingers {
				c.linger = shared.of(c.topic, int32(partitions), len(s.trial.Cluster.Brokers))
				sticky.linger = c.linger
				hooks = append(hooks, lingerHook{c})
				options = append(options, shared.options...)
			}
			options = append(options, kgo.RecordPartitioner(partitioner(settings.Partitioner, sticky)), kgo.WithHooks(hooks...))
			if g.transactions != nil {
				if options, err = s.transact(c, properties, options); err != nil {
					return fmt.Errorf("producers.%s: %w", settings.Name, err)
				}
			}
			kafkaClient, err := kgo.NewClient(options...)
			if err != nil {
				return fmt.Errorf("producers.%s: %w", settings.Name, err)
			}
			c.kafka.Store(kafkaClient)
			c.sink = kafkaClient
			if c.linger != nil {
				c.linger.client = kafkaClient
			}
			g.clients = append(g.clients, c)
			index++
		}
	}
	s.ceiling = combinedCeiling(offered, ceilings)
	return nil
}

// values prepares the values of a group; where they have a schema, that is registered first.
func (s *stage) values(ctx context.Context, settings scenarios.ProducerGroup, random *rand.Rand) (*values, error) {
	batchBytes := int(settings.Properties.Int64("batch.size"))
	if settings.Value.Typed == nil {
		return prepareValues(settings.Value, random, batchBytes)
	}
	by, id, err := s.resolve(ctx, settings)
	if err != nil {
		return nil, err
	}
	return prepareTyped(settings.Value, by, id, random, batchBytes)
}

// newShard returns a shard for some of the group's clients.
func (g *producerGroup) newShard() *producerShard {
	shard := &producerShard{}
	if g.values.typed != nil {
		shard.serialize = &serialization{}
	}
	return shard
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

// options returns the client options that all clients of the group share, but for the
// transactional id.
func (g *producerGroup) options(properties kafka.Properties, transactional bool) ([]kgo.Opt, error) {
	headerBytes := 0
	for _, h := range g.headers {
		headerBytes += len(h.Key) + len(h.Value) + 10 // two lengths of at most five bytes
	}
	if g.stamped && !g.values.inValue {
		headerBytes += len(stampHeader) + stampBytes + 2
	}
	if g.stamped && transactional {
		headerBytes += len(originHeader) + originBytes + transactionBytes + 2
	}
	ratio, err := kafka.CompressionRatio(properties, g.sample(int(properties.Int64("batch.size"))))
	if err != nil {
		return nil, err
	}
	payload := kafka.Payload{
		LargestRecord:    kafka.EncodedBytes(max(g.keys.room, keyRoom), g.values.largest, headerBytes),
		CompressionRatio: ratio,
		Transactional:    transactional,
	}
	options, err := kafka.ProducerOptions(properties, payload)
	if err != nil {
		return nil, err
	}
	g.sticky = stickiness{
		batchBytes: float64(properties.Int64("batch.size")),
		adaptive:   properties.Bool("partitioner.adaptive.partitioning.enable"),
		ignoreKeys: properties.Bool("partitioner.ignore.keys"),
	}
	return append(options, kgo.RecordPartitioner(partitioner(g.settings.Partitioner, g.sticky))), nil
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
		busy:         new(int64),
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
