package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/results"
)

func TestPlanLearnsFromARunAndDeclinesWhatItDoesNotSupport(t *testing.T) {
	folder := t.TempDir()
	scenario := scenarioFile(t, small+"matrix: {vary: {topics.orders.partitions: [1, 2, 3, 4]}}\n")
	if got := call(t, append([]string{"run", scenario, "--set", "producers.checkout.rate=max", "--set", "warmup=50ms", "--set", "duration=300ms"}, allowed(folder)...)...); got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	if got := call(t, "plan", "latest", "--results", folder, "--rate", "10/s"); got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, "--simulated-ok") {
		t.Errorf("the simulated broker: exit %d: %s", got.code, got.stderr)
	}
	arguments := []string{"plan", "latest", "--results", folder, "--rate", "10GB/s", "--simulated-ok", "--allow", "untrusted"}
	got := call(t, arguments...)
	if got.code != analysis.ExitInconclusive || !strings.Contains(got.stdout, "SIMULATED BROKER") || !strings.Contains(got.stdout, "eclined") {
		t.Errorf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	got = call(t, append(arguments, "--json", "--allow", "inconclusive")...)
	var read results.Plan
	if err := json.Unmarshal([]byte(got.stdout), &read); err != nil || read.Schema != results.PlanSchema || got.code != analysis.ExitDone || !read.Simulated {
		t.Errorf("exit %d, %v: %s%s", got.code, err, got.stdout, got.stderr)
	}
	directory := onlyRun(t, folder)
	for _, name := range []string{"plan.json", "plan.html", "plan.md"} {
		if _, err := os.Stat(filepath.Join(directory, name)); err != nil {
			t.Error(err)
		}
	}
	if stored, err := results.ReadPlan(directory); err != nil || stored.Demand != read.Demand {
		t.Errorf("plan.json: %v, %+v", err, stored.Demand)
	}
}

func TestPlanSaysWhatIsWrongWithItsFlags(t *testing.T) {
	limits := filepath.Join(t.TempDir(), "limits.yaml")
	if err := os.WriteFile(limits, []byte("network_inn: 1GB/s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"no run":                          {[]string{"--rate", "1/s"}, "partition-sizing"},
		"no rate":                         {[]string{"latest"}, "--rate 300MB/s"},
		"the closed loop":                 {[]string{"latest", "--rate", "max"}, "above 0"},
		"a growth that is no factor":      {[]string{"latest", "--rate", "1/s", "--growth", "much"}, "--growth much: write a factor"},
		"all of the capacity free":        {[]string{"latest", "--rate", "1/s", "--headroom", "100%"}, "--headroom 100%"},
		"a retention that is no duration": {[]string{"latest", "--rate", "1/s", "--retention", "week"}, "--retention"},
		"members of no group":             {[]string{"latest", "--rate", "1/s", "--groups", "0", "--members", "2"}, "--groups"},
		"more brokers away than replicas": {[]string{"latest", "--rate", "1/s", "--replication-factor", "3", "--survive", "3"}, "--survive 2"},
		"a limit that is not known":       {[]string{"latest", "--rate", "1/s", "--broker-limits", limits}, "limits.yaml:1:1: network_inn"},
		"a run that is not there":         {[]string{"yesterday", "--rate", "1/s"}, "yesterday"},
		"what cannot be allowed":          {[]string{"latest", "--rate", "1/s", "--allow", "failed"}, "--allow failed"},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, append([]string{"plan", "--results", t.TempDir()}, test.arguments...)...)
			if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, test.want) {
				t.Errorf("exit %d: %s; want %q", got.code, got.stderr, test.want)
			}
		})
	}
}
