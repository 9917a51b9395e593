package report

import (
	"sync"
	"testing"
	"time"

	"kaliper/results"
)

// documentNames are the reports that the tests look at.
func documentNames() []string {
	return []string{"two-cases", "stall", "single", "interrupted", "demo", "matrix", "comparison", "failing", "study", "one-trial", "asked"}
}

// made are the runs that were made already: a study of 192 trials takes seconds, and under the race
// detector a minute. No report changes a run.
var made = struct {
	sync.Mutex
	runs map[string][]*results.Run
}{runs: map[string][]*results.Run{}}

// document builds one of them.
func document(t testing.TB, name string) *Document {
	t.Helper()
	made.Lock()
	defer made.Unlock()
	runs, ok := made.runs[name]
	if !ok {
		runs = syntheticRuns(t, name)
		made.runs[name] = runs
	}
	d, err := New(runs...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func syntheticRuns(t testing.TB, name string) []*results.Run {
	t.Helper()
	p := twoCases()
	switch name {
	case "two-cases":
	case "stall":
		p = stalled()
	case "single":
		p.repeats, p.cases = 1, p.cases[1:]
		p.cases[0].settings = nil
	case "interrupted":
		p.repeats, p.interrupted = 2, true
	case "demo":
		p.repeats, p.simulated, p.seconds = 2, true, 8
		return []*results.Run{untrusted(p.build(t))}
	case "matrix":
		p = matrix()
	case "study":
		p = study24()
	case "one-trial":
		p = matrix()
		p.repeats = 1
	case "asked":
		p = matrix()
		p.cases, p.seconds, p.show = p.cases[:6], 4, asked()
	case "failing":
		p = stalled()
		p.stallAt, p.failed, p.repeats = 0, 1200, 5
	case "comparison":
		before, after := stalled(), stalled()
		before.name, before.stallAt = "baseline", 0
		after.id, after.seed, after.started = "20261119T150000Z-stall-22bb", 9, time.Date(2026, 11, 19, 15, 0, 0, 0, time.UTC)
		first, second := before.build(t), after.build(t)
		second.Manifest.Versions["kaliper"] = "0.2.0"
		second.Manifest.Cases[0].Effective[1].Value = "131072"
		return []*results.Run{first, second}
	default:
		t.Fatalf("there is no synthetic run %q", name)
	}
	return []*results.Run{p.shared(t)}
}
