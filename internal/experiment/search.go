package experiment

import (
	"fmt"
	"time"

	"kaliper/internal/analysis"
	"kaliper/results"
	"kaliper/scenarios"
)

// Search is the order of a search's trials: the rates depend on what the trials before showed,
// and each rate is a case of its own, made when it is asked for.
type Search struct {
	directory string // of the run
	plan      *scenarios.SearchPlan
	searching *analysis.Searching
	// Describe makes what the manifest says of a case.
	describe func(scenarios.Case) results.CaseInfo
	observe  func(results.SearchTrial)
	// fits says whether a trial of that duration may still begin.
	fits func(time.Duration) bool

	points map[string]results.SearchPoint // of the cases so far
	cases  map[string]scenarios.Case
	made   map[string]int // trials of each case
}

// NewSearch returns the order of a search in a run's directory. Observe is told what every trial
// showed; a trial that does not fit any more ends the search.
func NewSearch(directory string, plan *scenarios.SearchPlan, searching *analysis.Searching,
	describe func(scenarios.Case) results.CaseInfo, fits func(time.Duration) bool, observe func(results.SearchTrial)) *Search {
	return &Search{
		directory: directory, plan: plan, searching: searching, describe: describe, fits: fits, observe: observe,
		points: map[string]results.SearchPoint{}, cases: map[string]scenarios.Case{}, made: map[string]int{},
	}
}

// Next is Options.Next. What a trial showed is read from its journal, so that the answer is the
// one that any later reader derives from it.
func (s *Search) Next(ended *results.TrialRef) (results.TrialRef, bool, error) {
	if ended != nil {
		trial, err := results.ReadJournal(results.JournalPath(s.directory, *ended))
		if err != nil {
			return results.TrialRef{}, false, fmt.Errorf("search: %w", err)
		}
		found, taken := s.searching.Add(s.points[ended.Case], trial)
		if !taken {
			return results.TrialRef{}, false, fmt.Errorf("search: trial %s is not the one that was asked for; please report this as a bug of kaliper", ended)
		}
		s.observe(found)
	}
	point, round, more := s.searching.Next()
	if !more {
		return results.TrialRef{}, false, nil
	}
	c, err := s.plan.At(point.Case, point.RecordsPerSecond, point.Hold)
	if err != nil {
		return results.TrialRef{}, false, fmt.Errorf("search: %w", err)
	}
	ref := results.TrialRef{Case: c.ID, Trial: s.made[c.ID] + 1, Round: round}
	if !s.there(ref) && !s.fits(s.plan.TrialDuration(point.Hold)) {
		s.searching.Stop()
		return results.TrialRef{}, false, nil
	}
	s.points[c.ID], s.cases[c.ID] = point, c
	s.made[c.ID] = ref.Trial
	return ref, true, nil
}

// there says whether a trial was made before the search was resumed: it takes no time.
func (s *Search) there(ref results.TrialRef) bool {
	trial, err := results.ReadJournal(results.JournalPath(s.directory, ref))
	return err == nil && trial.State == results.Complete
}

// Case is Options.Case.
func (s *Search) Case(id string) (scenarios.Case, results.CaseInfo, error) {
	c, known := s.cases[id]
	if !known {
		return c, results.CaseInfo{}, fmt.Errorf("search: there is no case %q", id)
	}
	info := s.describe(c)
	point := s.points[id]
	info.Search = &point
	return c, info, nil
}
