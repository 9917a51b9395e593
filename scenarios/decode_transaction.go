package scenarios

import (
	"slices"
	"strings"
	"time"
)

// defaultTransaction is a pipeline's commit interval too.
const defaultTransaction = defaultPipelineCommit

// transaction reads how long a producer's transactions are, and objects to what contradicts them.
func (d *decoder) transaction(f fields, g *ProducerGroup, config []written) {
	for _, w := range config {
		text := strings.ToLower(w.n.text)
		once := g.Send == SendTransaction
		switch {
		case w.name == "transactional.id" && !once:
			d.wrong(w.n.at, w.path, "has a meaning with send: transaction only")
		case w.name == "enable.idempotence" && text != "true" && once:
			d.wrong(w.n.at, w.path, "transactions need idempotence; leave it out, or use send: async")
		case w.name == "acks" && (text == "0" || text == "1") && once:
			d.wrong(w.n.at, w.path, "transactions need acks: all; leave it out, or use send: async")
		}
	}
	n := f.child("transaction")
	if g.Send != SendTransaction {
		// A matrix may vary what is in it, and take it back with null where there are none.
		if n != nil && (n.kind != mapping || slices.ContainsFunc(n.entries, func(e *entry) bool { return e.value.kind != nothing })) {
			f.wrong("transaction", "has a meaning with send: transaction only")
		}
		return
	}
	g.Transaction.Interval = defaultTransaction
	if n == nil {
		return
	}
	m := d.fields(n, f.path+".transaction", []string{"records", "interval", "aborts"}, nil)
	fallback := time.Duration(0)
	if m.child("records") == nil {
		fallback = defaultTransaction
	}
	g.Transaction = Transaction{
		Records: m.count("records", 0, 1, 1_000_000), Interval: m.duration("interval", fallback),
		Aborts: m.number("aborts", 0, 0, mostAborts),
	}
	if m.child("interval") == nil {
		return
	}
	if g.Transaction.Interval <= 0 {
		m.wrong("interval", "is 0; write for example 10ms, or records: 1 for a transaction of each record")
	}
	if g.Properties.Role() == "" {
		return
	}
	if limit := g.Properties.Duration("transaction.timeout.ms"); g.Transaction.Interval >= limit {
		m.wrong("interval", "the broker aborts a transaction after transaction.timeout.ms, %s; use a shorter interval, or raise config.transaction.timeout.ms", limit)
	}
}
