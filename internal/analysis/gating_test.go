package analysis

import (
	"math"
	"strings"
	"testing"

	"kaliper/results"
)

func gatePlanOf(pairs int) results.GatePlan {
	return results.GatePlan{Pairs: pairs, Metrics: []results.GateMargin{{Metric: "ack.p50", Unit: "s", Tolerate: 0.05, Detect: 0.1}}}
}

func newTestGating(t *testing.T, allow ...string) *Gating {
	t.Helper()
	g, err := NewGating(gatePlanOf(8), allow)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// gateTrial is a sound trial with one figure.
func gateTrial(round int, p50 float64) GateTrial {
	return GateTrial{SummaryTrial: results.SummaryTrial{Round: round, State: results.Complete, Trust: results.Trusted, Outcome: results.Sustained,
		Metrics: map[string]results.TrialValue{"ack.p50": {Unit: "s", Value: results.Number(p50)}}}}
}

func spoiledTrial(round int) GateTrial {
	trial := gateTrial(round, 0.002)
	trial.Trust, trial.Reasons = results.Untrusted, []results.Reason{{Code: "slip_pacer", Text: "its timer was late"}}
	return trial
}

func failedTrial(round int) GateTrial {
	trial := gateTrial(round, 0.002)
	trial.Outcome, trial.Reasons = results.Failed, []results.Reason{{Code: "error", Text: "refused"}}
	return trial
}

func TestAGateIsDecidedByItsPairs(t *testing.T) {
	for _, test := range []struct {
		name  string
		ratio float64
		want  results.GateVerdict
	}{{"equal sides pass", 1, results.GatePass}, {"30% more fails", 1.3, results.GateFail}} {
		t.Run(test.name, func(t *testing.T) {
			g := newTestGating(t)
			for round := 1; !g.Decided(); round++ {
				noise := 1 + 0.002*float64(round%3)
				g.Add(gateTrial(round, 0.002), gateTrial(round, 0.002*test.ratio*noise), "base")
			}
			result := g.Result()
			if result.Verdict != test.want || result.Pairs != 6 || len(result.Played) != 6 {
				t.Errorf("%s after %d pairs: %s", result.Verdict, result.Pairs, result.Why)
			}
			if m := result.Metrics[0]; math.Abs(float64(m.Candidate)/float64(m.Base)-test.ratio) > 0.01 || math.Abs(float64(m.Change)+1-test.ratio) > 0.01 {
				t.Errorf("base %v, candidate %v, change %v", m.Base, m.Candidate, m.Change)
			}
		})
	}
}

func TestAnUntrustedPairIsRepeatedOnce(t *testing.T) {
	g := newTestGating(t)
	g.Add(gateTrial(1, 0.002), spoiledTrial(1), "base")
	if g.Decided() || g.Result().Played[0].Counts {
		t.Fatalf("after one: %+v", g.Result())
	}
	g.Add(gateTrial(2, 0.002), gateTrial(2, 0.002), "base")
	g.Add(spoiledTrial(3), gateTrial(3, 0.002), "candidate")
	if g.Decided() {
		t.Fatalf("another pair's first time ends the gate: %+v", g.Result())
	}
	g.Add(spoiledTrial(4), gateTrial(4, 0.002), "base")
	result := g.Result()
	if result.Verdict != results.GateUntrusted || result.Pairs != 1 || !strings.Contains(result.Why, "base: its timer was late") {
		t.Errorf("%+v", result)
	}
}

// A kaliper that was stopped or starved makes records fail too, and the candidate is not to blame.
func TestATrialThatFailedAndIsUntrustedIsRepeatedAndNobodysFault(t *testing.T) {
	starved := func(round int) GateTrial {
		trial := failedTrial(round)
		trial.Trust = results.Untrusted
		return trial
	}
	sound := func(round int) GateTrial { return gateTrial(round, 0.002) }
	for _, test := range []struct {
		name            string
		base, candidate func(round int) GateTrial // of the second pair
		want            results.GateVerdict
		pairs           int
	}{
		{"the repetition is sound", sound, sound, results.GateUndecided, 1},
		{"the repetition is untrusted too", sound, starved, results.GateUntrusted, 0},
		{"the repetition is untrusted on the other side", starved, sound, results.GateUntrusted, 0},
		{"the repetition is trusted and fails again", sound, failedTrial, results.GateFail, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newTestGating(t)
			g.Add(sound(1), starved(1), "base")
			if first := g.Result(); g.Decided() || first.Played[0].Counts || len(first.Played[0].Reasons) != 1 {
				t.Fatalf("after one: %+v", first)
			}
			g.Add(test.base(2), test.candidate(2), "base")
			if result := g.Result(); result.Verdict != test.want || result.Pairs != test.pairs {
				t.Errorf("%s after %d pairs: %s", result.Verdict, result.Pairs, result.Why)
			}
		})
	}
	g := newTestGating(t, AllowUntrusted)
	g.Add(sound(1), starved(1), "base")
	if result := g.Result(); result.Verdict != results.GateFail {
		t.Errorf("allowed: %s, %s", result.Verdict, result.Why)
	}
}

