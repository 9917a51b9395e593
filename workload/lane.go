package workload

import (
	"math"
	"sync/atomic"
	"time"

	"kaliper/internal/pace"
)

// wakesPerSecond is the budget of timed wakes of all lanes together. A wake costs 15 to 30 us
// of system time on virtual machines, so that pacing costs 12 to 24% of a core at the most.
const wakesPerSecond = 8_000

// laneRecordsPerSecond is what one lane hands over at the most before the work is spread over
// another one: a quarter of what one goroutine can.
const laneRecordsPerSecond = 300_000

// laneNap bounds a lane's sleep, so that it sees the end of the load.
const laneNap = int64(50 * time.Millisecond)

// sendsPerTurn bounds how long a client that catches up keeps the others of its lane waiting.
const sendsPerTurn = 256

// never is the next time of a client whose schedule has ended.
const never = math.MaxInt64

// paced is what a lane serves.
type paced interface {
	// serve does all that is due by now and returns when it wants to be served again, or never.
	serve(now int64) (next int64)
}

// lane keeps the schedules of some clients: one locked thread that wakes on a grid and sends
// all that is due, each record with its own intended time. Where records are further apart
// than the grid, it wakes for each.
type lane struct {
	clock   pace.Clock
	grid    int64 // nanoseconds between two wakes, at least
	clients []paced
	busy    int64                       // what clients have taken to serialize since the schedule was last reached
	waiter  atomic.Pointer[pace.Waiter] // for the sampler, which asks what waiting cost
}

// gridFor returns the grid of each of so many lanes with so many clients in all: the wakes'
// budget is shared, and looking after a client costs about 10 ns a wake, of which a tenth of
// the time may be spent.
func gridFor(lanes, clients int) int64 {
	grid := int64(time.Second) * int64(lanes) / wakesPerSecond
	return max(grid, int64(clients/max(lanes, 1))*100)
}

// run serves until all schedules have ended or stop closes. The waiter must have been made by
// this goroutine.
func (l *lane) run(waiter pace.Waiter, stop <-chan struct{}) {
	l.waiter.Store(&waiter)
	for {
		select {
		case <-stop:
			return
		default:
		}
		woke := l.clock.Now()
		next := int64(never)
		for _, c := range l.clients {
			next = min(next, c.serve(woke))
		}
		if next == never {
			return
		}
		// What serializing took delays what comes after it until the lane has time again.
		if l.busy > 0 && max(next, woke+l.grid) > l.clock.Now() {
			l.busy = 0
		}
		waiter.WaitUntil(min(max(next, woke+l.grid), woke+max(laneNap, l.grid)))
	}
}

// asyncClient is a client that a lane sends for.
type asyncClient struct {
	*producerClient
	retry int64 // how soon to look again whether a full buffer has room
}

// serve implements paced.
func (c *asyncClient) serve(now int64) int64 {
	next := c.sendDue(now)
	c.publish()
	return min(next, c.linger.send(max(now, c.now)))
}

// sendDue hands over what is due. It never waits: a client whose buffer is full is passed over
// until the next wake, and its records keep their intended times.
func (c *asyncClient) sendDue(now int64) int64 {
	for range sendsPerTurn {
		intended, ok := c.schedule.Next()
		if !ok || intended >= c.window.load.Load() {
			return never
		}
		if intended > now {
			// The clock went on while records were sent.
			if now = c.clock.Now(); intended > now {
				c.catchingUp = false
				return intended
			}
		}
		bytes := c.nextBytes()
		if !c.budget.tryTake(bytes) {
			if c.blockedSince < 0 {
				c.blockedSince = now
			}
			if now-c.blockedSince < c.maxBlock {
				return now + c.retry
			}
			c.failUnsent(intended)
			c.schedule.Advance()
			c.blockedSince = now // the next call waits anew
			c.catchingUp = true
			continue
		}
		if c.blockedSince >= 0 {
			c.blockedSince, c.catchingUp = -1, true
		}
		c.send(intended, bytes)
		c.linger.handed(c.now)
		c.schedule.Advance()
	}
	return now
}

// bell wakes a client that sends by itself (send: sync, batch) at its intended times. It keeps
// a schedule of its own, the same as the client's.
type bell struct {
	schedule *pace.Schedule
	window   *window
	ring     chan struct{}
}

// serve implements paced.
func (b *bell) serve(now int64) int64 {
	for {
		intended, ok := b.schedule.Next()
		if !ok || intended >= b.window.load.Load() {
			return never
		}
		if intended > now {
			return intended
		}
		select {
		case b.ring <- struct{}{}:
		default:
		}
		b.schedule.Advance()
	}
}

// cost returns what the lane's waiting has cost so far.
func (l *lane) cost() (cpuSeconds float64, wakes int64) {
	if w := l.waiter.Load(); w != nil {
		return (*w).CPUSeconds(), (*w).Wakes()
	}
	return 0, 0
}
