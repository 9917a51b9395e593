package pace

import (
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// WaiterName names the way of waiting in manifests and reports.
const WaiterName = "clock_nanosleep on a locked thread"

// precise sleeps with clock_nanosleep to an absolute time on a thread of its own, because
// time.Sleep overshoots by about a millisecond. On virtual machines a timed wake costs 24 to
// 30 us of system time; it is read around every sleep and kept apart, for the system under
// test must not be charged with it.
type precise struct {
	clock Clock
	base  int64 // CLOCK_MONOTONIC at the clock's zero
	cpu   atomic.Int64
	wakes atomic.Int64
}

// niceness is what the waiting thread asks for: a broker on the same machine should not decide
// when the schedule is kept.
const niceness = -10

// NewWaiter returns the best waiter of this system and locks the calling goroutine to its
// thread for good: the thread's timer slack and priority are changed, so it must not serve
// other goroutines later, and Go ends it with the goroutine.
func NewWaiter(clock Clock) Waiter {
	runtime.LockOSThread()
	// The default slack of 50 us would delay every wake by as much. An error leaves it so.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	// Not allowed without CAP_SYS_NICE: the thread then waits its turn as any other.
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), niceness)
	return &precise{clock: clock, base: monotonicAtZero(clock)}
}

// monotonicAtZero finds the kernel's monotonic time at the clock's zero: the tightest of a few
// readings of both clocks.
func monotonicAtZero(clock Clock) int64 {
	var base int64
	best := int64(time.Hour)
	for range 16 {
		before := clock.Now()
		kernel := now(unix.CLOCK_MONOTONIC)
		after := clock.Now()
		if after-before < best {
			best = after - before
			base = kernel - (before+after)/2
		}
	}
	return base
}

func now(clock int32) int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(clock, &t) // fails for unknown clocks alone
	return t.Nano()
}

func (p *precise) WaitUntil(t int64) {
	if t <= p.clock.Now() {
		return
	}
	before := now(unix.CLOCK_THREAD_CPUTIME_ID)
	until := unix.NsecToTimespec(p.base + t)
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &until, nil) == unix.EINTR {
	}
	p.cpu.Add(now(unix.CLOCK_THREAD_CPUTIME_ID) - before)
	p.wakes.Add(1)
}

func (p *precise) CPUSeconds() float64 { return float64(p.cpu.Load()) / 1e9 }

func (p *precise) Wakes() int64 { return p.wakes.Load() }

// Close leaves the thread locked, so that it ends with the goroutine.
func (p *precise) Close() {}
