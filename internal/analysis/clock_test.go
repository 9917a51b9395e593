package analysis

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kaliper/internal/measure"
	"kaliper/results"
)

// onASimulatedClock runs the watchdog of a trial on synthetic time, with a wall clock that is
// off by what setting gives for each second.
func onASimulatedClock(t *testing.T, offset func(second int) time.Duration) results.Trial {
	t.Helper()
	trial := cleanTrial(t)
	synctest.Test(t, func(t *testing.T) {
		var off atomic.Int64
		watchdog := measure.NewWatchdog(func() time.Time { return time.Now().Add(time.Duration(off.Load())) })
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go watchdog.Run(ctx)
		everyInterval(&trial, func(second int, p *results.ProcessInterval) {
			time.Sleep(500 * time.Millisecond)
			off.Store(int64(offset(second)))
			time.Sleep(500 * time.Millisecond)
			gap, step := watchdog.Take()
			p.GapSecondsMax, p.ClockStepSeconds = gap.Seconds(), step.Seconds()
		})
	})
	return trial
}

func TestAClockThatIsSetInTheWindowSpoilsEveryTrial(t *testing.T) {
	const trials = 40
	random := rand.New(rand.NewPCG(1, 2))
	for range trials {
		at := 2 + random.IntN(10) // the window's seconds
		step := 11*time.Millisecond + time.Duration(random.Int64N(int64(2*time.Second)))
		if random.IntN(2) == 0 {
			step = -step
		}
		trial := onASimulatedClock(t, func(second int) time.Duration {
			if second >= at {
				return step
			}
			return 0
		})
		if found := codes(readFigures(&trial).distrust()); found != "clock" {
			t.Errorf("a step of %v in second %d: found %q", step, at, found)
		}
	}
}

func TestAClockThatIsSlewedSpoilsNothing(t *testing.T) {
	// NTP's most: 500 us a second.
	trial := onASimulatedClock(t, func(second int) time.Duration { return time.Duration(second) * 500 * time.Microsecond })
	if found := codes(readFigures(&trial).distrust()); found != "" {
		t.Errorf("found %q", found)
	}
}
