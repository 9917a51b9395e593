package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"kaliper/results"
)

// chosenCase is a case of a simulated choice.
type chosenCase struct {
	cpu, p99 float64
	// spoil changes its trial in a round; nil: none.
	spoil func(round int, trial *results.SummaryTrial)
}

// play goes through a choice of cases with trials that vary by 2%.
func play(t *testing.T, plan results.ChoosePlan, cases map[string]chosenCase) *Choosing {
	t.Helper()
	var ids []string
	for id := range cases {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	c, err := NewChoosing(plan, ids, nil)
	if err != nil {
		t.Fatal(err)
	}
	for round := 1; len(c.Round()) > 0; round++ {
		trials := map[string]results.SummaryTrial{}
		for i, id := range c.Round() {
			wobble := 1 + 0.02*math.Sin(float64(11*round+5*i))
			trial := results.SummaryTrial{ID: fmt.Sprintf("%s/%d", id, round), Round: round, State: results.Complete, Metrics: map[string]results.TrialValue{
				"cpu.seconds_per_record":   {Unit: "s/record", Value: results.Number(cases[id].cpu * wobble)},
				"ack.p99":                  {Unit: "s", Value: results.Number(cases[id].p99 * wobble)},
				"acked.records_per_second": {Unit: "records/s", Value: results.Number(1 / cases[id].cpu * wobble)},
				"lost":                     {Unit: "records", Value: 0},
			}}
			if spoil := cases[id].spoil; spoil != nil {
				spoil(round, &trial)
			}
			trials[id] = trial
		}
		c.Add(trials)
	}
	return c
}

func cheapestWithin50ms() results.ChoosePlan {
	return results.ChoosePlan{SubjectTo: []string{"ack.p99 < 50ms", "lost == 0"}, Objectives: []results.ChooseObjective{{Metric: "cpu.seconds_per_record", Unit: "s/record"}}}
}

func TestAChoicePicksTheBestCaseThatQualifies(t *testing.T) {
	result := play(t, cheapestWithin50ms(), map[string]chosenCase{
		"slow": {cpu: 1e-6, p99: 0.2}, "cheap": {cpu: 2e-6, p99: 0.02}, "near": {cpu: 2.1e-6, p99: 0.02}, "dear": {cpu: 9e-6, p99: 0.01},
	}).Result()
	if result.Verdict != results.ChooseCertified || len(result.Picks) != 1 || result.Picks[0].Case != "cheap" || result.ConfirmationRounds != 6 {
		t.Fatalf("%+v", result)
	}
	pick := result.Picks[0]
	if len(pick.Others) != 1 || pick.Others[0].Case != "near" || math.Abs(float64(pick.Others[0].Change)+0.048) > 0.02 || pick.Interval == nil {
		t.Errorf("%+v", pick)
	}
	why := map[string]string{"slow": "it does not meet ack.p99 < 50ms", "dear": "others were better"}
	for _, one := range result.Cases {
		if want := why[one.Case]; one.Kept != (want == "") || !strings.Contains(one.Why, want) {
			t.Errorf("%+v", one)
		}
	}
}

func TestTheHighestRateIsTheBest(t *testing.T) {
	plan := results.ChoosePlan{Objectives: []results.ChooseObjective{{Metric: "acked.records_per_second", Unit: "records/s", HigherBetter: true}}}
	result := play(t, plan, map[string]chosenCase{"slow": {cpu: 2e-6}, "fast": {cpu: 1e-6}}).Result()
	if result.Verdict != results.ChooseCertified || result.Picks[0].Case != "fast" {
		t.Fatalf("%+v", result)
	}
	if other := result.Picks[0].Others[0]; math.Abs(float64(other.Change)-1) > 0.05 || other.Interval.Lo >= other.Interval.Hi {
		t.Errorf("%+v", other)
	}
}

func TestAChoiceSaysWhyNothingQualified(t *testing.T) {
	tests := []struct {
		name  string
		cases map[string]chosenCase
		why   string
	}{
		{"a limit that nothing meets", map[string]chosenCase{"a": {cpu: 1e-6, p99: 0.2}, "b": {cpu: 1e-6, p99: 0.3}}, "it does not meet ack.p99 < 50ms"},
		{"records that were lost once", map[string]chosenCase{
			"a": {cpu: 1e-6, p99: 0.02, spoil: loses(2)}, "b": {cpu: 1e-6, p99: 0.02, spoil: loses(1)},
		}, "it does not meet lost == 0"},
		{"records that are lost in the confirmation", map[string]chosenCase{
			"a": {cpu: 1e-6, p99: 0.02, spoil: loses(5)}, "b": {cpu: 1e-6, p99: 0.02, spoil: loses(7)},
		}, "in the confirmation"},
		{"trials that fail", map[string]chosenCase{"a": {cpu: 1e-6, p99: 0.02, spoil: fails}, "b": {cpu: 1e-6, p99: 0.02, spoil: fails}}, "is not complete"},
		{"a metric without bound", map[string]chosenCase{"a": {cpu: math.Inf(1), p99: 0.02}, "b": {cpu: 0, p99: 0.02}}, "nothing can be compared with"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result := play(t, cheapestWithin50ms(), test.cases).Result()
			if result.Verdict != results.ChooseNoneQualified || len(result.Picks) != 0 {
				t.Fatalf("%+v", result)
			}
			for _, one := range result.Cases {
				if one.Qualified || !strings.Contains(one.Why, test.why) {
					t.Errorf("%+v, want %q", one, test.why)
				}
			}
			code, _ := ChooseExit(result, results.Summary{Run: results.SummaryRun{State: results.Complete}}, ExitDone, nil)
			if code != ExitFailed {
				t.Errorf("exit %d", code)
			}
		})
	}
}

