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

// gatedScenario plans 8 pairs; margins are wide, so that a busy machine does not decide a test.
const gatedScenario = `format: kaliper.scenario/1
name: gated
target: embedded
topics: {orders: {partitions: 2}}
drain: 5s
producers: {checkout: {topic: orders, rate: 500/s, value: {size: 100}, config: {linger.ms: 0}}}
gate: {warmup: 100ms, duration: 300ms, budget: 15s, metrics: {ack.p50: {tolerate: 100%, detect: 400%}}}
`

// overlayFile writes an overlay and returns its path.
func overlayFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "overlay.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// allowedGate are the arguments that keep a busy machine from deciding a test.
func allowedGate(folder string) []string {
	return []string{"--results", folder, "--allow", "untrusted", "--simulated-ok", "--quiet"}
}

// It goes on alone: what other tests take of the machine would hide the delay.
func TestAGateFindsAPlantedDelayAndReportsIt(t *testing.T) {
	folder := t.TempDir()
	slow := overlayFile(t, "producers: {checkout: {config: {linger.ms: 200}}}\n")
	out := t.TempDir()
	comment, step := filepath.Join(out, "comment.md"), filepath.Join(out, "step.md")
	got := started(t, []string{"GITHUB_STEP_SUMMARY=" + step}, append([]string{"gate", scenarioFile(t, gatedScenario), "--candidate", slow, "--markdown", comment, "--junit", filepath.Join(out, "gate.xml"),
		"--benchfmt", filepath.Join(out, "gate.bench"), "--github"}, allowedGate(folder)...)...)
	if got.code != analysis.ExitFailed || !strings.Contains(got.stdout, "FAIL after ") {
		t.Fatalf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if !strings.Contains(got.stderr, "::error title=kaliper gate gated%3A FAIL::") {
		t.Errorf("no annotation: %s", got.stderr)
	}
	for name, want := range map[string]string{"step.md": "**FAIL**", "gate.xml": "<failure", "gate.bench": "side: candidate\nBenchmarkGate/scenario=gated 1 "} {
		if text, err := os.ReadFile(filepath.Join(out, name)); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %.300s, %v", name, text, err)
		}
	}
	directory := onlyRun(t, folder)
	gate, err := results.ReadGate(directory)
	if err != nil || gate.Verdict != results.GateFail || gate.Pairs < 6 || !gate.Simulated || gate.Metrics[0].Change <= 1 {
		t.Errorf("%+v, %v", gate, err)
	}
	for _, path := range []string{"summary.json", "report.html", "report.md", "trials/base/1/journal", "trials/candidate/6/journal"} {
		if _, err := os.Stat(filepath.Join(directory, path)); err != nil {
			t.Error(err)
		}
	}
	if text, err := os.ReadFile(comment); err != nil || !strings.Contains(string(text), "Gate: **FAIL**") || !strings.Contains(string(text), "SIMULATED BROKER") {
		t.Errorf("the comment: %.300s, %v", text, err)
	}
	again := call(t, "report", "latest", "--results", folder)
	if again.code != analysis.ExitDone || !strings.Contains(again.stdout, "FAIL after ") {
		t.Errorf("report tells something else: %s%s", again.stdout, again.stderr)
	}
}

func TestEqualSidesDoNotFail(t *testing.T) {
	t.Parallel()
	got := call(t, append([]string{"gate", scenarioFile(t, gatedScenario), "--aa", "--json"}, allowedGate(t.TempDir())...)...)
	var gate results.Gate
	if err := json.Unmarshal([]byte(got.stdout), &gate); err != nil || !gate.AA || gate.Schema != results.GateSchema {
		t.Fatalf("exit %d, %v: %.300s%s", got.code, err, got.stdout, got.stderr)
	}
	if gate.Verdict == results.GateFail {
		t.Errorf("%+v", gate)
	}
}

func TestACommandBeforeATrialThatFailsStopsTheGateWithItsOutput(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	broken := overlayFile(t, "gate: {before: [\"echo no such broker; exit 3\"]}\n")
	got := call(t, append([]string{"gate", scenarioFile(t, gatedScenario), "--candidate", broken}, allowedGate(folder)...)...)
	if got.code != analysis.ExitInternal || !strings.Contains(got.stderr, "no such broker") {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	gate, err := results.ReadGate(onlyRun(t, folder))
	if err != nil || gate.Verdict != results.GateUndecided || !strings.Contains(gate.Why, "gate.before") {
		t.Errorf("%+v, %v", gate, err)
	}
	slow := overlayFile(t, "gate: {before: [\"sleep 60\"], before_timeout: 50ms}\n")
	got = call(t, append([]string{"gate", scenarioFile(t, gatedScenario), "--candidate", slow}, allowedGate(t.TempDir())...)...)
	if got.code != analysis.ExitInternal || !strings.Contains(got.stderr, "took longer than gate.before_timeout") {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
}

func TestAGateRefusesWhatItCannotDecideAndStartsNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "results")
	path := scenarioFile(t, gatedScenario)
	slow := overlayFile(t, "producers: {checkout: {config: {linger.ms: 200}}}\n")
	short := scenarioFile(t, strings.Replace(gatedScenario, "budget: 15s", "budget: 5s", 1))
	for _, test := range []struct {
		name      string
		arguments []string
		want      string
	}{
		{"one side", []string{path, "--simulated-ok"}, "a gate needs two sides"},
		{"both kinds of candidate", []string{path, "--aa", "--candidate", slow}, "leave --candidate out"},
		{"the simulated broker", []string{path, "--candidate", slow}, "--simulated-ok"},
		{"a budget that decides nothing", []string{short, "--candidate", slow, "--simulated-ok"}, short + ":7:48: gate.budget: 5s holds 2 pairs"},
		{"an unknown allowance", []string{path, "--aa", "--simulated-ok", "--allow", "failure"}, "--allow failure"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, append([]string{"gate", "--results", folder}, test.arguments...)...)
			if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, test.want) {
				t.Errorf("exit %d: %s", got.code, got.stderr)
			}
		})
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("something was started")
	}
}
