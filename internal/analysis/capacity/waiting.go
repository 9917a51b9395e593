package capacity

import (
	"fmt"
	"math"
	"slices"
)

// Forecast is a prediction, or why there is none.
type Forecast struct {
	Prediction           // Level 0 where it was declined
	Declined   []Refusal // empty where it is known
}

func (k Forecast) known() bool { return len(k.Declined) == 0 }

// WaitRates returns the lowest and the highest rate at which a quantile of a configuration's latency
// is predicted, records/s, or why it is predicted at none.
//
// The model knows the rate, by which batches fill, and the load, by which records queue. So both
// must have been measured at several values, and neither may lie far past them.
func (f *Fit) WaitRates(q Quantile, c Configuration) (lowest, highest float64, why []Refusal) {
	rates, loads := f.waited(q)
	for _, measured := range []struct {
		name   string
		values []float64
		scale  float64
	}{{"rates (records/s)", rates, 1}, {"loads (% of the capacity)", loads, 100}} {
		if len(measured.values) < leastLevels {
			return 0, 0, []Refusal{{"few_levels", fmt.Sprintf("latencies: of %s %s measured, and %d values are needed to know how they grow: measure at more rates that are not `max` and up to %.0f%% of what is carried, or by `kaliper search`",
				measured.name, listed(rounded(measured.values, measured.scale)), leastLevels, 100*HighestLoad)}}
		}
	}
	var groups []Group
	for _, p := range f.points[q] {
		groups = append(groups, f.Groups[p.group])
	}
	for _, d := range []Dimension{RecordBytes, ReplicationFactor} {
		if r, refused := refuses(groups, d, c.Value(d)); refused {
			why = append(why, Refusal{r.Code, "latencies by " + r.Text})
		}
	}
	carries := f.Throughput.Carries(c)
	lowest = max(rates[0], loads[0]*carries) / farthest
	highest = min(farthest*rates[len(rates)-1], farthest*loads[len(loads)-1]*carries, HighestLoad*carries)
	return lowest, highest, why
}

// RefusesWait returns everything that keeps a quantile from being predicted at a rate.
func (f *Fit) RefusesWait(q Quantile, c Configuration, rate float64) []Refusal {
	lowest, highest, why := f.WaitRates(q, c)
	if len(why) > 0 {
		return why
	}
	const slack = 1e-9
	if rate >= lowest*(1-slack) && rate <= highest*(1+slack) {
		return nil
	}
	load := rate / f.Throughput.Carries(c)
	if load > HighestLoad*(1+slack) {
		return []Refusal{{"high_load", fmt.Sprintf("latencies: %s records/s are %.0f%% of what these counts carry, and above %.0f%% a latency hangs on the capacity's third digit: plan with more headroom, or measure these counts at that rate",
			number(math.Round(rate)), 100*load, 100*HighestLoad)}}
	}
	rates, loads := f.waited(q)
	if rates[len(rates)-1]*farthest < rate || rate < rates[0]/farthest {
		return []Refusal{{"too_far", fmt.Sprintf("latencies: %s records/s are more than %d times past the rates at which they were measured (%s to %s): measure them at such rates",
			number(math.Round(rate)), farthest, number(math.Round(rates[0])), number(math.Round(rates[len(rates)-1])))}}
	}
	return []Refusal{{"too_far", fmt.Sprintf("latencies: %.2g%% of the capacity are more than %d times past the loads at which they were measured (%.2g%% to %.2g%%): measure them at such loads",
		100*load, farthest, 100*loads[0], 100*loads[len(loads)-1])}}
}

// waited returns the rates, records/s, and the shares of the capacity at which a quantile was
// measured, in rising order.
func (f *Fit) waited(q Quantile) (rates, loads []float64) {
	for _, p := range f.points[q] {
		rates, loads = append(rates, p.rate), append(loads, p.load)
	}
	return apart(rates), apart(loads)
}

// apart sorts values and leaves out those that lie within 10% of one that stays: a load is known no
// better than the capacity that it is a share of.
func apart(values []float64) []float64 {
	const step = 1.1
	slices.Sort(values)
	var kept []float64
	for _, v := range values {
		if len(kept) == 0 || v > kept[len(kept)-1]*step {
			kept = append(kept, v)
		}
	}
	return kept
}

func rounded(values []float64, scale float64) []float64 {
	var all []float64
	for _, v := range values {
		all = append(all, math.Round(v*scale))
	}
	return all
}
