package workload

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/pace"
	"kaliper/internal/schema"
	"kaliper/scenarios"
)

// acknowledging is a sink that partitions, stamps and acknowledges at once, in the caller's
// goroutine: what is left is kaliper's own part of the hot path.
type acknowledging struct {
	client *producerClient
	sent   int
}

func (a *acknowledging) Produce(_ context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
	r.Partition = int32(a.sent % 4)
	a.sent++
	if a.client.group.stamped {
		stampHook{a.client}.OnProduceRecordPartitioned(r, 0)
	}
	promise(r, nil)
}

func hotClient(t testing.TB, rate string, stamped bool) *producerClient {
	t.Helper()
	settings := producers(t, rate)
	settings.Clients = 1
	settings.Key.Distribution = scenarios.KeyNone
	values, err := prepareValues(settings.Value, testRandom(), 16384)
	if err != nil {
		t.Fatal(err)
	}
	return hotClientOf(settings, values, stamped)
}

func hotClientOf(settings scenarios.ProducerGroup, values *values, stamped bool) *producerClient {
	g := &producerGroup{
		settings: settings, topic: "orders", values: values, keys: newKeySpace(settings.Key), stamped: stamped,
	}
	g.shards = []*producerShard{g.newShard()}
	if !settings.Rate[0].Max() {
		g.profile = pace.NewProfile(segments(settings.Rate, g.meanBytes()), time.Hour)
	}
	c := g.newClient(0, 0)
	c.clock, c.window = pace.NewClock(time.Now()), newWindow(0, time.Hour)
	c.started = time.Now().Round(0)
	c.sequences = make([]int64, 4)
	c.seed(1, 1)
	c.sink = &acknowledging{client: c}
	return c
}

func sendOne(c *producerClient) {
	bytes := c.nextBytes()
	if !c.budget.tryTake(bytes) {
		panic("the buffer is full though everything is acknowledged")
	}
	intended := int64(-1)
	if c.schedule == nil {
		c.readClock()
	} else {
		intended, _ = c.schedule.Next()
		c.schedule.Advance()
	}
	c.send(intended, bytes)
}

func TestTheHotPathAllocatesNothing(t *testing.T) {
	for _, stamped := range []bool{false, true} {
		c := hotClient(t, "1000/s", stamped)
		sendOne(c) // the first one makes a slab
		if n := testing.AllocsPerRun(1000, func() { sendOne(c) }); n > 0 {
			t.Errorf("stamped %v: %v allocations a record", stamped, n)
		}
	}
}

// Serializing is a producer's work and may allocate; what is around it must not.
func TestTheHotPathAllocatesNothingAroundSerializing(t *testing.T) {
	for _, format := range []schema.Format{schema.Avro, schema.Protobuf} {
		for _, rate := range []string{"1000/s", "max"} {
			settings := producers(t, rate)
			settings.Clients, settings.Key.Distribution = 1, scenarios.KeyNone
			settings.Value = typedValue(t, format, "")
			values, err := prepareTyped(settings.Value, settings.Value.Typed.Schema, 1, testRandom(), 16384)
			if err != nil {
				t.Fatal(err)
			}
			c := hotClientOf(settings, values, true)
			sendOne(c)
			if n := testing.AllocsPerRun(1000, func() { sendOne(c) }); n > 0 {
				t.Errorf("%s, %s: %v allocations a record", format, rate, n)
			}
		}
	}
}

// BenchmarkHotPath is schedule, hand-over, stamp, callback and recording of one record: all but
// the client library.
func BenchmarkHotPath(b *testing.B) {
	for _, c := range []struct {
		name    string
		rate    string
		stamped bool
	}{{"open loop", "1000/s", false}, {"open loop, stamped", "1000/s", true}, {"max", "max", false}, {"max, stamped", "max", true}} {
		b.Run(c.name, func(b *testing.B) {
			client := hotClient(b, c.rate, c.stamped)
			b.ReportAllocs()
			for b.Loop() {
				sendOne(client)
			}
		})
	}
}

// BenchmarkAccount is what reading one record costs beside the client library: stamp, checksum,
// ledger and latency, in batches of 500.
func BenchmarkAccount(b *testing.B) {
	for _, checked := range []bool{false, true} {
		name := "latency"
		if checked {
			name = "latency and integrity"
		}
		b.Run(name, func(b *testing.B) {
			const batch = 500
			clock := newLoadClock()
			clock.start(time.Now())
			g := &consumerGroup{clock: clock, window: newWindow(0, time.Hour), run: 7}
			topic := newConsumedTopic("orders", "orders", 1)
			topic.ledger = newLedger("g", "orders", 7, []uint32{0}, 1, true, &anomalies{})
			topic.checked = checked
			m := &member{group: g, shard: &consumerShard{}}
			records := make([]*kgo.Record, batch)
			for i := range records {
				records[i] = &kgo.Record{Value: make([]byte, 100)}
			}
			next := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				for _, r := range records {
					s := stamp{7, 0, next, 0}
					s.put(r.Value, checksumOf(r.Value[stampBytes:]))
					r.Offset = next
					next++
				}
				b.StartTimer()
				m.account(topic, 0, records, clock.Now())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/record")
		})
	}
}
