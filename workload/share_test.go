package workload

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kversion"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
	"kaliper/internal/kafkatest"
	"kaliper/results"
	"kaliper/scenarios"
)

// shareGroup is a share group of more members than there are partitions.
func shareGroup(t testing.TB, share scenarios.Share, config ...string) scenarios.ConsumerGroup {
	t.Helper()
	g := consumers(t, config...)
	g.Members, g.Commit, g.Share = 6, scenarios.CommitNone, &share
	return g
}

// explicit are the properties of a share group that releases and rejects.
func explicit(more ...string) []string {
	return append([]string{"share.acknowledgement.mode", "explicit"}, more...)
}

func shareLoad(t testing.TB, group scenarios.ConsumerGroup) scenarios.Load {
	t.Helper()
	l := load([]scenarios.ProducerGroup{producers(t, "1000/s", "linger.ms", "2")}, group)
	l.Duration, l.Drain = 1800*time.Millisecond, 20*time.Second
	return l
}

// shareBooks checks what must hold of every share group that has come to the end.
func shareBooks(t *testing.T, trial results.Trial, crashes bool) results.ConsumerTotals {
	t.Helper()
	read, sent := trial.End.Consumers["analytics"], trial.End.Producers["checkout"].Whole.Acked
	if read.Unread != 0 || read.Integrity.Unknown != "" || !read.Integrity.Checked || read.Share == nil {
		t.Fatalf("%+v, anomalies %v, events %v", read, trial.End.Anomalies, eventsOf(trial))
	}
	s := *read.Share
	// The broker counts a delivery to a member that crashes before its poll returns the record.
	unseen := s.Redelivered - read.Integrity.Redelivered
	if s.Delivered != read.Consumed || s.Accepted+s.Released+s.Rejected > s.Delivered || s.Delivered-read.Integrity.Redelivered != sent {
		t.Errorf("%+v of %d records, %d consumed", s, sent, read.Consumed)
	}
	if i := read.Integrity; i.Reordered != 0 || i.Duplicated != 0 || i.Corrupted != 0 || unseen < 0 || unseen > 0 && !crashes {
		t.Errorf("integrity %+v beside %+v", i, s)
	}
	return read
}

