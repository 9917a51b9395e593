package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// told is what a gate told CI, each output as text.
type told struct {
	folder                                          string
	junit, markdown, step, annotations, standardOut string
}

// toldFlags are the flags that have a gate tell it, into a folder.
func toldFlags(folder string) []string {
	return []string{"--junit", filepath.Join(folder, "gate.xml"), "--markdown", filepath.Join(folder, "gate.md"), "--github", "--json"}
}

// readTold reads what was told into a folder.
func readTold(t *testing.T, folder, stdout, stderr string) told {
	t.Helper()
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
	return told{folder: folder, junit: read("gate.xml"), markdown: read("gate.md"), step: read("step.md"), annotations: stderr, standardOut: stdout}
}

// says checks that every output has the verdict and a text of its reason, and returns gate.json as it
// was printed.
func (o told) says(t *testing.T, verdict results.GateVerdict, why string) results.Gate {
	t.Helper()
	var gate results.Gate
	if err := json.Unmarshal([]byte(o.standardOut), &gate); err != nil || gate.Verdict != verdict || !strings.Contains(gate.Why, why) {
		t.Errorf("JSON: %v, %s: %s, want %s: %s", err, gate.Verdict, gate.Why, verdict, why)
	}
	var suites struct {
		Suite struct {
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
				Error   *struct{} `xml:"error"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(o.junit), &suites); err != nil || len(suites.Suite.Cases) == 0 {
		t.Fatalf("JUnit: %v: %s", err, o.junit)
	}
	whole := suites.Suite.Cases[0]
	found := []bool{whole.Failure != nil, whole.Error != nil, whole.Skipped != nil}
	want := map[results.GateVerdict][]bool{
		results.GatePass: {false, false, false}, results.GateFail: {true, false, false}, results.GateInconclusive: {false, false, true},
		results.GateUntrusted: {false, true, false}, results.GateUndecided: {false, true, false},
	}[verdict]
	if whole.Name != "gate" || !slices.Equal(found, want) || verdict != results.GatePass && !strings.Contains(o.junit, xmlText(why)) {
		t.Errorf("JUnit for %s: %s", verdict, o.junit)
	}
	for name, text := range map[string]string{"Markdown": o.markdown, "the step's summary": o.step} {
		if !strings.Contains(text, "Gate: **"+string(verdict)+"**") {
			t.Errorf("%s: %.400s", name, text)
		}
	}
	level := map[results.GateVerdict]string{
		results.GatePass: "notice", results.GateFail: "error", results.GateUntrusted: "error", results.GateInconclusive: "warning", results.GateUndecided: "warning",
	}[verdict]
	if !strings.Contains(o.annotations, "::"+level+" title=kaliper gate gated%3A "+string(verdict)+"::") {
		t.Errorf("annotations: %s", o.annotations)
	}
	return gate
}

// warns checks that a warning stands in every output.
func (o told) warns(t *testing.T, text string) {
	t.Helper()
	var gate results.Gate
	if err := json.Unmarshal([]byte(o.standardOut), &gate); err != nil || !strings.Contains(strings.Join(gate.Warnings, "; "), text) {
		t.Errorf("JSON does not warn of %q: %v, %q", text, err, gate.Warnings)
	}
	warned := strings.ToUpper(text[:1]) + text[1:]
	junit := strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(o.junit)
	for name, output := range map[string]string{"JUnit": junit, "Markdown": o.markdown, "the step's summary": o.step, "annotations": o.annotations} {
		if !strings.Contains(output, text) && !strings.Contains(output, warned) {
			t.Errorf("%s does not warn of %q: %.600s", name, text, output)
		}
	}
}

func xmlText(text string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(text)) // a buffer takes everything
	return out.String()
}

func TestAGateThatCannotStartTellsCIWhy(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	address := cluster.ListenAddrs()[0]
	at := func(address string) string { // a trial on a cluster takes longer than one on the simulated broker
		return scenarioFile(t, strings.NewReplacer("target: embedded\n", "targets: {lab: {bootstrap.servers: \""+address+"\"}}\ntarget: lab\n", "budget: 15s", "budget: 60s").Replace(gatedScenario))
	}
	reached, nowhere := at(address), at("127.0.0.1:1")
	for _, test := range []struct {
		name      string
		arguments []string
		code      analysis.Exit
		verdict   results.GateVerdict
		why       string
	}{
		{"nobody listens", []string{nowhere, "--aa"}, analysis.ExitUnreachable, results.GateUndecided, "127.0.0.1:1"},
		{"nobody listens, for a baseline", []string{nowhere, "--write-baseline", filepath.Join(t.TempDir(), "baseline.json")}, analysis.ExitUnreachable, results.GateUndecided, "127.0.0.1:1"},
		{"the sides' environments differ", []string{reached, "--candidate", overlayFile(t, "targets: {lab: {bootstrap.servers: \""+address+",127.0.0.1:1\"}}\n")},
			analysis.ExitUntrusted, results.GateUntrusted, "the environment of the two sides differs: of the candidate alone"},
		{"the cluster contradicts the scenario", []string{reached, "--aa", "--set", "topics.orders={existing: not.there}"}, analysis.ExitBadInput, results.GateUndecided, "not.there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := t.TempDir()
			t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(out, "step.md"))
			got := call(t, slices.Concat([]string{"gate"}, test.arguments, toldFlags(out), []string{"--results", filepath.Join(out, "results"), "--quiet"})...)
			if got.code != test.code {
				t.Fatalf("exit %d, want %d: %s", got.code, test.code, got.stderr)
			}
			gate := readTold(t, out, got.stdout, got.stderr).says(t, test.verdict, test.why)
			if gate.Schema != results.GateSchema || gate.Metrics == nil || gate.Played == nil || gate.Warnings == nil {
				t.Errorf("%+v", gate)
			}
		})
	}
}

// ended are a run of the candidate alone that came to its end, its baseline and its scenario: what
// the tests below make other ends of.
type ended struct {
	scenario, directory, file string
	baseline                  results.Baseline
}

func endedRun(t *testing.T) ended {
	t.Helper()
	folder := t.TempDir()
	e := ended{scenario: scenarioFile(t, gatedScenario), file: filepath.Join(folder, "baseline.json")}
	got := call(t, append([]string{"gate", e.scenario, "--write-baseline", e.file}, allowedGate(folder)...)...)
	if got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	var err error
	if e.baseline, err = results.ReadBaseline(e.file); err != nil {
		t.Fatal(err)
	}
	e.directory = onlyRun(t, folder)
	return e
}

// copied returns a copy of the run, changed.
func (e ended) copied(t *testing.T, manifest func(*results.Manifest), trial func(*results.Trial)) string {
	t.Helper()
	run, err := results.OpenRun(e.directory)
	if err != nil {
		t.Fatal(err)
	}
	manifest(&run.Manifest)
	run.Manifest.Order = nil
	folder := t.TempDir()
	directory, err := results.CreateRun(folder, run.Manifest.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i := range run.Trials {
		if trial != nil {
			trial(&run.Trials[i])
		}
		run.Manifest.Order = append(run.Manifest.Order, run.Trials[i].Begin.Ref())
		writeTrial(t, directory, run.Trials[i])
	}
	if err := results.WriteManifest(directory, run.Manifest); err != nil {
		t.Fatal(err)
	}
	return directory
}

func writeTrial(t *testing.T, directory string, trial results.Trial) {
	t.Helper()
	journal, err := results.CreateJournal(results.TrialDirectory(directory, trial.Begin.Ref()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = journal.Begin(trial.Begin)
	for _, interval := range trial.Intervals {
		_, intervalErr := journal.Interval(interval)
		err = errors.Join(err, intervalErr)
	}
	_, endErr := journal.End(*trial.End)
	if err = errors.Join(err, endErr, journal.Close()); err != nil {
		t.Fatal(err)
	}
}

// unbalance makes a trial untrusted, whatever machine it ran on.
func unbalance(trial *results.Trial) {
	totals := trial.End.Producers["checkout"]
	totals.Whole.Intended += 7
	trial.End.Producers["checkout"] = totals
}

// failRecords makes a trial fail that came to its end: none of its records is acknowledged.
func failRecords(trial *results.Trial) {
	totals := trial.End.Producers["checkout"]
	totals.Window.Acked, totals.Window.Failed = 0, map[string]int64{"timed_out": totals.Window.Intended}
	totals.CompletedInWindow, totals.CompletedBytesInWindow = 0, 0
	trial.End.Producers["checkout"] = totals
}

// refuse makes a trial fail before its end.
func refuse(trial *results.Trial) {
	trial.End.State, trial.End.Error = results.Incomplete, "the broker refused it"
}

// end calls what ends a gate, and returns what it told.
func (e ended) end(t *testing.T, directory string, flags *gateFlags, finish func(gateEnd) error) (told, error) {
	t.Helper()
	out := t.TempDir()
	t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(out, "step.md"))
	var stdout, stderr bytes.Buffer
	flags.json, flags.outputs = true, gateOutputs{markdown: filepath.Join(out, "gate.md"), junit: filepath.Join(out, "gate.xml"), github: true}
	manifest, err := results.ReadManifest(directory)
	if err != nil {
		t.Fatal(err)
	}
	env := &environment{stdout: &stdout, stderr: &stderr}
	err = finish(gateEnd{env: env, flags: flags, manifest: manifest, directory: directory, about: results.Gate{Baseline: e.baseline.Run, WritesBaseline: flags.writeBaseline}})
	return readTold(t, out, stdout.String(), stderr.String()), err
}

func TestEveryEndOfAGateIsTold(t *testing.T) {
	e := endedRun(t)
	t.Run("against a baseline", e.testAgainstABaseline)
	t.Run("writing a baseline", e.testWritingABaseline)
	t.Run("live", e.testLive)
}

func (e ended) testAgainstABaseline(t *testing.T) {
	untrusted, inconclusive := analysis.AllowUntrusted, analysis.AllowInconclusive
	stopped := &exitError{analysis.ExitUnreachable, errors.New("the cluster went away")}
	expects := func(m *results.Manifest) { m.Expect = []string{"ack.p50 < 1ns"} }
	otherMachine, ofUntrusted := e.baseline, e.baseline
	otherMachine.Machine.CPU = "Z80"
	ofUntrusted.Trials = slices.Clone(ofUntrusted.Trials)
	ofUntrusted.Trials[0].Untrusted = []string{"its timer was late"}
	for _, test := range []struct {
		name     string
		base     results.Baseline
		manifest func(*results.Manifest)
		trial    func(*results.Trial)
		failure  error
		allow    []string
		code     analysis.Exit
		verdict  results.GateVerdict
		why      string
		warning  string
	}{
		{"a missed expectation", e.baseline, expects, nil, nil, []string{untrusted}, analysis.ExitFailed, results.GateFail, "it does not meet the expectation ack.p50 < 1ns", ""},
		{"a trial whose records failed", e.baseline, nil, failRecords, nil, []string{untrusted}, analysis.ExitFailed, results.GateFail, "a trial failed", ""},
		{"a trial that failed", e.baseline, nil, refuse, nil, []string{untrusted}, analysis.ExitFailed, results.GateFail, "the broker refused it", ""},
		{"an untrusted trial", e.baseline, nil, unbalance, nil, nil, analysis.ExitUntrusted, results.GateUntrusted, "a trial is untrusted", ""},
		{"an untrusted trial, allowed, beside a missed expectation", e.baseline, expects, unbalance, nil, []string{untrusted}, analysis.ExitFailed, results.GateFail,
			"ack.p50 < 1ns", "6 of 6 trials count although they are untrusted, as --allow untrusted says"},
		{"another machine", otherMachine, nil, nil, nil, []string{untrusted}, analysis.ExitInconclusive, results.GateInconclusive, "machine: Z80", ""},
		{"another machine, allowed", otherMachine, nil, nil, nil, []string{untrusted, inconclusive}, analysis.ExitDone, results.GateInconclusive, "machine: Z80",
			"the gate is inconclusive, and --allow inconclusive says to go on"},
		{"a run that is not complete", e.baseline, func(m *results.Manifest) { m.State = results.Incomplete }, nil, nil, []string{untrusted}, analysis.ExitInconclusive, results.GateInconclusive, "the run is incomplete", ""},
		{"an interrupted run", e.baseline, func(m *results.Manifest) { m.State = results.Interrupted }, nil, nil, nil, analysis.ExitInterrupted, results.GateUndecided, "interrupted", ""},
		{"what ended it early", e.baseline, func(m *results.Manifest) { m.State = results.Incomplete }, refuse, stopped, nil, analysis.ExitUnreachable, results.GateUndecided, "the cluster went away", ""},
		{"a baseline with untrusted trials, and a missed expectation", ofUntrusted, expects, nil, nil, []string{untrusted}, analysis.ExitFailed, results.GateFail, "ack.p50",
			"the baseline's 6 trials are untrusted: it was written with --allow untrusted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			manifest := test.manifest
			if manifest == nil {
				manifest = func(*results.Manifest) {}
			}
			directory := e.copied(t, manifest, test.trial)
			flags := &gateFlags{baseline: e.file}
			flags.allow, flags.simulatedOK = test.allow, true
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.code == analysis.ExitInterrupted {
				cancel()
			}
			all, err := e.end(t, directory, flags, func(end gateEnd) error {
				scenario, err := flags.candidateAlone(end.env, e.scenario)
				if err != nil {
					t.Fatal(err)
				}
				return end.finishBaseline(ctx, scenario, test.base, test.failure)
			})
			if code := codeOf(ctx, err); code != test.code {
				t.Errorf("exit %d, want %d: %v", code, test.code, err)
			}
			gate := all.says(t, test.verdict, test.why)
			if onDisk, err := results.ReadGate(directory); err != nil || onDisk.Verdict != gate.Verdict || onDisk.Baseline != e.baseline.Run {
				t.Errorf("gate.json: %+v, %v", onDisk, err)
			}
			if test.warning != "" {
				all.warns(t, test.warning)
			}
		})
	}
}

// codeOf is the exit code for what a command returned.
func codeOf(ctx context.Context, err error) analysis.Exit {
	if err == nil {
		return analysis.ExitDone
	}
	return exitCodeOf(ctx, err)
}

// What may not become a baseline is not written, whatever else is there.
func (e ended) testWritingABaseline(t *testing.T) {
	for _, test := range []struct {
		name     string
		manifest func(*results.Manifest)
		trial    func(*results.Trial)
		allow    []string
		code     analysis.Exit
		verdict  results.GateVerdict
		why      string
	}{
		{"a trial whose records failed", func(*results.Manifest) {}, failRecords, []string{"untrusted", "inconclusive"}, analysis.ExitFailed, results.GateFail, "a trial failed"},
		{"a trial that failed", func(*results.Manifest) {}, refuse, []string{"untrusted", "inconclusive"}, analysis.ExitFailed, results.GateFail, "the broker refused it"},
		{"a missed expectation", func(m *results.Manifest) { m.Expect = []string{"ack.p50 < 1ns"} }, nil, []string{"untrusted"}, analysis.ExitFailed, results.GateFail, "ack.p50 < 1ns"},
		{"untrusted trials", func(*results.Manifest) {}, unbalance, nil, analysis.ExitUntrusted, results.GateUntrusted, "a trial is untrusted"},
		{"a run that is not complete, whatever is allowed", func(m *results.Manifest) { m.State = results.Incomplete }, nil, []string{"untrusted", "inconclusive"}, analysis.ExitInconclusive, results.GateInconclusive, "incomplete"},
		{"untrusted trials, allowed", func(*results.Manifest) {}, unbalance, []string{"untrusted"}, analysis.ExitDone, results.GatePass, "the figures of 6 were written, and nothing was compared"},
	} {
		t.Run(test.name, func(t *testing.T) {
			flags := &gateFlags{writeBaseline: filepath.Join(t.TempDir(), "baseline.json")}
			flags.allow, flags.simulatedOK = test.allow, true
			all, err := e.end(t, e.copied(t, test.manifest, test.trial), flags, func(end gateEnd) error {
				scenario, err := flags.candidateAlone(end.env, e.scenario)
				if err != nil {
					t.Fatal(err)
				}
				return end.finishBaseline(t.Context(), scenario, results.Baseline{}, nil)
			})
			if code := codeOf(t.Context(), err); code != test.code {
				t.Errorf("exit %d, want %d: %v", code, test.code, err)
			}
			if gate := all.says(t, test.verdict, test.why); gate.WritesBaseline != flags.writeBaseline {
				t.Errorf("%+v", gate)
			}
			if test.code != analysis.ExitDone {
				if _, err := os.Stat(flags.writeBaseline); err == nil {
					t.Error("it was written")
				}
				return
			}
			baseline, err := results.ReadBaseline(flags.writeBaseline)
			if err != nil || baseline.UntrustedTrials() != 6 || !strings.Contains(baseline.Trials[0].Untrusted[0], "do not balance") {
				t.Errorf("%+v, %v", baseline.Trials[0], err)
			}
			all.warns(t, "6 of 6 trials count although they are untrusted")
		})
	}
}

func (e ended) testLive(t *testing.T) {
	planning := &gateFlags{baseline: e.file}
	planning.simulatedOK = true
	scenario, err := planning.candidateAlone(&environment{}, e.scenario)
	if err != nil {
		t.Fatal(err)
	}
	margins := gateMargins(scenario.Gate)
	for _, test := range []struct {
		name    string
		trial   func(*results.Trial) // of the first two rounds
		allow   []string
		stopped string
		code    analysis.Exit
		verdict results.GateVerdict
		why     string
		warning string
	}{
		{"a base that failed", ofSide("base", failRecords), []string{"untrusted"}, "", analysis.ExitInconclusive, results.GateInconclusive, "the base's trial failed", ""},
		{"a base that failed, allowed", ofSide("base", failRecords), []string{"untrusted", "inconclusive"}, "", analysis.ExitDone, results.GateInconclusive, "the base's trial failed",
			"the gate is inconclusive, and --allow inconclusive says to go on"},
		{"a candidate that failed", ofSide("candidate", failRecords), []string{"untrusted"}, "", analysis.ExitFailed, results.GateFail, "the candidate's trial failed", ""},
		{"untrusted pairs", unbalance, nil, "", analysis.ExitUntrusted, results.GateUntrusted, "a pair was untrusted, and so was its repetition", ""},
		{"untrusted pairs, allowed, that decide nothing yet", unbalance, []string{"untrusted"}, "base: no such host", analysis.ExitInconclusive, results.GateUndecided, "the gate was stopped: base: no such host",
			"3 of 3 pairs count although they are untrusted, as --allow untrusted says"},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := 0
			directory := e.copied(t, func(m *results.Manifest) {
				m.Allow, m.Cases = test.allow, []results.CaseInfo{{ID: "base"}, {ID: "candidate"}}
				m.Gate = &results.GatePlan{Pairs: 8, Metrics: margins, Stopped: test.stopped}
			}, func(trial *results.Trial) {
				trial.Begin.Case = []string{"base", "candidate"}[n%2]
				trial.Begin.Trial, trial.Begin.Round = n/2+1, n/2+1
				n++
				test.trial(trial)
			})
			flags := &gateFlags{}
			flags.allow = test.allow
			all, err := e.end(t, directory, flags, func(end gateEnd) error { return end.finishLive(t.Context(), nil) })
			if code := codeOf(t.Context(), err); code != test.code {
				t.Errorf("exit %d, want %d: %v", code, test.code, err)
			}
			all.says(t, test.verdict, test.why)
			if test.warning == "" {
				return
			}
			all.warns(t, test.warning)
			for _, name := range []string{"report.md", "report.html"} {
				if text, err := os.ReadFile(filepath.Join(directory, name)); err != nil || !strings.Contains(strings.ToLower(string(text)), "allow "+strings.Fields(test.warning[strings.Index(test.warning, "--allow"):])[1]) {
					t.Errorf("%s does not warn: %v", name, err)
				}
			}
		})
	}
}

// ofSide changes the trials of one side alone.
func ofSide(side string, change func(*results.Trial)) func(*results.Trial) {
	return func(trial *results.Trial) {
		if trial.Begin.Case == side {
			change(trial)
		}
	}
}

func TestAnInterruptedBaselineIsTold(t *testing.T) {
	t.Parallel()
	folder, out := t.TempDir(), t.TempDir()
	path, file := scenarioFile(t, strings.Replace(gatedScenario, "duration: 300ms", "duration: 50m", 1)), filepath.Join(out, "baseline.json")
	command, stderr := process(t, folder, "gate", path, "--write-baseline", file, "--junit", filepath.Join(out, "gate.xml"), "--yes", "--results", folder, "--simulated-ok")
	if err := command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // its exit code says it
	if code := command.ProcessState.ExitCode(); code != int(analysis.ExitInterrupted) {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if text, err := os.ReadFile(filepath.Join(out, "gate.xml")); err != nil || !strings.Contains(string(text), "<error") || !strings.Contains(string(text), "interrupted") {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a baseline was written")
	}
}
