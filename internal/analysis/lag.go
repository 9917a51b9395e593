package analysis

import (
	"math"

	"kaliper/internal/stats"
	"kaliper/results"
)

// lag is how far a consumer group was behind in the window; NaN where not known.
type lag struct {
	records float64 // largest sum over the group's partitions
	seconds float64 // largest of one partition
	slope   stats.Estimate
}

// mostLagPoints bounds the work of the trend, which grows with its square.
const mostLagPoints = 600

// lags reads the lag of every consumer group.
func (f *figures) lags() map[string]lag {
	all := map[string]lag{}
	for _, name := range f.consumerNames() {
		l := lag{records: math.NaN(), seconds: math.NaN()}
		var times, sums []float64
		for _, interval := range f.inWindow {
			records, seconds := lagOf(interval.Consumers[name])
			l.seconds = larger(l.seconds, seconds)
			if !math.IsNaN(records) {
				l.records = larger(l.records, records)
				times = append(times, interval.End)
				sums = append(sums, records)
			}
		}
		l.slope = stats.Slope(thin(times), thin(sums), intervalLevel)
		all[name] = l
	}
	return all
}

// lagOf returns a group's lag at an interval's end: the records of all its partitions, which
// is unknown where that of one is, and the seconds of the worst partition that is known.
func lagOf(c results.ConsumerInterval) (records, seconds float64) {
	if len(c.Lag) == 0 {
		return math.NaN(), math.NaN()
	}
	seconds = math.NaN()
	for _, topic := range c.Lag {
		for _, n := range topic.Records {
			if n < 0 {
				records = math.NaN() // and stays so
			}
			records += float64(n)
		}
		for _, s := range topic.Seconds {
			if s >= 0 {
				seconds = larger(seconds, s)
			}
		}
	}
	return records, seconds
}

// larger returns the larger of two values, of which each may be unknown.
func larger(a, b float64) float64 {
	if math.IsNaN(a) || b > a {
		return b
	}
	return a
}

// thin keeps every n-th value of a long series.
func thin(series []float64) []float64 {
	step := (len(series) + mostLagPoints - 1) / mostLagPoints
	if step <= 1 {
		return series
	}
	var kept []float64
	for i := 0; i < len(series); i += step {
		kept = append(kept, series[i])
	}
	return kept
}

// worstLag returns the largest of each figure over all groups.
func worstLag(lags map[string]lag) lag {
	worst := lag{records: math.NaN(), seconds: math.NaN(), slope: stats.Estimate{Value: math.NaN()}}
	for _, l := range lags {
		worst.records = larger(worst.records, l.records)
		worst.seconds = larger(worst.seconds, l.seconds)
		worst.slope.Value = larger(worst.slope.Value, l.slope.Value)
	}
	return worst
}

func (l lag) set(t *table, group string) {
	t.set(group, "lag.records.max", l.records)
	t.set(group, "lag.seconds.max", l.seconds)
	t.set(group, "lag.slope", l.slope.Value)
}
