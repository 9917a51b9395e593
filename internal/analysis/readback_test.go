package analysis

import (
	"math"
	"strings"
	"testing"

	"kaliper/results"
)

// lookedInto adds what was found in the log after the load.
func lookedInto(trial *results.Trial) {
	trial.End.Readback = &results.Readback{Records: 1200, Bytes: 120_000, Seconds: 0.5, Integrity: results.Integrity{Checked: true, Lost: 3, Redelivered: 0}}
	trial.End.Compaction = []results.Compaction{
		{Topic: "state", Written: 800, Remaining: 100, Keys: 20, WaitSeconds: 16},
		{Topic: "other", Written: 200, Remaining: 200, Keys: 30, WaitSeconds: 16},
	}
}

func TestWhatWasFoundInTheLog(t *testing.T) {
	trial := cleanTrial(t)
	lookedInto(&trial)
	metrics := Metrics(trial)
	for name, want := range map[string]float64{
		"readback.lost": 3, "lost": 3, "analytics.lost": 0, "readback.torn": 0, "readback.records": 1200, "readback.seconds": 0.5,
		"compaction.ratio": 0.3, "compaction.keys.ratio": 0.05, "compaction.wait.seconds": 16,
	} {
		if v, there := metrics[name]; !there || !near(float64(v.Value), want) {
			t.Errorf("%s is %v (there: %v), want %v", name, v.Value, there, want)
		}
	}
	for _, name := range []string{"readback.redelivered", "readback.missed", "readback.e2e.p99"} {
		if _, there := metrics[name]; there {
			t.Errorf("%s is there: who reads the log back is in no group", name)
		}
	}
	verdict := Judge(trial)
	if verdict.Outcome != results.Degraded || !strings.Contains(verdict.Reasons[0].Text, "3 acknowledged records are not in the log") {
		t.Errorf("%+v", verdict)
	}
	trial.End.Consumers = nil // nobody else reads
	if v := Metrics(trial)["lost"]; v.Value != 3 {
		t.Errorf("lost is %v where only the log was read back", v.Value)
	}
}

// What is not known of one topic is not known of all, and nothing is made up.
func TestACompactionThatIsNotKnown(t *testing.T) {
	for name, change := range map[string]func(*results.Compaction){
		"why":                  func(c *results.Compaction) { c.Unknown = "no cleaner" },
		"nothing written":      func(c *results.Compaction) { *c = results.Compaction{Topic: "state"} },
		"too many keys, known": func(c *results.Compaction) { c.Keys = -1 },
	} {
		trial := cleanTrial(t)
		lookedInto(&trial)
		trial.End.Compaction = trial.End.Compaction[:1]
		change(&trial.End.Compaction[0])
		metrics := Metrics(trial)
		ratio, keys := metrics["compaction.ratio"], metrics["compaction.keys.ratio"]
		if known := strings.HasSuffix(name, ", known"); math.IsNaN(float64(ratio.Value)) == known || !math.IsNaN(float64(keys.Value)) || ratio.Unit != "ratio" {
			t.Errorf("%s: %+v, keys %+v", name, ratio, keys)
		}
		reached, least := CompactionRatios(trial.End.Compaction[0])
		if !near(reached, float64(ratio.Value)) || !near(least, float64(keys.Value)) {
			t.Errorf("%s: %v and %v, %v and %v as metrics", name, reached, least, ratio.Value, keys.Value)
		}
	}
}
