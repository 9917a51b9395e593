package workload

import (
	"sync/atomic"
	"time"
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
