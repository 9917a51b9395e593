package workload

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/pace"
)

// How long the null sink is run: first until connections, buffers and pools are there.
const (
	ceilingWarmup   = 100 * time.Millisecond
	ceilingDuration = 250 * time.Millisecond
)

// ceilingClients bounds the clients: more of them share the same processors.
const ceilingClients = 32

// ceilingBuffer bounds what is in flight: the null sink answers at once, more would only fill
// memory.
const ceilingBuffer = 4 << 20

// Ceilings remembers, for the trials of a run, how many records a second the instrument can
// hand over with given client settings on this machine when nothing slows it down.
type Ceilings struct {
	mu   sync.Mutex
	seen map[string]float64
}

// NewCeilings returns an empty memory.
func NewCeilings() *Ceilings { return &Ceilings{seen: map[string]float64{}} }

// of returns the ceiling of a producer group in records per second; it is measured when the
// settings are new.
func (c *Ceilings) of(ctx context.Context, g *producerGroup, partitions int, options []kgo.Opt) (float64, error) {
	settings := g.settings
	settings.Rate, settings.RateText = nil, "" // the closed loop has none
	key := fmt.Sprintf("%+v %d", settings, partitions)
	c.mu.Lock()
	defer c.mu.Unlock()
	if ceiling, ok := c.seen[key]; ok {
		return ceiling, nil
	}
	ceiling, err := measureCeiling(ctx, g, partitions, options)
	if err != nil {
		return 0, fmt.Errorf("measure the null sink: %w", err)
	}
	// What this has used is no part of the trial's memory.
	debug.FreeOSMemory()
	c.seen[key] = ceiling
	return ceiling, nil
}

// measureCeiling runs the group's clients in the closed loop against the null broker.
func measureCeiling(ctx context.Context, of *producerGroup, partitions int, options []kgo.Opt) (float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g := &producerGroup{
		settings: of.settings, topic: of.topic, values: of.values, keys: of.keys, headers: of.headers,
		stamped: of.stamped, metrics: &clientMetrics{key: produceKey},
	}
	for range of.shards {
		g.shards = append(g.shards, g.newShard())
	}
	broker := &nullBroker{topic: of.topic, partitions: partitions}
	w := newWindow(ceilingWarmup, ceilingDuration)
	clock := pace.NewClock(time.Now())
	stop := make(chan struct{})
	var senders sync.WaitGroup
	for i := range min(g.settings.Clients, ceilingClients) {
		c := g.newClient(i, uint32(i))
		c.clock, c.started, c.window = clock, clock.Start().Round(0), w
		c.seed(0, 0)
		c.budget = newBudget(min(c.budget.limit, ceilingBuffer), c.budget.wake)
		c.topic = of.topic
		c.sequences = make([]int64, partitions)
		client, err := kgo.NewClient(append(append(append([]kgo.Opt{}, options...), broker.options(ctx)...), kgo.WithHooks(c.hooks()...))...)
		if err != nil {
			return 0, err
		}
		defer client.Close()
		c.kafka.Store(client)
		c.sink = client
		introduce(ctx, client, c.topic)
		sender := newWaitingSender(c, nil)
		senders.Go(func() { sender.run(stop) })
		g.clients = append(g.clients, c)
	}
	ended := within(ceilingWarmup+ceilingDuration+closeBound, senders.Wait)
	close(stop)
	if !ended {
		return 0, fmt.Errorf("the null sink did not take records within %v", closeBound)
	}
	var handed int64
	for _, c := range g.clients {
		handed += c.published[inside].records.Load()
	}
	return float64(handed) / ceilingDuration.Seconds(), nil
}

// combinedCeiling returns the ceiling of several groups that offer records side by side: the
// total rate at which their shares of the instrument add up to one.
func combinedCeiling(offered, ceilings []float64) float64 {
	total, share := 0.0, 0.0
	for i := range offered {
		if ceilings[i] > 0 {
			total += offered[i]
			share += offered[i] / ceilings[i]
		}
	}
	if share == 0 {
		return 0
	}
	return total / share
}
