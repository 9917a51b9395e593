package workload

import "kaliper/results"

// owed are the acknowledged records intended in the window, by logical topic: what groups that
// read from the first record on are to read.
type owed struct {
	committed   map[string]int64 // all but
	uncommitted map[string]int64 // those of transactions that were not committed, as far as is known
}

func newOwed() owed { return owed{map[string]int64{}, map[string]int64{}} }

// add adds a producer group's records.
func (o owed) add(topic string, totals results.ProducerTotals) {
	o.committed[topic] += totals.Window.Acked
	if t := totals.Transactions; t != nil {
		o.committed[topic] -= t.Uncommitted
		o.uncommitted[topic] += t.Uncommitted
	}
}

// to returns how many of a topic's records a group is to read. One that reads uncommitted records
// has those of aborted transactions as well.
func (o owed) to(g *consumerGroup, topic string) int64 {
	if g.settings.Properties.String("isolation.level") == "read_committed" {
		return o.committed[topic]
	}
	return o.committed[topic] + o.uncommitted[topic]
}
