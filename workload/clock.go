package workload

import (
	"sync/atomic"
	"time"

	"kaliper/internal/pace"
)

// loadClock is a clock that consumers read before the load has started: it tells negative
// times until start, nanoseconds since the start of the load afterwards.
type loadClock struct {
	clock atomic.Pointer[pace.Clock]
}

// beforeLoad is how far in the past a trial seems to be while it is being prepared: longer
// than preparing can take.
const beforeLoad = time.Hour

func newLoadClock() *loadClock {
	c := &loadClock{}
	provisional := pace.NewClock(time.Now().Add(beforeLoad))
	c.clock.Store(&provisional)
	return c
}

// Now returns nanoseconds since the start of the load.
func (c *loadClock) Now() int64 { return c.clock.Load().Now() }

// start sets the start of the load, a time with a monotonic reading, and returns its clock.
func (c *loadClock) start(at time.Time) pace.Clock {
	clock := pace.NewClock(at)
	c.clock.Store(&clock)
	return clock
}
