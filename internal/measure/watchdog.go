package measure

import (
	"context"
	"sync"
	"time"
)

// Watchdog notices when this process as a whole did not run (a stopped process, a suspended
// machine, starved processors) and when the wall clock stepped: two things that spoil a
// measurement without any latency showing why.
type Watchdog struct {
	wall func() time.Time
	base time.Time // by the monotonic clock,
	from time.Time // and by the wall clock

	mu   sync.Mutex
	gap  time.Duration
	step time.Duration
	last time.Duration // difference of the two clocks that is already told
}

// watchdogPeriod is small against what a gap must have to matter (50 ms and more) and large
// against what waking costs.
const watchdogPeriod = 10 * time.Millisecond

// NewWatchdog returns a watchdog; Run makes it watch. The wall clock is time.Now but in tests.
func NewWatchdog(wall func() time.Time) *Watchdog {
	return &Watchdog{wall: wall, base: time.Now(), from: wall().Round(0)}
}

// Run watches until the context is done.
func (w *Watchdog) Run(ctx context.Context) {
	ticker := time.NewTicker(watchdogPeriod)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			now := time.Now()
			w.observe(now.Sub(last)-watchdogPeriod, now.Sub(w.base), w.wall().Round(0).Sub(w.from))
			last = now
		}
	}
}

// observe takes one tick: by how much it was late, and the time since the base by the
// monotonic clock and by the wall clock.
func (w *Watchdog) observe(late, monotonic, wall time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gap = max(w.gap, late)
	if step := wall - monotonic - w.last; step.Abs() > w.step.Abs() {
		w.step = step
	}
}

// Take returns the longest gap and the largest step of the wall clock since the last Take.
func (w *Watchdog) Take() (gap, step time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	gap, step = w.gap, w.step
	w.gap, w.step = 0, 0
	w.last += step
	return gap, step
}
