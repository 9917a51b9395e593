package analysis

import (
	"kaliper/internal/measure"
	"kaliper/internal/unit"
	"kaliper/results"
)

// mergeFailures rebuilds a killed trial's failures from one interval.
func (f *figures) mergeFailures(name string, i *results.FailuresInterval, figure *consumerFigures) {
	if i == nil {
		return
	}
	if figure.recovered == nil {
		figure.recovered, figure.deadLettered = measure.NewHistogram(), measure.NewHistogram()
	}
	where := "consumers." + name
	f.merge(where+".recovered", i.Recovered.Window, figure.recovered)
	f.merge(where+".dead_lettered", i.DeadLettered.Window, figure.deadLettered)
}

// failureMetrics adds what became of records that failed to be processed. Pooled, counts and
// rates are sums.
func (f *figures) failureMetrics(t *table) {
	recovered, deadLettered := measure.NewHistogram(), measure.NewHistogram()
	var sum results.Paths
	found := false
	for _, name := range f.consumerNames() {
		c := f.consumers[name]
		if c.recovered == nil {
			continue
		}
		found = true
		var paths results.Paths
		for _, interval := range f.inWindow {
			if i := interval.Consumers[name].Failures; i != nil {
				paths.Add(i.Paths)
			}
		}
		f.setFailures(t, name, paths, c.recovered, c.deadLettered)
		recovered.Merge(c.recovered)
		deadLettered.Merge(c.deadLettered)
		sum.Add(paths)
	}
	if found {
		f.setFailures(t, "", sum, recovered, deadLettered)
	}
}

func (f *figures) setFailures(t *table, group string, n results.Paths, recovered, deadLettered *measure.Histogram) {
	t.latency(group, "failures.recovered", recovered, 0)
	t.latency(group, "failures.dead_lettered", deadLettered, 0)
	t.set(group, "failures.attempts.count", float64(n.Attempts))
	t.set(group, "failures.recovered.count", float64(n.Recovered))
	t.set(group, "failures.skipped.count", float64(n.Skipped))
	t.set(group, "failures.retried.count", float64(n.Retried))
	t.set(group, "failures.dead_lettered.count", float64(n.DeadLettered))
	t.set(group, "failures.dead_lettered.records_per_second", float64(n.DeadLettered)/f.intervalSeconds)
	t.set(group, "failures.undone.count", float64(n.Undone))
}

// distrustPaths checks that every record that a group with failures consumed is accounted for.
func (f *figures) distrustPaths(found *reasons) {
	for _, name := range f.consumerNames() {
		totals := f.consumers[name].totals
		if totals.Failures == nil {
			continue
		}
		if sum := totals.Failures.Paths.Sum(); sum != totals.Consumed {
			found.addf("books", "the books of %s do not balance: %s records were consumed, %s processed, skipped, retried, dead-lettered, deduplicated or undone; please report this as a bug of kaliper",
				name, unit.Number(float64(totals.Consumed)), unit.Number(float64(sum)))
		}
	}
}
