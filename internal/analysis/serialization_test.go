package analysis

import (
	"testing"

	"kaliper/results"
)

// serializing gives a trial values with a schema: 1,000 records, 3 us each, and 4 us to read.
func serializing(t *testing.T, trial *results.Trial) {
	t.Helper()
	p, c := trial.End.Producers["checkout"], trial.End.Consumers["analytics"]
	p.Serialize = &results.SerializationTotals{Took: latencies(t, 0.003, 1000), Seconds: 0.003}
	c.Deserialize = &results.SerializationTotals{Took: latencies(t, 0.004, 1000), Seconds: 0.004}
	trial.End.Producers["checkout"], trial.End.Consumers["analytics"] = p, c
}

// The mean is that of the exact sum, also where the trial was killed and the intervals are all
// there is.
func TestSerializingHasAnExactMean(t *testing.T) {
	trial := cleanTrial(t)
	serializing(t, &trial)
	killed := cleanTrial(t)
	killed.End = nil
	for i := range killed.Intervals {
		p := killed.Intervals[i].Producers["checkout"]
		p.Serialize = &results.Serialization{Took: results.Latency{Window: latencies(t, 0.003, 10)}, WindowSeconds: 0.00003}
		killed.Intervals[i].Producers["checkout"] = p
	}
	for name, one := range map[string]results.Trial{"whole": trial, "killed": killed} {
		metrics := Metrics(one)
		for _, metric := range []string{"serialize.mean", "checkout.serialize.mean"} {
			if got := float64(metrics[metric].Value); !near(got, 3e-6) {
				t.Errorf("%s: %s is %v, want 3 us", name, metric, got)
			}
		}
	}
	if got := float64(Metrics(trial)["analytics.deserialize.mean"].Value); !near(got, 4e-6) {
		t.Errorf("deserialize.mean is %v, want 4 us", got)
	}
	if _, measured := Metrics(cleanTrial(t))["serialize.mean"]; measured {
		t.Error("values without a schema are serialized")
	}
}
