package results

import (
	"slices"
	"testing"
)

func TestAnAttemptIsNamedAsItsDirectory(t *testing.T) {
	first := TrialRef{Case: "aaaaaaaa", Trial: 3, Round: 3}
	for _, ref := range []TrialRef{first, first.Again(), first.Again().Again()} {
		trial, attempt, ok := parseNumber(ref.Number())
		if !ok || trial != ref.Trial || attempt != ref.Attempt || ref.First() != first {
			t.Errorf("%s reads as trial %d, attempt %d, %v", ref, trial, attempt, ok)
		}
	}
	if got := first.Again().String(); got != "aaaaaaaa/3-2" {
		t.Errorf("the second attempt is called %s", got)
	}
	for _, name := range []string{"", "3-", "3-1", "3-0", "-2", "03", "3-02", "3 copy", "three"} {
		if trial, attempt, ok := parseNumber(name); ok {
			t.Errorf("%q reads as trial %d, attempt %d", name, trial, attempt)
		}
	}
}

func TestTheLastCompleteAttemptStandsForItsTrial(t *testing.T) {
	tests := []struct {
		name       string
		attempts   []State
		standing   TrialRef
		superseded int
	}{
		{"the only one", []State{Crashed}, TrialRef{}, 0},
		{"the second of two complete ones", []State{Complete, Complete}, TrialRef{Attempt: 2}, 1},
		{"the first, where the second was cut off", []State{Complete, Interrupted}, TrialRef{}, 1},
		{"the last, where none is complete", []State{Crashed, Interrupted, Incomplete}, TrialRef{Attempt: 3}, 2},
		{"the complete one after those that were cut off", []State{Crashed, Interrupted, Complete}, TrialRef{Attempt: 3}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			run := &Run{Trials: []Trial{{State: Crashed, Begin: Begin{Case: "b", Trial: 1}}}}
			ref := TrialRef{Case: "a", Trial: 1, Round: 1}
			for _, state := range test.attempts {
				run.Trials = append(run.Trials, Trial{State: state, Begin: Begin{Case: ref.Case, Trial: ref.Trial, Round: ref.Round, Attempt: ref.Attempt}})
				ref = ref.Again()
			}
			run.supersede()
			want := TrialRef{Case: "a", Trial: 1, Round: 1, Attempt: test.standing.Attempt}
			if len(run.Trials) != 2 || !slices.ContainsFunc(run.Trials, func(trial Trial) bool { return trial.Begin.Ref() == want }) || len(run.Superseded) != test.superseded {
				t.Errorf("%v stand, %v do not", run.Trials, run.Superseded)
			}
		})
	}
}
