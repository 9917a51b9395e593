package workload

import (
	"context"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// outgoing is one record between hand-over and callback. It is its own context: kgo gives a
// record's context back in the callback, which leads from the record to what is known of it
// without a closure, a map or unsafe.
type outgoing struct {
	context.Context // context.Background(): a record is never cancelled alone
	record          kgo.Record
	next            *outgoing
	intended        int64 // nanoseconds since the start of the load
	handed          int64
	bytes           int64 // of the budget
	inWindow        bool  // intended in the window
	checksum        uint32
	stamp           []byte // where the stamp goes: the value's beginning, or the header's value
	key, value      []byte // buffers
	header          []byte // the stamp, in a header
}

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
