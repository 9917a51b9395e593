package capacity

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// farthest is how many times past what was measured anything is said.
const farthest = 2

// Refusal is why something is not answered: a code that stays, and a sentence with what to
// measure.
type Refusal struct {
	Code string // one of RefusalCodes
	Text string
}

// TooFew is the code of data that make no model at all: NewFit's error.
const TooFew = "too_few"

// RefusalCodes are all codes.
func RefusalCodes() []string {
	return []string{"too_far", "few_levels", "never_bound", "together", "compression", "high_load", TooFew}
}

// Levels returns the values of a dimension that were measured, in rising order.
func (f *Fit) Levels(d Dimension) []float64 { return levels(f.Groups, d) }

// Refuses says why nothing is said about a value of a dimension; false where it is.
func (f *Fit) Refuses(d Dimension, value float64) (Refusal, bool) {
	return refuses(f.Groups, d, value)
}

// refuses is Refuses by some of the groups.
func refuses(groups []Group, d Dimension, value float64) (Refusal, bool) {
	measured := levels(groups, d)
	if len(measured) == 0 && value == 0 || slices.ContainsFunc(measured, func(m float64) bool { return sameLevel(m, value) }) {
		return Refusal{}, false
	}
	if len(measured) < leastLevels {
		return Refusal{"few_levels", fmt.Sprintf("%s: %s was asked for, and %s measured; measure at least %d values, so that the way between them is known",
			d, number(value), listed(measured), leastLevels)}, true
	}
	if value > farthest*measured[len(measured)-1]*(1+1e-9) || value < measured[0]/farthest*(1-1e-9) {
		return Refusal{"too_far", fmt.Sprintf("%s: %s is more than %d times past what was measured (%s to %s)",
			d, number(value), farthest, number(measured[0]), number(measured[len(measured)-1]))}, true
	}
	return Refusal{}, false
}

// RefusesConfiguration returns everything that keeps a configuration from being predicted.
func (f *Fit) RefusesConfiguration(c Configuration) []Refusal {
	var all []Refusal
	for _, d := range Dimensions() {
		if r, refused := f.Refuses(d, c.Value(d)); refused {
			all = append(all, r)
		}
	}
	if codecs := compressions(f.Groups); !slices.Contains(codecs, c.Compression) {
		all = append(all, Refusal{"compression", fmt.Sprintf("compression.type %s was not measured: there are %s", c.Compression, strings.Join(codecs, ", "))})
	}
	return all
}

// boundShare and boundTwice say when a term is known to have bound: it was more than half of what
// kept at least two configurations from carrying more, with any one of the others left out.
const (
	boundShare = 0.5
	boundTwice = 2
)

// Bound returns how many configurations with a codec a term bound. With another codec it costs
// something else, or something else binds.
func (f *Fit) Bound(t Term, codec string) int {
	count := func(m *Throughput) int {
		n := 0
		for _, g := range f.Groups {
			if _, measured := g.Capacity(); measured && g.Compression == codec && m.Share(t, g.Configuration) > boundShare {
				n++
			}
		}
		return n
	}
	n := count(f.Throughput)
	for _, w := range f.without {
		n = min(n, count(w.throughput))
	}
	return n
}

// Identified says whether a term's count may be asked for, for records like a configuration's; else
// why not.
func (f *Fit) Identified(t Term, c Configuration) (Refusal, bool) {
	d := t.dimension()
	if measured := f.Levels(d); len(measured) < leastLevels {
		return Refusal{"few_levels", fmt.Sprintf("%s: %s measured, and %d values are needed to know how the rate grows with them", d, listed(measured), leastLevels)}, false
	}
	if other, together := f.goesWith(d); together {
		return Refusal{"together", fmt.Sprintf("%s were varied together with %s alone: measure cases in which one of the two changes", d, other)}, false
	}
	if n := f.Bound(t, c.Compression); n < boundTwice {
		bound := "never"
		if n == 1 {
			bound = "in one configuration alone"
		}
		return Refusal{"never_bound", fmt.Sprintf("with compression.type %s %s %s kept the system from carrying more: all that is known is that they carry %s records/s; measure cases with so few that they do",
			c.Compression, d, bound, number(math.Round(f.HighestMeasured(c))))}, false
	}
	return Refusal{}, true
}

// goesWith finds another count that moved in step with d in every configuration.
func (f *Fit) goesWith(d Dimension) (Dimension, bool) {
	const inStep = 0.999
	for _, other := range []Dimension{Producers, Partitions, Members, Brokers} {
		if other == d || len(f.Levels(other)) < leastLevels {
			continue
		}
		var a, b []float64
		for _, g := range f.Groups {
			a, b = append(a, math.Log(max(g.Value(d), 0.5))), append(b, math.Log(max(g.Value(other), 0.5)))
		}
		if math.Abs(stat.Correlation(a, b, nil)) > inStep {
			return other, true
		}
	}
	return "", false
}

func number(v float64) string {
	if v == math.Trunc(v) {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func listed(values []float64) string {
	switch len(values) {
	case 0:
		return "none was"
	case 1:
		return number(values[0]) + " alone was"
	}
	var texts []string
	for _, v := range values {
		texts = append(texts, number(v))
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " and " + texts[len(texts)-1] + " were"
}
