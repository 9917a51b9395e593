package workload

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// lingerFallback is how much later than linger.ms the client library's own timers fire: they
// are there for a lane that comes late, and must not come first.
const lingerFallback = 2 * time.Millisecond

// leadersKept is for how long it is believed which broker leads a partition.
const leadersKept = int64(time.Second)

// linger makes franz-go send as Java's sender does: all that stands open at once, as soon as the
// oldest record of it has waited for linger.ms or a batch is full.
//
// By itself franz-go waits in each partition apart, and a timer that fires while another one's
// records are on their way sends the few that came meanwhile: half as many requests again. A
// full batch it sends when a second one was begun in its partition; but records without keys
// begin their next batch in another partition, so that a full batch would always wait.
//
// There is no call for that. Flush asks once for every partition, and all but the first time
// again sends what came meanwhile. ProduceSync ends the lingering of the partitions of its
// records alone, and their broker then gets all that stands open: so it is called with a record
// for one partition of each broker that the client refuses at once, for it is larger than its
// whole buffer. That costs a goroutine, so that it is for the open loop alone: in the closed one
// batches are full before the broker has answered.
type linger struct {
	full   atomic.Bool   // a batch is, and no other one follows it in its partition
	sent   atomic.Uint64 // how often all was sent
	wait   int64         // linger.ms in nanoseconds
	oldest int64         // when the oldest record that was not sent was handed over, -1 for none; of the lane
	left   atomic.Int64  // when what stood open was last put into a request
	client *kgo.Client

	topic      string
	partitions int32
	brokers    int                // of the cluster; 0: not known
	refused    []kgo.RecordHeader // what makes a record too large
	leaders    []int32            // a partition of each broker that leads any
	asked      int64              // when that was found out
	sending    sync.WaitGroup
}

// lingering is what the clients of a group share of it.
type lingering struct {
	wait    time.Duration
	refused []kgo.RecordHeader
	options []kgo.Opt // of the client library
}

// newLingering takes linger.ms and buffer.memory. The clients' buffers are kaliper's own budgets;
// the library's limit, which must be there to be exceeded, lies far above them: a budget counts
// no headers, which can be several times a small record.
func newLingering(wait time.Duration, bufferBytes int64) lingering {
	limit := 16*min(bufferBytes, 1<<30) + 64<<20
	refused := make([]kgo.RecordHeader, limit>>20+1)
	chunk := strings.Repeat("x", 1<<20)
	for i := range refused {
		refused[i].Key = chunk
	}
	return lingering{wait, refused, []kgo.Opt{kgo.ProducerLinger(min(wait+lingerFallback, time.Minute)), kgo.MaxBufferedBytes(int(limit))}}
}

// of returns it for a client; the caller sets the client.
func (g lingering) of(topic string, partitions int32, brokers int) *linger {
	return &linger{wait: int64(g.wait), oldest: -1, topic: topic, partitions: partitions, brokers: brokers, refused: g.refused}
}

// tell notes that a batch is full; it is called while a record is placed, under a lock.
func (l *linger) tell() {
	if l != nil {
		l.full.Store(true)
	}
}

// times returns how often all was sent.
func (l *linger) times() uint64 {
	if l == nil {
		return 0
	}
	return l.sent.Load()
}

// handed notes that a record was handed over.
func (l *linger) handed(now int64) {
	if l != nil && l.oldest < 0 {
		l.oldest = now
	}
}

// send sends what is due, and returns when the next is; never where nothing waits.
func (l *linger) send(now int64) int64 {
	if l == nil || l.oldest < 0 {
		return never
	}
	if len(l.leaders) == 1 {
		// A batch that was full took with it what stood open beside it. With several brokers it does
		// so for its own, and nobody tells what waits for the others.
		l.oldest = max(l.oldest, l.left.Load())
	}
	if due := l.oldest + l.wait; now < due && !l.full.Load() {
		return due
	}
	if len(l.leaders) == 0 || now-l.asked > leadersKept {
		l.findLeaders(now)
	}
	l.oldest = -1
	l.full.Store(false)
	l.sent.Add(1)
	if len(l.leaders) > 0 { // else its first records wait for the library's own timers
		refused := make([]*kgo.Record, len(l.leaders))
		for i, partition := range l.leaders {
			refused[i] = &kgo.Record{Topic: l.topic, Partition: partition, Headers: l.refused}
		}
		l.sending.Go(func() { l.client.ProduceSync(context.Background(), refused...) })
	}
	return never
}

// lingerHook is a client as the client library calls it when it has written a request.
type lingerHook struct{ *producerClient }

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (c lingerHook) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, _ int, waited, took time.Duration, _ error) {
	if key == produceKey {
		c.linger.left.Store(c.clock.Now() - int64(waited+took))
	}
}

// findLeaders finds a partition of each broker that leads any. It looks no further than where all
// brokers are found, because of thousands of partitions. For a broker that came later the
// library's own timers will do.
func (l *linger) findLeaders(now int64) {
	l.leaders, l.asked = l.leaders[:0], now
	var brokers []int32
	for partition := range l.partitions {
		leader, _, err := l.client.PartitionLeader(l.topic, partition)
		if err != nil || leader < 0 || slices.Contains(brokers, leader) {
			continue
		}
		brokers, l.leaders = append(brokers, leader), append(l.leaders, partition)
		if len(brokers) == l.brokers {
			return
		}
	}
}

// close waits for what send began.
func (l *linger) close() {
	if l != nil {
		l.sending.Wait()
	}
}
