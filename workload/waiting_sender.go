package workload

import (
	"time"

	"kaliper/scenarios"
)

// waitingSender is a client that sends from a goroutine of its own, because it waits: for
// acknowledgements (send: sync, batch) or for nothing but room in its buffer (rate: max).
type waitingSender struct {
	*producerClient
	perBatch int           // records until the acknowledgements are waited for; 0: never waits
	ring     chan struct{} // rings at intended times; nil for rate: max
}

func newWaitingSender(c *producerClient, ring chan struct{}) *waitingSender {
	s := &waitingSender{producerClient: c, ring: ring}
	switch c.group.settings.Send {
	case scenarios.SendSync:
		s.perBatch = 1
	case scenarios.SendBatch:
		s.perBatch = max(c.group.settings.BatchSize, 1)
	}
	if s.perBatch > 0 {
		c.resolved = make(chan struct{}, 1)
	}
	return s
}

// run sends until the schedule or the window ends, or stop closes.
func (s *waitingSender) run(stop <-chan struct{}) {
	defer s.publish()
	sent := 0
	for {
		if sent%sendsPerTurn == 0 || s.schedule != nil || s.perBatch > 0 {
			s.publish()
		}
		intended, ok := s.await(stop)
		if !ok {
			return
		}
		bytes := s.nextBytes()
		if found, ended := s.takeRoom(bytes, intended, stop); ended {
			return
		} else if !found {
			continue
		}
		if s.perBatch > 0 {
			s.open.Add(1)
		}
		s.send(intended, bytes)
		s.advance()
		if sent++; s.perBatch > 0 && sent%s.perBatch == 0 {
			s.publish()
			if !s.waitForAll(stop) {
				return
			}
			s.reuse = 0
			s.catchingUp = true
		}
	}
}

// takeRoom takes a record's bytes from the budget, and waits for them up to max.block.ms. Where
// they are not found the record has failed, or the trial has ended.
func (s *waitingSender) takeRoom(bytes, intended int64, stop <-chan struct{}) (found, ended bool) {
	if s.budget.tryTake(bytes) {
		return true, false
	}
	s.catchingUp = true
	s.publish()
	found = s.budget.take(bytes, time.Now().Add(time.Duration(s.maxBlock)), stop)
	s.now = s.clock.Now()
	if found {
		return true, false
	}
	select {
	case <-stop:
		return false, true
	default:
	}
	if intended < 0 {
		intended = s.now
	}
	s.failUnsent(intended)
	s.advance()
	return false, false
}

func (s *waitingSender) advance() {
	if s.schedule != nil {
		s.schedule.Advance()
	}
}

// await waits until a record is due and returns its intended time, -1 for rate: max.
func (s *waitingSender) await(stop <-chan struct{}) (intended int64, ok bool) {
	if s.schedule == nil {
		s.readClock()
		if s.now < 0 { // the load has not started
			time.Sleep(time.Duration(-s.now))
			s.now = s.clock.Now()
		}
		select {
		case <-stop:
			return 0, false
		default:
			return -1, s.now < s.window.load.Load()
		}
	}
	for {
		intended, ok = s.schedule.Next()
		if !ok || intended >= s.window.load.Load() {
			return 0, false
		}
		if s.clock.Now() >= intended {
			return intended, true
		}
		s.catchingUp, *s.busy = false, 0
		select {
		case <-s.ring:
		case <-stop:
			return 0, false
		}
	}
}

// waitForAll waits until every record handed over is resolved.
func (s *waitingSender) waitForAll(stop <-chan struct{}) bool {
	for s.open.Load() > 0 {
		select {
		case <-s.resolved:
		case <-stop:
			return false
		}
	}
	return true
}
