package analysis

import "kaliper/results"

// shared says whether a group is a share group: it has no partitions of its own to rebalance.
func (f *figures) shared(name string) bool {
	if f.consumers[name].totals.Share != nil {
		return true
	}
	for _, interval := range f.trial.Intervals { // of a trial that was killed
		if interval.Consumers[name].Share != nil {
			return true
		}
	}
	return false
}

// shareMetrics adds what the members of share groups were handed, and what they said of it.
// Pooled, counts are sums.
func (f *figures) shareMetrics(t *table) {
	var sum results.ShareCounts
	found := false
	for _, name := range f.consumerNames() {
		if !f.shared(name) {
			continue
		}
		found = true
		var counts results.ShareCounts
		for _, interval := range f.inWindow {
			if i := interval.Consumers[name].Share; i != nil {
				counts.Add(*i)
			}
		}
		setShare(t, name, counts)
		sum.Add(counts)
	}
	if found {
		setShare(t, "", sum)
	}
}

func setShare(t *table, group string, n results.ShareCounts) {
	t.set(group, "share.delivered.count", float64(n.Delivered))
	t.set(group, "share.redelivered.count", float64(n.Redelivered))
	t.set(group, "share.accepted.count", float64(n.Accepted))
	t.set(group, "share.released.count", float64(n.Released))
	t.set(group, "share.rejected.count", float64(n.Rejected))
	t.set(group, "share.deliveries.max", float64(n.DeliveriesMax))
}
