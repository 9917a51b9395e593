package experiment

import (
	"strings"
	"testing"
	"testing/synctest"

	"kaliper/results"
	"kaliper/scenarios"
)

func TestACaseThatComesUpAsTheRunGoesJoinsTheManifestWithItsFirstTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLaboratory(t, 1)
		l.options.Cases, l.options.Manifest.Cases = nil, nil
		order := []results.TrialRef{{Case: "cccccccc", Trial: 1, Round: 1}, {Case: "dddddddd", Trial: 1, Round: 2}, {Case: "cccccccc", Trial: 2, Round: 3}}
		at, made := 0, 0
		l.options.Next = func(*results.TrialRef) (results.TrialRef, bool, error) {
			if at == len(order) {
				return results.TrialRef{}, false, nil
			}
			at++
			return order[at-1], true, nil
		}
		l.options.Case = func(id string) (scenarios.Case, results.CaseInfo, error) {
			made++
			point := &results.SearchPoint{Case: "base", RecordsPerSecond: float64(made)}
			return scenarios.Case{ID: id}, results.CaseInfo{ID: id, Search: point}, nil
		}
		run, err := l.run(t)
		if err != nil || made != 2 || len(run.Trials) != 3 || run.Manifest.State != results.Complete {
			t.Fatalf("%d cases made, %d trials, %s, %v", made, len(run.Trials), run.Manifest.State, err)
		}
		if cases := run.Manifest.Cases; len(cases) != 2 || cases[1].ID != "dddddddd" || cases[1].Search.RecordsPerSecond != 2 {
			t.Errorf("the manifest has %+v", cases)
		}
	})
}

func TestASearchDoesNotTakeATrialThatItDidNotAskFor(t *testing.T) {
	s := NewSearch(t.TempDir(), &scenarios.SearchPlan{}, nil, nil, nil, nil)
	if _, _, err := s.Case("nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("%v", err)
	}
}

// What was measured before a search is resumed is taken, whatever the budget: it takes no time.
func TestABudgetDoesNotKeepAResumedSearchFromWhatItHas(t *testing.T) {
	s := NewSearch(t.TempDir(), &scenarios.SearchPlan{}, nil, nil, nil, nil)
	ref := results.TrialRef{Case: "cccccccc", Trial: 1, Round: 1}
	if s.there(ref) {
		t.Error("a trial is there before it was made")
	}
	journal, err := results.CreateJournal(results.TrialDirectory(s.directory, ref))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Begin(results.Begin{Schema: results.JournalSchema, Case: ref.Case, Trial: ref.Trial, Round: ref.Round}); err != nil {
		t.Fatal(err)
	}
	if s.there(ref) {
		t.Error("a trial that was cut off is to be made again, which takes time")
	}
	if _, err := journal.End(results.End{State: results.Complete}); err != nil {
		t.Fatal(err)
	}
	if err := journal.Close(); err != nil || !s.there(ref) {
		t.Errorf("%v: a complete trial is not seen", err)
	}
}
