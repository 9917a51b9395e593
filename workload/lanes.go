package workload

import (
	"math"
	"runtime"

	"kaliper/internal/pace"
)

// lanesFor spreads what is to be served over as many lanes as the peak rate needs.
func lanesFor(served []paced, recordsPerSecond float64, clock pace.Clock) []*lane {
	if len(served) == 0 {
		return nil
	}
	n := int(math.Ceil(recordsPerSecond / laneRecordsPerSecond))
	n = max(min(n, len(served), runtime.GOMAXPROCS(0)), 1)
	lanes := make([]*lane, n)
	grid := gridFor(n, len(served))
	for i := range lanes {
		lanes[i] = &lane{clock: clock, grid: grid}
	}
	for i, client := range served {
		if c, ok := client.(*asyncClient); ok {
			c.retry = grid
			c.busy = &lanes[i%n].busy
		}
		l := lanes[i%n]
		l.clients = append(l.clients, client)
	}
	return lanes
}
