package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
	"kaliper/results"
)

// TestMain lets the test binary be kaliper itself: a run on the embedded broker starts its own
// executable a second time, and some tests need a process that they can kill.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(kafkatest.Main(m, oneBroker))
}

// outcome is what a call of the program did.
type outcome struct {
	code           analysis.Exit
	stdout, stderr string
}

// call calls the program within this process, without standard input.
func call(t *testing.T, arguments ...string) outcome {
	t.Helper()
	code, stdout, stderr := kaliper(t, "", arguments...)
	return outcome{analysis.Exit(code), stdout, stderr}
}

// scenarioFile writes a scenario and returns its path.
func scenarioFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const small = `format: kaliper.scenario/1
name: small
description: Does everything that is sent arrive?
target: embedded
topics: {orders: {partitions: 2}}
warmup: 200ms
duration: 600ms
drain: 5s
producers: {checkout: {topic: orders, rate: 500/s, value: {size: 100}}}
consumers: {analytics: {topics: [orders], members: 2, config: {session.timeout.ms: 6000, heartbeat.interval.ms: 1000}}}
repeats: 1
`

// allowed are the arguments that keep a busy machine from deciding a test.
func allowed(results string) []string {
	return []string{"--results", results, "--allow", "untrusted,inconclusive"}
}

func onlyRun(t *testing.T, folder string) string {
	t.Helper()
	runs, err := results.List(folder)
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs %v, %v", runs, err)
	}
	return filepath.Join(folder, filepath.Base(runs[0]))
}

func TestARunMeasuresReportsAndExits0(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	got := call(t, append([]string{"run", scenarioFile(t, small+"expect: [lost == 0, checkout.ack.p99 < 60s]\nshow: [analytics.requests.per_second]\n")}, allowed(folder)...)...)
	if got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	directory := onlyRun(t, folder)
	for _, name := range []string{"manifest.json", "summary.json", "report.html", "report.md"} {
		if info, err := os.Stat(filepath.Join(directory, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, want := range []string{"Does everything that is sent arrive?", "SIMULATED BROKER", "What this scenario asks", "analytics.requests.per_second", filepath.Join(directory, "report.html")} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the terminal does not show %q:\n%s", want, got.stdout)
		}
	}
	opened, err := results.OpenRun(directory)
	if err != nil || opened.Manifest.State != results.Complete {
		t.Errorf("state %v, %v", opened.Manifest.State, err)
	}
	again := call(t, "report", "latest", "--results", folder)
	if again.code != analysis.ExitDone || !strings.Contains(again.stdout, "Does everything") {
		t.Errorf("report: exit %d, %s%s", again.code, again.stdout, again.stderr)
	}
}

func TestWithJSONStandardOutputIsTheSummaryAlone(t *testing.T) {
	t.Parallel()
	got := call(t, append([]string{"run", scenarioFile(t, small), "--json"}, allowed(t.TempDir())...)...)
	var summary results.Summary
	if err := json.Unmarshal([]byte(got.stdout), &summary); err != nil || summary.Schema != results.SummarySchema {
		t.Fatalf("exit %d, %v: %.200s", got.code, err, got.stdout)
	}
	metrics := summary.Cases[0].Metrics
	offered, p50 := metrics["checkout.offered.records_per_second"].Median, metrics["checkout.ack.p50"].Median
	if offered < 499 || offered > 501 || p50 <= 0 {
		t.Errorf("%v records/s offered, want 500; ack p50 %v s", offered, p50)
	}
	if lost, ok := metrics["lost"]; !ok || lost.Median != 0 {
		t.Errorf("lost: %+v", lost)
	}
}

func TestAnExpectationThatFailsExits4(t *testing.T) {
	t.Parallel()
	got := call(t, append([]string{"run", scenarioFile(t, small+"expect: [ack.p50 < 1ns]\n")}, allowed(t.TempDir())...)...)
	if got.code != analysis.ExitFailed {
		t.Errorf("exit %d: %s", got.code, got.stderr)
	}
}

func TestBadInputNamesEveryPlaceAndStartsNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "results")
	path := scenarioFile(t, strings.NewReplacer("rate: 500/s", "rate: 500", "partitions: 2", "partition: 2").Replace(small)+"expect: [ack.p98 < 1s]\n")
	got := call(t, "run", path, "--results", folder)
	if got.code != analysis.ExitBadInput {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	for _, want := range []string{path + ":5:", path + ":9:", path + ":12:", "partitions", "ack.p9"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("no %q in:\n%s", want, got.stderr)
		}
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("something was started")
	}
	for _, arguments := range [][]string{
		{"run"}, {"run", "no-such-scenario"}, {"run", path, "--no-such-flag"}, {"run", path, "--allow", "everything"},
		{"run", path, "--set", "nonsense"}, {"report", "latest", "--results", folder}, {"check", path}, {"frobnicate"},
	} {
		if got := call(t, arguments...); got.code != analysis.ExitBadInput || strings.Contains(got.stderr, "goroutine") {
			t.Errorf("%v: exit %d: %s", arguments, got.code, got.stderr)
		}
	}
}

