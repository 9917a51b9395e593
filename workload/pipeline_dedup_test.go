package workload

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/property"
	"kaliper/internal/redistest"
	"kaliper/results"
	"kaliper/scenarios"
)

// marks is how a pipeline deduplicates.
func marks(url string, mode scenarios.DedupMode, batch bool) scenarios.Dedup {
	return scenarios.Dedup{
		Mode: mode, Redis: scenarios.NewRedisURL(url), ID: scenarios.DedupByRecord, PerBatch: batch,
		TTL: time.Hour, Lease: time.Second, Timeout: time.Second,
	}
}

// What is twice in the log of a pipeline's source has one effect behind it, by its message id.
func TestAPipelinePassesOverWhatIsTwiceInItsSource(t *testing.T) {
	t.Parallel()
	for mode, batch := range map[scenarios.DedupMode]bool{
		scenarios.DedupNone: true, scenarios.DedupMarkFirst: true, scenarios.DedupMarkLast: false, scenarios.DedupClaim: true,
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(cluster.Close)
			planted := plant(cluster, 3, "duplicated")
			p := enrich(t, scenarios.AtLeastOnce)
			p.Members = 1
			p.Dedup = marks("redis://"+miniredis.RunT(t).Addr(), mode, batch)
			l := through(t, "100/s", p) // one member waits for each record's acknowledgement
			l.Producers[0].Properties = properties(t, property.Producer, "linger.ms", "20", "enable.idempotence", "false")
			l.Topics[0].Partitions = 1
			trial := executeOn(t, t.Context(), l, cluster.ListenAddrs())
			read, stage := trial.End.Consumers["analytics"], trial.End.Consumers["enrich"]
			if read.Unread != 0 || read.Integrity.Lost != 0 || stage.Unread != 0 {
				t.Errorf("%d unread behind, %d before, integrity %+v", read.Unread, stage.Unread, read.Integrity)
			}
			twice := stage.Integrity.Duplicated // of the planted ones, those in the source
			if len(planted.planted) == 0 || twice == 0 {
				t.Fatalf("%d planted, %d twice in the source", len(planted.planted), twice)
			}
			if mode == scenarios.DedupNone {
				if read.Integrity.Duplicated < twice {
					t.Errorf("%d of %d had two effects", read.Integrity.Duplicated, twice)
				}
				return
			}
			if stage.Dedup.Skipped != twice || stage.Pipeline.Produced != stage.Consumed-twice {
				t.Errorf("%d passed over of %d; %d produced of %d", stage.Dedup.Skipped, twice, stage.Pipeline.Produced, stage.Consumed)
			}
		})
	}
}

// A crash: with message ids at the most one poll's outputs are repeated, however long a unit of
// work is.
func TestAfterACrashMessageIDsKeepAPipelineFromRepeatingAUnit(t *testing.T) {
	t.Parallel()
	for _, mode := range []scenarios.DedupMode{scenarios.DedupMarkLast, scenarios.DedupClaim} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			crash := crashHalfway(0)
			crash.At = 1300 * time.Millisecond
			shows(t, func(seen *comparison) {
				l := enrichChanging(t, scenarios.AtLeastOnce, nil, crash)
				// A real one: there the claims of the dead member end by themselves.
				l.Pipelines[0].Dedup = marks(redistest.Start(t).URL(), mode, true)
				l.Pipelines[0].CommitInterval = 2500 * time.Millisecond // the dead member had committed nothing, on a slow machine too
				trial := executeQuick(t, l)
				read, stage := behind(t, trial), trial.End.Consumers["enrich"]
				again, twice := stage.Integrity.Redelivered, read.Integrity.Duplicated
				if again == 0 || stage.Dedup.Skipped == 0 {
					seen.errorf("%d delivered again, %d passed over", again, stage.Dedup.Skipped)
				}
				if twice > 500 || twice+stage.Dedup.Skipped > again {
					t.Errorf("%d delivered again, %d passed over, %d effects twice", again, stage.Dedup.Skipped, twice)
				}
				if twice >= again {
					seen.errorf("%d delivered again, %d effects twice", again, twice)
				}
			})
		})
	}
}

