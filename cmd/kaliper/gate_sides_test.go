package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/internal/analysis"
	"kaliper/results"
	"kaliper/scenarios"
)

// twoClusters are the clusters of a gate's sides, and its scenario, in which the sides are told
// apart by targets of the name of the side.
func twoClusters(t *testing.T, more string) (base, candidate *kfake.Cluster, path string) {
	t.Helper()
	targets := "targets:\n"
	var clusters []*kfake.Cluster
	for _, side := range []string{scenarios.BaseSide, scenarios.CandidateSide} {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(cluster.Close)
		clusters = append(clusters, cluster)
		targets += fmt.Sprintf("  %s: {bootstrap.servers: %q}\n", side, cluster.ListenAddrs()[0])
	}
	return clusters[0], clusters[1], scenarioFile(t, strings.NewReplacer("target: embedded\n", targets, "budget: 15s", "budget: 40s").Replace(gatedScenario)+more)
}

// A gate of two clusters: each trial is on the cluster of its side, and the commands of that side,
// and of no other, have run before it.
func TestASideIsATargetAndCommandsBeforeEachOfItsTrials(t *testing.T) {
	t.Parallel()
	base, candidate, path := twoClusters(t, "")
	log := filepath.Join(t.TempDir(), "log")
	var mu sync.Mutex
	note := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		file, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = fmt.Fprintln(file, text)
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			t.Error(err)
		}
	}
	arguments := []string{"gate", path}
	addresses := map[string]string{}
	for side, cluster := range map[string]*kfake.Cluster{scenarios.BaseSide: base, scenarios.CandidateSide: candidate} {
		addresses[side] = cluster.ListenAddrs()[0]
		cluster.ControlKey(int16(kmsg.CreateTopics), func(kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			note("trial of " + side)
			return nil, nil, false
		})
		arguments = append(arguments, "--"+side, overlayFile(t, fmt.Sprintf("target: %s\ngate: {before: [\"echo before %s >> '%s'\", \"echo and >> '%s'\"]}\n", side, side, log, log)))
	}
	folder := t.TempDir()
	got := call(t, append(arguments, "--results", folder, "--allow", "untrusted", "--quiet")...)
	if got.code == analysis.ExitBadInput {
		t.Fatal(got.stderr)
	}
	directory := onlyRun(t, folder)
	gate, err := results.ReadGate(directory)
	if err != nil || gate.Verdict == results.GateUndecided || gate.Pairs < 6 || gate.Simulated {
		t.Fatalf("exit %d, %s after %d pairs, %v: %s", got.code, gate.Verdict, gate.Pairs, err, got.stderr)
	}
	run, err := results.OpenRun(directory)
	if err != nil || len(run.Trials) != 2*len(gate.Played) {
		t.Fatalf("%d trials of %d pairs, %v", len(run.Trials), len(gate.Played), err)
	}
	var want []string
	for _, trial := range run.Trials {
		side := trial.Begin.Case
		want = append(want, "before "+side, "and", "trial of "+side)
		if on := trial.Begin.Cluster.Brokers[0].Address; on != addresses[side] {
			t.Errorf("trial %s was on %s, its side is %s", trial.Begin.Ref(), on, addresses[side])
		}
	}
	text, err := os.ReadFile(log)
	if happened := strings.Split(strings.TrimSpace(string(text)), "\n"); err != nil || !slices.Equal(happened, want) {
		t.Errorf("happened, %v:\n%s\nwant:\n%s", err, text, strings.Join(want, "\n"))
	}
	if plan := run.Manifest.Gate; len(plan.BaseBefore) != 2 || !strings.Contains(plan.BaseBefore[0], "before base") || !strings.Contains(plan.CandidateBefore[0], "before candidate") {
		t.Errorf("the manifest says %q and %q", plan.BaseBefore, plan.CandidateBefore)
	}
}

// playSides gates the candidate's cluster against the base's, and returns the folder of results.
func playSides(t *testing.T, path string) (got outcome, folder string) {
	t.Helper()
	folder = t.TempDir()
	return call(t, "gate", path, "--results", folder, "--quiet", "--allow", "untrusted",
		"--base", overlayFile(t, "target: base\n"), "--candidate", overlayFile(t, "target: candidate\n")), folder
}

// What keeps a trial of the candidate from its end is an error, and no finding about it.
func TestAGateWhoseTrialEndsByAnErrorSaysSoAndFailsNobody(t *testing.T) {
	t.Parallel()
	_, candidate, path := twoClusters(t, "consumers: {analytics: {topics: [orders], start: {from: latest}}}\n")
	candidate.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.UnknownServerError, Count: -1})
	got, folder := playSides(t, path)
	if got.code != analysis.ExitInternal || !strings.Contains(got.stderr, "UNKNOWN_SERVER_ERROR") {
		t.Fatalf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	gate, err := results.ReadGate(onlyRun(t, folder))
	if err != nil || gate.Verdict != results.GateUndecided || !strings.Contains(gate.Why, "candidate: ") || gate.Pairs != 0 {
		t.Errorf("%s after %d pairs: %s, %v", gate.Verdict, gate.Pairs, gate.Why, err)
	}
}

// A candidate whose settings make every record fail is a finding about it, by a trial that came to
// its end.
func TestACandidateWhoseRecordsAllFailFailsTheGate(t *testing.T) {
	t.Parallel()
	_, candidate, path := twoClusters(t, "")
	candidate.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.InvalidRecord, Count: -1})
	got, folder := playSides(t, path)
	gate, err := results.ReadGate(onlyRun(t, folder))
	if got.code != analysis.ExitFailed || err != nil || gate.Verdict != results.GateFail || !strings.Contains(gate.Why, "the candidate's trial failed") {
		t.Errorf("exit %d, %s: %s, %v; %s", got.code, gate.Verdict, gate.Why, err, got.stderr)
	}
}

// What others write to one of two clusters would be put down to its side.
func TestAGateRefusesClustersOfWhichOneCarriesAnotherLoad(t *testing.T) {
	t.Parallel()
	_, candidate, path := twoClusters(t, "")
	client, err := kgo.NewClient(kgo.SeedBrokers(candidate.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if created, err := adminOf(t, candidate.ListenAddrs()...).CreateTopic(t.Context(), 2, 1, nil, "theirs"); err != nil || created.Err != nil {
		t.Fatal(err, created.Err)
	}
	// A hundred records after each look at the ends.
	candidate.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		candidate.KeepControl()
		for range 100 {
			client.Produce(t.Context(), &kgo.Record{Topic: "theirs", Value: []byte("x")}, nil)
		}
		return nil, nil, false
	})
	folder := filepath.Join(t.TempDir(), "results")
	got := call(t, "gate", path, "--results", folder, "--quiet",
		"--base", overlayFile(t, "target: base\n"), "--candidate", overlayFile(t, "target: candidate\n"))
	if got.code != analysis.ExitUntrusted || !strings.Contains(got.stderr, "of the candidate alone, somebody else writes to the cluster") {
		t.Errorf("exit %d: %s", got.code, got.stderr)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("something was started")
	}
}
