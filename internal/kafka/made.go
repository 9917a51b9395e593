package kafka

import (
	"slices"
	"sync"
)

// madeTopics are the topics that one connection has created under names that a scenario chose. A name that a scenario chose does
// not tell whose it is: what may be deleted under it is what was made under it here, and never
// what was there before. A run that is killed forgets it.
type madeTopics struct {
	mu    sync.Mutex
	names map[string]bool
}

func (m *madeTopics) add(names []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names == nil {
		m.names = map[string]bool{}
	}
	for _, name := range names {
		m.names[name] = true
	}
}

func (m *madeTopics) forget(names []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range names {
		delete(m.names, name)
	}
}

// others returns the names that were not made here.
func (m *madeTopics) others(names []string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return m.names[name] })
}