func TestUntrustedPairsCountWhereTheUserAllowsThem(t *testing.T) {
	g := newTestGating(t, AllowUntrusted)
	g.Add(spoiledTrial(1), spoiledTrial(1), "base")
	g.Add(spoiledTrial(2), spoiledTrial(2), "base")
	if result := g.Result(); g.Decided() || result.Pairs != 2 || len(result.Warnings) != 1 || len(result.Played[1].Reasons) != 2 {
		t.Errorf("%+v", result)
	}
}

func TestWhatEndsAGateAtOnce(t *testing.T) {
	elsewhere := gateTrial(1, 0.002)
	elsewhere.Environment = []results.Reason{{Code: "leaders_unbalanced", Text: "broker 1 leads all"}}
	failedElsewhere := failedTrial(1)
	failedElsewhere.Environment = elsewhere.Environment
	unmeasured := gateTrial(1, math.NaN())
	for _, test := range []struct {
		name            string
		base, candidate GateTrial
		want            results.GateVerdict
		why             string
	}{
		{"a candidate that fails", gateTrial(1, 0.002), failedTrial(1), results.GateFail, "refused"},
		{"a base that fails", failedTrial(1), gateTrial(1, 0.002), results.GateInconclusive, "nothing to compare with"},
		{"a candidate that fails elsewhere", gateTrial(1, 0.002), failedElsewhere, results.GateUntrusted, "of the candidate alone, broker 1 leads all"},
		{"an environment of one side alone", gateTrial(1, 0.002), elsewhere, results.GateUntrusted, "of the candidate alone, broker 1 leads all"},
		{"a metric without a value", gateTrial(1, 0.002), unmeasured, results.GateInconclusive, "ack.p50 has no value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newTestGating(t)
			g.Add(test.base, test.candidate, "base")
			if result := g.Result(); result.Verdict != test.want || !strings.Contains(result.Why, test.why) || result.Pairs != 0 {
				t.Errorf("%s: %s", result.Verdict, result.Why)
			}
		})
	}
}

// Too many members are a setting, and settings are what a gate compares.
func TestIdleMembersOfOneSideDoNotEndAGate(t *testing.T) {
	idle := gateTrial(1, 0.002)
	idle.Environment = []results.Reason{{Code: "idle_members", Text: "1 of 3 members stay idle"}}
	g := newTestGating(t)
	g.Add(gateTrial(1, 0.002), idle, "base")
	if result := g.Result(); g.Decided() || result.Pairs != 1 {
		t.Errorf("%+v", result)
	}
}

// gateRun is a run of so many pairs whose base came first, each with a latency of 10 ms.
func gateRun(t *testing.T, pairs int, expect ...string) *results.Run {
	t.Helper()
	plan := gatePlanOf(8)
	run := &results.Run{Manifest: results.Manifest{
		ID: "20261123T161200Z-gated-7f3a", State: results.Complete, Gate: &plan, Expect: expect,
		Cases: []results.CaseInfo{{ID: gateBase}, {ID: gateCandidate}},
	}}
	for round := 1; round <= pairs; round++ {
		for _, side := range []string{gateBase, gateCandidate} {
			trial := cleanTrial(t)
			trial.Begin.Case, trial.Begin.Trial, trial.Begin.Round = side, round, round
			run.Trials = append(run.Trials, trial)
		}
	}
	return run
}

