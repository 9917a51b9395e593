package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/report"
)

func TestCompareHoldsTwoCasesOfARunAgainstEachOther(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	scenario := scenarioFile(t, small+"matrix: {vary: {producers.*.config.linger.ms: [0, 5]}}\n")
	if got := call(t, append([]string{"run", scenario}, allowed(folder)...)...); got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	run, err := openSummarized(onlyRun(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	base, candidate := "latest#"+run.Manifest.Cases[0].ID, "latest#"+run.Manifest.Cases[1].ID

	got := call(t, "compare", base, candidate, "--results", folder)
	if got.code != analysis.ExitInconclusive { // one trial of each says nothing
		t.Errorf("exit %d: %s", got.code, got.stderr)
	}
	for _, want := range []string{"SIMULATED BROKER", "linger.ms", "ack p99", "cannot tell"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the terminal does not show %q:\n%s", want, got.stdout)
		}
	}
	got = call(t, "compare", base, candidate, "--results", folder, "--json", "--metric", "ack.p50", "--allow", "inconclusive")
	var read struct{ Schema, Verdict string }
	if err := json.Unmarshal([]byte(got.stdout), &read); err != nil || read.Schema != report.ContrastSchema || got.code != analysis.ExitDone {
		t.Errorf("exit %d, %v: %s%s", got.code, err, got.stdout, got.stderr)
	}
	if !strings.Contains(got.stderr, "--allow inconclusive") {
		t.Errorf("no warning of what is allowed: %s", got.stderr)
	}
	got = call(t, "compare", base, candidate, "--results", folder, "--format", "markdown")
	if !strings.Contains(got.stdout, "| Metric | base | candidate |") {
		t.Errorf("Markdown: %s", got.stdout)
	}

	page := filepath.Join(t.TempDir(), "comparison.html")
	call(t, "compare", base, candidate, "--results", folder, "--html", page)
	if html, err := os.ReadFile(page); err != nil || !strings.Contains(string(html), "Cannot tell") || !strings.Contains(string(html), "SIMULATED BROKER") {
		t.Errorf("the page (%v): %.300s", err, html)
	}

	for name, arguments := range map[string][]string{
		"the run itself":           {"latest", "latest"},
		"a case and itself":        {base, base},
		"a case that is not there": {base, "latest#ffffffffff"},
		"a run that is not there":  {base, "yesterday"},
		"one side":                 {base},
		"an unknown metric":        {base, candidate, "--metric", "ack.p98"},
		"a margin of nothing":      {base, candidate, "--margin", "0%"},
		"an unknown format":        {base, candidate, "--format", "pdf"},
		"another allowance":        {base, candidate, "--allow", "untrusted"},
	} {
		if got := call(t, append([]string{"compare", "--results", folder}, arguments...)...); got.code != analysis.ExitBadInput {
			t.Errorf("%s: exit %d, want 64: %s", name, got.code, got.stderr)
		}
	}
}

func TestACompareExitsByItsVerdict(t *testing.T) {
	tests := []struct {
		verdict report.ContrastVerdict
		allow   []string
		want    analysis.Exit
	}{
		{report.ContrastNotWorse, nil, analysis.ExitDone},
		{report.ContrastWorse, nil, analysis.ExitFailed},
		{report.ContrastWorse, []string{"inconclusive"}, analysis.ExitFailed},
		{report.ContrastUnknown, nil, analysis.ExitInconclusive},
		{report.ContrastUnsound, nil, analysis.ExitInconclusive},
		{report.ContrastUnsound, []string{"inconclusive"}, analysis.ExitDone},
	}
	for _, test := range tests {
		var stderr bytes.Buffer
		code := analysis.ExitDone
		if coded, ok := errors.AsType[*exitError](compareExit(&environment{stderr: &stderr}, test.verdict, test.allow)); ok {
			code = coded.code
		}
		if code != test.want {
			t.Errorf("%s with %v: exit %d, want %d", test.verdict, test.allow, code, test.want)
		}
	}
}

func TestCompareHoldsTwoFoldersOfRunsAgainstEachOther(t *testing.T) {
	t.Parallel()
	base, candidate := filepath.Join(t.TempDir(), "base"), filepath.Join(t.TempDir(), "candidate")
	scenario := scenarioFile(t, small)
	for _, folder := range []string{base, base, candidate} {
		if got := call(t, append([]string{"run", scenario}, allowed(folder)...)...); got.code != analysis.ExitDone {
			t.Fatalf("exit %d: %s", got.code, got.stderr)
		}
	}
	got := call(t, "compare", base, candidate)
	if got.code != analysis.ExitInconclusive || !strings.Contains(got.stdout, "(2 runs)") || !strings.Contains(got.stdout, "Runs are pooled") {
		t.Errorf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if got := call(t, append([]string{"run", scenario, "--set", "duration=300ms"}, allowed(base)...)...); got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	got = call(t, "compare", base, candidate)
	if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, "window differs") {
		t.Errorf("runs of two kinds in a folder: exit %d: %s", got.code, got.stderr)
	}
}
