package pace

import "time"

// Clock tells nanoseconds since the start of a load by the monotonic clock, so that a step of
// the wall clock moves no latency. It is immutable and safe for concurrent use.
type Clock struct {
	start time.Time
}

// NewClock returns a clock whose zero is start, which must carry a monotonic reading
// (time.Now does).
func NewClock(start time.Time) Clock { return Clock{start} }

// Now returns the nanoseconds since the start.
func (c Clock) Now() int64 { return int64(time.Since(c.start)) }

// Start returns the clock's zero.
func (c Clock) Start() time.Time { return c.start }

// Waiter wakes its caller at a time of a Clock. It belongs to one goroutine.
type Waiter interface {
	// WaitUntil returns as soon as possible after t, and at once if t has passed.
	WaitUntil(t int64)
	// CPUSeconds returns the processor time that waiting has cost so far. Any goroutine may
	// ask.
	CPUSeconds() float64
	// Wakes returns how many times it slept. Any goroutine may ask.
	Wakes() int64
	// Close ends the waiter; its goroutine should end too.
	Close()
}

// Sleeper is the portable Waiter: time.Sleep, which overshoots by about a millisecond. Tests
// run it on synthetic time. The processor time of its waits is not known.
type Sleeper struct {
	clock Clock
	wakes int64
}

// NewSleeper returns the portable waiter.
func NewSleeper(clock Clock) *Sleeper { return &Sleeper{clock: clock} }

// WaitUntil implements Waiter.
func (s *Sleeper) WaitUntil(t int64) {
	if d := t - s.clock.Now(); d > 0 {
		s.wakes++
		time.Sleep(time.Duration(d))
	}
}

// CPUSeconds implements Waiter.
func (s *Sleeper) CPUSeconds() float64 { return 0 }

// Wakes implements Waiter; unlike the precise waiter's it is for the owner alone.
func (s *Sleeper) Wakes() int64 { return s.wakes }

// Close implements Waiter.
func (s *Sleeper) Close() {}
