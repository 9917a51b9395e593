package analysis

import (
	"math"
	"slices"

	"kaliper/internal/metric"
	"kaliper/internal/stats"
	"kaliper/results"
)

// Best is the best case of a run for one metric, among those that met what was expected and do no
// harm that another one does not.
type Best struct {
	Metric string
	Case   int // index in the summary's cases; -1 where no case qualifies or none was measured
	// Qualified are the cases that were asked: they met every expectation, and Harms has none of them.
	Qualified []int
	// Ties are other qualified cases that cannot be told from the best, or differ from it by too
	// little to matter.
	Ties []int
	// Detectable is the smallest relative difference that would have told each of Ties from the
	// best; 0 without ties, +Inf where nothing could have been told.
	Detectable float64
	// Known says that there were enough rounds to tell cases apart at all.
	Known bool
}

// Nobody says that all qualified cases are as good as each other, as far as can be told.
func (b Best) Nobody() bool {
	return b.Case < 0 || b.Known && len(b.Ties) > 1 && len(b.Ties) == len(b.Qualified)-1
}

// BestFor returns the best case for each metric. The best has the best median; whether another
// is worse is told by trials of the same round, corrected by Holm over all the others. Being the
// best of many flatters: its own figure is a little better than it would be again.
func BestFor(summary results.Summary, metrics []string) []Best {
	qualified := Qualified(summary)
	var all []Best
	for _, name := range metrics {
		b := Best{Metric: name, Case: -1, Qualified: qualified}
		lower := directionOf(name) != metric.HigherBetter
		for _, i := range qualified {
			v := medianIn(summary.Cases[i], name)
			if math.IsNaN(v) {
				continue
			}
			if b.Case < 0 || (v < medianIn(summary.Cases[b.Case], name)) == lower && v != medianIn(summary.Cases[b.Case], name) {
				b.Case = i
			}
		}
		if b.Case >= 0 {
			b.compare(summary.Cases, lower)
		}
		all = append(all, b)
	}
	return all
}

// Qualified returns the indexes of the cases that met every expectation, have a trial that did not
// fail, and do no harm that another one does not.
func Qualified(summary results.Summary) []int {
	harms := Harms(summary)
	return slices.DeleteFunc(eligible(summary), func(i int) bool {
		return slices.ContainsFunc(harms, func(h Harm) bool { return h.Case == i })
	})
}

// eligible returns the indexes of the cases that met every expectation and have a trial that did
// not fail, whatever they do to records.
func eligible(summary results.Summary) []int {
	spoiled := map[string]bool{}
	for _, e := range summary.Run.Expectations {
		if e.Verdict != Met {
			spoiled[e.Case] = true
		}
	}
	var all []int
	for i, c := range summary.Cases {
		complete, failed := 0, 0
		for _, t := range c.Trials {
			if t.State == results.Complete {
				complete++
				if t.Outcome == results.Failed {
					failed++
				}
			}
		}
		if !spoiled[c.ID] && complete > 0 && failed == 0 {
			all = append(all, i)
		}
	}
	return all
}

func medianIn(c results.SummaryCase, name string) float64 {
	if v, measured := c.Metrics[name]; measured {
		return float64(v.Median)
	}
	return math.NaN()
}

func (b *Best) compare(cases []results.SummaryCase, lower bool) {
	var others []int
	var margins []Margin
	var p []float64
	for _, i := range b.Qualified {
		if i == b.Case || math.IsNaN(medianIn(cases[i], b.Metric)) {
			continue
		}
		m := Versus(cases[b.Case], cases[i], b.Metric)
		others, margins, p = append(others, i), append(margins, m), append(p, m.P)
		b.Known = b.Known || m.Known
	}
	for k, corrected := range stats.Holm(p) {
		m := margins[k]
		worse := m.Ratio > 1
		if !lower {
			worse = m.Ratio < 1
		}
		if m.Known && corrected < claimP && worse && math.Abs(m.Ratio-1) >= materialShare {
			continue
		}
		b.Ties = append(b.Ties, others[k])
		b.Detectable = math.Max(b.Detectable, m.Detectable)
	}
}

// Margin is how a metric of one case compares with another's, by trials of the same round.
type Margin struct {
	Ratio      float64 // of the second to the first; +Inf, 0 and NaN are possible
	P          float64 // of no difference, for this comparison alone
	Detectable float64 // half the interval's width; +Inf where nothing can be told
	Known      bool    // enough rounds
}

// Worse says whether the second case is worse than the first, for this comparison alone.
func (m Margin) Worse(direction metric.Direction) bool {
	if !m.Known || m.P >= claimP || math.Abs(m.Ratio-1) < materialShare {
		return false
	}
	return (m.Ratio > 1) == (direction != metric.HigherBetter)
}

// Versus compares two cases of one run in a metric. Where a value is zero or infinite the ratio
// is one of medians, and is told from none only if every round says the same.
func Versus(first, second results.SummaryCase, name string) Margin {
	before, after := observations(name, first.Trials), observations(name, second.Trials)
	for _, side := range [][]observation{before, after} {
		for i := range side {
			side[i].value = math.Log(side[i].value)
		}
	}
	differences := pair(before, after)
	m := Margin{Ratio: math.NaN(), P: 1, Detectable: math.Inf(1), Known: len(differences) >= fewestRounds}
	finite, up, down := true, 0, 0
	for _, d := range differences {
		finite = finite && !math.IsInf(d, 0) && !math.IsNaN(d)
		if d > 0 {
			up++
		} else if d < 0 {
			down++
		}
	}
	if !finite {
		m.Ratio = math.Exp(stats.Median(differences))
		if up == len(differences) || down == len(differences) {
			m.P = math.Pow(0.5, float64(len(differences)-1)) // the sign test's
		}
		return m
	}
	e := stats.PairedMean(differences, intervalLevel)
	m.Ratio = math.Exp(e.Value)
	if m.Known {
		m.P, m.Detectable = e.P, math.Expm1((e.Interval.Hi-e.Interval.Lo)/2)
	}
	return m
}
