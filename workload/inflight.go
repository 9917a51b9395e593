package workload

import (
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// outgoing is one record between hand-over and callback. It is its own context: kgo gives a
// record's context back in the callback, which leads from the record to what is known of it
// without a closure, a map or unsafe. A full buffer has hundreds of thousands of them, so its
// size is what a cache miss costs on the hot path.
type outgoing struct {
	endless
	record   kgo.Record
	next     *outgoing
	buffers  *buffers // nil where nothing is written for a single record
	intended int64    // nanoseconds since the start of the load
	handed   int64
	bytes    int32 // of the budget
	checksum uint32
	inWindow bool // intended in the window
}

// buffers are the bytes that belong to a single record.
type buffers struct {
	key   []byte
	value []byte // stamped ones
	stamp []byte // where the stamp goes: the value's beginning, or the header's value; nil for none
}

// endless is a context without an end: a record is never cancelled alone.
type endless struct{}

// Deadline implements context.Context.
func (endless) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done implements context.Context.
func (endless) Done() <-chan struct{} { return nil }

// Err implements context.Context.
func (endless) Err() error { return nil }

// Value implements context.Context.
func (endless) Value(any) any { return nil }

// free keeps outgoing records for reuse. The callbacks of a client, which run one after the
// other, push; the goroutine that hands over pops. A pop takes the whole stack at once, so
// there is no ABA problem and one atomic operation serves many records.
type free struct {
	pushed atomic.Pointer[outgoing]
	local  *outgoing
}

func (f *free) push(o *outgoing) {
	for {
		head := f.pushed.Load()
		o.next = head
		if f.pushed.CompareAndSwap(head, o) {
			return
		}
	}
}

// pop returns nil when there is none.
func (f *free) pop() *outgoing {
	if f.local == nil {
		f.local = f.pushed.Swap(nil)
		if f.local == nil {
			return nil
		}
	}
	o := f.local
	f.local = o.next
	return o
}
