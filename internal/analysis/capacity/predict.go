package capacity

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"kaliper/internal/stats"
)

// Fit is a model of some observations, and of each of them without one configuration.
type Fit struct {
	Groups     []Group
	Throughput *Throughput
	Latencies  map[Quantile]*Latency // without a quantile of which nothing was measured
	// Observations that were used, and Without: the same fit without one group each, by the
	// group's place.
	without []leftOut
	points  map[Quantile][]latencyPoint
}

// leftOut is the fit without one group.
type leftOut struct {
	throughput *Throughput
	latencies  map[Quantile]*Latency
}

// leastGroups is how many configurations with a measured capacity a fit needs: of fewer, no
// interval says anything.
const leastGroups = 4

// NewFit fits the model, and once more without each configuration. The error says what is missing.
func NewFit(observations []Observation) (*Fit, error) {
	groups := Groups(observations)
	saturated := 0
	for _, g := range groups {
		if _, measured := g.Capacity(); measured {
			saturated++
		}
	}
	if saturated < leastGroups {
		return nil, fmt.Errorf("the highest rate was measured in %d of %d configurations, and a model needs %d: measure more of them with `rate: max`, or at rates that are too high for them",
			saturated, len(groups), leastGroups)
	}
	for _, g := range groups {
		if g.Partitions < 1 || g.Producers < 1 || g.ReplicationFactor < 1 || g.Brokers < 1 || !(g.RecordBytes > 0) || !(g.WireBytes > 0) {
			return nil, errors.New("a configuration lacks its partitions, producers, replicas, brokers or sizes: leave its run out")
		}
	}
	whole := newThroughputFit(groups)
	values := whole.fit(nil)
	f := &Fit{Groups: groups, Throughput: whole.model(values), Latencies: map[Quantile]*Latency{}, points: map[Quantile][]latencyPoint{}}
	for _, q := range []Quantile{Median, P99} {
		f.points[q] = latencyPoints(groups, f.Throughput, q)
		if l := fitLatency(f.points[q], q, nil); l != nil {
			f.Latencies[q] = l
		}
	}
	for i := range groups {
		f.without = append(f.without, f.leaveOut(whole, values, i))
	}
	return f, nil
}

// leaveOut fits anew without a group. The parameters stay those of all the data, so that a
// configuration that is the only one of its level does not change the model's form.
func (f *Fit) leaveOut(whole *throughputFit, values []float64, i int) leftOut {
	rest := *whole
	rest.groups = slices.Delete(slices.Clone(f.Groups), i, i+1)
	out := leftOut{throughput: rest.model(rest.fit(values)), latencies: map[Quantile]*Latency{}}
	for q, l := range f.Latencies {
		points := latencyPoints(rest.groups, out.throughput, q)
		if fitted := fitLatency(points, q, l); fitted != nil {
			out.latencies[q] = fitted
		}
	}
	return out
}

// Prediction is a number with the interval in which a new measurement of it lies.
type Prediction struct {
	Value float64
	stats.Interval
}

// Level is the level that is asked of prediction intervals.
const Level = 0.90

// Carries predicts the highest rate of a configuration, records/s.
func (f *Fit) Carries(c Configuration) Prediction {
	var centres, misses []float64
	for i, w := range f.without {
		if capacity, measured := f.Groups[i].Capacity(); measured {
			centres = append(centres, math.Log(w.throughput.Carries(c)))
			misses = append(misses, math.Abs(math.Log(capacity/w.throughput.Carries(f.Groups[i].Configuration))))
		}
	}
	return jackknifePlus(f.Throughput.Carries(c), centres, misses, Level)
}

// Wait predicts a quantile of the response latency at a rate, seconds; false where nothing was
// measured of it. It predicts at any rate: RefusesWait says where that means nothing.
func (f *Fit) Wait(q Quantile, c Configuration, rate float64) (Prediction, bool) {
	l := f.Latencies[q]
	if l == nil {
		return Prediction{}, false
	}
	var centres, misses []float64
	for _, p := range f.points[q] {
		w := f.without[p.group]
		left := w.latencies[q]
		if left == nil {
			continue
		}
		centres = append(centres, math.Log(left.Predict(c, rate, rate/w.throughput.Carries(c))))
		misses = append(misses, math.Abs(math.Log(p.seconds/left.Predict(p.c, p.rate, p.rate/w.throughput.Carries(p.c)))))
	}
	return jackknifePlus(l.Predict(c, rate, rate/f.Throughput.Carries(c)), centres, misses, Level), true
}

// jackknifePlus makes the interval of a prediction from the predictions without each group
// (centres) and how far those missed the group that they did not know (misses), on logarithms.
// The level is the one really reached: n groups cannot give more than n/(n+1).
//
// Barber, Candès, Ramdas, Tibshirani: Predictive inference with the jackknife+, 2021. What is
// proven there for any data is 1 - 2 (1-level); what is reached is close to the level.
func jackknifePlus(value float64, centres, misses []float64, level float64) Prediction {
	n := len(centres)
	if n == 0 {
		return Prediction{value, stats.Interval{Lo: 0, Hi: math.Inf(1), Level: 0}}
	}
	lows, highs := make([]float64, n), make([]float64, n)
	for i := range n {
		lows[i], highs[i] = centres[i]-misses[i], centres[i]+misses[i]
	}
	slices.Sort(lows)
	slices.Sort(highs)
	rank := min(int(math.Ceil(level*float64(n+1)-1e-9)), n)
	reached := min(float64(rank)/float64(n+1), level)
	return Prediction{value, stats.Interval{
		Lo:    math.Exp(min(lows[n-rank], math.Log(value))),
		Hi:    math.Exp(max(highs[rank-1], math.Log(value))),
		Level: reached,
	}}
}

// CarriesUnknown predicts what group i carries by the fit that does not know it. Its interval is
// made of the misses of all others.
func (f *Fit) CarriesUnknown(i int) Prediction {
	var centres, misses []float64
	c := f.Groups[i].Configuration
	for j, w := range f.without {
		capacity, measured := f.Groups[j].Capacity()
		if j == i || !measured {
			continue
		}
		centres = append(centres, math.Log(f.without[i].throughput.Carries(c)))
		misses = append(misses, math.Abs(math.Log(capacity/w.throughput.Carries(f.Groups[j].Configuration))))
	}
	return jackknifePlus(f.without[i].throughput.Carries(c), centres, misses, Level)
}

// Pivotal returns the group without which the prediction for a configuration would change most;
// -1 where there is none.
func (f *Fit) Pivotal(c Configuration) int {
	most, found := 0.0, -1
	for i, w := range f.without {
		if change := math.Abs(math.Log(w.throughput.Carries(c) / f.Throughput.Carries(c))); change > most {
			most, found = change, i
		}
	}
	return found
}
