package scenarios

import (
	"strings"
	"testing"
	"time"
)

const gated = minimal + "gate: {warmup: 1s, duration: 4s, budget: 2m}\n"

func side(t *testing.T, text, overlay string) *Scenario {
	t.Helper()
	return parse(t, text, Options{Overlays: []Source{source(overlay, nil)}})
}

func TestAGateWatchesWhatTheLoadHas(t *testing.T) {
	for text, want := range map[string]string{
		"{checkout: {topic: orders, rate: 100/s}}": "ack.p50",
		"{checkout: {topic: orders, rate: max}}":   "acked.records_per_second",
	} {
		g := parse(t, minimal, Options{Sets: []string{"producers=" + text}}).Gate
		if len(g.Metrics) != 1 || g.Metrics[0].Ref.String() != want || g.Metrics[0].Tolerate != 0.05 || g.Metrics[0].Detect != 0.1 {
			t.Errorf("%s: %+v", text, g.Metrics)
		}
		if g.Warmup != 3*time.Second || g.Duration != 12*time.Second || g.Budget != 9*time.Minute || g.BeforeTimeout != time.Minute {
			t.Errorf("defaults: %+v", g)
		}
	}
}

func TestAGatePlansPairsOfItsOwnShortTrials(t *testing.T) {
	plan, err := PlanGate(parse(t, gated, Options{}), side(t, gated, "producers: {checkout: {config: {linger.ms: 20}}}"), false)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Cases[0].ID != BaseSide || plan.Cases[1].ID != CandidateSide || plan.Cases[1].Load.Duration != 4*time.Second || plan.Cases[0].Load.Warmup != time.Second {
		t.Errorf("cases %+v", plan.Cases)
	}
	if plan.PairDuration < 10*time.Second || plan.PairDuration > 14*time.Second || plan.Pairs != int(2*time.Minute/plan.PairDuration) {
		t.Errorf("%d pairs of %v", plan.Pairs, plan.PairDuration)
	}
	if linger := plan.Cases[1].Load.Producers[0].Properties.Int64("linger.ms"); linger != 20 {
		t.Errorf("the candidate's linger.ms is %d", linger)
	}
}

func TestSidesThatCannotBeComparedAreRefused(t *testing.T) {
	for _, test := range []struct{ name, base, candidate, want string }{
		{"the same twice", "", "{}", "base and candidate are the same"},
		{"a matrix", "matrix: {vary: {producers.checkout.config.linger.ms: [0, 5]}}", "{}", "leave the matrix out"},
		{"a simulated broker against a real one", "", "{targets: {real: {bootstrap.servers: 'localhost:9092'}}, target: real}", "one side is the simulated broker"},
		{"another duration", "", "gate: {duration: 5s}", "the overlays differ in the gate block"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := PlanGate(parse(t, gated+test.base, Options{}), side(t, gated+test.base, test.candidate), false)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if _, err := PlanGate(parse(t, gated, Options{}), side(t, gated, "gate: {before: [echo]}"), false); err != nil {
		t.Errorf("commands alone make no side: %v", err)
	}
}

func TestAnObjectionToABudgetNamesItsPlace(t *testing.T) {
	for text, want := range map[string]string{gated: "dir/test.yaml:7:42: gate.budget: too short", minimal: "dir/test.yaml:2:1: gate.budget: too short"} {
		if err := parse(t, text, Options{}).BudgetProblem("too short"); err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
