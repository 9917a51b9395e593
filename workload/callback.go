package workload

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
)

// stampHook and responseHook are a client as the client library calls it; two types, for it is
// called for whatever a hook implements.
type (
	stampHook    struct{ *producerClient }
	responseHook struct{ *producerClient }
)

// OnProduceRecordPartitioned implements kgo.HookProduceRecordPartitioned: the partition is
// known, its lock is held, and the record has not been serialized, so the sequence within the
// partition can be given and the stamp written.
func (c stampHook) OnProduceRecordPartitioned(r *kgo.Record, _ int32) {
	o, ours := r.Context.(*outgoing)
	if !ours || o.buffers == nil || o.buffers.stamp == nil || int(r.Partition) >= len(c.sequences) {
		return
	}
	sequence := &c.sequences[r.Partition]
	s := stamp{c.run, c.index, *sequence, o.intended}
	*sequence++
	s.put(o.buffers.stamp, o.checksum)
}

// OnBrokerRead implements kgo.HookBrokerRead: a response has been read, its callbacks follow.
func (c responseHook) OnBrokerRead(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	if key == produceKey {
		c.responses.Add(1)
	}
}

// acknowledged is the callback of every record. A client runs its callbacks in one goroutine,
// one after the other: what is done here delays the next record's acknowledgement.
func (c *producerClient) acknowledged(r *kgo.Record, err error) {
	o := r.Context.(*outgoing)
	s := side(o.inWindow)
	if err == nil {
		now := c.callbackTime()
		c.shard.service[s].Record(now - o.handed)
		if c.schedule != nil {
			c.shard.ack[s].Record(now - o.intended)
		}
		c.acked[s].bytes.Add(int64(len(r.Key) + len(r.Value)))
	} else {
		c.fail(o, err)
	}
	bytes := int64(o.bytes)
	c.free.push(o)
	c.budget.give(bytes)
	if c.resolved != nil && c.open.Add(-1) == 0 {
		select {
		case c.resolved <- struct{}{}:
		default:
		}
	}
}

// callbackGap separates two runs of callbacks.
const callbackGap = 50_000

// callbackTime reads the clock for a callback. In the closed loop, whose latencies are those of
// a full buffer, one reading does for some callbacks as long as no further response has come:
// they follow each other within microseconds. It also keeps the longest time that callbacks ran
// without a pause: so much later than its response the last record of a run was called
// acknowledged.
func (c *producerClient) callbackTime() int64 {
	responses := c.responses.Load()
	if c.reuseClock && c.reuseCallback > 0 && responses == c.seenResponses {
		c.reuseCallback--
		return c.lastCallback
	}
	now := c.clock.Now()
	if now-c.lastCallback > callbackGap {
		c.runStart = now
	}
	if run := now - c.runStart; run > c.longestRun.Load() {
		c.longestRun.Store(run)
	}
	c.lastCallback, c.seenResponses, c.reuseCallback = now, responses, readingsReused-1
	return now
}

// fail counts a record that was not acknowledged, and remembers its sequence: a gap there is
// no loss.
func (c *producerClient) fail(o *outgoing, err error) {
	if c.transaction != nil {
		c.transaction.failed[side(o.inWindow)].Add(1)
	}
	c.group.failures.add(side(o.inWindow), c.refused.explain(kafka.ErrorKind(err), o.record.Partition))
	var s stamp
	if o.buffers != nil && s.read(o.buffers.stamp) && s.producer == c.index && s.intended == o.intended {
		c.unacked.add(o.record.Partition, s.sequence)
	}
}