// Each attempt of a retry topic is made, and each record has one effect at the end.
func TestMessageIDsTellAttemptsApart(t *testing.T) {
	t.Parallel()
	for _, policy := range []scenarios.FailurePolicy{scenarios.FailureRetryTopic, scenarios.FailureRetry, scenarios.FailureDeadLetter} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			g := consumers(t, "enable.auto.commit", "false")
			g.Commit, g.CommitInterval = scenarios.CommitAtInterval, 20*time.Millisecond
			g.Failures = scenarios.Failures{Policy: policy, Ratio: 0.05, Retries: 3, FailingAttempts: 3}
			if policy == scenarios.FailureDeadLetter {
				g.Failures.Retries, g.Failures.FailingAttempts = 1, 0
			}
			g.Producer = properties(t, property.Producer)
			g.Dedup = marks("redis://"+miniredis.RunT(t).Addr(), scenarios.DedupClaim, true)
			trial := execute(t, load([]scenarios.ProducerGroup{producers(t, "1000/s")}, g))
			booksOfPaths(t, trial)
			main, retry := trial.End.Consumers["analytics"], trial.End.Consumers["analytics-retry"]
			sent := trial.End.Producers["checkout"].Whole.Acked
			paths := main.Failures.Paths
			if main.Unread != 0 || paths.Deduplicated != main.Dedup.Skipped || paths.Deduplicated != main.Integrity.Redelivered {
				t.Errorf("%d unread, %+v, %d passed over", main.Unread, paths, main.Dedup.Skipped)
			}
			switch policy {
			case scenarios.FailureRetryTopic:
				if again := retry.Failures.Paths; paths.Retried == 0 || again.Recovered != paths.Retried || again.Retried != 2*paths.Retried || again.Deduplicated != 0 {
					t.Errorf("%+v, then %+v", paths, again)
				}
			case scenarios.FailureRetry:
				if paths.Recovered == 0 || paths.Processed != sent {
					t.Errorf("%+v of %d", paths, sent)
				}
			case scenarios.FailureDeadLetter:
				if paths.DeadLettered == 0 || paths.Processed+paths.DeadLettered != sent {
					t.Errorf("%+v of %d", paths, sent)
				}
			}
		})
	}
}

// The built-in scenario on a real broker and a real Redis.
func TestOnRealKafkaTheCuresOfPipelineCrashShow(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	server := redistest.Start(t)
	cases := builtIn(t, bootstrap, "pipeline-crash", "warmup=500ms", "duration=4s", "drain=40s",
		"pipelines.enrich.schedule=[{at: 3s, crash: 1, back_after: 1s}]", "pipelines.enrich.commit_interval=1s",
		"pipelines.enrich.dedup.lease=2s", "pipelines.enrich.config.session.timeout.ms=3000", "pipelines.enrich.dedup.redis="+server.URL())
	t.Run("each guarantee", func(t *testing.T) { // returns when all are done
		for name, check := range map[string]func(seen *comparison, t *testing.T, twice int64, stage results.ConsumerTotals){
			"at-least-once none": func(seen *comparison, _ *testing.T, twice int64, _ results.ConsumerTotals) {
				if twice == 0 {
					seen.errorf("no effect twice")
				}
			},
			"at-least-once claim": func(seen *comparison, t *testing.T, twice int64, stage results.ConsumerTotals) {
				if twice > 500 { // max.poll.records
					t.Errorf("%d effects twice", twice)
				}
				if stage.Dedup.Skipped == 0 || twice >= stage.Integrity.Redelivered {
					seen.errorf("%d effects twice, %+v", twice, stage.Dedup.Dedup)
				}
			},
			"exactly-once none": func(seen *comparison, t *testing.T, twice int64, stage results.ConsumerTotals) {
				if twice != 0 {
					t.Errorf("%d effects twice", twice)
				}
				if stage.Integrity.Redelivered == 0 || stage.Pipeline.Transactions.Committed == 0 {
					seen.errorf("%+v, %+v", stage.Integrity, stage.Pipeline.Transactions)
				}
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				load, ok := cases[name]
				if !ok {
					t.Fatalf("there is no such case in %v", keysOf(cases))
				}
				shows(t, func(seen *comparison) {
					trial := executeOn(t, t.Context(), load, bootstrap)
					check(seen, t, behind(t, trial).Integrity.Duplicated, trial.End.Consumers["enrich"])
				})
			})
		}
	})
	if keys := server.Keys(); len(keys) > 0 {
		t.Errorf("keys are left: %q", keys)
	}
}
