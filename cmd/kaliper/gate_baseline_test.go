package main

import (
	"path/filepath"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/results"
)

func TestABaselineIsWrittenAndComparedWith(t *testing.T) {
	t.Parallel()
	path, file := scenarioFile(t, gatedScenario), filepath.Join(t.TempDir(), "baseline.json")
	if got := call(t, append([]string{"gate", path, "--write-baseline", file}, allowedGate(t.TempDir())...)...); got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	baseline, err := results.ReadBaseline(file)
	if err != nil || len(baseline.Trials) != 6 || !baseline.Broker.Simulated || baseline.DurationSeconds != 0.3 {
		t.Errorf("%+v, %v", baseline, err)
	}
	got := call(t, append([]string{"gate", path, "--baseline", file}, allowedGate(t.TempDir())...)...)
	if got.code != analysis.ExitDone && got.code != analysis.ExitInconclusive || !strings.Contains(got.stdout, "against the baseline of run "+baseline.Run) {
		t.Errorf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	other := overlayFile(t, "producers: {checkout: {config: {linger.ms: 7}}}\n")
	got = call(t, append([]string{"gate", path, "--baseline", file, "--candidate", other}, allowedGate(t.TempDir())...)...)
	if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, "other settings") {
		t.Errorf("other settings: exit %d: %s", got.code, got.stderr)
	}
}
