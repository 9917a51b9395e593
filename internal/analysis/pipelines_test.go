package analysis

import (
	"testing"

	"kaliper/results"
)

// piping makes analytics an exactly-once pipeline.
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
		trial.Intervals[i].Consumers["analytics"] = c
	}
	changeConsumer(trial, func(c *results.ConsumerTotals) {
		c.Pipeline = &results.PipelineTotals{
			Produced: 1300, ProducedInWindow: 1000, ProducedBytesInWindow: 1_000_000,
			Stage: latencies(t, 40, 1000), Commit: latencies(t, 5, 100),
		}
	})
}

func TestMetricsOfAPipeline(t *testing.T) {
	trial := cleanTrial(t)
	piping(t, &trial)
	killed := trial
	killed.End = nil
	for name, trial := range map[string]results.Trial{"whole": trial, "killed": killed} {
		t.Run(name, func(t *testing.T) {
			metrics := Metrics(trial)
			for name, value := range map[string]float64{
				"analytics.stage.p99": 0.040, "stage.max": 0.040, "commit.p50": 0.005,
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
