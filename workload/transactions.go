package workload

import (
	"sync"
	"sync/atomic"

	"kaliper/results"
)

// transactionEnd is how a transaction ended.
type transactionEnd uint8

const (
	transactionOpen transactionEnd = iota
	transactionCommitted
	transactionAborted
	transactionUnknown // neither the commit nor the abort was confirmed
)

// transaction is what is kept of one: how many records it wrote to its client's topic, and how
// it ended. Who reads the topic must see all of them or none.
type transaction struct {
	records int32
	end     transactionEnd
}

// transactionsRemembered bounds the memory of a trial's transactions (8 bytes each, and 4 for
// each group that reads them). What is beyond is unknown, and the report says so.
const transactionsRemembered = 1 << 20

// transactionCounts counts transactions by how they ended.
type transactionCounts struct{ committed, aborted, planted, fenced, unknown atomic.Int64 }

// add counts one.
func (c *transactionCounts) add(how transactionEnd, planted, fenced bool) {
	switch how {
	case transactionCommitted:
		c.committed.Add(1)
	case transactionAborted:
		c.aborted.Add(1)
	default:
		c.unknown.Add(1)
	}
	if planted {
		c.planted.Add(1)
	}
	if fenced {
		c.fenced.Add(1)
	}
}

// take returns the transactions since the last take.
func (c *transactionCounts) take() results.Transactions {
	return results.Transactions{
		Committed: c.committed.Swap(0), Aborted: c.aborted.Swap(0), Planted: c.planted.Swap(0),
		Fenced: c.fenced.Swap(0), Unknown: c.unknown.Swap(0),
	}
}

// transactionLog remembers the transactions of all transactional clients of a trial.
type transactionLog struct {
	mu      sync.Mutex
	clients []transactionalClient
	kept    int
	beyond  bool // more transactions than are remembered
}

// transactionalClient are the transactions of one client, by their number.
type transactionalClient struct {
	topic string // logical: the one whose records are counted
	list  []transaction
}

// client returns the number of a new transactional client that writes to a topic.
func (l *transactionLog) client(topic string) uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clients = append(l.clients, transactionalClient{topic: topic})
	return uint32(len(l.clients) - 1)
}

// any says whether the trial has transactional clients.
func (l *transactionLog) any() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.clients) > 0
}

// begin returns the number of a client's new transaction; -1 where it is not remembered.
func (l *transactionLog) begin(client uint32) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept == transactionsRemembered {
		l.beyond = true
		return -1
	}
	l.kept++
	c := &l.clients[client]
	c.list = append(c.list, transaction{})
	return int64(len(c.list) - 1)
}

// end notes how a transaction ended, and how many records it wrote.
func (l *transactionLog) end(client uint32, number int64, records int, how transactionEnd) {
	if number < 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clients[client].list[number] = transaction{int32(records), how}
}

// transactionsSeen are the records that one group has read of each transaction on one topic.
type transactionsSeen struct {
	log *transactionLog

	mu      sync.Mutex
	clients [][]int32 // by client, by number
	unknown bool      // a record named a transaction that cannot be
}

// enter counts a record that is read for the first time at its offset.
func (s *transactionsSeen) enter(client uint32, number int64) {
	if number < 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if client > 1<<16 || number >= transactionsRemembered {
		s.unknown = true
		return
	}
	for int(client) >= len(s.clients) {
		s.clients = append(s.clients, nil)
	}
	list := s.clients[client]
	for int64(len(list)) <= number {
		list = append(list, 0)
	}
	list[number]++
	s.clients[client] = list
}

// settle holds what was read against what was written to the topic. toEnd says that the group
// has read the topic to its end, from the first record of the trial.
func (s *transactionsSeen) settle(topic string, toEnd bool, report func(kind string, client int, number int64, k, n int32)) (total results.Integrity) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unknown || s.log.beyond {
		total.Unknown = "more transactions than are remembered: the counts are lower bounds"
	}
	for client, c := range s.log.clients {
		if c.topic != topic {
			continue
		}
		for number, written := range c.list {
			k := int32(0)
			if client < len(s.clients) && number < len(s.clients[client]) {
				k = s.clients[client][number]
			}
			switch {
			case k == 0:
				// None of it: a committed one was lost, which its records tell.
			case written.end == transactionAborted:
				total.AbortedRead += int64(k)
				report("aborted_read", client, int64(number), k, written.records)
			case written.end != transactionOpen && k < written.records && toEnd:
				total.Torn++
				report("torn", client, int64(number), k, written.records)
			}
		}
	}
	return total
}