func loses(in int) func(int, *results.SummaryTrial) {
	return func(round int, trial *results.SummaryTrial) {
		if round == in {
			trial.Metrics["lost"] = results.TrialValue{Unit: "records", Value: 3}
		}
	}
}

func fails(round int, trial *results.SummaryTrial) {
	if round == 2 {
		trial.State, trial.Metrics = results.Incomplete, nil
	}
}

func TestAChoiceThatCannotBeCertifiedSaysWhatItWouldTake(t *testing.T) {
	plan := cheapestWithin50ms()
	plan.Trials = 3*3 + 4*2 // four rounds of two
	loud := func(seed int) func(int, *results.SummaryTrial) {
		return func(round int, trial *results.SummaryTrial) {
			trial.Metrics["cpu.seconds_per_record"] = results.TrialValue{Unit: "s/record", Value: results.Number(1e-6 * (1 + 0.3*math.Sin(float64(round*round*seed))))}
		}
	}
	result := play(t, plan, map[string]chosenCase{"a": {p99: 0.01, spoil: loud(2)}, "b": {p99: 0.01, spoil: loud(7)}, "c": {cpu: 1e-3, p99: 0.01}}).Result()
	if result.Verdict != results.ChooseNotCertified || result.ConfirmationRounds != 4 || result.RoundsWanted < 10 || !strings.Contains(result.Why, "rounds of confirmation, and there were 4") {
		t.Fatalf("%+v", result)
	}
	summary := results.Summary{Run: results.SummaryRun{State: results.Complete}}
	if code, _ := ChooseExit(result, summary, ExitDone, nil); code != ExitInconclusive {
		t.Errorf("exit %d", code)
	}
	if code, warnings := ChooseExit(result, summary, ExitDone, []string{AllowInconclusive}); code != ExitDone || len(warnings) != 1 {
		t.Errorf("exit %d, %q", code, warnings)
	}
	summary.Run.Trust = results.Untrusted
	if code, _ := ChooseExit(result, summary, ExitDone, nil); code != ExitUntrusted {
		t.Errorf("untrusted: exit %d", code)
	}
}

func TestAChoiceIsDerivedFromItsRunAsItWasMade(t *testing.T) {
	plan := cheapestWithin50ms()
	c := play(t, plan, map[string]chosenCase{"a": {cpu: 1e-6, p99: 0.01}, "b": {cpu: 1.2e-6, p99: 0.01}, "c": {cpu: 5e-6, p99: 0.01}})
	run := &results.Run{Manifest: results.Manifest{ID: "run", Choose: &plan, State: results.Complete}, Trials: []results.Trial{{}}}
	for _, id := range c.cases {
		run.Manifest.Cases = append(run.Manifest.Cases, results.CaseInfo{ID: id})
		run.Summary.Cases = append(run.Summary.Cases, results.SummaryCase{ID: id, Trials: trialsOf(id, c.rounds)})
	}
	made, err := Choose(run)
	if err != nil {
		t.Fatal(err)
	}
	if want := c.Result(); made.Verdict != want.Verdict || made.Picks[0].Median != want.Picks[0].Median || made.ConfirmationRounds != want.ConfirmationRounds {
		t.Errorf("%+v, want %+v", made, want)
	}
	for i := range run.Summary.Cases { // cut off within the confirmation
		sc := &run.Summary.Cases[i]
		sc.Trials = sc.Trials[:min(5, len(sc.Trials))]
	}
	run.Manifest.State = results.Crashed
	if cut, err := Choose(run); err != nil || cut.Verdict != results.ChooseUndecided || cut.ConfirmationRounds != 2 || !strings.Contains(cut.Why, "--resume") {
		t.Errorf("%+v, %v", cut, err)
	}
}
