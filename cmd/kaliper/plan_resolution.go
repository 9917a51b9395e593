package main

import (
	"fmt"
	"math"
	"strings"

	"kaliper/internal/analysis"
	"kaliper/internal/unit"
	"kaliper/results"
)

// usualSpreads are how much trials vary on a quiet machine, on a usual one, and on a shared one:
// before a run nobody knows it.
var usualSpreads = []float64{0.02, usualNoise, 0.10}

const (
	// usefulDifference is one that people ask about; the repeats that are recommended show it.
	usefulDifference = 0.10
	// hardlyDifference: where nothing smaller is told, hardly any comparison of settings comes out.
	hardlyDifference = 0.50
	mostRepeats      = 10_000 // that a scenario may have
)

// resolutionJSON says which differences between cases so many repeats can show.
type resolutionJSON struct {
	// Comparisons with the best case, over which Holm's correction goes.
	Comparisons int                    `json:"comparisons"`
	Differences []smallestDifferenceIn `json:"differences"`
	// RepeatsForSigns are needed where a value is 0 or infinite; RepeatsForTenth for a difference of
	// 10% where trials vary by 5%.
	RepeatsForSigns int `json:"repeats_where_zero_or_infinite"`
	RepeatsForTenth int `json:"repeats_for_a_tenth"`
}

// smallestDifferenceIn is the smallest difference that is told where trials vary so much, as shares.
type smallestDifferenceIn struct {
	Spread     float64        `json:"trial_spread"`
	Difference results.Number `json:"smallest_difference"` // "Infinity" where none is
}

// resolution says what the repeats can show of two cases; nil of one case, and of a choice, which
// makes as many rounds as it needs.
func (p *plan) resolution() *resolutionJSON {
	cases := p.estimate.Cases
	if cases < 2 || p.sweep.choose != nil {
		return nil
	}
	r := &resolutionJSON{
		Comparisons:     cases - 1,
		RepeatsForSigns: analysis.RoundsForSigns(cases),
		RepeatsForTenth: analysis.RoundsFor(cases, usualNoise, usefulDifference, mostRepeats),
	}
	for _, spread := range usualSpreads {
		r.Differences = append(r.Differences, smallestDifferenceIn{spread, results.Number(analysis.SmallestDifference(cases, p.estimate.Repeats, spread))})
	}
	return r
}

// at returns the smallest difference where trials vary so much.
func (r *resolutionJSON) at(spread float64) float64 {
	for _, d := range r.Differences {
		if d.Spread == spread {
			return float64(d.Difference)
		}
	}
	return math.NaN()
}

// lines are what follows what is said of medians.
func (r *resolutionJSON) lines(repeats int) []string {
	if math.IsInf(r.at(usualNoise), 1) {
		return nil // the warning says it
	}
	var told []string
	for i, d := range r.Differences {
		where := "by"
		if i == 0 {
			where = "where trials vary by"
		}
		told = append(told, fmt.Sprintf("%s %s %s", unit.Format(float64(d.Difference), "ratio"), where, unit.Format(d.Spread, "ratio")))
	}
	lines := []string{fmt.Sprintf("a case is told from the best if it differs by %s; corrected for %s", strings.Join(told, ", "), counted(r.Comparisons, "comparison"))}
	if repeats < r.RepeatsForSigns {
		lines = append(lines, fmt.Sprintf("where a figure is 0 or infinite nothing is told by fewer than %s", counted(r.RepeatsForSigns, "repeat")))
	}
	return lines
}

// blind says that no difference between cases, or hardly any, can come out of a run; else empty.
func (p *plan) blind() string {
	r := p.resolution()
	if r == nil {
		return ""
	}
	remedy := fmt.Sprintf("repeats: %d tell a difference of %s where trials vary by %s", r.RepeatsForTenth, unit.Format(usefulDifference, "ratio"), unit.Format(usualNoise, "ratio"))
	repeats, smallest := counted(p.estimate.Repeats, "repeat"), r.at(usualNoise)
	switch {
	case math.IsInf(smallest, 1):
		return fmt.Sprintf("with %s no difference between cases can come out, however large it is; %s", repeats, remedy)
	case smallest > hardlyDifference:
		return fmt.Sprintf("with %s hardly any difference between cases can come out: after the correction for %s it must be %s or more where trials vary by %s; %s",
			repeats, counted(r.Comparisons, "comparison"), unit.Format(smallest, "ratio"), unit.Format(usualNoise, "ratio"), remedy)
	}
	return ""
}
