package analysis

import (
	"strings"
	"testing"

	"kaliper/results"
)

// runOf returns a complete run of one case with so many clean trials.
func runOf(t *testing.T, id string, trials int) *results.Run {
	t.Helper()
	run := &results.Run{Manifest: results.Manifest{
		ID: id, State: results.Complete, Machine: results.Machine{CPU: "EPYC", Processors: 2, Hostname: "host of " + id},
		Versions: map[string]string{"kaliper": "0.1.0"},
		Cases: []results.CaseInfo{{ID: "c0ffee00", Effective: []results.EffectiveProperty{
			{Group: "producers.checkout", Name: "linger.ms", Value: "5"},
			{Group: "producers.checkout", Name: "bootstrap.servers", Value: id + ":9092"},
		}}},
	}}
	for n := range trials {
		trial := cleanTrial(t)
		trial.Begin.Trial, trial.Begin.Round = n+1, n+1
		trial.Begin.Cluster.ID = "cluster of " + id
		run.Trials = append(run.Trials, trial)
	}
	return run
}

func TestPoolingPutsTheTrialsOfEqualCasesTogether(t *testing.T) {
	runs := []*results.Run{runOf(t, "monday", 2), runOf(t, "tuesday", 3)}
	runs[1].Manifest.Cases = append(runs[1].Manifest.Cases, results.CaseInfo{ID: "decade00"})
	pooled, err := Pool("baselines", runs)
	if err != nil {
		t.Fatal(err)
	}
	if pooled.Pooled != 2 || pooled.Manifest.ID != "baselines" || len(pooled.Summary.Cases) != 2 {
		t.Fatalf("%d runs, id %s, %d cases", pooled.Pooled, pooled.Manifest.ID, len(pooled.Summary.Cases))
	}
	if n := pooled.Summary.Cases[0].Metrics["ack.p99"].N; n != 5 {
		t.Errorf("the median is over %d trials, want 5", n)
	}
	seen := map[string]bool{}
	for _, trial := range pooled.Summary.Cases[0].Trials {
		if seen[trial.ID] {
			t.Errorf("trial %s is there twice", trial.ID)
		}
		seen[trial.ID] = true
	}
	if runs[1].Trials[0].Begin.Round != 1 {
		t.Error("the run itself was changed")
	}
}

func TestPoolingSaysWhatARunLacks(t *testing.T) {
	cut := runOf(t, "tuesday", 1)
	cut.Manifest.State, cut.Missing = results.Interrupted, []results.TrialRef{{Case: "c0ffee00", Trial: 2, Round: 2}}
	pooled, err := Pool("baselines", []*results.Run{runOf(t, "monday", 1), cut})
	if err != nil {
		t.Fatal(err)
	}
	if pooled.Manifest.State != results.Incomplete || !strings.Contains(strings.Join(pooled.Summary.Run.Missing, ""), "tuesday: trial c0ffee00/2") {
		t.Errorf("%s, %q", pooled.Manifest.State, pooled.Summary.Run.Missing)
	}
}

func TestOnlyRunsOfOneKindArePooled(t *testing.T) {
	tests := []struct {
		name   string
		change func(run *results.Run)
		want   string // empty: they can be pooled
	}{
		{"another host and cluster", func(*results.Run) {}, ""},
		{"a simulated broker", func(r *results.Run) { r.Manifest.Simulated = true }, "kind of broker differs"},
		{"another machine", func(r *results.Run) { r.Manifest.Machine.Processors = 64 }, "machine differs"},
		{"another kaliper", func(r *results.Run) { r.Manifest.Versions = map[string]string{"kaliper": "0.2.0"} }, "version of kaliper differs"},
		{"another property", func(r *results.Run) { r.Manifest.Cases[0].Effective[0].Value = "20" }, "linger.ms of producers.checkout is 5 and 20"},
		{"a property less", func(r *results.Run) { r.Manifest.Cases[0].Effective = r.Manifest.Cases[0].Effective[1:] }, "linger.ms of producers.checkout is 5 and nothing"},
		{"another rate", func(r *results.Run) { r.Trials[0].Begin.Producers[0].Rate = "5/s" }, "the load differs"},
		{"another window", func(r *results.Run) { r.Trials[0].Begin.DurationSeconds = 99 }, "window differs"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			other := runOf(t, "tuesday", 1)
			test.change(other)
			_, err := Pool("baselines", []*results.Run{runOf(t, "monday", 1), other})
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	if _, err := Pool("baselines", nil); err == nil {
		t.Error("nothing is pooled")
	}
}
