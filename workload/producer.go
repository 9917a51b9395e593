package workload

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/pace"
	"kaliper/scenarios"
)

// window is when records count: intended times in [start, end), nanoseconds since the start of
// the load. The load itself ends with the window, or earlier when a signal interrupts it.
type window struct {
	start int64
	end   atomic.Int64
	load  atomic.Int64 // no record intended from here on is sent
}

func newWindow(warmup, duration time.Duration) *window {
	w := &window{start: int64(warmup)}
	w.end.Store(int64(warmup + duration))
	w.load.Store(int64(warmup + duration))
	return w
}

// cut ends the load now.
func (w *window) cut(now int64) {
	w.load.Store(min(now, w.load.Load()))
	w.end.Store(min(max(now, w.start), w.end.Load()))
}

func (w *window) holds(intended int64) bool {
	return intended >= w.start && intended < w.end.Load()
}

// sink takes records: a Kafka client, or nothing at all where kaliper measures itself.
type sink interface {
	Produce(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error))
}

// producerGroup is a producer group at work.
type producerGroup struct {
	settings scenarios.ProducerGroup
	topic    string // the cluster's name
	values   *values
	keys     *keySpace
	headers  []kgo.RecordHeader // the user's
	profile  *pace.Profile      // nil for rate: max
	stamped  bool
	clients  []*producerClient
	shards   []*producerShard
	failures failures
	metrics  *clientMetrics

	ackedBytes [sides]atomic.Int64
}

// openLoop says whether arrivals follow a schedule.
func (g *producerGroup) openLoop() bool { return g.profile != nil }

// producerClient is one client: one sender's goroutine, one stream of callbacks.
type producerClient struct {
	group    *producerGroup
	number   int    // within the group
	index    uint32 // over all groups of the trial
	kafka    *kgo.Client
	sink     sink // kafka, but where kaliper measures itself
	clock    pace.Clock
	window   *window
	started  time.Time // wall clock at the start of the load: a record's timestamp is its intended time
	run      uint64
	shard    *producerShard
	budget   *budget
	maxBlock int64 // max.block.ms in nanoseconds
	free     free
	keys     *keys
	schedule *pace.Schedule // nil for rate: max
	// bellSchedule is the same schedule again, for the lane that wakes a waiting sender.
	bellSchedule *pace.Schedule

	// Of the goroutine that sends.
	value        int   // index of the next value
	blockedSince int64 // start of the wait for the buffer, -1 when there is none
	catchingUp   bool  // late because of a wait: the schedule has not been reached again

	// Of the goroutine that sends, read by the sampler.
	handed      [sides]atomic.Int64
	handedBytes [sides]atomic.Int64

	// For send: sync and batch.
	open     atomic.Int64 // handed over and not resolved
	resolved chan struct{}

	sequences []partitionSequence // by partition; each is touched under that partition's lock of the client library
	unacked   unacknowledged

	// Of the callbacks' goroutine: when the current run of callbacks began, and the last one.
	runStart, lastCallback int64
	longestRun             atomic.Int64 // nanoseconds, taken by the sampler

	promise func(*kgo.Record, error) // acknowledged, bound once
}

// partitionSequence is the next sequence of one client in one partition, on a cache line of
// its own.
type partitionSequence struct {
	next int64
	_    [56]byte
}

// recordsPerSlab is how many outgoing records are allocated together.
const recordsPerSlab = 64

// fresh returns a record to fill: a used one, or one of a new slab.
func (c *producerClient) fresh() *outgoing {
	if o := c.free.pop(); o != nil {
		return o
	}
	g := c.group
	slab := make([]outgoing, recordsPerSlab)
	var valueBytes []byte
	if g.stamped && g.values.inValue {
		valueBytes = make([]byte, recordsPerSlab*g.values.largest)
	}
	keyBytes := make([]byte, recordsPerSlab*keyRoom)
	for i := range slab {
		o := &slab[i]
		o.Context = context.Background()
		if valueBytes != nil {
			o.value = valueBytes[i*g.values.largest : (i+1)*g.values.largest : (i+1)*g.values.largest]
		}
		o.key = keyBytes[i*keyRoom : i*keyRoom : (i+1)*keyRoom]
		if g.stamped && !g.values.inValue {
			o.header = make([]byte, stampBytes)
			o.record.Headers = append([]kgo.RecordHeader{{Key: stampHeader, Value: o.header}}, g.headers...)
		} else {
			o.record.Headers = g.headers
		}
		if i > 0 {
			o.next = c.free.local
			c.free.local = o
		}
	}
	return &slab[0]
}

// keyRoom is enough for any key without a size; a longer one grows its buffer once.
const keyRoom = 20

