package workload

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
)

// inTransactions is a load of transactions, and a group that reads committed records of them.
func inTransactions(t testing.TB, rate string, settings scenarios.Transaction, config ...string) scenarios.Load {
	t.Helper()
	g := producers(t, rate, config...)
	g.Send, g.Transaction = scenarios.SendTransaction, settings
	g.Partitioner = scenarios.Partitioner{Kind: scenarios.PartitionerRoundRobin}
	l := load([]scenarios.ProducerGroup{g}, consumers(t, "isolation.level", "read_committed"))
	l.Drain = 15 * time.Second
	return l
}

// committedIsRead checks the books of transactions, and that who reads committed records has read
// all of them and nothing else.
func committedIsRead(t *testing.T, trial results.Trial) (results.Transactions, results.TransactionsTotals) {
	t.Helper()
	sent, read := trial.End.Producers["checkout"], trial.End.Consumers["analytics"]
	balance(t, "whole", sent.Whole)
	if sent.Transactions == nil {
		t.Fatal("no transactions in the books")
	}
	if sent.Whole.Intended == 0 || sent.Whole.Acked != sent.Whole.Intended {
		t.Errorf("producers: %+v", sent.Whole)
	}
	if want := (results.Integrity{Checked: true}); read.Integrity != want {
		t.Errorf("integrity %+v; anomalies %+v", read.Integrity, trial.End.Anomalies)
	}
	if read.Unread != 0 || read.Window != sent.Window.Acked-sent.Transactions.Uncommitted {
		t.Errorf("%d of the window read, %d unread; %d acknowledged, %d of them not committed", read.Window, read.Unread, sent.Window.Acked, sent.Transactions.Uncommitted)
	}
	ended := sent.Transactions.Ended
	if sent.Transactions.Commit.Count == 0 || sent.Transactions.Commit.Count > ended.Committed+ended.Aborted {
		t.Errorf("%d commit latencies of the window, %+v", sent.Transactions.Commit.Count, ended)
	}
	return ended, *sent.Transactions
}

func TestTransactionsOfProducersAreReadWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	values := scenarios.Value{Format: scenarios.ValueJSON, Size: scenarios.Size{Distribution: scenarios.SizeFixed, Bytes: 400}}
	for _, c := range []struct {
		name     string
		rate     string
		settings scenarios.Transaction
		change   func(*scenarios.ProducerGroup)
	}{
		{"of so many records", "2000/s", scenarios.Transaction{Records: 50}, nil},
		{"of an interval", "2000/s", scenarios.Transaction{Interval: 20 * time.Millisecond}, nil},
		{"of both", "500/s", scenarios.Transaction{Records: 1000, Interval: 30 * time.Millisecond}, nil},
		{"some aborted", "2000/s", scenarios.Transaction{Records: 20, Aborts: 0.3}, nil},
		{"with stamps in headers", "1000/s", scenarios.Transaction{Records: 20, Aborts: 0.3}, func(g *scenarios.ProducerGroup) { g.Value = values }},
		{"of several clients", "2000/s", scenarios.Transaction{Records: 20, Aborts: 0.3}, func(g *scenarios.ProducerGroup) { g.Clients = 3 }},
		{"in the closed loop", "max", scenarios.Transaction{Records: 200, Aborts: 0.1}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := inTransactions(t, c.rate, c.settings)
			if c.change != nil {
				c.change(&l.Producers[0])
			}
			trial := execute(t, l)
			ended, totals := committedIsRead(t, trial)
			if c.settings.Aborts > 0 != (ended.Planted > 0) || ended.Aborted != ended.Planted || ended.Committed == 0 || ended.Unknown+ended.Fenced > 0 {
				t.Errorf("transactions %+v", ended)
			}
			if c.settings.Aborts > 0 != (totals.Uncommitted > 0) {
				t.Errorf("%d records uncommitted", totals.Uncommitted)
			}
			sent := trial.End.Producers["checkout"].Whole.Acked
			if n := ended.Committed + ended.Aborted; c.settings.Interval == 0 && n < sent/int64(c.settings.Records) {
				t.Errorf("%d transactions of %d records for %d records", n, c.settings.Records, sent)
			}
		})
	}
}

func TestAReaderOfUncommittedRecordsReadsThoseOfAbortedTransactionsOfProducers(t *testing.T) {
	t.Parallel()
	l := inTransactions(t, "2000/s", scenarios.Transaction{Records: 20, Aborts: 0.3})
	l.Consumers[0].Properties = properties(t, property.Consumer)
	trial := execute(t, l)
	sent, read := trial.End.Producers["checkout"], trial.End.Consumers["analytics"]
	if i := read.Integrity; i.AbortedRead == 0 || i.Lost+i.Duplicated+i.Torn != 0 || i.Unknown != "" {
		t.Errorf("%+v", i)
	}
	if read.Unread != 0 || read.Expected != sent.Window.Acked || read.Consumed != sent.Whole.Acked {
		t.Errorf("%d expected, %d unread, %d consumed of %+v", read.Expected, read.Unread, read.Consumed, sent.Whole)
	}
	kinds := map[string]int{}
	for _, a := range trial.End.Anomalies {
		kinds[a.Kind]++
	}
	if kinds["aborted_read"] == 0 || len(kinds) != 1 {
		t.Errorf("anomalies %v", kinds)
	}
}

