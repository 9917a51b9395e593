package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
	"kaliper/results"
)

func TestOnRealKafkaASearchWhoseTargetDropsAllConnectionsKeepsItsStateAndGoesOn(t *testing.T) {
	t.Parallel()
	cluster := kafkatest.Start(t, kafkatest.Config{Fast: true, Properties: map[string]string{ // until it may come back
		"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "300",
	}})
	folder := t.TempDir()
	// With one replica; the drain is short, for nothing that is lost comes back in it.
	text := strings.NewReplacer("{partitions: 2}", "{partitions: 2, replication.factor: 1}", "trial: 200ms", "trial: 1s").Replace(searched)
	arguments := []string{"search", scenarioFile(t, text), "--bootstrap-server", cluster.Bootstrap(), "--results", folder, "--quick", "--json", "--allow", "untrusted"}
	killed := make(chan error, 1)
	go func() { killed <- killDuringTrial(t, folder, 3, cluster.Nodes[0]) }()
	got := call(t, append(arguments, "--budget", "2m")...)
	if err := <-killed; err != nil {
		t.Fatal(err)
	}
	var before results.Search
	if err := json.Unmarshal([]byte(got.stdout), &before); err != nil || got.code != analysis.ExitUnreachable || len(before.Cases) != 1 {
		t.Fatalf("exit %d, %v: %s%s", got.code, err, got.stdout, got.stderr)
	}
	c := before.Cases[0]
	if c.Ended || len(c.Trials) < 2 {
		t.Fatalf("ended %t with %d trials: %s", c.Ended, len(c.Trials), got.stderr)
	}
	if last := c.Trials[len(c.Trials)-1]; last.Finding != "spoiled" || last.By != analysis.TargetGone {
		t.Errorf("that the broker was gone is taken for a limit: %+v", last)
	}
	if err := cluster.Nodes[0].Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	got = call(t, append(arguments, "--resume", "latest", "--budget", "15s")...)
	var after results.Search
	if err := json.Unmarshal([]byte(got.stdout), &after); err != nil || len(after.Cases) != 1 {
		t.Fatalf("exit %d, %v: %s%s", got.code, err, got.stdout, got.stderr)
	}
	resumed := after.Cases[0]
	if len(resumed.Trials) <= len(c.Trials) {
		t.Fatalf("exit %d, %d trials after %d: %s", got.code, len(resumed.Trials), len(c.Trials), got.stderr)
	}
	for i, trial := range c.Trials {
		if resumed.Trials[i].ID != trial.ID || resumed.Trials[i].Finding != trial.Finding {
			t.Errorf("trial %d was %+v and is %+v", i, trial, resumed.Trials[i])
		}
	}
}

// killDuringTrial kills the node while a trial is under way that has so many before it.
func killDuringTrial(t *testing.T, folder string, before int, node *kafkatest.Node) error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		// Errors only mean that it is not there yet.
		if directory, err := results.Find(folder, results.Latest); err == nil {
			if run, err := results.OpenRun(directory); err == nil && len(run.Trials) > before {
				if last := run.Trials[len(run.Trials)-1]; last.End == nil && !last.Begin.Started.IsZero() {
					return node.Kill()
				}
			}
		}
		select {
		case <-t.Context().Done():
			return t.Context().Err()
		case <-look.C:
		}
	}
}