// nextBytes returns what the next record takes from the budget.
func (c *producerClient) nextBytes() int64 {
	return int64(len(c.group.values.list[c.value]) + c.group.settings.Key.Size)
}

// send hands one record over. The caller has taken bytes from the budget.
func (c *producerClient) send(intended, bytes int64) {
	g := c.group
	o := c.fresh()
	value := g.values.list[c.value]
	o.checksum = g.values.checksums[c.value]
	c.nextValue()
	r := &o.record
	r.Context = o
	r.Topic = g.topic
	r.Value = value // shared by all records that have it, unless a stamp goes into it
	if g.stamped {
		o.stamp = o.header
		if g.values.inValue {
			o.value = o.value[:len(value)]
			copy(o.value, value)
			o.stamp, r.Value = o.value, o.value
		}
	}
	if key := c.keys.appendNext(o.key[:0]); key != nil {
		o.key = key
		r.Key = key
	}
	o.bytes = bytes
	now := c.clock.Now()
	if intended < 0 { // rate: max: the schedule is the client's readiness
		intended = now
	}
	r.Timestamp = c.started.Add(time.Duration(intended))
	o.intended, o.handed = intended, now
	o.inWindow = c.window.holds(intended)
	s := side(o.inWindow)
	c.handed[s].Add(1)
	c.handedBytes[s].Add(int64(len(value) + len(r.Key)))
	if c.schedule != nil {
		c.slip(s, now-intended)
	}
	c.sink.Produce(context.Background(), r, c.promise)
}

func (c *producerClient) nextValue() {
	if c.value++; c.value == len(c.group.values.list) {
		c.value = 0
	}
}

// slip records how late a record was handed over, and whose fault it was. From a wait for the
// buffer or for the previous call until the schedule is reached again, lateness is the wait's;
// else it is the pacer's.
func (c *producerClient) slip(side int, late int64) {
	pacer, blocked := late, int64(0)
	if c.catchingUp {
		pacer, blocked = 0, late
	}
	c.shard.slipPacer[side].Record(pacer)
	c.shard.slipBlocked[side].Record(blocked)
}

// OnProduceRecordPartitioned implements kgo.HookProduceRecordPartitioned: the partition is
// known, its lock is held, and the record has not been serialized, so the sequence within the
// partition can be given and the stamp written.
func (c *producerClient) OnProduceRecordPartitioned(r *kgo.Record, _ int32) {
	o, ours := r.Context.(*outgoing)
	if !ours || o.stamp == nil || int(r.Partition) >= len(c.sequences) {
		return
	}
	sequence := &c.sequences[r.Partition]
	s := stamp{c.run, c.index, sequence.next, o.intended}
	sequence.next++
	s.put(o.stamp, o.checksum)
}

// acknowledged is the callback of every record. A client runs its callbacks in one goroutine,
// one after the other: what is done here delays the next record's acknowledgement.
func (c *producerClient) acknowledged(r *kgo.Record, err error) {
	o := r.Context.(*outgoing)
	s := side(o.inWindow)
	if err == nil {
		now := c.clock.Now()
		c.shard.service[s].Record(now - o.handed)
		if c.schedule != nil {
			c.shard.ack[s].Record(now - o.intended)
		}
		c.group.ackedBytes[s].Add(int64(len(r.Key) + len(r.Value)))
		c.noteRun(now)
	} else {
		c.fail(o, err)
	}
	bytes := o.bytes
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

// noteRun keeps the longest time that callbacks ran without a pause: so much later than its
// response the last record of a run was called acknowledged.
func (c *producerClient) noteRun(now int64) {
	if now-c.lastCallback > callbackGap {
		c.runStart = now
	}
	c.lastCallback = now
	if run := now - c.runStart; run > c.longestRun.Load() {
		c.longestRun.Store(run)
	}
}

// fail counts a record that was not acknowledged, and remembers its sequence: a gap there is
// no loss.
func (c *producerClient) fail(o *outgoing, err error) {
	c.group.failures.add(side(o.inWindow), kafka.ErrorKind(err))
	var s stamp
	if o.stamp != nil && s.read(o.stamp) && s.producer == c.index && s.intended == o.intended {
		c.unacked.add(o.record.Partition, s.sequence)
	}
}

// failUnsent counts a record that found no room in the buffer for max.block.ms: intended and
// failed, never handed over.
func (c *producerClient) failUnsent(intended int64) {
	s := side(c.window.holds(intended))
	c.handed[s].Add(1)
	c.handedBytes[s].Add(c.nextBytes())
	c.group.failures.add(s, kafka.KindBufferFull)
	// The records after it have the keys and values that they would have had.
	c.nextValue()
	c.keys.appendNext(nil)
}
