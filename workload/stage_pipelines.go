package workload

import (
	"math/rand/v2"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/scenarios"
)

// newPipeline returns the producing side of a pipeline.
func (s *stage) newPipeline(settings scenarios.Pipeline) *pipeline {
	p := &pipeline{
		settings: settings, to: s.topics[settings.To].Name, log: &s.transactions,
		metrics: &clientMetrics{key: produceKey},
		failing: newFailing(settings.Failures, seedOfGroup(s.load.Seed, settings.Name)),
	}
	for range min(settings.Members, shardsPerGroup) {
		p.shards = append(p.shards, &pipelineShard{})
	}
	return p
}

// writersOf returns the pipelines that write to a topic.
func (s *stage) writersOf(topic string) (writers []scenarios.Pipeline) {
	for _, p := range s.load.Pipelines {
		if p.To == topic {
			writers = append(writers, p)
		}
	}
	return writers
}

// transactional says whether transactions write to a topic.
func (s *stage) transactional(topic string) bool {
	for _, p := range s.writersOf(topic) {
		if p.Guarantee == scenarios.ExactlyOnce {
			return true
		}
	}
	for _, g := range s.load.Producers {
		if g.Send == scenarios.SendTransaction && slices.Contains(s.copiesOf(g.Topic), topic) {
			return true
		}
	}
	return s.retriedInTransactions(topic)
}

// worker returns what a member of a pipeline's group is besides, with the options that its
// client needs for producing.
func (s *stage) worker(m *member) (*worker, []kgo.Opt, error) {
	p := m.group.pipeline
	w := &worker{member: m, pipeline: p, shard: p.shards[m.index%len(p.shards)]}
	w.promise = w.delivered
	w.unit.transaction = -1
	properties := contacting(p.settings.Producer, s.trial.Bootstrap)
	options, err := kafka.ProducerOptions(properties, kafka.Payload{
		LargestRecord: int(properties.Int64("max.request.size")), Transactional: p.transactional(),
	})
	if err != nil {
		return nil, nil, err
	}
	sticky := stickiness{
		batchBytes: float64(properties.Int64("batch.size")),
		adaptive:   properties.Bool("partitioner.adaptive.partitioning.enable"),
		ignoreKeys: properties.Bool("partitioner.ignore.keys"),
	}
	if properties.String("compression.type") != "none" {
		sticky.estimate = newCompressionEstimate()
		options = append(options, kgo.WithHooks(sticky.estimate))
	}
	options = append(options,
		kgo.RecordPartitioner(partitioner(scenarios.Partitioner{Kind: scenarios.PartitionerDefault}, sticky)),
		// A poll's output is bounded by max.poll.records; what is beyond the buffer waits.
		kgo.MaxBufferedBytes(int(properties.Int64("buffer.memory"))),
		kgo.WithHooks(outputHooks{p.metrics}),
	)
	if p.transactional() {
		options = append(options,
			kgo.TransactionalID(m.group.transactionalID(m.index)),
			kgo.TransactionTimeout(properties.Duration("transaction.timeout.ms")))
		w.transactionClient = s.transactions.client(p.settings.To)
		w.random = rand.New(rand.NewPCG(seedOf(s.load.Seed, s.trial.Ref.Trial, "aborts", p.settings.Name), uint64(m.index)))
	}
	return w, options, nil
}

// connect opens the client of a worker.
func (w *worker) connect(options []kgo.Opt) (*kgo.Client, error) {
	if !w.pipeline.transactional() {
		return kgo.NewClient(options...)
	}
	w.open = func() (*kgo.GroupTransactSession, error) { return kgo.NewGroupTransactSession(options...) }
	session, err := w.open()
	if err != nil {
		return nil, err
	}
	w.session = session
	return session.Client(), nil
}

// outputHooks tell a pipeline's produce requests apart from its fetches.
type outputHooks struct{ metrics *clientMetrics }

var (
	_ kgo.HookBrokerE2E           = outputHooks{}
	_ kgo.HookProduceBatchWritten = outputHooks{}
)

// OnBrokerE2E implements kgo.HookBrokerE2E.
func (h outputHooks) OnBrokerE2E(broker kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	h.metrics.OnBrokerE2E(broker, key, e2e)
}

// OnProduceBatchWritten implements kgo.HookProduceBatchWritten.
func (h outputHooks) OnProduceBatchWritten(broker kgo.BrokerMetadata, topic string, partition int32, b kgo.ProduceBatchMetrics) {
	h.metrics.OnProduceBatchWritten(broker, topic, partition, b)
}
