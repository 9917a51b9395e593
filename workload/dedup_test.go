package workload

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	redisserver "github.com/alicebob/miniredis/v2/server"
	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
	"kaliper/internal/redistest"
	"kaliper/results"
	"kaliper/scenarios"
)

// deduplicating is a group that deduplicates, after the change.
func deduplicating(t *testing.T, url string, mode scenarios.DedupMode, change func(*scenarios.ConsumerGroup)) scenarios.ConsumerGroup {
	t.Helper()
	g := consumers(t)
	g.Commit = scenarios.CommitPerBatch
	g.Dedup = scenarios.Dedup{
		Mode: mode, Redis: scenarios.NewRedisURL(url), ID: scenarios.DedupByRecord,
		TTL: time.Hour, Lease: time.Minute, Timeout: time.Second,
	}
	if change != nil {
		change(&g)
	}
	return g
}

// wantOnce checks that all of a trial's records were processed, and none twice.
func wantOnce(t *testing.T, trial results.Trial) results.ConsumerTotals {
	t.Helper()
	c, sent := trial.End.Consumers["analytics"], trial.End.Producers["checkout"].Whole.Acked
	if i := c.Integrity; i.ProcessedTwice != 0 || i.Missed != 0 || i.Lost != 0 || i.Unknown != "" {
		t.Errorf("integrity %+v", i)
	}
	if sent == 0 || c.Unread != 0 || c.Processed.Count != c.Window {
		t.Errorf("of %d records %d are unread, and %d of %d in the window processed", sent, c.Unread, c.Processed.Count, c.Window)
	}
	return c
}

// failuresOf sums what a group counted.
func failuresOf(trial results.Trial) map[string]int64 {
	sum := map[string]int64{}
	for _, i := range trial.Intervals {
		addCounts(sum, i.Consumers["analytics"].Failed)
	}
	return sum
}

// All records are read a second time in the middle of the load.
func TestWhatIsDeliveredAgainIsPassedOverInEveryMode(t *testing.T) {
	for _, mode := range []scenarios.DedupMode{scenarios.DedupMarkFirst, scenarios.DedupMarkLast, scenarios.DedupClaim, scenarios.DedupAtomic} {
		for _, batch := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, a poll at once: %v", mode, batch), func(t *testing.T) {
				t.Parallel()
				server := miniredis.RunT(t) // of its own: all trials here have the same name
				l := load([]scenarios.ProducerGroup{producers(t, "500/s")}, deduplicating(t, "redis://"+server.Addr(), mode, func(g *scenarios.ConsumerGroup) {
					g.Dedup.PerBatch = batch
					g.Schedule = []scenarios.Change{{At: 1300 * time.Millisecond, Action: scenarios.ActionSeek, Seek: scenarios.Start{From: scenarios.StartEarliest}}}
				}))
				l.Duration, l.Drain = 1300*time.Millisecond, 20*time.Second
				trial := execute(t, l)
				c := wantOnce(t, trial)
				if c.Integrity.Redelivered == 0 || c.Dedup.Skipped != c.Integrity.Redelivered {
					t.Errorf("%d delivered again, %d passed over", c.Integrity.Redelivered, c.Dedup.Skipped)
				}
				if perRecord := float64(c.Dedup.RoundTrips) / float64(c.Consumed); batch == (perRecord >= 1) {
					t.Errorf("%v round trips a record", perRecord)
				}
				if c.Dedup.RoundTrip.Count == 0 || c.Dedup.RoundTrip.Count > c.Dedup.RoundTrips {
					t.Errorf("%d latencies of %d round trips", c.Dedup.RoundTrip.Count, c.Dedup.RoundTrips)
				}
			})
		}
	}
}

// A record that a producer without idempotence wrote twice has one id by what it is, and two by
// where it is.
func TestWhatIsTwiceInTheLogIsKnownByTheRecordAndNotByItsOffset(t *testing.T) {
	for _, id := range []scenarios.DedupID{scenarios.DedupByRecord, scenarios.DedupByOffset} {
		for _, batch := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, a poll at once: %v", id, batch), func(t *testing.T) {
				t.Parallel()
				cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(cluster.Close)
				server := miniredis.RunT(t)
				p := plant(cluster, 3, "duplicated")
				producer := producers(t, "2000/s", "linger.ms", "20", "enable.idempotence", "false")
				l := load([]scenarios.ProducerGroup{producer}, deduplicating(t, "redis://"+server.Addr(), scenarios.DedupClaim, func(g *scenarios.ConsumerGroup) {
					g.Dedup.ID, g.Dedup.PerBatch = id, batch
				}))
				l.Topics[0].Partitions = 1
				trial := executeOn(t, t.Context(), l, cluster.ListenAddrs())
				c := trial.End.Consumers["analytics"]
				twice := int64(len(p.planted))
				if twice == 0 || c.Integrity.Duplicated != twice {
					t.Fatalf("%d records planted, %d found in the log", twice, c.Integrity.Duplicated)
				}
				skipped, processed := twice, int64(0)
				if id == scenarios.DedupByOffset {
					skipped, processed = 0, twice
				}
				if c.Dedup.Skipped != skipped || c.Integrity.ProcessedTwice != processed {
					t.Errorf("%d passed over, %d processed twice; want %d and %d", c.Dedup.Skipped, c.Integrity.ProcessedTwice, skipped, processed)
				}
			})
		}
	}
}

