package analysis

import (
	"cmp"
	"math"
	"slices"

	"kaliper/internal/measure"
	"kaliper/results"
)

// shadowSeconds is how long after a rebalance records that waited for it still come in, in
// intervals of a second: the one in which partitions were given, and the next.
const shadowSeconds = 2.0

// RebalanceCost is one rebalance of a group, and what became of the group's latency.
type RebalanceCost struct {
	Group string
	results.Rebalance
	// Highest is the longest end-to-end latency, in seconds, of the records that were read from its
	// pause until shadowSeconds after it; NaN where none were.
	Highest float64
	// Usual is the median p99 of the seconds that no rebalance disturbed; NaN where there are none.
	Usual float64
}

// Rebalances returns the rebalances that a trial tells one by one, in the order of their time.
func Rebalances(trial *results.Trial) []RebalanceCost {
	var all []RebalanceCost
	byGroup := map[string][]results.Rebalance{}
	for _, interval := range trial.Intervals {
		for name, c := range interval.Consumers {
			byGroup[name] = append(byGroup[name], c.RebalanceList...)
		}
	}
	for name, list := range byGroup {
		if len(list) == 0 {
			continue
		}
		highest := make([]float64, len(list))
		for i := range highest {
			highest[i] = math.NaN()
		}
		var usual []float64
		for _, interval := range trial.Intervals {
			h := measure.NewHistogram()
			c := interval.Consumers[name]
			if c.EndToEnd.Window.MergeInto(h) != nil || c.EndToEnd.Outside.MergeInto(h) != nil || h.Count() == 0 {
				continue // damage is told of elsewhere
			}
			disturbed := false
			for i, r := range list {
				if interval.End > r.Seconds-r.PauseSeconds && interval.Start < r.Seconds+shadowSeconds {
					disturbed = true
					highest[i] = larger(highest[i], h.QuantileSeconds(1, 0))
				}
			}
			if !disturbed {
				usual = append(usual, h.QuantileSeconds(0.99, 0))
			}
		}
		for i, r := range list {
			all = append(all, RebalanceCost{Group: name, Rebalance: r, Highest: highest[i], Usual: median(usual)})
		}
	}
	slices.SortFunc(all, func(a, b RebalanceCost) int {
		return cmp.Or(cmp.Compare(a.Seconds, b.Seconds), cmp.Compare(a.Group, b.Group))
	})
	return all
}

// median returns the middle of some values; NaN of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
