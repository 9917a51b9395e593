package capacity

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// measuredAt is a sweep whose latencies were measured at some of the loads alone, or at one rate.
func measuredAt(keep func(Observation) bool) []Observation {
	var all []Observation
	for _, o := range knownSystem().sweep(1, 0.02, 0.05) {
		if o.Saturated || keep(o) {
			all = append(all, o)
		}
	}
	return all
}

func TestALatencyBeyondWhatWasMeasuredIsDeclined(t *testing.T) {
	k := knownSystem()
	load := func(o Observation) float64 { return o.Offered / k.throughput.Carries(o.Configuration) }
	random := rand.New(rand.NewPCG(3, 3))
	at := func(c Configuration, rate float64) Observation {
		return k.wait(c, rate, rate/k.throughput.Carries(c), 0.05, random)
	}
	under := func(most float64) []Observation {
		return measuredAt(func(o Observation) bool { return load(o) < most })
	}
	c := knownConfiguration(12, 8, 6, 400)
	carries := k.throughput.Carries(c)
	atOneRate := measuredAt(func(Observation) bool { return false })
	atLowLoads, atLowRates := slices.Clone(atOneRate), slices.Clone(atOneRate)
	for _, c := range knownConfigurations() {
		for i := range 3 {
			atOneRate = append(atOneRate, at(c, 5000))
			atLowLoads = append(atLowLoads, at(c, 0.05*float64(1+i)*k.throughput.Carries(c)))
			atLowRates = append(atLowRates, at(c, 1000*float64(1+i)))
		}
	}
	// A rate that was measured where it is a high load, and one of which it is a low one.
	small := knownConfiguration(1, 1, 1, 4000)
	for _, load := range []float64{0.1, 0.4, 0.7} {
		atLowRates = append(atLowRates, at(small, load*k.throughput.Carries(small)))
	}
	for name, test := range map[string]struct {
		observations []Observation
		rate         float64
		want, text   string // empty: it is predicted
	}{
		"within what was measured":               {k.sweep(1, 0.02, 0.05), 0.7 * carries, "", ""},
		"no latency at all":                      {under(0), 0.5 * carries, "few_levels", "none was"},
		"one rate":                               {atOneRate, 5000, "few_levels", "5000 alone was"},
		"two loads":                              {under(0.7), 0.5 * carries, "few_levels", "of loads"},
		"more than twice the highest load":       {atLowLoads, 0.4 * carries, "too_far", "% of the capacity"},
		"twice the highest load":                 {atLowLoads, 0.28 * carries, "", ""},
		"more than twice the highest rate":       {atLowRates, 0.5 * carries, "too_far", "records/s"},
		"less than half of the lowest load":      {k.sweep(1, 0.02, 0.05), 0.1 * carries, "too_far", "% of the capacity"},
		"above the load that is fitted":          {k.sweep(1, 0.02, 0.05), 0.9 * carries, "high_load", "above 80%"},
		"records of which no latency was known":  {measuredAt(func(o Observation) bool { return o.RecordBytes == 4000 }), 0.5 * carries, "few_levels", "record_bytes"},
		"a rate below half of the lowest of all": {atLowRates, 1, "too_far", "records/s"},
	} {
		t.Run(name, func(t *testing.T) {
			f := fitted(t, test.observations)
			for _, q := range []Quantile{Median, P99} {
				why := f.RefusesWait(q, c, test.rate)
				switch {
				case test.want == "" && len(why) == 0:
				case len(why) != 1 || why[0].Code != test.want || !strings.Contains(why[0].Text, test.text):
					t.Errorf("%s: %+v, want %s with %q", q.name(), why, test.want, test.text)
				}
			}
		})
	}
}