func TestAClusterThatCannotBeUsedIsOneClearLine(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	address := cluster.ListenAddrs()[0]
	onCluster := strings.Replace(small, "target: embedded\n", "", 1)
	for _, check := range []struct {
		name      string
		scenario  string
		bootstrap string
		code      analysis.Exit
		says      string
	}{
		{"nobody listens", onCluster, "127.0.0.1:1", analysis.ExitUnreachable, "refused"},
		{"no such host", onCluster, "no-such-host.invalid:9092", analysis.ExitUnreachable, "no-such-host.invalid"},
		{"a topic is missing", strings.Replace(onCluster, "partitions: 2", "existing: not.there", 1), address, analysis.ExitBadInput, "not.there"},
		{"more replicas than brokers", strings.Replace(onCluster, "partitions: 2", "replication.factor: 3", 1), address, analysis.ExitBadInput, "replication"},
	} {
		t.Run(check.name, func(t *testing.T) {
			got := call(t, "run", scenarioFile(t, check.scenario), "--bootstrap-server", check.bootstrap, "--results", t.TempDir())
			if got.code != check.code {
				t.Errorf("exit %d, want %d: %s", got.code, check.code, got.stderr)
			}
			if !strings.Contains(got.stderr, check.says) || strings.Contains(got.stderr, "goroutine") {
				t.Errorf("no %q in:\n%s", check.says, got.stderr)
			}
		})
	}
}

// callAlone calls the program as a process of its own, in a folder and with more environment
// variables, beside whatever else this process does.
func callAlone(t *testing.T, folder string, environment []string, arguments ...string) outcome {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), executable, arguments...)
	var stdout, stderr bytes.Buffer
	command.Dir, command.Env, command.Stdout, command.Stderr = folder, append(os.Environ(), environment...), &stdout, &stderr
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return outcome{analysis.Exit(command.ProcessState.ExitCode()), stdout.String(), stderr.String()}
}

// process starts kaliper as a process of its own and waits until the trial's journal has
// intervals.
func process(t *testing.T, folder string, arguments ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(executable, arguments...)
	stderr := &bytes.Buffer{}
	command.Stderr = stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() }) // it may have ended
	deadline := time.Now().Add(3 * time.Minute)
	for {
		journals, _ := filepath.Glob(filepath.Join(folder, "*", "trials", "*", "*", "journal"))
		for _, journal := range journals {
			if trial, err := results.ReadJournal(journal); err == nil && len(trial.Intervals) >= 2 && trial.End == nil {
				return command, stderr
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("no interval within three minutes: %s", stderr)
		}
		time.Sleep(20 * time.Millisecond) // between two looks at the file
	}
}

func TestASignalDrainsKeepsAndExits130(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := scenarioFile(t, strings.Replace(small, "duration: 600ms", "duration: 50m", 1))
	command, stderr := process(t, folder, "run", path, "--yes", "--results", folder)
	if err := command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if code := command.ProcessState.ExitCode(); code != int(analysis.ExitInterrupted) {
		t.Errorf("exit %d: %s", code, stderr)
	}
	opened, err := results.OpenRun(onlyRun(t, folder))
	if err != nil || opened.Manifest.State != results.Interrupted {
		t.Fatalf("state %s, %v", opened.Manifest.State, err)
	}
	books := opened.Trials[0].End.Producers["checkout"].Whole
	if books.Acked == 0 || books.Unresolved != 0 {
		t.Errorf("books %+v: all that was sent must be resolved", books)
	}
	if _, err := os.Stat(filepath.Join(opened.Dir, "report.html")); err != nil {
		t.Error(err)
	}
}

// kill -9: what was measured is there, the report says what is lacking, the next run names the
// topics that stayed, and topics delete removes them.
func TestAKilledRunIsReportedAndCleanedUp(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	address := cluster.ListenAddrs()[0]
	folder := t.TempDir()
	onCluster := strings.NewReplacer("target: embedded\n", "", "session.timeout.ms: 6000, heartbeat.interval.ms: 1000", "session.timeout.ms: 2000, heartbeat.interval.ms: 300").Replace(small)
	path := scenarioFile(t, strings.Replace(onCluster, "duration: 600ms", "duration: 50m", 1))
	command, _ := process(t, folder, "run", path, "--yes", "--results", folder, "--bootstrap-server", address)
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	directory := onlyRun(t, folder)
	got := call(t, "report", directory)
	if got.code != analysis.ExitDone || !strings.Contains(strings.ToLower(got.stdout), "crashed") {
		t.Errorf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	owner := directory[strings.LastIndexByte(directory, '-')+1:]
	next := call(t, append([]string{"run", scenarioFile(t, onCluster), "--bootstrap-server", address}, allowed(t.TempDir())...)...)
	if next.code != analysis.ExitDone || !strings.Contains(next.stderr, "topics delete --run "+owner) {
		t.Errorf("exit %d, the leftovers of %s are not named: %s", next.code, owner, next.stderr)
	}
	// While the killed members' sessions last, the run may still be going on, and is left alone.
	for deadline := time.Now().Add(time.Minute); ; {
		removed := call(t, "topics", "delete", "--run", owner, "--bootstrap-server", address)
		if removed.code == analysis.ExitDone {
			break
		}
		if removed.code != analysis.ExitBadInput || time.Now().After(deadline) {
			t.Fatalf("exit %d: %s", removed.code, removed.stderr)
		}
		time.Sleep(200 * time.Millisecond) // between two tries
	}
	last := call(t, append([]string{"run", scenarioFile(t, onCluster), "--bootstrap-server", address}, allowed(t.TempDir())...)...)
	if strings.Contains(last.stderr, "topics delete") {
		t.Errorf("there still are leftovers: %s", last.stderr)
	}
}
