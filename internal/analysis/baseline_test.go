package analysis

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"kaliper/results"
)

// baselineRun is a complete run of one case, with a trial for each ack.p50 in seconds, and with so
// many records acknowledged per second in each as 10 s divided by it.
func baselineRun(p50s ...float64) *results.Run {
	run := &results.Run{Manifest: results.Manifest{
		ID: "20261126T151200Z-orders-7f3a", Name: "orders", State: results.Complete, Repeats: len(p50s), Client: "franz-go",
		Machine:  results.Machine{CPU: "AMD EPYC", Processors: 2, OS: "linux", Arch: "amd64"},
		Versions: map[string]string{"kaliper": "1", "franz-go": "2"},
		Cases: []results.CaseInfo{{ID: "only", Effective: []results.EffectiveProperty{
			{Group: "producers.checkout", Name: "security.protocol", Value: "PLAINTEXT"},
		}}},
	}}
	c := results.SummaryCase{ID: "only"}
	for i, p50 := range p50s {
		begin := results.Begin{Schema: results.JournalSchema, Case: "only", Trial: i + 1, Round: i + 1, WarmupSeconds: 1, DurationSeconds: 4}
		begin.Cluster.Version, begin.Cluster.Brokers = "4.3", make([]results.BrokerInfo, 3)
		run.Trials = append(run.Trials, results.Trial{State: results.Complete, Begin: begin})
		c.Trials = append(c.Trials, results.SummaryTrial{
			ID: fmt.Sprintf("only/%d", i+1), Round: i + 1, State: results.Complete, Trust: results.Trusted, Outcome: results.Sustained,
			Metrics: map[string]results.TrialValue{
				"ack.p50":                  {Unit: "s", Value: results.Number(p50)},
				"acked.records_per_second": {Unit: "records/s", Value: results.Number(10 / p50)},
			},
		})
	}
	run.Summary = results.Summary{Run: results.SummaryRun{ID: run.Manifest.ID, State: results.Complete, Trust: results.Trusted}, Cases: []results.SummaryCase{c}}
	return run
}

// around returns ten figures within 1% of a middle.
func around(middle float64) []float64 {
	var all []float64
	for i := range 10 {
		all = append(all, middle*(1+0.002*float64(i-5)))
	}
	return all
}

func baselineOf(t *testing.T, run *results.Run) results.Baseline {
	t.Helper()
	baseline, err := NewBaseline(run, "sha256:c0ffee")
	if err != nil {
		t.Fatal(err)
	}
	return baseline
}

// spoil makes a trial of a run untrusted.
func spoil(run *results.Run, trial int) {
	of := &run.Summary.Cases[0].Trials[trial]
	of.Trust, of.Reasons = results.Untrusted, []results.Reason{{Code: "slip_pacer", Text: "its timer was late"}}
}

func fail(run *results.Run, trial int) {
	of := &run.Summary.Cases[0].Trials[trial]
	of.Outcome, of.Reasons = results.Failed, []results.Reason{{Code: "error", Text: "refused"}}
}

func expectation(verdict string) results.ExpectationResult {
	return results.ExpectationResult{Case: "only", Condition: "lost == 0", Verdict: verdict}
}

func baselineMargins() []results.GateMargin {
	return []results.GateMargin{
		{Metric: "ack.p50", Unit: "s", Tolerate: 0.05, Detect: 0.1},
		{Metric: "acked.records_per_second", Unit: "records/s", HigherBetter: true, Tolerate: 0.05, Detect: 0.1},
	}
}

func TestABaselineOnlyAdvisesAboutFigures(t *testing.T) {
	base := baselineOf(t, baselineRun(around(0.002)...))
	for _, test := range []struct {
		name       string
		candidate  *results.Run
		want       results.GateVerdict
		latency    string // why
		throughput string
	}{
		{"the same", baselineRun(around(0.002)...), results.GatePass, "not worse by", "not worse by"},
		{"half the latency", baselineRun(around(0.001)...), results.GatePass, "not worse by", "not worse by"},
		{"twice the latency", baselineRun(around(0.004)...), results.GateInconclusive, "it looks worse", "it looks worse"},
		{"one trial", baselineRun(0.002), results.GateInconclusive, "too few or too noisy", "too few or too noisy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			result := JudgeAgainst(base, test.candidate, "sha256:c0ffee", baselineMargins(), nil)
			if result.Verdict != test.want || result.Baseline != base.Run || len(result.Metrics) != 2 {
				t.Fatalf("%+v", result)
			}
			if l, m := result.Metrics[0], result.Metrics[1]; !strings.Contains(l.Why, test.latency) || !strings.Contains(m.Why, test.throughput) {
				t.Errorf("%s, %s", l.Why, m.Why)
			}
			if code, _ := GateExit(result, nil); code != ExitDone && code != ExitInconclusive {
				t.Errorf("exit %d", code)
			}
			if !strings.Contains(strings.Join(result.Warnings, "; "), "this only advises") {
				t.Errorf("warnings %q", result.Warnings)
			}
		})
	}
}