func gateOf(t *testing.T, run *results.Run) results.Gate {
	t.Helper()
	run.Summary = summarize(t, run)
	gate, err := Gate(run)
	if err != nil {
		t.Fatal(err)
	}
	return gate
}

func TestATrialThatAnErrorKeptFromItsEndIsNoFindingAboutASide(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(run *results.Run, trial *results.Trial)
		why    string
	}{
		{"before it had a journal", func(_ *results.Run, trial *results.Trial) {
			trial.State, trial.Intervals = results.Incomplete, nil
			trial.End = &results.End{State: results.Incomplete, Error: "disk is on fire"}
		}, "the gate was stopped: disk is on fire"},
		{"that the manifest has", func(run *results.Run, trial *results.Trial) {
			run.Manifest.Gate.Stopped = "candidate: disk is on fire"
			trial.State, trial.Intervals = results.Incomplete, nil
			trial.End = &results.End{State: results.Incomplete, Error: "disk is on fire"}
		}, "the gate was stopped: candidate: disk is on fire"},
		{"that killed kaliper while records failed", func(run *results.Run, trial *results.Trial) {
			run.Manifest.State, trial.State, trial.End = results.Crashed, results.Crashed, nil
			for _, interval := range trial.Intervals {
				p := interval.Producers["checkout"]
				p.Acked, p.Failed = 0, map[string]int64{"timeout": p.Offered}
				interval.Producers["checkout"] = p
			}
		}, "the gate is crashed after 1 of at most 8 pairs"},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := gateRun(t, 2)
			test.change(run, &run.Trials[3])
			if gate := gateOf(t, run); gate.Verdict != results.GateUndecided || gate.Why != test.why || gate.Pairs != 1 || len(gate.Played) != 1 {
				t.Errorf("%s after %d of %d pairs: %s", gate.Verdict, gate.Pairs, len(gate.Played), gate.Why)
			}
			if outcome := run.Summary.Run.Outcome; outcome != results.Failed {
				t.Errorf("the trial is %q, so this shows nothing", outcome)
			}
		})
	}
}

func TestExpectationsOfACandidateLeaveOutPairsThatWereRepeated(t *testing.T) {
	spoil := func(trial *results.Trial) {
		failing(t, trial, 50)
		for i := range trial.Intervals {
			trial.Intervals[i].Process.GapSecondsMax = 0.5
		}
	}
	run := gateRun(t, 8, "errors.ratio < 1%")
	spoil(&run.Trials[3])
	if gate := gateOf(t, run); gate.Verdict != results.GatePass || gate.Played[1].Counts {
		t.Errorf("%s: %s; %+v", gate.Verdict, gate.Why, gate.Played[1])
	}
	run = gateRun(t, 8, "errors.ratio < 1%")
	failing(t, &run.Trials[3], 50)
	if gate := gateOf(t, run); gate.Verdict != results.GateFail || !strings.Contains(gate.Why, "errors.ratio < 1%") {
		t.Errorf("trusted: %s: %s", gate.Verdict, gate.Why)
	}
}

func TestTheVerdictsOfAGateAreFourExitCodes(t *testing.T) {
	for verdict, want := range map[results.GateVerdict]Exit{
		results.GatePass: ExitDone, results.GateFail: ExitFailed, results.GateInconclusive: ExitInconclusive,
		results.GateUntrusted: ExitUntrusted, results.GateUndecided: ExitInconclusive,
	} {
		if code, _ := GateExit(results.Gate{Verdict: verdict}, nil); code != want {
			t.Errorf("%s exits %d, want %d", verdict, code, want)
		}
	}
	if code, warning := GateExit(results.Gate{Verdict: results.GateInconclusive}, []string{AllowInconclusive}); code != ExitDone || warning == "" {
		t.Errorf("allowed: %d, %q", code, warning)
	}
}
