package analysis

import (
	"math"
	"testing"

	"kaliper/results"
)

// Known truth: records take 10 ms, and 2 s for a second after a rebalance at 4.5 s.
func TestARebalanceCostsWhatRecordsWaitedAroundIt(t *testing.T) {
	trial := results.Trial{Begin: results.Begin{DurationSeconds: 10}}
	for second := range 10 {
		c := results.ConsumerInterval{EndToEnd: results.Latency{Window: latencies(t, 10, 100)}}
		if second == 5 {
			c.EndToEnd.Outside = latencies(t, 2000, 1)
		}
		if second == 4 {
			c.RebalanceList = []results.Rebalance{{Seconds: 4.5, Generation: 3, Given: 6, Moved: 2, PauseSeconds: 1.2}}
		}
		trial.Intervals = append(trial.Intervals, results.Interval{
			Start: float64(second), End: float64(second + 1), Consumers: map[string]results.ConsumerInterval{"workers": c},
		})
	}
	list := Rebalances(&trial)
	if len(list) != 1 || list[0].Group != "workers" || list[0].Moved != 2 || list[0].Generation != 3 {
		t.Fatalf("%+v", list)
	}
	if r := list[0]; math.Abs(r.Highest-2) > 0.02 || math.Abs(r.Usual-0.01) > 0.0001 {
		t.Errorf("at most %v s around it, %v s else", r.Highest, r.Usual)
	}
}
