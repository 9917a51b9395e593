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

// searched is made of trials as short as can be. Nothing meets a p50 of 20 ms beside a linger
// time of 40 ms, and everything one of a minute.
const searched = `format: kaliper.scenario/1
name: searched
target: embedded
topics: {orders: {partitions: 2}}
drain: 2s
producers:
  checkout: {topic: orders, rate: 150/s, value: {size: 100}}
  refunds: {topic: orders, rate: 50/s, value: {size: 100}}
search: {objectives: [ack.p99 < 60s], warmup: 50ms, trial: 200ms, hold: 200ms}
`

// allowedSearch are the arguments that keep a busy machine from deciding a test.
func allowedSearch(folder string, more ...string) []string {
	return append([]string{"--results", folder, "--allow", "untrusted", "--simulated-ok", "--quick", "--quiet"}, more...)
}

func TestASearchThatNoRateSatisfiesSaysSoAndExitsFour(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := scenarioFile(t, strings.Replace(searched, "value: {size: 100}}", "value: {size: 100}, config: {linger.ms: 100, batch.size: 1048576}}", 2))
	got := call(t, append([]string{"search", path, "--objective", "ack.p50 < 1ms"}, allowedSearch(folder)...)...)
	if got.code != analysis.ExitFailed || !strings.Contains(got.stdout, "no rate holds, down to") || !strings.Contains(got.stdout, "ack.p50 < 1ms") {
		t.Fatalf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	directory := onlyRun(t, folder)
	found, err := results.ReadSearch(directory)
	if err != nil || len(found.Cases) != 1 || found.Cases[0].RecordsPerSecond != 0 || found.Cases[0].LimitedBy != "ack.p50 < 1ms" || !found.Simulated || !found.Cases[0].Ended {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, name := range []string{"summary.json", "report.html", "report.md", "plots/load-1.svg"} {
		if _, err := os.Stat(filepath.Join(directory, name)); err != nil {
			t.Error(err)
		}
	}
	before, err := os.ReadFile(filepath.Join(directory, "search.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(directory, "search.json")); err != nil {
		t.Fatal(err)
	}
	again := call(t, "report", "latest", "--results", folder)
	after, err := os.ReadFile(filepath.Join(directory, "search.json"))
	if again.code != analysis.ExitDone || err != nil || string(after) != string(before) {
		t.Errorf("report rebuilds something else: exit %d, %v\n%s", again.code, err, after)
	}
}

func TestGroupsKeepTheirSharesAndABudgetEndsASearchWhichIsThenResumed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := scenarioFile(t, searched)
	got := call(t, append([]string{"search", path}, allowedSearch(folder, "--json", "--budget", "4s")...)...)
	var found results.Search
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil || got.code != analysis.ExitInconclusive {
		t.Fatalf("exit %d, %v: %s", got.code, err, got.stderr)
	}
	c := found.Cases[0]
	if c.LimitedBy != "budget" || len(c.Trials) == 0 || !c.Bound {
		t.Fatalf("%+v", c)
	}
	run, err := results.OpenRun(onlyRun(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range run.Trials {
		rates := map[string]float64{}
		for _, p := range trial.Begin.Producers {
			rates[p.Name] = p.OfferedRecordsPerSecond
		}
		if share := rates["checkout"] / (rates["checkout"] + rates["refunds"]); share < 0.7499 || share > 0.7501 {
			t.Errorf("trial %s offers %v", trial.Begin.Ref(), rates)
		}
	}
	first := len(c.Trials)
	got = call(t, append([]string{"search", path, "--resume", "latest"}, allowedSearch(folder, "--json", "--budget", "3s")...)...)
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil || len(found.Cases[0].Trials) <= first {
		t.Fatalf("exit %d, %v, %d trials after %d: %s", got.code, err, len(found.Cases[0].Trials), first, got.stderr)
	}
	if _, err := results.OpenRun(onlyRun(t, folder)); err != nil {
		t.Error(err)
	}
	for name, arguments := range map[string][]string{
		"other objectives": {"search", path, "--resume", "latest", "--objective", "ack.p99 < 5s", "--quick", "--simulated-ok", "--allow", "untrusted", "--results", folder},
		"it is a search":   {"run", path, "--resume", "latest", "--results", folder},
	} {
		if got := call(t, arguments...); got.code != analysis.ExitBadInput {
			t.Errorf("%s: exit %d: %s", name, got.code, got.stderr)
		}
	}
}

func TestASearchOverAMatrixGivesEveryCaseItsAnswer(t *testing.T) {
	t.Parallel()
	matrix := searched + "matrix: {vary: {\"producers.*.config.linger.ms\": [100, 200]}}\n"
	got := call(t, append([]string{"search", scenarioFile(t, matrix), "--objective", "ack.p50 < 1ms"}, allowedSearch(t.TempDir(), "--json", "--budget", "1m")...)...)
	var found results.Search
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil || len(found.Cases) != 2 {
		t.Fatalf("exit %d, %v: %s", got.code, err, got.stderr)
	}
	a, b := len(found.Cases[0].Trials), len(found.Cases[1].Trials)
	if a == 0 || b == 0 || a-b > 1 || b-a > 1 {
		t.Errorf("the cases are not interleaved: %d and %d trials", a, b)
	}
}

func TestASearchRefusesWhatNoRateCanAnswerAndStartsNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "results")
	path := scenarioFile(t, searched)
	change := func(old, new string) string { return scenarioFile(t, strings.Replace(searched, old, new, 1)) }
	fast, phases := change("150/s", "max"), change("150/s", "[{for: 1s, at: 10/s}, {at: 20/s}]")
	soaked := change(", warmup: 50ms, trial: 200ms, hold: 200ms", "")
	aimless, twice := change("objectives: [ack.p99 < 60s], ", ""), change("[ack.p99 < 60s]", "[ack.p99 < 60s, ack.p99 < 1s]")
	for _, test := range []struct {
		name      string
		arguments []string
		want      string
	}{
		{"rate: max", []string{fast}, fast + ":7:35: producers.checkout.rate: max has no schedule"},
		{"phases", []string{phases}, phases + ":7:35: producers.checkout.rate: has phases"},
		{"no objective", []string{aimless}, ":9:9: search.objectives: a search needs an objective"},
		{"two limits", []string{twice}, "contradict each other"},
		{"two limits of flags", []string{path, "--objective", "ack.p99 < 50ms", "--objective", "ack.p99 <= 60ms"}, "contradict each other"},
		{"nobody reads", []string{path, "--objective", "e2e.p99 < 50ms"}, "cannot be measured: there are no consumers"},
		{"a floor of the rate", []string{path, "--objective", "acked.records_per_second > 1000/s"}, "follows the rate"},
		{"the wrong way round", []string{path, "--objective", "ack.p99 > 50ms"}, "better when it is low"},
		{"below nothing", []string{path, "--objective", "errors.ratio < 0"}, "no rate can meet it"},
		{"an unknown metric", []string{path, "--objective", "akc.p99 < 50ms"}, `did you mean "ack.p99"`},
		{"the simulated broker", []string{path}, "--simulated-ok"},
		{"quick and soak", []string{path, "--quick", "--soak"}, "exclude each other"},
		{"a soak of ten minutes a hold", []string{soaked, "--simulated-ok", "--soak", "--set", "search.hold=10m"}, "say --yes"},
		{"more than an hour", []string{path, "--simulated-ok", "--set", "search.hold=1h"}, "say --yes"},
		{"nothing to resume", []string{path, "--simulated-ok", "--resume", "latest"}, "--resume"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, append([]string{"search", "--results", folder}, test.arguments...)...)
			if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, test.want) {
				t.Errorf("exit %d: %s", got.code, got.stderr)
			}
		})
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("something was started")
	}
}
