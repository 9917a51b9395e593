package kafka

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"kaliper/internal/unit"
	"kaliper/results"
)

// ReasonOtherLoad is the code of a warning: somebody else writes to the cluster.
const ReasonOtherLoad = "other_load"

const (
	otherLoadTime = time.Second // between the two looks at the logs' ends
	// Below this nothing that is measured notices; heartbeats of connectors and of monitoring are a
	// few records a second.
	otherLoadLeast = 10.0 // records per second, all topics together
	// Of a larger cluster the rest is not looked at.
	otherLoadPartitions = 10_000
)

// OtherLoad warns where records arrive in the cluster's topics, anybody's, before a run has sent
// its first: another run of kaliper's is another load too. It takes a second, or no time where the
// cluster has no topic. Kafka's own topics do not count, because positions of groups that are idle are
// committed all the same. Where it may not ask, or gets no answer, it says nothing.
func (a *Admin) OtherLoad(ctx context.Context) []results.Reason {
	return a.otherLoad(ctx, func() {
		timer := time.NewTimer(otherLoadTime)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	})
}

// otherLoad looks at the ends before and after the pause.
func (a *Admin) otherLoad(ctx context.Context, pause func()) []results.Reason {
	view, err := a.metadata(ctx, nil)
	if err != nil {
		return nil
	}
	var topics []string
	partitions := 0
	for _, t := range view.Topics {
		if name := deref(t.Topic); name != "" && !t.IsInternal && partitions+len(t.Partitions) <= otherLoadPartitions {
			topics = append(topics, name)
			partitions += len(t.Partitions)
		}
	}
	if len(topics) == 0 {
		return nil
	}
	looked := NewLagSampler(a, topics...)
	ends := func() (map[string]int64, time.Time) {
		ctx, cancel := context.WithTimeout(ctx, 2*sampleEvery)
		defer cancel()
		listed, at, _ := looked.sample(ctx, topics) // what is not known does not grow
		sums := map[string]int64{}
		for topic, partitions := range listed {
			for _, o := range partitions {
				if o.Err != nil || o.Offset < 0 { // its growth would be the other's whole length
					delete(sums, topic)
					break
				}
				sums[topic] += o.Offset
			}
		}
		return sums, at
	}
	before, from := ends()
	if len(before) == 0 {
		return nil
	}
	pause()
	after, to := ends()
	return grown(before, after, to.Sub(from))
}

// grown compares the sums of topics' ends.
func grown(before, after map[string]int64, time time.Duration) []results.Reason {
	growth, sum := map[string]int64{}, int64(0)
	for topic, end := range after {
		if begin, known := before[topic]; known && end > begin {
			growth[topic] = end - begin
			sum += end - begin
		}
	}
	rate := float64(sum) / time.Seconds()
	if sum == 0 || rate < otherLoadLeast {
		return nil
	}
	most := slices.MaxFunc(slices.Sorted(maps.Keys(growth)), func(a, b string) int { return cmp.Compare(growth[a], growth[b]) })
	return []results.Reason{{Code: ReasonOtherLoad, Text: fmt.Sprintf("somebody else writes to the cluster: %s records/s arrived before the run, in %d of its topics, in %s the most",
		unit.Number(rate), len(growth), most)}}
}
