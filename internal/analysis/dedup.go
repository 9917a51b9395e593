package analysis

import (
	"kaliper/internal/measure"
	"kaliper/results"
)

// dedupMetrics adds what deduplication cost and did. Pooled, counts are sums.
func (f *figures) dedupMetrics(t *table) {
	trips := measure.NewHistogram()
	var sum results.Dedup
	var records int64
	found := false
	for _, name := range f.consumerNames() {
		c := f.consumers[name]
		if c.dedup == nil {
			continue
		}
		found = true
		var counts results.Dedup
		var consumed int64
		for _, interval := range f.inWindow {
			if i := interval.Consumers[name].Dedup; i != nil {
				counts.Add(i.Dedup)
				consumed += interval.Consumers[name].Consumed
			}
		}
		setDedup(t, name, counts, consumed, c.dedup)
		trips.Merge(c.dedup)
		sum.Add(counts)
		records += consumed
	}
	if found {
		setDedup(t, "", sum, records, trips)
	}
}

func setDedup(t *table, group string, n results.Dedup, records int64, trips *measure.Histogram) {
	t.latency(group, "dedup", trips, 0)
	t.set(group, "dedup.skipped.count", float64(n.Skipped))
	t.set(group, "dedup.unchecked.count", float64(n.Unchecked))
	t.set(group, "dedup.waiting.seconds", n.WaitSeconds)
	t.set(group, "dedup.round_trips.per_record", float64(n.RoundTrips)/float64(records))
}
