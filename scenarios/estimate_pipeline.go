package scenarios

import "math"

// pipelines adds what pipelines write and take: each record of a source once more, through
// chains of them.
func (e *CaseEstimate) pipelines(load Load) {
	bytes := map[string]float64{} // of key and value, by logical topic
	for _, g := range load.Producers {
		size := g.Value.mean() + g.Key.mean()
		bytes[g.Topic] += scheduled(g.Rate, load.Warmup+load.Duration, size) * size
	}
	// In the order of the chain: a pipeline after those that write its source.
	written := func(topic string) bool {
		for _, p := range load.Pipelines {
			if p.To == topic {
				return true
			}
		}
		return false
	}
	left := append([]Pipeline{}, load.Pipelines...)
	for range load.Pipelines { // as long as the longest chain can be
		var later []Pipeline
		ready := map[string]float64{}
		for _, p := range left {
			if _, known := bytes[p.From]; !known && written(p.From) {
				later = append(later, p)
				continue
			}
			ready[p.To] += bytes[p.From]
		}
		for topic, n := range ready {
			bytes[topic] += n
			e.TopicBytes += n * float64(replicasOf(load, topic))
		}
		left = later
	}
	for _, p := range load.Pipelines {
		fetched, buffered := int64(8<<20), int64(32<<20)
		if p.Producer.Role() != "" {
			buffered = p.Producer.Int64("buffer.memory")
		}
		e.MemoryBytes += int64(p.Members) * (2*clientMemory + fetched + int64(math.Min(float64(buffered), 32<<20)))
	}
}

func replicasOf(load Load, topic string) int {
	for _, t := range load.Topics {
		if t.Declared() == topic {
			return max(t.ReplicationFactor, 1)
		}
	}
	return 1
}
