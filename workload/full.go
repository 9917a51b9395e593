package workload

import (
	"context"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// full makes franz-go send a full batch at once, and with it what stands open beside it, as
// Java's sender does. By itself franz-go sends a batch when linger.ms is over or when a second
// one was begun in its partition; but records without keys begin their next batch in another
// partition, so that a full batch would always wait for linger.ms.
//
// There is no call for that, but Flush begins by ending all lingering, and with a context that
// is done it waits for nothing. That costs a goroutine a batch and a look at every
// partition, so that it is for the open loop alone: in the closed one batches are full before
// the broker has answered.
type full struct {
	waiting atomic.Bool
	client  *kgo.Client
}

// tell notes that a batch is full; it is called while a record is placed, under a lock.
func (f *full) tell() {
	if f != nil {
		f.waiting.Store(true)
	}
}

// send sends what is full, if anything is.
func (f *full) send() {
	if f != nil && f.waiting.Load() {
		f.waiting.Store(false)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = f.client.Flush(ctx) // context.Canceled, always
	}
}
