package workload

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
)

// By itself the client library asks for a topic's partitions, for a producer id and for
// connections when the first record is there. A thousand clients then do so all at once, each
// for thousands of partitions, and most records of a short load wait for it. So all clients are
// made ready before the load begins, as members join before it.

// How clients are made ready.
const (
	readyAtOnce = 16               // more would have the broker answer all of them late
	readyBound  = 60 * time.Second // in which one becomes ready, or none will
	readyLook   = time.Second      // how often somebody who looks on is told
)

// manyPartitions are so many that what was used to learn of them is worth returning: some
// 100 MB of answers.
const manyPartitions = 100_000

// introduction is the context of a record that makes the client library learn of a topic's
// partitions, for which it has no other call. When they are known the partitioner refuses the
// record, so that it is never sent.
type introduction struct {
	context.Context
	known bool // the partitions are: written before the record is refused
}

// introduces says whether a record is there for its topic's partitions alone, and notes that
// they are known.
func introduces(r *kgo.Record) bool {
	i, ok := r.Context.(*introduction)
	if ok {
		i.known = true
	}
	return ok
}

// nowhere is the partition of a record that is refused.
const nowhere = -1

// readyProducers makes all clients ready, some at a time, and gives up where none became so
// within a bound.
func (s *stage) readyProducers(ctx context.Context, bound time.Duration) error {
	var all []*producerClient
	pairs := 0
	for _, g := range s.producers {
		all = append(all, g.clients...)
		for _, c := range g.clients {
			pairs += len(c.sequences)
		}
	}
	bounded, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var stalled error = &kafka.Problem{Category: kafka.Unreachable}
	stall := time.AfterFunc(bound, func() { cancel(stalled) })
	defer stall.Stop()

	var ready atomic.Int64
	waiting := make(chan *producerClient, len(all))
	for _, c := range all {
		waiting <- c
	}
	close(waiting)
	var working sync.WaitGroup
	for range min(readyAtOnce, len(all)) {
		working.Go(func() {
			for c := range waiting {
				if err := c.getReady(bounded); err != nil {
					cancel(err)
					return
				}
				ready.Add(1)
				stall.Reset(bound)
			}
		})
	}
	s.tellReady(working.Wait, &ready, len(all))
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := context.Cause(bounded); err == stalled {
		return &kafka.Problem{
			Cause: fmt.Sprintf("%d of %d producer clients are ready, and none became so for %v: they are to know the partitions of their topics and to have connections",
				ready.Load(), len(all), bound),
			Remedy:   "have fewer clients, or fewer partitions for each of them (copies of a topic), and look at the brokers",
			Category: kafka.Unreachable, Err: context.DeadlineExceeded,
		}
	} else if err != nil {
		return err
	}
	if pairs > manyPartitions {
		debug.FreeOSMemory()
	}
	return nil
}

// tellReady waits, and tells somebody who looks on how many clients are ready.
func (s *stage) tellReady(wait func(), ready *atomic.Int64, all int) {
	done := make(chan struct{})
	go func() { defer close(done); wait() }()
	look := time.NewTicker(readyLook)
	defer look.Stop()
	for {
		select {
		case <-done:
			return
		case <-look.C:
			if s.trial.Preparing != nil {
				s.trial.Preparing(int(ready.Load()), all)
			}
		}
	}
}

// getReady has the client know its topic's partitions, and have a producer id and connections to
// the brokers that lead them. What is refused is not told here: its records will be refused as
// well, and count by what they are refused for. So an error is that of a transactional id, or
// that of ctx.
func (c *producerClient) getReady(ctx context.Context) error {
	client := c.kafka.Load()
	if c.transaction != nil {
		if err := c.transaction.claim(ctx, client); err != nil {
			return fmt.Errorf("producers.%s: %w", c.group.settings.Name, err)
		}
		if err := client.BeginTransaction(); err != nil {
			return nil
		}
		// Without a transaction nothing can be asked for. Brokers that know KIP-890 are told that it was
		// aborted, though nothing is in it; others are told nothing.
		defer client.EndTransaction(ctx, kgo.TryAbort)
	}
	// The library refuses the first one before it has kept what it learned; the second one waits for that.
	for range 2 {
		if !introduce(ctx, client, c.topic) {
			return ctx.Err()
		}
	}
	if _, _, err := client.ProducerID(ctx); err != nil {
		return ctx.Err()
	}
	var leaders []int32
	for partition := range c.sequences {
		if leader, _, err := client.PartitionLeader(c.topic, int32(partition)); err == nil && leader >= 0 && !slices.Contains(leaders, leader) {
			leaders = append(leaders, leader)
		}
	}
	if len(leaders) > 0 {
		_ = client.EnsureProduceConnectionIsOpen(ctx, leaders...) // a broker that is down will not take its records
	}
	return ctx.Err()
}

// introduce has a client know a topic's partitions. It is false where they are refused, or ctx
// has ended.
func introduce(ctx context.Context, client *kgo.Client, topic string) bool {
	for ctx.Err() == nil {
		i := &introduction{Context: ctx}
		refused := make(chan error, 1)
		client.Produce(ctx, &kgo.Record{Topic: topic, Context: i}, func(_ *kgo.Record, err error) { refused <- err })
		err := <-refused
		if i.known {
			return true
		}
		if broker, ok := errors.AsType[*kerr.Error](err); ok && !broker.Retriable {
			return false
		}
		// It has waited for as long as its own timeouts allow.
	}
	return false
}
