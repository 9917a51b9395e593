package workload

import (
	"sync/atomic"
	"time"
)

// budget is buffer.memory: the bytes of key and value that one client may have handed over and
// not resolved. The client library's own limits count records first, so they are not used.
//
// One goroutine takes, the callbacks give back. Waiting is the exception and alone pays for a
// channel.
type budget struct {
	limit   int64
	wake    int64 // a waiter is woken when so much is free, so that it is not woken for each record
	used    atomic.Int64
	waiting atomic.Bool
	free    chan struct{}
}

func newBudget(limit, wake int64) *budget {
	return &budget{limit: limit, wake: min(wake, limit), free: make(chan struct{}, 1)}
}

// tryTake takes n bytes if they are there. A record larger than the whole buffer passes when
// the buffer is empty: the client library refuses it by its own rule.
func (b *budget) tryTake(n int64) bool {
	used := b.used.Load()
	if used > 0 && used+n > b.limit {
		return false
	}
	b.used.Add(n)
	return true
}

// take waits for n bytes until the deadline, or until stop closes; false if there were none.
func (b *budget) take(n int64, deadline time.Time, stop <-chan struct{}) bool {
	if b.tryTake(n) {
		return true
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	defer b.waiting.Store(false)
	for {
		// Flag first, then look again: a give between the two would be missed otherwise.
		b.waiting.Store(true)
		if b.tryTake(n) {
			return true
		}
		select {
		case <-b.free:
		case <-timer.C:
			return b.tryTake(n)
		case <-stop:
			return false
		}
	}
}

// give returns n bytes.
func (b *budget) give(n int64) {
	used := b.used.Add(-n)
	if b.waiting.Load() && (b.limit-used >= b.wake || used == 0) {
		b.waiting.Store(false)
		select {
		case b.free <- struct{}{}:
		default:
		}
	}
}