// A margin is a share of the base, and a metric that can be below 0 has none.
func TestAMetricBelowZeroIsNotHeldAgainstAMargin(t *testing.T) {
	slope := func(value float64) *results.Run {
		run := baselineRun(around(0.002)...)
		for i, trial := range run.Summary.Cases[0].Trials {
			trial.Metrics["lag.slope"] = results.TrialValue{Unit: "records/s", Value: results.Number(value + 0.0001*float64(i))}
		}
		return run
	}
	margins := []results.GateMargin{{Metric: "lag.slope", Unit: "records/s", Tolerate: 0.05, Detect: 0.1}}
	result := JudgeAgainst(baselineOf(t, slope(-0.5)), slope(-0.49), "sha256:c0ffee", margins, nil)
	if result.Verdict != results.GateInconclusive || !strings.Contains(result.Why, "below 0") {
		t.Errorf("%s: %s", result.Verdict, result.Why)
	}
}

// Of equal figures each of these runs is what its trials and expectations make it.
func TestWhatARunShowsByItselfIsNoAdvice(t *testing.T) {
	base := baselineOf(t, baselineRun(around(0.002)...))
	for _, test := range []struct {
		name  string
		of    func(*results.Run)
		allow []string
		want  results.GateVerdict
		exit  Exit
		why   string
	}{
		{"a missed expectation", func(r *results.Run) {
			r.Summary.Run.Expectations = []results.ExpectationResult{expectation(Unknown), expectation(NotMet)}
		}, nil, results.GateFail, ExitFailed, "it does not meet the expectation lost == 0"},
		{"an expectation that is met", func(r *results.Run) {
			r.Summary.Run.Expectations = []results.ExpectationResult{expectation(Met)}
		}, nil, results.GatePass, ExitDone, ""},
		{"an unknown expectation", func(r *results.Run) {
			r.Summary.Run.Expectations = []results.ExpectationResult{expectation(Unknown)}
		}, nil, results.GateInconclusive, ExitInconclusive, "it is not known"},
		{"an unknown expectation, allowed", func(r *results.Run) {
			r.Summary.Run.Expectations = []results.ExpectationResult{expectation(Unknown)}
		}, []string{AllowInconclusive}, results.GateInconclusive, ExitDone, "it is not known"},
		{"a missed expectation, all allowed", func(r *results.Run) {
			r.Summary.Run.Expectations = []results.ExpectationResult{expectation(NotMet)}
		}, []string{AllowInconclusive, AllowUntrusted}, results.GateFail, ExitFailed, "lost == 0"},
		{"a failed trial", func(r *results.Run) { fail(r, 3) }, nil, results.GateFail, ExitFailed, "a trial failed, only/4: refused"},
		{"a failed trial of a run that is not complete", func(r *results.Run) {
			fail(r, 3)
			r.Manifest.State = results.Incomplete
		}, nil, results.GateFail, ExitFailed, "refused"},
		{"an untrusted trial", func(r *results.Run) { spoil(r, 1) }, nil, results.GateUntrusted, ExitUntrusted, "a trial is untrusted, only/2: its timer was late"},
		{"an untrusted trial beside a failed one", func(r *results.Run) {
			fail(r, 0)
			spoil(r, 1)
		}, nil, results.GateUntrusted, ExitUntrusted, "its timer was late"},
		{"both, and untrusted ones are allowed", func(r *results.Run) {
			fail(r, 0)
			spoil(r, 1)
		}, []string{AllowUntrusted}, results.GateFail, ExitFailed, "refused"},
		{"an untrusted trial, allowed", func(r *results.Run) { spoil(r, 1) }, []string{AllowUntrusted}, results.GatePass, ExitDone, ""},
		{"a run that is not complete", func(r *results.Run) { r.Manifest.State = results.Incomplete }, nil, results.GateInconclusive, ExitInconclusive, "the run is incomplete"},
		{"an interrupted run", func(r *results.Run) { r.Manifest.State = results.Interrupted }, nil, results.GateUndecided, ExitInconclusive, "interrupted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := baselineRun(around(0.002)...)
			test.of(run)
			result := JudgeAgainst(base, run, "sha256:c0ffee", baselineMargins(), test.allow)
			code, _ := GateExit(result, test.allow)
			if result.Verdict != test.want || code != test.exit || !strings.Contains(result.Why, test.why) {
				t.Errorf("%s, exit %d: %s", result.Verdict, code, result.Why)
			}
			if _, err := json.Marshal(result); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestUntrustedTrialsOfABaselineAreToldWhereverItIsUsed(t *testing.T) {
	spoiled := baselineRun(around(0.002)...)
	spoil(spoiled, 1)
	base := baselineOf(t, spoiled)
	if base.UntrustedTrials() != 1 || base.Trials[1].Untrusted[0] != "its timer was late" {
		t.Errorf("the file does not say it: %+v", base.Trials[1])
	}
	result := JudgeAgainst(base, baselineRun(around(0.002)...), "sha256:c0ffee", baselineMargins(), nil)
	if text := strings.Join(result.Warnings, "; "); result.Verdict != results.GatePass || !strings.Contains(text, "1 of the baseline's 10 trials are untrusted") {
		t.Errorf("%s, %q", result.Verdict, text)
	}
	candidate := JudgeAgainst(baselineOf(t, baselineRun(around(0.002)...)), spoiled, "sha256:c0ffee", baselineMargins(), []string{AllowUntrusted})
	if text := strings.Join(candidate.Warnings, "; "); !strings.Contains(text, "1 of 10 trials count although they are untrusted, as --allow untrusted says: its timer was late") {
		t.Errorf("%q", text)
	}
}

func TestABaselineOfSomethingElseIsNotComparedWith(t *testing.T) {
	for name, of := range map[string]func(*results.Baseline){
		"machine":                         func(b *results.Baseline) { b.Machine.CPU = "Intel Xeon" },
		"machine: AMD EPYC, 4 processors": func(b *results.Baseline) { b.Machine.Processors = 4 },
		"simulated broker":                func(b *results.Baseline) { b.Broker.Simulated = true },
		"number of brokers":               func(b *results.Baseline) { b.Broker.Brokers = 1 },
		"security.protocol":               func(b *results.Baseline) { b.Broker.Security = "SSL" },
		"window":                          func(b *results.Baseline) { b.DurationSeconds = 8 },
		"warm-up":                         func(b *results.Baseline) { b.WarmupSeconds = 2 },
		"client":                          func(b *results.Baseline) { b.Client = "java" },
		"settings":                        func(b *results.Baseline) { b.Settings = "sha256:beef" },
	} {
		t.Run(name, func(t *testing.T) {
			base := baselineOf(t, baselineRun(around(0.002)...))
			of(&base)
			result := JudgeAgainst(base, baselineRun(around(0.002)...), "sha256:c0ffee", baselineMargins(), nil)
			if result.Verdict != results.GateInconclusive || len(result.Metrics) != 0 || !strings.Contains(result.Why, "it cannot be compared with the baseline: "+name) {
				t.Errorf("%s: %s", result.Verdict, result.Why)
			}
		})
	}
	earlier := baselineOf(t, baselineRun(around(0.002)...))
	earlier.Broker.Security, earlier.Versions = "", map[string]string{"kaliper": "0", "franz-go": "2"}
	result := JudgeAgainst(earlier, baselineRun(around(0.002)...), "sha256:c0ffee", baselineMargins(), nil)
	if text := strings.Join(result.Warnings, "; "); result.Verdict != results.GatePass || !strings.Contains(text, "kaliper was 0 and is 1") {
		t.Errorf("another version: %s, %q", result.Verdict, text)
	}
}

func TestTheWarningOfAnAllowedVerdictIsPartOfTheGate(t *testing.T) {
	for verdict, want := range map[results.GateVerdict]int{
		results.GateInconclusive: 1, results.GatePass: 0, results.GateFail: 0, results.GateUntrusted: 0, results.GateUndecided: 0,
	} {
		result := results.Gate{Verdict: verdict, Warnings: []string{}}
		WarnOfAllowed(&result, []string{AllowInconclusive})
		if len(result.Warnings) != want {
			t.Errorf("%s: %q", verdict, result.Warnings)
		}
	}
	result := results.Gate{Verdict: results.GateInconclusive}
	if WarnOfAllowed(&result, []string{AllowUntrusted}); len(result.Warnings) != 0 {
		t.Errorf("nothing was allowed: %q", result.Warnings)
	}
}

func TestARunThatIsNotCompleteIsNoBaseline(t *testing.T) {
	run := baselineRun(around(0.002)...)
	run.Manifest.State = results.Incomplete
	if _, err := NewBaseline(run, "sha256:c0ffee"); err == nil || !strings.Contains(err.Error(), "needs a complete one") {
		t.Error(err)
	}
	run = baselineRun(math.NaN())
	run.Summary.Cases = append(run.Summary.Cases, results.SummaryCase{})
	if _, err := NewBaseline(run, "sha256:c0ffee"); err == nil || !strings.Contains(err.Error(), "one case") {
		t.Error(err)
	}
}
