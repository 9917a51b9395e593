package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// matrixOfTwo is small with a matrix of two cases.
func matrixOfTwo(repeats string) string {
	return strings.Replace(small, "repeats: 1", "repeats: "+repeats, 1) +
		"matrix: {vary: {producers.*.config.linger.ms: [0, 5]}, labels: {producers.*.config.linger.ms: linger}}\n"
}

func TestAKilledRunIsResumedWhereItWasCutOff(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	// The first trial cannot come to its end.
	path := scenarioFile(t, strings.Replace(matrixOfTwo("1"), "duration: 600ms", "duration: 4s", 1))
	command, _ := process(t, folder, "run", path, "--results", folder)
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	directory := onlyRun(t, folder)
	before, err := results.OpenRun(directory)
	if err != nil || before.Manifest.State != results.Crashed || len(before.Missing) != 1 {
		t.Fatalf("before: state %s, missing %v, %v", before.Manifest.State, before.Missing, err)
	}
	changed := call(t, append([]string{"run", path, "--set", "repeats=2", "--resume", "latest"}, allowed(folder)...)...)
	if changed.code != analysis.ExitBadInput || !strings.Contains(changed.stderr, `the scenario had "repeats: 1", has "repeats: 2"`) {
		t.Fatalf("a changed scenario: exit %d, %s", changed.code, changed.stderr)
	}
	got := call(t, append([]string{"run", path, "--resume", "latest"}, allowed(folder)...)...)
	if got.code != analysis.ExitDone || !strings.Contains(got.stderr, "is resumed: 0 of its trials are complete") {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	after, err := results.OpenRun(directory)
	if err != nil || after.Manifest.State != results.Complete || len(after.Trials) != 2 || len(after.Manifest.Resumed) != 1 {
		t.Fatalf("after: %d trials, state %s, resumed %v, %v; %q", len(after.Trials), after.Manifest.State, after.Manifest.Resumed, err, after.Damage)
	}
	cut := before.Trials[0].Begin.Ref()
	if !slices.ContainsFunc(after.Superseded, func(trial results.Trial) bool { return trial.Begin.Ref() == cut && trial.State == results.Crashed }) {
		t.Errorf("the trial that was cut off is not kept: %d superseded", len(after.Superseded))
	}
	page, err := os.ReadFile(filepath.Join(directory, "report.md"))
	if err != nil || !strings.Contains(string(page), "it is crashed, and the run was resumed") {
		t.Errorf("the report does not show it (%v)", err)
	}
	again := call(t, append([]string{"run", path, "--resume", "latest"}, allowed(folder)...)...)
	if again.code != analysis.ExitDone || !strings.Contains(again.stderr, "is resumed: 2 of its trials are complete") {
		t.Errorf("a run that lacks nothing: exit %d, %s", again.code, again.stderr)
	}
}

func TestResumeRefusesWhatItCannotGoOnWith(t *testing.T) {
	path := scenarioFile(t, small)
	tests := []struct {
		name    string
		prepare func(t *testing.T, folder string) string // returns what --resume names
		says    string
	}{
		{"a run that is not there", func(*testing.T, string) string { return "20261123" }, "is neither the directory of a run"},
		{"a directory that is none of kaliper's", func(t *testing.T, folder string) string {
			directory := filepath.Join(folder, "foreign")
			if err := os.MkdirAll(directory, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(directory, "manifest.json"), []byte(`{"schema": "other/1"}`), 0o644); err != nil {
				t.Fatal(err)
			}
			return directory
		}, "not a file of this kind"},
		{"a run of a newer kaliper", func(t *testing.T, folder string) string {
			directory, err := results.CreateRun(folder, "20261123T000000Z-newer-0001")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(directory, "manifest.json"), []byte(`{"schema": "kaliper.manifest/9"}`), 0o644); err != nil {
				t.Fatal(err)
			}
			return directory
		}, "update kaliper to read it"},
		{"a gate's run", func(t *testing.T, folder string) string {
			return written(t, folder, results.Manifest{Scenario: "x", Gate: &results.GatePlan{}, State: results.Interrupted})
		}, "start a new gate"},
		{"a run that still goes on", func(t *testing.T, folder string) string {
			host, err := os.Hostname()
			if err != nil {
				t.Skip(err)
			}
			return written(t, folder, results.Manifest{Scenario: "x", State: results.Incomplete, ProcessID: os.Getppid(), Machine: results.Machine{Hostname: host}})
		}, "still runs"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			got := call(t, "run", path, "--results", folder, "--resume", test.prepare(t, folder))
			if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, test.says) {
				t.Errorf("exit %d, want one that says %q: %s", got.code, test.says, got.stderr)
			}
		})
	}
}

// written makes a run that has a manifest and nothing else.
func written(t *testing.T, folder string, manifest results.Manifest) string {
	t.Helper()
	directory, err := results.CreateRun(folder, "20261123T000000Z-small-0001")
	if err == nil {
		err = results.WriteManifest(directory, manifest)
	}
	if err != nil {
		t.Fatal(err)
	}
	return directory
}

func TestChangesNameWhatDiffers(t *testing.T) {
	before := results.Manifest{
		Scenario: "a: 1\nb: 2\n", Target: "staging", Bootstrap: "a:9092", Versions: map[string]string{"kaliper": "1", "go": "go1.26"},
		Cases: []results.CaseInfo{{ID: "aaaaaaaa"}}, Machine: results.Machine{OS: "linux", Processors: 2},
	}
	if got := changes(before, before); len(got) != 0 {
		t.Errorf("nothing has changed, and %q", got)
	}
	now := results.Manifest{
		Scenario: "a: 1\nb: 3\n", Target: "staging", Bootstrap: "b:9092", Versions: map[string]string{"kaliper": "2", "go": "go1.26"},
		Cases: []results.CaseInfo{{ID: "bbbbbbbb"}}, Machine: results.Machine{OS: "linux", Processors: 4},
	}
	want := []string{
		`the scenario had "b: 2", has "b: 3"`, "the bootstrap servers was a:9092, is b:9092", "the cases was aaaaaaaa, is bbbbbbbb",
		"the version of kaliper was 1, is 2", "the machine was linux/ , 2 × , is linux/ , 4 × ",
	}
	if got := changes(before, now); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestOnlyAndBudgetPlanAPartOfTheTrials(t *testing.T) {
	path := scenarioFile(t, matrixOfTwo("6"))
	tests := []struct {
		name      string
		arguments []string
		code      analysis.Exit
		says      string
	}{
		{"one case", []string{"--only", "linger=5"}, analysis.ExitDone, "small: 1 case × 6 repeats"},
		{"no such label", []string{"--only", "lingr=5"}, analysis.ExitBadInput, `did you mean "linger"?`},
		{"no such value", []string{"--only", "linger=50"}, analysis.ExitBadInput, "it has 0, 5"},
		{"whole rounds", []string{"--budget", "10s"}, analysis.ExitDone, "of 6 rounds fit into 10s"},
		{"a budget of no round", []string{"--budget", "1s"}, analysis.ExitBadInput, "not one round fits"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, append([]string{"check", path}, test.arguments...)...)
			if got.code != test.code || !strings.Contains(got.stdout+got.stderr, test.says) {
				t.Errorf("exit %d, want %d and %q: %s%s", got.code, test.code, test.says, got.stdout, got.stderr)
			}
		})
	}
}
