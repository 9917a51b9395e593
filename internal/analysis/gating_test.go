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
	unmeasured := gateTrial(1, math.NaN())
	for _, test := range []struct {
		name            string
		base, candidate GateTrial
		want            results.GateVerdict
		why             string
	}{
		{"a candidate that fails", gateTrial(1, 0.002), failedTrial(1), results.GateFail, "refused"},
		{"a base that fails", failedTrial(1), gateTrial(1, 0.002), results.GateInconclusive, "nothing to compare with"},
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
