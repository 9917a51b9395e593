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

// sink takes records: a Kafka client, or nothing at all where kaliper measures itself.
type sink interface {
	Produce(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error))
}

// producerGroup is a producer group at work.
type producerGroup struct {
	settings scenarios.ProducerGroup
	topic    string // the cluster's name; of the first copy, where there are several
	values   *values
	keys     *keySpace
	sticky   stickiness         // how records without keys are placed by default
	headers  []kgo.RecordHeader // the user's
	profile  *pace.Profile      // nil for rate: max
	stamped  bool
	clients  []*producerClient
	shards   []*producerShard
	failures failures
	refused  failures // batches, by what brokers refused them for; the side is not told apart
	events   *eventLog
	metrics  *clientMetrics
	// transactions are nil where the group sends none.
	transactions *groupTransactions
}

// openLoop says whether arrivals follow a schedule.
func (g *producerGroup) openLoop() bool { return g.profile != nil }

// producerClient is one client: one sender's goroutine, one stream of callbacks.
type producerClient struct {
	group    *producerGroup
	number   int                        // within the group
	logical  string                     // the topic that it writes to
	topic    string                     // the cluster's name of it
	index    uint32                     // over all groups of the trial
	kafka    atomic.Pointer[kgo.Client] // another one after transactions have failed
	linger   *linger                    // nil where the client library's own will do
	sink     sink                       // kafka, but where kaliper measures itself
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
	now          int64 // the last reading of the clock,
	reuse        int   // and for how many more records of a closed loop it will do
	millisecond  int64 // of timestamp
	timestamp    time.Time
	sent         handover // what is not published yet
	// busy is how long, in nanoseconds, the goroutine that sends has been serializing since it
	// woke. The clients of a lane share it.
	busy *int64

	// What was handed over, as the goroutine that sends last published it.
	published [sides]struct{ records, bytes atomic.Int64 }

	// Of the callbacks.
	acked [sides]struct{ bytes atomic.Int64 }

	transaction *producerTransactions // nil where it sends none

	// For send: sync and batch.
	open     atomic.Int64 // handed over and not resolved
	resolved chan struct{}

	// sequences are the next ones by partition; each is touched under that partition's lock of the
	// client library, and nearly always by the goroutine that sends: there is nothing to pad for,
	// which would cost 64 bytes for each of millions of pairs of a client and a partition.
	sequences []int64
	unacked   unacknowledged
	refused   refusals

	// Of the callbacks' goroutine: when the current run of callbacks began, the last reading of
	// the clock, the responses seen then, and for how many more callbacks it will do.
	runStart, lastCallback, seenResponses int64
	reuseCallback                         int
	longestRun                            atomic.Int64 // nanoseconds, taken by the sampler

	responses  atomic.Int64 // to produce requests
	reuseClock bool         // the closed loop, with acknowledgements

	promise func(*kgo.Record, error) // acknowledged, bound once
}

// handover is what the goroutine that sends has handed over since it last published.
type handover [sides]struct{ records, bytes int64 }

// close ends the connections of a client that has some.
func (c *producerClient) close() {
	if client := c.kafka.Load(); client != nil {
		client.Close()
	}
	c.linger.close()
}

// publish makes what was handed over visible to the sampler: once a turn, not once a record.
func (c *producerClient) publish() {
	for s := range c.sent {
		if c.sent[s].records > 0 {
			c.published[s].records.Add(c.sent[s].records)
			c.published[s].bytes.Add(c.sent[s].bytes)
		}
	}
	c.sent = handover{}
}

// readingsReused is for how many records one reading of the clock does in the closed loop,
// where records follow each other within a microsecond, and for how many callbacks.
const readingsReused = 16

// recordsPerSlab is how many outgoing records are allocated together.
const recordsPerSlab = 64

