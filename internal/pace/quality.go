package pace

import (
	"context"
	"slices"
	"time"
)

// ClockQuality is what the monotonic clock of this machine is worth.
type ClockQuality struct {
	ReadSeconds       float64 `json:"read_seconds"`       // what one reading costs
	ResolutionSeconds float64 `json:"resolution_seconds"` // the smallest step between two readings that differ
}

// ExamineClock reads the clock many times, for about 10 ms. What a reading costs is that of the
// fastest hundredth of them: the others may have been interrupted.
func ExamineClock() ClockQuality {
	const parts, readings = 100, 1_000
	clock := NewClock(time.Now())
	step, fastest := int64(time.Hour), int64(time.Hour)
	for range parts {
		first := clock.Now()
		last := first
		for range readings {
			now := clock.Now()
			if d := now - last; d > 0 {
				step = min(step, d)
			}
			last = now
		}
		fastest = min(fastest, last-first)
	}
	return ClockQuality{ReadSeconds: float64(fastest) / readings / 1e9, ResolutionSeconds: float64(step) / 1e9}
}

// TimerQuality is how late the waiter wakes, with nothing else to do, and what that costs.
type TimerQuality struct {
	Waits                 int     `json:"waits"`
	LateP50Seconds        float64 `json:"late_p50_seconds"`
	LateP99Seconds        float64 `json:"late_p99_seconds"`
	LateMaxSeconds        float64 `json:"late_max_seconds"`
	CPUSecondsPerWakeMean float64 `json:"cpu_seconds_per_wake_mean"` // 0 where it is not known
}

// ExamineTimer waits every so often for so long, or until ctx ends.
func ExamineTimer(ctx context.Context, every, length time.Duration) TimerQuality {
	examined := make(chan TimerQuality)
	go func() { // a waiter keeps its thread
		examined <- examineTimer(ctx, every, length)
	}()
	return <-examined
}

func examineTimer(ctx context.Context, every, length time.Duration) TimerQuality {
	clock := NewClock(time.Now())
	waiter := NewWaiter(clock)
	defer waiter.Close()
	late := make([]int64, 0, length/every)
	for at := int64(every); at <= int64(length) && ctx.Err() == nil; at += int64(every) {
		if clock.Now() >= at {
			continue // the wait before was longer than that
		}
		waiter.WaitUntil(at)
		late = append(late, clock.Now()-at)
	}
	quality := TimerQuality{Waits: len(late)}
	if len(late) == 0 {
		return quality
	}
	slices.Sort(late)
	quantile := func(q float64) float64 { return float64(late[int(q*float64(len(late)-1))]) / 1e9 }
	quality.LateP50Seconds, quality.LateP99Seconds, quality.LateMaxSeconds = quantile(0.5), quantile(0.99), quantile(1)
	quality.CPUSecondsPerWakeMean = waiter.CPUSeconds() / float64(len(late))
	return quality
}
