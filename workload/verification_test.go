package workload

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/analysis"
	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
)

// lookingAt adds what is looked at after the load.
func lookingAt(t *testing.T, l scenarios.Load, readback, compaction bool) scenarios.Load {
	t.Helper()
	l.Verify = scenarios.Verify{Readback: readback, Compaction: compaction, Properties: properties(t, property.Consumer)}
	return l
}

func TestTheLogIsReadBackWhereNobodyConsumes(t *testing.T) {
	t.Parallel()
	trial := execute(t, lookingAt(t, load([]scenarios.ProducerGroup{producers(t, "2000/s")}), true, false))
	back := trial.End.Readback
	if back == nil || back.Records != 2000 || back.Bytes < 100*2000 || back.Seconds <= 0 || back.Integrity != (results.Integrity{Checked: true}) {
		t.Fatalf("read back %+v of 2,000 records", back)
	}
	metrics := shown(analysis.Metrics(trial))
	for _, name := range []string{"lost", "readback.lost", "readback.duplicated", "corrupted"} {
		if n := metrics.of(name); n != 0 {
			t.Errorf("%s is %v", name, n)
		}
	}
	if n := metrics.of("readback.records"); n != 2000 {
		t.Errorf("readback.records is %v", n)
	}
	if _, there := metrics["readback.processed_twice"]; there {
		t.Error("what is read back has no handler")
	}
}

// The reader is independent of the groups: it finds in the log what they find, and what nobody read.
func TestWhatIsPlantedIsFoundInTheLog(t *testing.T) {
	all := []string{"lost", "duplicated", "reordered", "corrupted"}
	for _, groups := range []bool{false, true} {
		for _, kinds := range [][]string{all, {"lost"}, {"duplicated"}} {
			if groups && len(kinds) == 1 {
				continue
			}
			name := strings.Join(kinds, " and ")
			if groups {
				name += ", beside groups"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				cluster := simulated(t)
				planter := plant(cluster, 3, kinds...)
				l := lookingAt(t, watchedLoad(t, 3, "enable.idempotence", "false"), true, false)
				if !groups {
					l.Consumers = nil
				}
				trial := executeOn(t, t.Context(), l, cluster.ListenAddrs())
				if planter.err != nil || len(planter.targets) > 0 || len(planter.planted) == 0 {
					t.Fatalf("%d anomalies were planted, in %d more batches none: %v", len(planter.planted), len(planter.targets), planter.err)
				}
				found := trial.End.Readback.Integrity
				found.ProcessedTwice, found.Missed = found.Duplicated, found.Lost // as of a group without handlers
				trial.End.Consumers["readback"] = results.ConsumerTotals{Integrity: found}
				wantAnomalies(t, trial, "readback", planter.planted)
				if groups {
					wantAnomalies(t, trial, "audit", planter.planted)
				}
				if outcome := analysis.Judge(trial).Outcome; outcome != results.Degraded && !slices.Equal(kinds, []string{"duplicated"}) {
					t.Errorf("the outcome is %s", outcome)
				}
			})
		}
	}
}

// Transactions that were aborted are no loss, and what pipelines wrote is read back as well.
func TestTransactionsAndPipelinesAreReadBack(t *testing.T) {
	t.Parallel()
	p := enrich(t, scenarios.ExactlyOnce)
	p.Aborts = 0.2
	l := lookingAt(t, through(t, "1000/s", p), true, false)
	l.Consumers = nil
	trial := execute(t, l)
	back := trial.End.Readback
	if want := trial.End.Producers["checkout"].Whole.Acked * 2; back.Records != want || back.Integrity != (results.Integrity{Checked: true}) {
		t.Errorf("read back %+v of %d records; anomalies %v", back, want, trial.End.Anomalies)
	}
}

