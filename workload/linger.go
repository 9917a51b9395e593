package workload

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// lingerFallback is how much later than linger.ms the client library's own timers fire: they
// are there for a lane that comes late, and must not come first.
const lingerFallback = 2 * time.Millisecond

// linger makes franz-go send as Java's sender does: all that stands open at once, as soon as the
// oldest record of it has waited for linger.ms or a batch is full.
//
// By itself franz-go waits in each partition apart, and a timer that fires while another one's
// records are on their way sends the few that came meanwhile: half as many requests again. A
// full batch it sends when a second one was begun in its partition; but records without keys
// begin their next batch in another partition, so that a full batch would always wait.
//
// There is no call for that, but Flush begins by ending all lingering, and with a context that
// is done it waits for nothing. That costs a goroutine and a look at every partition, so that
// it is for the open loop alone: in the closed one batches are full before the broker has
// answered.
type linger struct {
	full   atomic.Bool   // a batch is, and no other one follows it in its partition
	sent   atomic.Uint64 // how often all was sent
	wait   int64         // linger.ms in nanoseconds
	oldest int64         // when the oldest record that was not sent was handed over, -1 for none; of the lane
	client *kgo.Client
}

func newLinger(wait time.Duration) *linger { return &linger{wait: int64(wait), oldest: -1} }

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
	if due := l.oldest + l.wait; now < due && !l.full.Load() {
		return due
	}
	l.oldest = -1
	l.full.Store(false)
	l.sent.Add(1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = l.client.Flush(ctx) // context.Canceled, always
	return never
}
