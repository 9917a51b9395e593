package analysis

import (
	"math"
	"slices"

	"kaliper/internal/metric"
	"kaliper/internal/stats"
	"kaliper/results"
)

// Influence is what changing one setting does to a metric, over all values of the others; or, of
// an interaction, what it does more at one value of another setting than at that one's first.
type Influence struct {
	Metric    string
	Direction metric.Direction
	Setting   string // the dimension's name
	From, To  string // its values: From is the first one
	// Other is the setting that it interacts with; empty for a main effect.
	Other              string
	OtherFrom, OtherTo string

	Rounds   int // the statistical unit: one contrast each
	Contrast int // pairs of cases, or pairs of pairs, averaged in each round

	// Ratio is what the metric is multiplied by, a geometric mean; of an interaction it is a
	// ratio of two such ratios. NaN where nothing can be compared.
	Ratio       float64
	Interval    stats.Interval // of Ratio, for this contrast alone
	HasInterval bool
	// Detectable is the relative change that these rounds could have shown. +Inf without an interval.
	Detectable float64
	P          float64 // corrected by Holm for all contrasts that were asked for together
	Change     Change
}

// Interacts says whether it is an interaction of two settings.
func (i Influence) Interacts() bool { return i.Other != "" }

// Clear says whether it was told from none, corrected for all contrasts, and matters.
func (i Influence) Clear() bool {
	return i.Change == Better || i.Change == Worse || i.Change == Different
}

const (
	// fewestRounds for an interval of a contrast: of two, Student's has one degree of freedom
	// and reaches from nothing to everything.
	fewestRounds = 3
	// claimP is the probability of at least one wrong claim among all contrasts of a report.
	claimP = 0.05
)

// Influences returns the main effects of every dimension and the interactions of every two, each
// value against the dimension's first. For each round it takes the mean of the log-ratios of all
// pairs of cases that differ in that dimension alone, so that what drifts from round to round and
// what the other settings do cancels; over the rounds it takes Student's interval. Claims are
// corrected by Holm over all contrasts of all metrics. With one trial per case nothing is known.
//
// Pairs that a matrix excludes are missing from the mean, and so are those with a trial that
// failed to measure (zero, infinite) in every round; rounds that lack one of the rest are left
// out, because another mixture of pairs is another question.
func Influences(cases []results.SummaryCase, metrics []string) []Influence {
	dimensions := Dimensions(cases)
	var all []Influence
	for _, name := range metrics {
		table := newLogTable(cases, name)
		for k, d := range dimensions {
			for to := 1; to < len(d.Levels); to++ {
				i := Influence{Metric: name, Setting: d.Name, From: d.Levels[0], To: d.Levels[to]}
				if i.measure(table, pairs(dimensions, k, to)) {
					all = append(all, i)
				}
			}
		}
		for k := range dimensions {
			for m := k + 1; m < len(dimensions); m++ {
				all = append(all, interactions(table, dimensions, k, m, name)...)
			}
		}
	}
	p := make([]float64, len(all))
	for k, i := range all {
		p[k] = i.P
	}
	for k, corrected := range stats.Holm(p) {
		all[k].conclude(corrected)
	}
	return all
}

func interactions(table logTable, dimensions []Dimension, k, m int, name string) []Influence {
	var all []Influence
	one, other := dimensions[k], dimensions[m]
	for to := 1; to < len(one.Levels); to++ {
		for otherTo := 1; otherTo < len(other.Levels); otherTo++ {
			i := Influence{Metric: name, Setting: one.Name, From: one.Levels[0], To: one.Levels[to],
				Other: other.Name, OtherFrom: other.Levels[0], OtherTo: other.Levels[otherTo]}
			if i.measure(table, pairsOfPairs(dimensions, k, to, m, otherTo)) {
				all = append(all, i)
			}
		}
	}
	return all
}

// term is a case with its sign in a contrast.
type term struct {
	index int // of the case
	sign  float64
}

// pairs returns the cases at a level of dimension k, each with the one that differs from it in
// that dimension alone by being at the first level.
func pairs(dimensions []Dimension, k, to int) [][]term {
	var all [][]term
	for i, level := range dimensions[k].of {
		if level != to {
			continue
		}
		if j := counterpart(dimensions, i, k, 0); j >= 0 {
			all = append(all, []term{{i, 1}, {j, -1}})
		}
	}
	return all
}

