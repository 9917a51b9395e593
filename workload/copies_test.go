package workload

import (
	"testing"

	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
)

// copiedLoad writes to three topics that one declaration makes, by seven clients, and one more
// group writes to a topic of its own.
func copiedLoad(t *testing.T) scenarios.Load {
	t.Helper()
	p, other := producers(t, "700/s"), producers(t, "100/s")
	p.Clients, p.Copies = 7, []string{"orders-1", "orders-2", "orders-3"}
	other.Name, other.Topic = "audit", "other"
	g := consumers(t)
	g.Topics = []string{"orders", "other"}
	// Members of a crowd read all copies, and their failures go to topics of each copy's own.
	g.Failures = scenarios.Failures{Ratio: 0.05, Policy: scenarios.FailureRetryTopic, Retries: 1, FailingAttempts: 1}
	g.Producer = properties(t, property.Producer)
	l := load([]scenarios.ProducerGroup{other, p}, g)
	l.Topics = []scenarios.Topic{{Name: "other", Partitions: 2, ReplicationFactor: 1}}
	for _, name := range p.Copies {
		l.Topics = append(l.Topics, scenarios.Topic{Name: name, CopyOf: "orders", Partitions: 2, ReplicationFactor: 1})
	}
	return l
}

func TestClientsSpreadOverCopiesAndAGroupReadsThemAll(t *testing.T) {
	t.Parallel()
	checkCopies(t, execute(t, copiedLoad(t)))
}

func TestOnRealKafkaCopiesAreSpreadOverAndRead(t *testing.T) {
	t.Parallel()
	checkCopies(t, executeOn(t, t.Context(), copiedLoad(t), oneBroker.Start(t).Addresses()))
}

func checkCopies(t *testing.T, trial results.Trial) {
	t.Helper()
	sent := trial.End.Producers["checkout"].Whole.Acked + trial.End.Producers["audit"].Whole.Acked
	read := trial.End.Consumers["analytics"]
	if sent != 800 || read.Consumed != sent || read.Unread != 0 || read.Expected != read.Window {
		t.Errorf("%d sent, %d read, %d unread, %d expected in the window and %d read", sent, read.Consumed, read.Unread, read.Expected, read.Window)
	}
	if want := (results.Integrity{Checked: true}); read.Integrity != want {
		t.Errorf("integrity %+v; anomalies %v", read.Integrity, trial.End.Anomalies)
	}
	if retried := trial.End.Consumers["analytics-retry"]; retried.Consumed == 0 || retried.Unread != 0 {
		t.Errorf("the retry topics' group read %d, %d unread", retried.Consumed, retried.Unread)
	}
	copies := map[string]int{}
	for _, topic := range trial.Begin.Topics {
		copies[topic.Logical] = topic.Copies
	}
	if len(copies) != 6 || copies["orders"] != 3 || copies["orders.retry"] != 3 || copies["orders.dlq"] != 3 || copies["other"] != 0 {
		t.Errorf("copies by topic: %v", copies)
	}
}

// Who writes to a topic is all that its ledger keeps.
func TestALedgerKeepsTheClientsOfItsTopicAlone(t *testing.T) {
	l := newLedger("readers", "orders-2", 1, []uint32{2, 5}, 1, true, &anomalies{})
	p := &l.partitions[0]
	for _, s := range []stamp{{producer: 2}, {producer: 5}, {producer: 5, sequence: 2}, {producer: 2, sequence: 1}} {
		p.enter(l, &s, 0, p.nextOffset)
	}
	p.enter(l, &stamp{producer: 3}, 0, p.nextOffset) // of another topic: not what was sent here
	p.enter(l, &stamp{producer: 6}, 0, p.nextOffset)
	got := l.settle(givenSequences{2: 2, 5: 3}, []int64{p.nextOffset})
	if got.Lost != 1 || got.Corrupted != 2 || len(p.producers) != 2 {
		t.Errorf("%+v with %d ledgers, want 1 lost, 2 corrupted, 2 ledgers", got, len(p.producers))
	}
}