func eventsOf(trial results.Trial) (texts []string) {
	for _, i := range trial.Intervals {
		for _, e := range i.Events {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// shareTruths are trials whose counts are known beforehand, on whatever broker.
func shareTruths(t *testing.T, run func(t *testing.T, l scenarios.Load) results.Trial) {
	t.Run("all is accepted, by the next poll", func(t *testing.T) {
		read := shareBooks(t, run(t, shareLoad(t, shareGroup(t, scenarios.Share{Releases: 1}))), false)
		if s := *read.Share; s.Redelivered != 0 || s.Released != 0 || s.Rejected != 0 || s.DeliveriesMax != 1 || s.Accepted != s.Delivered {
			t.Errorf("%+v", s)
		}
		if i := read.Integrity; i.Lost != 0 || i.Missed != 0 || i.ProcessedTwice != 0 {
			t.Errorf("integrity %+v", i)
		}
	})
	t.Run("some are released twice, some rejected", func(t *testing.T) {
		g := shareGroup(t, scenarios.Share{Release: 0.1, Releases: 2, Reject: 0.05, Confirm: true}, explicit("share.acquire.mode", "record_limit", "max.poll.records", "20")...)
		g.Processing = scenarios.Processing{Time: 200 * time.Microsecond, Distribution: "fixed"}
		trial := run(t, shareLoad(t, g))
		read := shareBooks(t, trial, false)
		s := *read.Share
		if s.Released == 0 || s.Rejected == 0 || s.Redelivered != s.Released || s.DeliveriesMax != 3 || s.Accepted+s.Released+s.Rejected != s.Delivered {
			t.Errorf("%+v", s)
		}
		// Every tenth is released, twice: 2,000 records, five standard errors.
		if s.Released < 2*133 || s.Released > 2*267 || s.Rejected < 51 || s.Rejected > 149 {
			t.Errorf("%+v", s)
		}
		if i := read.Integrity; i.Lost != 0 || i.Missed != 0 || i.ProcessedTwice != 0 {
			t.Errorf("integrity %+v", i)
		}
		metrics := analysis.Metrics(trial)
		for _, name := range []string{"reordered", "rebalances.count"} {
			for _, name := range []string{name, "analytics." + name} {
				if v, there := metrics[name]; there {
					t.Errorf("%s is %v of a share group", name, v.Value)
				}
			}
		}
		for _, name := range []string{"share.released.count", "analytics.share.rejected.count", "analytics.processed.p99"} {
			if v, there := metrics[name]; !there || !(v.Value > 0) {
				t.Errorf("%s is %v", name, v.Value)
			}
		}
	})
	t.Run("released as often as the broker delivers, a record is lost", func(t *testing.T) {
		g := shareGroup(t, scenarios.Share{Release: 0.1, Releases: 100, Config: map[string]string{"share.delivery.count.limit": "3"}}, explicit()...)
		read := shareBooks(t, run(t, shareLoad(t, g)), false)
		if s := *read.Share; s.Released%3 != 0 || s.DeliveriesMax != 3 || read.Integrity.Lost != s.Released/3 || read.Integrity.Missed != read.Integrity.Lost {
			t.Errorf("%+v, integrity %+v", s, read.Integrity)
		}
	})
	t.Run("what a member held that crashes comes to the others", func(t *testing.T) {
		g := shareGroup(t, scenarios.Share{Releases: 1}, explicit("max.poll.records", "10", "share.acquire.mode", "record_limit")...)
		// Ten members process 833 records/s of 1,000: each of them holds some.
		g.Processing = scenarios.Processing{Time: 12 * time.Millisecond, Distribution: "fixed"}
		g.Schedule = []scenarios.Change{{At: time.Second, Action: scenarios.ActionCrash, Members: 3}}
		g.Members = 10
		trial := run(t, shareLoad(t, g))
		read := shareBooks(t, trial, true)
		if lag := analysis.Metrics(trial)["analytics.lag.records.max"].Value; !(lag > 0) {
			t.Errorf("a lag of %v records of members that are too slow", lag)
		}
		if read.Share.Redelivered == 0 || read.Integrity.Lost != 0 || read.Integrity.Missed != 0 {
			t.Errorf("%+v, integrity %+v", *read.Share, read.Integrity)
		}
	})
}

func TestAShareGroupAccountsForEveryDelivery(t *testing.T) {
	t.Parallel()
	shareTruths(t, func(t *testing.T, l scenarios.Load) results.Trial {
		t.Parallel()
		// What a connection that has closed was being handed stays locked there: until within the drain.
		return execute(t, l, kfake.BrokerConfigs(map[string]string{
			"group.share.heartbeat.interval.ms": "1000", "group.share.delivery.count.limit": "3", "group.share.record.lock.duration.ms": "10000",
		}))
	})
}

func TestOnRealKafkaAShareGroupAccountsForEveryDelivery(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	shareTruths(t, func(t *testing.T, l scenarios.Load) results.Trial {
		t.Parallel()
		return executeOn(t, t.Context(), l, bootstrap)
	})
	t.Run("share-group: members beyond the partitions work", func(t *testing.T) {
		t.Parallel()
		shows(t, func(c *comparison) { theCureOfShareGroupShows(t, c, bootstrap) })
	})
}

// In a consumer group the members that the topic has no partitions for change nothing; in a share
// group they keep up.
func theCureOfShareGroupShows(t *testing.T, c *comparison, bootstrap []string) {
	cases := builtIn(t, bootstrap, "share-group", "warmup=500ms", "duration=3s", "drain=20s")
	idle := cases["false 2"]
	idle.Consumers = slices.Clone(idle.Consumers)
	idle.Consumers[0].Members = 8
	figures := map[string]shown{}
	for name, load := range map[string]scenarios.Load{"two": cases["false 2"], "eight": idle, "shared": cases["true 8"]} {
		trial := executeOn(t, t.Context(), load, bootstrap)
		figures[name] = analysis.Metrics(trial)
		if n := figures[name].of("workers.missed"); n != 0 {
			t.Errorf("%s: %v missed", name, n)
		}
	}
	for _, name := range []string{"two", "eight"} {
		if slope := figures[name].of("workers.lag.slope"); !(slope > 50) {
			c.errorf("a consumer group of %s: the lag's slope is %v records/s", name, slope)
		}
		c.less("workers.processed.p90", figures["shared"], figures[name], 1.5)
	}
}

func TestABrokerWithoutShareGroupsIsBadInput(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.MaxVersions(kversion.V3_9_0()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	refusesShares(t, cluster.ListenAddrs())
}

func TestOnRealKafka3ShareGroupsAreBadInput(t *testing.T) {
	t.Parallel()
	refusesShares(t, kafkatest.Start(t, kafkatest.Config{Nodes: 1, Fast: true, Version: kafkatest.Version3}).Addresses())
}

func refusesShares(t *testing.T, bootstrap []string) {
	t.Helper()
	trial, err := runOn(t, t.Context(), shareLoad(t, shareGroup(t, scenarios.Share{})), bootstrap, t.TempDir(), nil)
	problem, ok := errors.AsType[*kafka.Problem](err)
	if !ok || problem.Category != kafka.BadInput || !strings.Contains(problem.Error(), "has no share groups: it is of Kafka ") || !strings.Contains(problem.Error(), "use Kafka 4.2") {
		t.Errorf("error %v", err)
	}
	if len(trial.Intervals) > 0 {
		t.Error("there was load")
	}
}

func TestALedgerOfASharedPartitionKnowsOnlyOffsets(t *testing.T) {
	l := newLedger("readers", "orders", 1, []uint32{0}, 1, true, &anomalies{})
	l.unordered, l.pending = true, newConsumedTopic("orders", "orders", 1).positions
	p := &l.partitions[0]
	enter := func(sequence, offset int64) bool { return p.enter(l, &stamp{1, 0, sequence, 0}, 0, offset) }
	for _, at := range []int64{5, 0, 1, 3, 2} { // offset 4 never comes
		if !enter(at, at) {
			t.Errorf("offset %d counts as seen", at)
		}
	}
	if enter(3, 3) || enter(2, 9) {
		t.Error("a record that comes again counts as new")
	}
	for _, c := range []struct {
		pending, lost int64
		unknown       bool
	}{{0, 1, false}, {1, 0, true}, {-1, 0, true}} {
		l.pending[0].Store(c.pending)
		got := l.settle(givenSequences{0: 6}, nil)
		if got.Lost != c.lost || (got.Unknown != "") != c.unknown || got.Redelivered != 1 || got.Duplicated != 1 || got.Reordered != 0 {
			t.Errorf("pending %d: %+v", c.pending, got)
		}
	}
}
