package analysis

import "math"

// healthMetrics adds what the cluster said of itself in the window. What no poll knew is absent.
func (f *figures) healthMetrics(t *table) {
	offline, underReplicated, skew := math.NaN(), math.NaN(), math.NaN()
	leaders, controllers := math.NaN(), math.NaN()
	sum := func(total float64, n int64) float64 {
		switch {
		case n < 0:
			return total
		case math.IsNaN(total):
			return float64(n)
		}
		return total + float64(n)
	}
	for _, interval := range f.inWindow {
		h := interval.Health
		if h == nil {
			continue
		}
		offline = larger(offline, float64(h.Offline))
		underReplicated = larger(underReplicated, float64(h.UnderReplicated))
		if h.LeaderSkew >= 0 {
			skew = larger(skew, h.LeaderSkew)
		}
		leaders = sum(leaders, h.LeaderChanges)
		controllers = sum(controllers, h.ControllerChanges)
	}
	t.set("", "partitions.offline.max", offline)
	t.set("", "partitions.under_replicated.max", underReplicated)
	t.set("", "leaders.skew.max", skew)
	t.set("", "leaders.changes.count", leaders)
	t.set("", "controller.changes.count", controllers)
}
