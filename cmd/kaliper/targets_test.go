package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// TestAMatrixOverClustersUsesEachOfThem compares two clusters in one run, loses a trial, and
// resumes it: each trial was on the cluster of its case, and neither counts as changed because
// the other one has more brokers.
func TestAMatrixOverClustersUsesEachOfThem(t *testing.T) {
	t.Parallel()
	addresses, brokers := map[string]string{}, map[string]int{"few": 1, "many": 3}
	for name, n := range brokers {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(n))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(cluster.Close)
		addresses[name] = cluster.ListenAddrs()[0]
	}
	targets := "targets: {few: {bootstrap.servers: '" + addresses["few"] + "'}, many: {bootstrap.servers: '" + addresses["many"] + "'}}\n"
	text := strings.NewReplacer("target: embedded\n", targets+"target: few\n", "repeats: 1", "repeats: 2").Replace(small) + "matrix: {vary: {target: [few, many]}}\n"
	path, folder := scenarioFile(t, text), t.TempDir()

	if got := call(t, "check", path); !strings.Contains(got.stdout, "few, "+addresses["few"]) || !strings.Contains(got.stdout, "many, "+addresses["many"]) {
		t.Errorf("check does not name both clusters: %s%s", got.stdout, got.stderr)
	}
	arguments := append([]string{"run", path}, allowed(folder)...)
	if got := call(t, arguments...); got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	directory := onlyRun(t, folder)
	manifest, err := results.ReadManifest(directory)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(results.TrialDirectory(directory, manifest.Order[3])); err != nil {
		t.Fatal(err)
	}
	got := call(t, append(arguments, "--resume", "latest")...)
	if got.code != analysis.ExitDone || !strings.Contains(got.stderr, "3 of its trials are complete") {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	page, err := os.ReadFile(filepath.Join(directory, htmlName))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got.stdout, "cluster changed") || !strings.Contains(string(page), "few: 1 broker") || !strings.Contains(string(page), "many: 3 brokers") {
		t.Errorf("the report does not tell the clusters apart:\n%s", got.stdout)
	}
	run, err := results.OpenRun(directory)
	if err != nil || len(run.Trials) != 4 {
		t.Fatalf("%d trials, %v", len(run.Trials), err)
	}
	for _, trial := range run.Trials {
		target := ""
		for _, c := range run.Manifest.Cases {
			if c.ID == trial.Begin.Case {
				target = c.Settings[0].Value
			}
		}
		if n := len(trial.Begin.Cluster.Brokers); n != brokers[target] {
			t.Errorf("trial %s of target %s was on a cluster of %d brokers", trial.Begin.Ref(), target, n)
		}
	}
}

func TestOneClusterForAMatrixOverClustersIsRefused(t *testing.T) {
	varied := func(values string) string {
		return scenarioFile(t, strings.Replace(small, "target: embedded\n", "targets: {few: {bootstrap.servers: 'a:1'}, many: {bootstrap.servers: 'b:1'}}\ntarget: few\n", 1)+
			"matrix: {vary: {target: "+values+"}}\n")
	}
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{[]string{varied("[few, many]"), "--target", "few"}, "--target names one cluster for all cases"},
		{[]string{varied("[few, many]"), "--bootstrap-server", "c:1"}, "--bootstrap-server names one cluster for all cases"},
		{[]string{varied("[few, many]"), "--command-property", "bootstrap.servers=c:1"}, "names one cluster for all cases"},
		{[]string{varied("[few, mny]")}, `there is no "mny" under targets; did you mean "many"?`},
		{[]string{varied("[few, embedded]")}, "a simulated broker says nothing about a real one"},
	} {
		if got := call(t, append([]string{"check"}, c.arguments...)...); got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%v: exit %d: %s", c.arguments, got.code, got.stderr)
		}
	}
}