func TestAMemberWaitsForARecordThatAnotherOneHasClaimed(t *testing.T) {
	t.Parallel()
	server, cluster := miniredis.RunT(t), simulated(t)
	l := load([]scenarios.ProducerGroup{producers(t, "500/s")}, deduplicating(t, "redis://"+server.Addr(), scenarios.DedupClaim, func(g *scenarios.ConsumerGroup) {
		g.Dedup.ID = scenarios.DedupByOffset
	}))
	l.Drain = 30 * time.Second // it asks twice for every record
	trial := oneTrial(t, l, cluster.ListenAddrs(), t.TempDir())
	key := "kaliper:abcd:" + trial.Case.ID + "-1:analytics:orders:0@0"
	if err := server.Set(key, "c:of a member that died"); err != nil {
		t.Fatal(err)
	}
	// The claim ends before the member asks a third time, so it has waited twice.
	var asked atomic.Int64
	server.Server().SetPreHook(func(_ *redisserver.Peer, command string, arguments ...string) bool {
		if command == "SET" && arguments[0] == key {
			if asked.Add(1) == 3 {
				server.Del(key)
			}
		}
		return false
	})
	done, err := Run(t.Context(), trial)
	if err != nil {
		t.Fatal(err)
	}
	if c := wantOnce(t, done); c.Dedup.WaitSeconds < 2*askAgain.Seconds() || c.Dedup.Skipped != 0 {
		t.Errorf("%+v", c.Dedup.Dedup)
	}
}

// dying runs a load whose Redis is killed after a second, and told what to do every second after.
func dying(t *testing.T, change func(*scenarios.ConsumerGroup), then func(server *redistest.Server)) results.Trial {
	t.Helper()
	if testing.Short() {
		t.Skip("some seconds long: `make test-kafka` runs this")
	}
	server := redistest.Start(t)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	l := load([]scenarios.ProducerGroup{producers(t, "300/s")}, deduplicating(t, server.URL(), scenarios.DedupClaim, change))
	l.Duration, l.Drain = 3*time.Second, 3*time.Second
	dead := false
	directory := t.TempDir()
	_, err = runOn(t, t.Context(), l, cluster.ListenAddrs(), directory, func(at Progress) {
		switch {
		case !dead && at.Interval.End > 0.9:
			dead = true
			server.Kill()
		case dead:
			then(server)
		}
	})
	if err != nil {
		t.Fatalf("the trial must end well: %v", err)
	}
	trial, err := results.ReadJournal(directory + "/journal")
	if err != nil || trial.End == nil {
		t.Fatal(err, trial.Damage)
	}
	if n := failuresOf(trial)["dedup_connection"]; n == 0 {
		t.Errorf("no error is counted: %v", failuresOf(trial))
	}
	return trial
}

func TestInFullAGroupGoesOnWhenItsRedisIsBack(t *testing.T) {
	restarted := false
	trial := dying(t, nil, func(server *redistest.Server) {
		if !restarted {
			restarted = true
			server.Restart()
		}
	})
	wantOnce(t, trial)
}

func TestInFullAGroupWaitsForARedisThatIsGoneAndLosesNothing(t *testing.T) {
	trial := dying(t, nil, func(*redistest.Server) {})
	c := trial.End.Consumers["analytics"]
	if i := c.Integrity; i.Lost != 0 || i.Missed != 0 || i.ProcessedTwice != 0 {
		t.Errorf("integrity %+v", i)
	}
	if c.Processed.Count >= c.Window {
		t.Error("records were processed without Redis")
	}
	if p99 := shown(analysis.Metrics(trial)).of("analytics.processed.p99"); p99 < 1e9 {
		t.Errorf("what waits for ever ranks as infinite, and not as %v s", p99)
	}
}

func TestInFullAGroupGoesOnUncheckedWhereItShall(t *testing.T) {
	trial := dying(t, func(g *scenarios.ConsumerGroup) { g.Dedup.ProcessUnchecked = true }, func(*redistest.Server) {})
	if c := wantOnce(t, trial); c.Dedup.Unchecked == 0 {
		t.Errorf("%+v", c.Dedup.Dedup)
	}
}

func TestARedisThatCannotBeHadEndsTheTrialBeforeItsLoad(t *testing.T) {
	gone := redistest.Start(t)
	gone.Kill()
	locked := redistest.Start(t, "--requirepass", "wanted")
	for name, url := range map[string]string{"gone": gone.URL(), "locked": locked.URL()} {
		t.Run(name, func(t *testing.T) {
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(cluster.Close)
			l := load([]scenarios.ProducerGroup{producers(t, "300/s")}, deduplicating(t, url, scenarios.DedupClaim, nil))
			_, err = runOn(t, t.Context(), l, cluster.ListenAddrs(), t.TempDir(), nil)
			if category, ok := kafka.CategoryOf(err); !ok || category != kafka.Unreachable {
				t.Errorf("error %v", err)
			}
			if err := CheckServices(t.Context(), scenarios.Case{Load: l}); err == nil {
				t.Error("it is not told beforehand")
			}
		})
	}
}