func pairsOfPairs(dimensions []Dimension, k, to, m, otherTo int) [][]term {
	var all [][]term
	for i := range dimensions[k].of {
		if dimensions[k].of[i] != to || dimensions[m].of[i] != otherTo {
			continue
		}
		before, without := counterpart(dimensions, i, k, 0), counterpart(dimensions, i, m, 0)
		if before < 0 || without < 0 {
			continue
		}
		if neither := counterpart(dimensions, before, m, 0); neither >= 0 {
			all = append(all, []term{{i, 1}, {before, -1}, {without, -1}, {neither, 1}})
		}
	}
	return all
}

// counterpart returns the case that differs from case i in dimension k alone, by being at the
// given level; -1 where the matrix has none.
func counterpart(dimensions []Dimension, i, k, level int) int {
	return slices.IndexFunc(positions(len(dimensions[k].of)), func(j int) bool {
		for m, d := range dimensions {
			if m == k && d.of[j] != level || m != k && d.of[j] != d.of[i] {
				return false
			}
		}
		return true
	})
}

func positions(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// logTable holds the logarithm of a metric by round and case; NaN where it was not measured, or
// has no finite logarithm.
type logTable struct {
	rounds [][]float64
}

func newLogTable(cases []results.SummaryCase, name string) logTable {
	var t logTable
	place := map[int]int{}
	for i, c := range cases {
		for _, o := range observations(name, c.Trials) {
			at, known := place[o.round]
			if !known {
				at = len(t.rounds)
				place[o.round] = at
				row := make([]float64, len(cases))
				for k := range row {
					row[k] = math.NaN()
				}
				t.rounds = append(t.rounds, row)
			}
			if o.value > 0 && !math.IsInf(o.value, 1) {
				t.rounds[at][i] = math.Log(o.value)
			}
		}
	}
	return t
}

// value returns a contrast in one round, NaN where a case is missing.
func (t logTable) value(round int, terms []term) float64 {
	sum := 0.0
	for _, x := range terms {
		sum += x.sign * t.rounds[round][x.index]
	}
	return sum
}

// perRound returns the mean over the contrasts of each round that has all of them, and how many
// those are.
func (t logTable) perRound(contrasts [][]term) (means []float64, used int) {
	contrasts = slices.DeleteFunc(slices.Clone(contrasts), func(terms []term) bool {
		for round := range t.rounds {
			if !math.IsNaN(t.value(round, terms)) {
				return false
			}
		}
		return true
	})
	if len(contrasts) == 0 {
		return nil, 0
	}
	for round := range t.rounds {
		sum := 0.0
		for _, terms := range contrasts {
			sum += t.value(round, terms)
		}
		if !math.IsNaN(sum) {
			means = append(means, sum/float64(len(contrasts)))
		}
	}
	return means, len(contrasts)
}

// measure fills in the estimate; false where the matrix or the trials give nothing to compare.
func (i *Influence) measure(table logTable, contrasts [][]term) bool {
	means, used := table.perRound(contrasts)
	if len(means) == 0 {
		return false
	}
	i.Direction = directionOf(i.Metric)
	i.Rounds, i.Contrast = len(means), used
	e := stats.PairedMean(means, intervalLevel)
	i.Ratio, i.P, i.Detectable = math.Exp(e.Value), 1, math.Inf(1)
	if i.Rounds >= fewestRounds {
		i.P, i.HasInterval = e.P, true
		i.Interval = stats.Interval{Lo: math.Exp(e.Interval.Lo), Hi: math.Exp(e.Interval.Hi), Level: e.Interval.Level}
		i.Detectable = math.Expm1((e.Interval.Hi - e.Interval.Lo) / 2)
	}
	return true
}

func (i *Influence) conclude(corrected float64) {
	i.P = corrected
	switch {
	case !i.HasInterval:
		i.Change = NotKnown
	case i.P >= claimP || math.Abs(i.Ratio-1) < materialShare:
		i.Change = NoChange
	case i.Direction == metric.Neither || i.Interacts():
		i.Change = Different
	case (i.Ratio < 1) == (i.Direction == metric.LowerBetter):
		i.Change = Better
	default:
		i.Change = Worse
	}
}

// directionOf returns which way of a metric is better, with or without a group in its name.
func directionOf(name string) metric.Direction {
	definitions := map[string]int{}
	all := metric.All()
	for k, d := range all {
		definitions[d.Name] = k
	}
	if _, k, ok := definition(name, definitions); ok {
		return all[k].Direction
	}
	return metric.Neither
}