// What retention removed was not lost, and nobody knows whether anything else was.
func TestWhatRetentionRemovedIsNotLost(t *testing.T) {
	t.Parallel()
	cluster := simulated(t)
	l := lookingAt(t, load([]scenarios.ProducerGroup{producers(t, "4000/s")}), true, false)
	l.Topics[0].Config = map[string]string{"segment.bytes": "20000", "retention.bytes": "20000"}
	removed := false
	directory := t.TempDir()
	trial, err := runOn(t, t.Context(), l, cluster.ListenAddrs(), directory, func(p Progress) {
		if p.Interval.End > 0.5 {
			cluster.ApplyRetention()
			removed = true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	back := trial.End.Readback
	if !removed || back.Records >= 4000 || back.Integrity.Lost != 0 || !strings.Contains(back.Integrity.Unknown, "retention") {
		t.Errorf("read back %+v", back)
	}
}

func TestASignalEndsTheReading(t *testing.T) {
	t.Parallel()
	cluster := simulated(t)
	l := lookingAt(t, load([]scenarios.ProducerGroup{producers(t, "1000/s")}), true, true)
	l.Topics[0].Config = map[string]string{"cleanup.policy": "compact"}
	l.Duration = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	trial, err := runOn(t, ctx, l, cluster.ListenAddrs(), t.TempDir(), func(Progress) { cancel() })
	if err != nil {
		t.Fatal(err)
	}
	if back := trial.End.Readback; trial.State != results.Interrupted || back.Records != 0 || !strings.Contains(back.Integrity.Unknown, "signal") {
		t.Errorf("%s, read back %+v", trial.State, back)
	}
	if c := trial.End.Compaction; len(c) != 1 || !strings.Contains(c[0].Unknown, "signal") {
		t.Errorf("%+v", c)
	}
}

// compactedLoad writes 100 keys again and again; a group joins when some of it has been compacted.
func compactedLoad(t *testing.T) scenarios.Load {
	t.Helper()
	p := producers(t, "2000/s", "linger.ms", "2")
	p.Key.Cardinality = 100
	// The simulated broker's first offset moves with compaction, so that the committed one may be gone.
	late := consumers(t, "auto.offset.reset", "earliest")
	late.Start = scenarios.Start{From: scenarios.StartEarliest, After: 900 * time.Millisecond}
	l := lookingAt(t, load([]scenarios.ProducerGroup{p}, late), false, true)
	l.Topics[0].Partitions = 2
	l.Topics[0].Config = map[string]string{"cleanup.policy": "compact"}
	l.Duration, l.Drain = 1300*time.Millisecond, 30*time.Second
	return l
}

// The simulated broker compacts all but a partition's last batch.
func TestTheRatioThatCompactionReachedIsCounted(t *testing.T) {
	t.Parallel()
	said := false
	cluster := simulated(t, kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": "700"})) // longer than until it says that it waits
	trial, err := runOn(t, t.Context(), compactedLoad(t), cluster.ListenAddrs(), t.TempDir(), func(p Progress) {
		said = said || strings.HasPrefix(p.Text, "waiting for compaction")
	})
	if err != nil {
		t.Fatal(err)
	}
	c := trial.End.Compaction[0]
	if c.Topic != "orders" || c.Unknown != "" || c.Written != 3000 || c.Keys != 100 || c.Remaining < c.Keys || c.Remaining > 1000 || c.WaitSeconds < 1 || !said {
		t.Errorf("%+v; said so while waiting: %v", c, said)
	}
	metrics := shown(analysis.Metrics(trial))
	if n := metrics.of("compaction.ratio"); n != float64(c.Remaining)/3000 {
		t.Errorf("compaction.ratio is %v", n)
	}
	if n := metrics.of("compaction.keys.ratio"); n != 100.0/3000 {
		t.Errorf("compaction.keys.ratio is %v", n)
	}
	// The group found a part of the records: the others were replaced, and are neither lost nor unread.
	read := trial.End.Consumers["analytics"]
	if read.Consumed >= 3000 || read.Unread != 0 || read.Integrity.Lost != 0 || !strings.Contains(read.Integrity.Unknown, "compacted") {
		t.Errorf("the group: %+v", read)
	}
}

func TestWithoutAPassOfTheCleanerTheRatioIsNotKnown(t *testing.T) {
	t.Parallel()
	trial := execute(t, compactedLoad(t)) // which looks once an hour
	if c := trial.End.Compaction[0]; !strings.Contains(c.Unknown, "log.cleaner.backoff.ms") || c.Remaining != c.Written {
		t.Errorf("%+v", c)
	}
	v, there := analysis.Metrics(trial)["compaction.ratio"]
	if !there || !(v.Value != v.Value) {
		t.Errorf("compaction.ratio is %+v", v)
	}
}