// A broker that drops one record of a committed transaction: who reads it has k of n. With one
// batch a partition and transaction no later sequence number tells the producer.
func TestATransactionThatLostARecordIsTorn(t *testing.T) {
	t.Parallel()
	cluster := simulated(t, kfake.NumBrokers(1))
	planter := plant(cluster, 3, "lost")
	trial := executeOn(t, t.Context(), inTransactions(t, "2000/s", scenarios.Transaction{Records: 60}, "linger.ms", "1000"), cluster.ListenAddrs())
	if planter.err != nil || len(planter.planted) == 0 {
		t.Fatalf("planted %v: %v", planter.planted, planter.err)
	}
	i := trial.End.Consumers["analytics"].Integrity
	if i.Lost != int64(len(planter.planted)) || i.Torn == 0 || i.Torn > i.Lost {
		t.Errorf("%d planted: %+v", len(planter.planted), i)
	}
	torn := 0
	for _, a := range trial.End.Anomalies {
		if a.Kind == "torn" && a.Text != "" {
			torn++
		}
	}
	if torn != int(i.Torn) {
		t.Errorf("%d told of %d torn", torn, i.Torn)
	}
}

// Another producer that takes over the transactional id: what was open is aborted and not read,
// the client is fenced, and another one goes on in its place.
func TestAFencedProducerIsCountedAndGoesOn(t *testing.T) {
	t.Parallel()
	cluster := simulated(t, kfake.NumBrokers(1))
	fencedOnce(t, cluster.ListenAddrs())
}

func fencedOnce(t *testing.T, bootstrap []string) {
	t.Helper()
	l := inTransactions(t, "500/s", scenarios.Transaction{Records: 200}, "transactional.id", "checkout-of-ours")
	l.Duration = 3 * time.Second
	taken := false
	trial, err := runOn(t, t.Context(), l, bootstrap, t.TempDir(), func(at Progress) {
		if taken || at.Interval.End < 1 {
			return
		}
		taken = true
		if err := takeOver(t, bootstrap, "checkout-of-ours-0"); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	sent, read := trial.End.Producers["checkout"], trial.End.Consumers["analytics"]
	balance(t, "whole", sent.Whole)
	if n := sent.Transactions.Ended; n.Fenced != 1 || n.Aborted != 1 || n.Committed < 3 {
		t.Errorf("transactions %+v", n)
	}
	if i := read.Integrity; i.Lost+i.Duplicated+i.AbortedRead+i.Torn != 0 || read.Unread != 0 {
		t.Errorf("%+v, %d unread; anomalies %+v", i, read.Unread, trial.End.Anomalies)
	}
}

func TestOnRealKafkaTransactionsOfProducersAreReadWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	t.Run("committed and aborted", func(t *testing.T) {
		t.Parallel()
		l := inTransactions(t, "500/s", scenarios.Transaction{Records: 25, Aborts: 0.2})
		l.Duration, l.Drain = 4*time.Second, time.Minute // the first transaction alone can take a second
		if ended, _ := committedIsRead(t, executeOn(t, t.Context(), l, bootstrap)); ended.Planted == 0 || ended.Committed == 0 || ended.Unknown != 0 {
			t.Errorf("transactions %+v", ended)
		}
	})
	t.Run("into a pipeline of transactions", func(t *testing.T) {
		t.Parallel()
		l := through(t, "500/s", enrich(t, scenarios.ExactlyOnce))
		l.Producers = inTransactions(t, "500/s", scenarios.Transaction{Records: 25, Aborts: 0.2}).Producers
		l.Drain = time.Minute
		trial := executeOn(t, t.Context(), l, bootstrap)
		sent := trial.End.Producers["checkout"]
		for _, group := range []string{"enrich", "analytics"} {
			read := trial.End.Consumers[group]
			if group == "enrich" {
				// A rebalance aborts what its members had begun, and they read it and do it again.
				read.Integrity.Redelivered, read.Integrity.ProcessedTwice = 0, 0
			}
			if want := (results.Integrity{Checked: true}); read.Integrity != want || read.Unread != 0 || read.Window != sent.Window.Acked-sent.Transactions.Uncommitted {
				t.Errorf("%s: %+v, %d read and %d unread of %+v", group, read.Integrity, read.Window, read.Unread, sent)
			}
		}
	})
	t.Run("fenced", func(t *testing.T) {
		t.Parallel()
		fencedOnce(t, bootstrap)
	})
}
