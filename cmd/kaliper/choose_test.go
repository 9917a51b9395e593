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

// chosenScenario has one case that costs far more latency than the other two.
const chosenScenario = `format: kaliper.scenario/1
name: chosen
target: embedded
topics: {orders: {partitions: 2}}
warmup: 50ms
duration: 200ms
drain: 5s
producers: {checkout: {topic: orders, rate: 500/s, value: {size: 100}}}
matrix: {vary: {producers.*.config.linger.ms: [0, 200, 400]}, labels: {producers.*.config.linger.ms: linger}}
choose: {subject_to: [errors.ratio == 0], minimize: [ack.p50]}
`

// It goes on alone: what other tests take of the machine is no case's latency.
func TestAChoiceScreensConfirmsAndPicks(t *testing.T) {
	folder := t.TempDir()
	path := scenarioFile(t, chosenScenario)
	arguments := append([]string{"run", path, "--simulated-ok", "--budget", "16s"}, allowed(folder)...)
	got := call(t, arguments...)
	if got.code != analysis.ExitDone || !strings.Contains(got.stdout, "linger\u00a00 has the lowest ack p50") {
		t.Fatalf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	directory := onlyRun(t, folder)
	choice, err := results.ReadChoose(directory)
	if err != nil || len(choice.Picks) != 1 || choice.ScreeningRounds != 3 || choice.ConfirmationRounds == 0 || !choice.Simulated {
		t.Fatalf("%+v, %v", choice, err)
	}
	for _, one := range choice.Cases {
		trials, err := filepath.Glob(filepath.Join(directory, "trials", one.Case, "*"))
		if err != nil || one.Kept != (len(trials) > 6) { // each trial of the screening may have been made twice
			t.Errorf("%+v has %d trials", one, len(trials))
		}
	}
	again := call(t, "report", "latest", "--results", folder)
	if again.code != analysis.ExitDone || !strings.Contains(again.stdout, "linger\u00a00 has the lowest ack p50") {
		t.Errorf("report tells something else: %s%s", again.stdout, again.stderr)
	}
	// A choice that lacks a journal of its confirmation makes it again, and nothing else.
	kept := choice.Picks[0].Case
	if err := os.RemoveAll(filepath.Join(directory, "trials", kept, "5")); err != nil {
		t.Fatal(err)
	}
	resumed := call(t, append(arguments, "--json", "--resume", "latest")...)
	var printed results.Choose
	if err := json.Unmarshal([]byte(resumed.stdout), &printed); err != nil || printed.Schema != results.ChooseSchema || printed.Picks[0].Case != kept {
		t.Errorf("resumed: %v, exit %d: %.300s%s", err, resumed.code, resumed.stdout, resumed.stderr)
	}
	run, err := results.OpenRun(directory)
	if err != nil || run.Manifest.State != results.Complete || len(run.Manifest.Resumed) != 1 {
		t.Errorf("resumed %v, state %s, %q", run.Manifest.Resumed, run.Manifest.State, run.Damage)
	}
}

func TestAChoiceWithoutACaseThatQualifiesExits4(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := scenarioFile(t, strings.Replace(chosenScenario, "errors.ratio == 0", "ack.p50 < 1ns", 1))
	got := call(t, append([]string{"run", path, "--simulated-ok", "--budget", "16s"}, allowed(folder)...)...)
	if got.code != analysis.ExitFailed || !strings.Contains(got.stdout+got.stderr, "no case qualified") {
		t.Errorf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

func TestAChoiceIsRefusedBeforeItStarts(t *testing.T) {
	path := scenarioFile(t, chosenScenario)
	tests := []struct {
		name      string
		arguments []string
		says      string
	}{
		{"on the simulated broker", nil, "say --simulated-ok"},
		{"in too little time", []string{"--simulated-ok", "--budget", "5s"}, "takes 21 trials at least"},
		{"of one case", []string{"--simulated-ok", "--only", "linger=0"}, "leaves one case"},
		{"for more than an hour", []string{"--simulated-ok", "--set", "duration=1m"}, "say --yes to start them, or bound them by --budget"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, append([]string{"run", path, "--results", t.TempDir()}, test.arguments...)...)
			if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, test.says) {
				t.Errorf("exit %d, want one that says %q: %s", got.code, test.says, got.stderr)
			}
		})
	}
	check := call(t, "check", path)
	if check.code != analysis.ExitDone || !strings.HasPrefix(check.stdout, "chosen: the best of 3 cases, about ") || !strings.Contains(check.stdout, "3 rounds of all 3 cases") {
		t.Errorf("check: exit %d, %s%s", check.code, check.stdout, check.stderr)
	}
}
