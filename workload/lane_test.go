package workload

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/pace"
)

// holding is a sink that keeps the records until it is told to acknowledge.
type holding struct {
	mu   sync.Mutex
	held []func()
	at   []int64
}

func (h *holding) Produce(_ context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = append(h.at, r.Context.(*outgoing).intended)
	h.held = append(h.held, func() { promise(r, nil) })
}

func (h *holding) acknowledge() {
	h.mu.Lock()
	held := h.held
	h.held = nil
	h.mu.Unlock()
	for _, f := range held {
		f()
	}
}

// A full buffer for three seconds: every record that was due keeps its intended time and is
// sent, the wait is the buffer's and not the pacer's.
func TestALaneCatchesUpAndNeverDropsOrRestamps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := hotClient(t, "100/s", false)
		c.window = newWindow(0, 10*time.Second)
		c.group.profile = pace.NewProfile(segments(c.group.settings.Rate, 100), 10*time.Second)
		c.clock = pace.NewClock(time.Now())
		c.seed(1, 1)
		c.budget = newBudget(20*100, 100)
		sink := &holding{}
		c.sink = sink
		// Records are acknowledged every 100 ms, but not between 2 s and 5 s.
		go func() {
			for c.clock.Now() < int64(11*time.Second) {
				time.Sleep(100 * time.Millisecond)
				if now := c.clock.Now(); now < int64(2*time.Second) || now > int64(5*time.Second) {
					sink.acknowledge()
				}
			}
		}()
		l := lanesFor([]paced{&asyncClient{producerClient: c}}, 100, c.clock)[0]
		l.run(pace.NewSleeper(c.clock), nil)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(sink.at) != 1000 {
			t.Fatalf("%d records were sent, want 1000", len(sink.at))
		}
		for i, at := range sink.at {
			if want := int64(i) * int64(10*time.Millisecond); at != want {
				t.Fatalf("record %d was intended at %v, want %v", i, time.Duration(at), time.Duration(want))
			}
		}
		pacer, blocked := newTrack(), newTrack()
		pacer.add(&c.shard.slipPacer)
		blocked.add(&c.shard.slipBlocked)
		if late := pacer.interval[inside].MaxSeconds(); late > 0.0021 {
			t.Errorf("the pacer was late by %v s: the wait for the buffer is not its fault", late)
		}
		// What callers waited, and what a tool sees whose clock starts at the hand-over.
		ack, service := newTrack(), newTrack()
		ack.add(&c.shard.ack)
		service.add(&c.shard.service)
		if p95 := ack.interval[inside].QuantileSeconds(0.95, 0); p95 < 2 || p95 > 3.2 {
			t.Errorf("response latency p95 is %v s in spite of the stall of 3 s", p95)
		}
		if p95 := service.interval[inside].QuantileSeconds(0.95, 0); p95 > 0.3 {
			t.Errorf("service latency p95 is %v s: it must start at the hand-over", p95)
		}
		// The first record that found no room waited from about 2 s until after 5 s.
		if late := blocked.interval[inside].MaxSeconds(); late < 2.8 || late > 3.3 {
			t.Errorf("the longest wait for the buffer is %v s, want about 3 s", late)
		}
	})
}

func TestARecordThatFindsNoRoomForMaxBlockFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := hotClient(t, "10/s", false)
		c.window = newWindow(0, 5*time.Second)
		c.group.profile = pace.NewProfile(segments(c.group.settings.Rate, 100), 5*time.Second)
		c.clock = pace.NewClock(time.Now())
		c.seed(1, 1)
		c.budget, c.maxBlock = newBudget(100, 100), int64(time.Second)
		c.sink = &holding{} // never acknowledges
		l := lanesFor([]paced{&asyncClient{producerClient: c}}, 10, c.clock)[0]
		stop := make(chan struct{})
		time.AfterFunc(5*time.Second, func() { close(stop) })
		l.run(pace.NewSleeper(c.clock), stop)
		failed, _ := c.group.failures.take()
		// The first record was sent; from 0.1 s on each call waits a second in vain.
		if n := failed[kafka.KindBufferFull]; n != 4 {
			t.Errorf("%d records failed for want of room, want 4", n)
		}
	})
}

func TestGridFollowsTheBudgetOfWakes(t *testing.T) {
	if grid := gridFor(1, 4); grid != int64(125*time.Microsecond) {
		t.Errorf("one lane wakes every %v", time.Duration(grid))
	}
	if grid := gridFor(2, 4); grid != int64(250*time.Microsecond) {
		t.Errorf("each of two lanes wakes every %v", time.Duration(grid))
	}
}
