package workload

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"kaliper/scenarios"
)

// sleepFrom is how far the handler's clock must be ahead before a member sleeps: time.Sleep
// overshoots by about a millisecond, and the debt keeps the mean right.
const sleepFrom = int64(2 * time.Millisecond)

// processor simulates a handler that takes time and no processor. It keeps the handler's own
// clock: a record is done so much after the one before, and the member sleeps whenever that
// clock runs ahead of the real one by more than a sleep is exact to. A processed latency is by
// the handler's clock, so single values are right however coarse the sleeps are.
type processor struct {
	settings scenarios.Processing
	clock    *loadClock
	random   *rand.Rand
	done     int64 // the handler's clock, nanoseconds
}

// newProcessor returns nil where there is nothing to simulate and nobody needs the handler's clock.
func newProcessor(settings scenarios.Processing, clock *loadClock, random *rand.Rand, needed bool) *processor {
	if settings.Time <= 0 && len(settings.Stalls) == 0 && !settings.HandOff && !needed {
		return nil
	}
	return &processor{settings: settings, clock: clock, random: random}
}

// begin starts on the records of a poll that returned at now.
func (p *processor) begin(now int64) {
	p.done = max(p.done, now)
}

// spent moves the handler's clock on by time that went by outside the handler and that the next
// record waits for.
func (p *processor) spent(nanoseconds int64) {
	p.done = max(p.done+nanoseconds, p.clock.Now())
}

// record processes one record and returns when it is done.
func (p *processor) record(ctx context.Context) int64 {
	if !p.settings.PerBatch {
		p.spend(ctx)
	}
	return p.done
}

// end finishes the records of a poll.
func (p *processor) end(ctx context.Context) {
	if p.settings.PerBatch {
		p.spend(ctx)
	}
	p.sleep(ctx, 0)
}

func (p *processor) spend(ctx context.Context) {
	p.done += p.sample()
	for _, stall := range p.settings.Stalls {
		if p.done >= int64(stall.At) && p.done < int64(stall.At+stall.For) {
			p.done = int64(stall.At + stall.For)
		}
	}
	p.sleep(ctx, sleepFrom)
}

// sample draws one processing time.
func (p *processor) sample() int64 {
	t := float64(p.settings.Time)
	switch p.settings.Distribution {
	case "exponential":
		t *= p.random.ExpFloat64()
	case "lognormal":
		t *= math.Exp(p.settings.Sigma * p.random.NormFloat64())
	}
	return int64(t)
}

// sleep waits for the handler's clock where it is ahead by more than slack. Real time that
// went by for other reasons (sending a commit) is not made up for: the handler's clock catches
// up with the next poll.
func (p *processor) sleep(ctx context.Context, slack int64) {
	ahead := p.done - p.clock.Now()
	if ahead <= slack {
		return
	}
	timer := time.NewTimer(time.Duration(ahead))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