// fresh returns a record to fill: a used one, or one of a new slab.
func (c *producerClient) fresh() *outgoing {
	if o := c.free.pop(); o != nil {
		return o
	}
	g := c.group
	slab := make([]outgoing, recordsPerSlab)
	valueStamped, headerStamped := g.stamped && g.values.inValue, g.stamped && !g.values.inValue
	keyed := g.settings.Key.Distribution != scenarios.KeyNone
	typed := g.values.typed != nil
	var own []buffers
	var valueBytes, keyBytes []byte
	if g.stamped || keyed || typed {
		own = make([]buffers, recordsPerSlab)
		keyBytes = make([]byte, recordsPerSlab*keyRoom)
	}
	if valueStamped || typed {
		valueBytes = make([]byte, recordsPerSlab*g.values.largest)
	}
	for i := range slab {
		o := &slab[i]
		o.record.Headers = g.headers
		if own != nil {
			o.buffers = &own[i]
			o.buffers.key = keyBytes[i*keyRoom : i*keyRoom : (i+1)*keyRoom]
		}
		if valueStamped {
			o.buffers.value = valueBytes[i*g.values.largest : (i+1)*g.values.largest : (i+1)*g.values.largest]
			o.buffers.stamp = o.buffers.value[:stampBytes]
		}
		if typed {
			o.buffers.value = valueBytes[i*g.values.largest : i*g.values.largest : (i+1)*g.values.largest]
		}
		if headerStamped {
			o.buffers.stamp = make([]byte, stampBytes)
			o.record.Headers = append([]kgo.RecordHeader{{Key: stampHeader, Value: o.buffers.stamp}}, g.headers...)
			if c.transaction != nil {
				o.record.Headers = append(o.record.Headers, kgo.RecordHeader{Key: originHeader})
			}
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
	return int64(len(c.group.values.list[c.value]) + c.group.keys.room)
}

// send hands one record over. The caller has taken bytes from the budget, and publishes.
func (c *producerClient) send(intended, bytes int64) {
	g := c.group
	o := c.fresh()
	r := &o.record
	r.Context = o
	r.Topic = c.topic
	// Values are shared by all records that have them, unless a stamp goes into them.
	r.Value = g.values.list[c.value]
	waited, serialized := int64(0), int64(0)
	if own := o.buffers; own != nil {
		o.checksum = g.values.checksums[c.value]
		if g.values.typed != nil {
			if intended < 0 { // rate: max: the client is ready before it serializes
				intended = c.now
			}
			waited = *c.busy
			r.Value, o.checksum = c.serialize(o, side(c.window.holds(intended)))
			serialized = *c.busy - waited
			if c.schedule == nil {
				c.now = c.clock.Now() // no reading of before does
			}
		} else if own.value != nil {
			value := own.value[:len(r.Value)]
			copy(value, r.Value)
			r.Value = value
		}
		// A sample has records with a key and without: the one that this was must not stay.
		if r.Key = c.keys.appendNext(own.key[:0]); r.Key != nil {
			own.key = r.Key
		}
	}
	c.nextValue()
	if c.schedule != nil {
		c.now = c.clock.Now()
	}
	if intended < 0 { // rate: max: the schedule is the client's readiness
		intended = c.now
	}
	o.bytes = int32(bytes)
	o.intended, o.handed = intended, c.now
	o.inWindow = c.window.holds(intended)
	r.Timestamp = c.timestampOf(intended)
	s := side(o.inWindow)
	c.sent[s].records++
	c.sent[s].bytes += int64(len(r.Value) + len(r.Key))
	if c.transaction != nil {
		c.transaction.mark(r, s, g.values.inValue)
	}
	if c.schedule != nil {
		c.slip(s, c.now-intended-serialized, waited)
	}
	c.sink.Produce(context.Background(), r, c.promise)
}

// readClock reads the clock for the next record of a closed loop, or does with the reading for
// the record before.
func (c *producerClient) readClock() {
	if c.reuse > 0 {
		c.reuse--
		return
	}
	c.now = c.clock.Now()
	c.reuse = readingsReused - 1
}

// timestampOf returns a record's timestamp, its intended time. Kafka keeps milliseconds.
func (c *producerClient) timestampOf(intended int64) time.Time {
	if millisecond := intended / 1e6; millisecond != c.millisecond || c.timestamp.IsZero() {
		c.millisecond = millisecond
		c.timestamp = c.started.Add(time.Duration(intended))
	}
	return c.timestamp
}

func (c *producerClient) nextValue() {
	if c.value++; c.value == len(c.group.values.list) {
		c.value = 0
	}
}

// slip records how late a record was handed over, and whose fault it was. From a wait for the
// buffer or for the previous call until the schedule is reached again, lateness is the wait's;
// else it is the pacer's. So it is with the serialization of earlier records: waited is what they
// took since the goroutine that sends woke. A record's own is part of its response latency alone.
func (c *producerClient) slip(side int, late, waited int64) {
	blocked := min(waited, late)
	if c.catchingUp {
		blocked = late
	}
	pacer := late - blocked
	c.shard.slipPacer[side].Record(pacer)
	c.shard.slipBlocked[side].Record(blocked)
}

// failUnsent counts a record that found no room in the buffer for max.block.ms: intended and
// failed, never handed over.
func (c *producerClient) failUnsent(intended int64) {
	s := side(c.window.holds(intended))
	c.sent[s].records++
	c.sent[s].bytes += c.nextBytes()
	c.group.failures.add(s, kafka.KindBufferFull)
	// The records after it have the keys and values that they would have had.
	c.nextValue()
	c.keys.appendNext(nil)
}
