package workload

import (
	"sync"

	"kaliper/results"
)

// eventsPerInterval bounds the marks of one second: a storm of them is a number, not a list.
const eventsPerInterval = 20

// eventLog collects the marks for the time axis.
type eventLog struct {
	clock *loadClock
	mu    sync.Mutex
	list  []results.Event
	told  map[string]bool
}

func newEventLog(clock *loadClock) *eventLog {
	return &eventLog{clock: clock, told: map[string]bool{}}
}

func (l *eventLog) add(kind, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addLocked(float64(l.clock.Now())/1e9, kind, text)
}

func (l *eventLog) addLocked(seconds float64, kind, text string) {
	if len(l.list) < eventsPerInterval {
		l.list = append(l.list, results.Event{Seconds: seconds, Kind: kind, Text: text})
	}
}

// once adds a mark unless the same key was told before in this interval.
func (l *eventLog) once(kind, key, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told[key] {
		return
	}
	l.told[key] = true
	l.addLocked(float64(l.clock.Now())/1e9, kind, text)
}

// at adds a mark of a known time.
func (l *eventLog) at(seconds float64, kind, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addLocked(seconds, kind, text)
}

func (l *eventLog) take() []results.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	clear(l.told)
	return list
}
