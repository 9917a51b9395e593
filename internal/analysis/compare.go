package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kaliper/internal/metric"
	"kaliper/internal/stats"
	"kaliper/internal/unit"
	"kaliper/results"
)

// Change says how a candidate's metric compares with the base's.
type Change string

// The changes. Better and worse are claimed only where the interval excludes no change, its
// level is at least leastClaimLevel and the change is material.
const (
	Better    Change = "better"
	Worse     Change = "worse"
	Different Change = "different" // of a metric without direction
	NoChange  Change = "no detectable difference"
	NotKnown  Change = "unknown" // too few trials for any interval
)

const (
	// leastClaimLevel keeps three trials, whose interval has 75%, from claiming anything.
	leastClaimLevel = 0.90
	// materialShare is the change under which nobody acts, however sure it is.
	materialShare = 0.01
)

// Comparison is one metric of a candidate against a base, over their complete trials.
type Comparison struct {
	Metric    string
	Unit      string
	Direction metric.Direction
	Base      float64 // median over trials, in base units
	Candidate float64
	BaseN     int // trials
	CandN     int
	Pairs     int // trials of the same round; 0 where the runs are different ones

	// Relative says that Shift, Interval and Detectable are ratios less one (0.05: the
	// candidate is 5% higher); of a metric that can be negative they are in Unit.
	Relative    bool
	Shift       float64 // Hodges-Lehmann
	Interval    stats.Interval
	HasInterval bool
	// Detectable is the smallest change that these trials could have shown: half the
	// interval's width. +Inf without an interval.
	Detectable float64

	Change Change
}

// Text says the comparison in words.
func (c Comparison) Text() string {
	amount := func(v float64) string {
		if c.Relative {
			return unit.Format(v, "ratio")
		}
		return unit.Format(v, c.Unit)
	}
	switch c.Change {
	case NotKnown:
		return fmt.Sprintf("too few trials to tell (%d and %d)", c.BaseN, c.CandN)
	case NoChange:
		if c.Interval.Excludes(0) {
			return fmt.Sprintf("a difference of %s, too small to matter", amount(math.Abs(c.Shift)))
		}
		return fmt.Sprintf("no detectable difference; %s would have shown", amount(c.Detectable))
	}
	direction := "higher"
	if c.Shift < 0 {
		direction = "lower"
	}
	return fmt.Sprintf("%s %s (%s to %s at %s confidence)", amount(math.Abs(c.Shift)), direction,
		amount(c.Interval.Lo), amount(c.Interval.Hi), unit.Format(c.Interval.Level, "ratio"))
}

// Compare compares every metric that both cases have. Paired says that the cases are of one
// run: then trials of the same round are compared with each other, so that what drifts from
// round to round cancels. Intervals are of single metrics: of twenty at 95% one excludes the
// truth.
func Compare(base, candidate results.SummaryCase, paired bool) []Comparison {
	definitions := map[string]int{}
	all := metric.All()
	for i, definition := range all {
		definitions[definition.Name] = i
	}
	place := func(name string) int {
		if _, i, ok := definition(name, definitions); ok {
			return i
		}
		return len(all)
	}
	names := slices.SortedFunc(maps.Keys(base.Metrics), func(a, b string) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	var comparisons []Comparison
	for _, name := range names {
		if _, both := candidate.Metrics[name]; !both {
			continue
		}
		c := Comparison{Metric: name, Unit: base.Metrics[name].Unit, Direction: metric.Neither}
		if _, i, ok := definition(name, definitions); ok {
			c.Direction = all[i].Direction
		}
		c.compare(base.Trials, candidate.Trials, paired)
		comparisons = append(comparisons, c)
	}
	return comparisons
}

// definition finds the metric that a name with or without a group belongs to.
func definition(name string, definitions map[string]int) (group string, place int, ok bool) {
	if i, ok := definitions[name]; ok {
		return "", i, true
	}
	if strings.HasPrefix(name, "errors.") {
		i, ok := definitions["errors.KIND.count"]
		return "", i, ok
	}
	group, rest, found := strings.Cut(name, ".")
	if !found || group == "errors" {
		return "", 0, false
	}
	_, place, ok = definition(rest, definitions)
	return group, place, ok
}

// observation is a metric's value in one trial.
type observation struct {
	round int
	value float64
}

func observations(name string, trials []results.SummaryTrial) []observation {
	var all []observation
	for _, trial := range trials {
		value, measured := trial.Metrics[name]
		if trial.State == results.Complete && measured && !math.IsNaN(float64(value.Value)) {
			all = append(all, observation{trial.Round, float64(value.Value)})
		}
	}
	return all
}

func values(observations []observation) []float64 {
	var all []float64
	for _, o := range observations {
		all = append(all, o.value)
	}
	return all
}

func (c *Comparison) compare(base, candidate []results.SummaryTrial, paired bool) {
	b, d := observations(c.Metric, base), observations(c.Metric, candidate)
	c.BaseN, c.CandN = len(b), len(d)
	c.Base, c.Candidate = stats.Median(values(b)), stats.Median(values(d))
	negative := func(o observation) bool { return o.value < 0 }
	c.Relative = !slices.ContainsFunc(b, negative) && !slices.ContainsFunc(d, negative)
	if c.Relative {
		// Logarithms make ratios of differences, zero and infinity included: both sides zero or
		// both infinite differ by nothing, one alone without bound.
		for _, side := range [][]observation{b, d} {
			for i := range side {
				side[i].value = math.Log(side[i].value)
			}
		}
	}
	var estimate stats.Estimate
	if paired {
		differences := pair(b, d)
		c.Pairs = len(differences)
		estimate = stats.PairedShift(differences, intervalLevel)
	} else {
		estimate = stats.Shift(values(b), values(d), intervalLevel)
	}
	c.conclude(estimate)
}

// pair returns the differences candidate - base of the trials of the same round.
func pair(base, candidate []observation) []float64 {
	var differences []float64
	for _, b := range base {
		for _, d := range candidate {
			if b.round == d.round {
				differences = append(differences, stats.Difference(b.value, d.value))
			}
		}
	}
	return differences
}

func (c *Comparison) conclude(estimate stats.Estimate) {
	back := func(v float64) float64 { return v }
	if c.Relative {
		back = math.Expm1
	}
	interval := estimate.Interval
	c.Shift, c.HasInterval = back(estimate.Value), estimate.HasInterval
	c.Detectable = math.Inf(1)
	if c.HasInterval {
		c.Interval = stats.Interval{Lo: back(interval.Lo), Hi: back(interval.Hi), Level: interval.Level}
		c.Detectable = back(stats.Difference(interval.Lo, interval.Hi) / 2)
	}
	material := !c.Relative || math.Abs(c.Shift) >= materialShare
	switch {
	case !c.HasInterval || interval.Level < leastClaimLevel:
		c.Change = NotKnown
	case !interval.Excludes(0) || !material:
		c.Change = NoChange
	case c.Direction == metric.Neither:
		c.Change = Different
	case (c.Shift < 0) == (c.Direction == metric.LowerBetter):
		c.Change = Better
	default:
		c.Change = Worse
	}
}
