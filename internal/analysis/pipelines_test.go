package analysis

import (
	"testing"

	"kaliper/results"
)

// piping makes analytics an exactly-once pipeline, with failures and deduplication as well.
func piping(t *testing.T, trial *results.Trial) {
	t.Helper()
	trial.Begin.Consumers[0].Pipeline = &results.PipelineInfo{To: "enriched", Guarantee: "exactly-once"}
	for i := range trial.Intervals {
		c := trial.Intervals[i].Consumers["analytics"]
		c.Pipeline = &results.PipelineInterval{
			Produced: 100, ProducedBytes: 100_000,
			Transactions: results.Transactions{Committed: 10, Aborted: 2, Planted: 1, Fenced: 1},
		}
		if i >= 2 && i < 12 {
			c.Pipeline.Stage.Window, c.Pipeline.Commit.Window = latencies(t, 40, 100), latencies(t, 5, 10)
		}
		c.Failures = &results.FailuresInterval{Paths: results.Paths{Processed: 60, Skipped: 5, Retried: 4, DeadLettered: 3, Undone: 28, Recovered: 2, Attempts: 9}}
		c.Dedup = &results.DedupInterval{Dedup: results.Dedup{Skipped: 7, Unchecked: 1, RoundTrips: 200, WaitSeconds: 0.5}}
		if i >= 2 && i < 12 {
			c.Dedup.RoundTrip.Window = latencies(t, 2, 200)
			c.Failures.Recovered.Window, c.Failures.DeadLettered.Window = latencies(t, 300, 2), latencies(t, 200, 3)
		}
		trial.Intervals[i].Consumers["analytics"] = c
	}
	changeConsumer(trial, func(c *results.ConsumerTotals) {
		c.Failures = &results.FailuresTotals{
			Paths:     results.Paths{Processed: 700, Skipped: 65, Retried: 52, DeadLettered: 39, Undone: 344, Recovered: 26, Attempts: 117},
			Recovered: latencies(t, 300, 20), DeadLettered: latencies(t, 200, 30),
		}
		c.Dedup = &results.DedupTotals{RoundTrip: latencies(t, 2, 2000)}
		c.Pipeline = &results.PipelineTotals{
			Produced: 1300, ProducedInWindow: 1000, ProducedBytesInWindow: 1_000_000,
			Stage: latencies(t, 40, 1000), Commit: latencies(t, 5, 100),
		}
	})
}

func TestMetricsOfAPipelineAndOfDeduplication(t *testing.T) {
	trial := cleanTrial(t)
	piping(t, &trial)
	killed := trial
	killed.End = nil
	for name, trial := range map[string]results.Trial{"whole": trial, "killed": killed} {
		t.Run(name, func(t *testing.T) {
			metrics := Metrics(trial)
			for name, value := range map[string]float64{
				"analytics.stage.p99": 0.040, "stage.max": 0.040, "commit.p50": 0.005,
				"failures.recovered.p50": 0.300, "analytics.failures.dead_lettered.max": 0.200, "failures.attempts.count": 90,
				"analytics.dedup.p99": 0.002, "dedup.max": 0.002, "dedup.skipped.count": 70, "analytics.dedup.unchecked.count": 10,
				"dedup.waiting.seconds": 5, "dedup.round_trips.per_record": 2,
				"failures.recovered.count": 20, "failures.skipped.count": 50, "failures.retried.count": 40,
				"failures.dead_lettered.count": 30, "failures.dead_lettered.records_per_second": 3, "failures.undone.count": 280,
				"analytics.produced.records_per_second": 100, "produced.bytes_per_second": 100_000,
				"analytics.transactions.committed.count": 100, "transactions.aborted.count": 20, "transactions.fenced.count": 10,
			} {
				got, measured := metrics[name]
				if !measured || !near(float64(got.Value), value) {
					t.Errorf("%s is %v (measured: %v), want %v", name, got.Value, measured, value)
				}
			}
		})
	}
}

func TestRecordsThatNoPathAccountsForMakeATrialUntrusted(t *testing.T) {
	trial := cleanTrial(t)
	piping(t, &trial)
	if verdict := Judge(trial); verdict.Trust != results.Trusted {
		t.Errorf("books that balance: %+v", verdict)
	}
	changeConsumer(&trial, func(c *results.ConsumerTotals) { c.Failures.Paths.DeadLettered-- })
	if verdict := Judge(trial); verdict.Trust != results.Untrusted {
		t.Errorf("a record is missing, and the trial is %s", verdict.Trust)
	}
}
