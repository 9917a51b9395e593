package workload

import (
	"fmt"

	"kaliper/internal/kafka"
	"kaliper/results"
	"kaliper/scenarios"
)

// inOrder calls do for every pipeline after all those that write to its source.
func (s *stage) inOrder(do func(g *consumerGroup)) {
	done := map[string]bool{}    // pipelines, by name
	for range s.load.Pipelines { // as long as the longest chain can be
		for _, g := range s.consumers {
			if g.pipeline == nil || g.pipeline.to == "" || g.pipeline.retries != nil || done[g.settings.Name] {
				continue
			}
			ready := true
			for _, before := range s.writersOf(g.pipeline.settings.From) {
				ready = ready && done[before.Name]
			}
			if ready {
				done[g.settings.Name] = true
				do(g)
			}
		}
	}
}

// throughPipelines adds what pipelines must bring to the topics that they write, and what goes
// to retry topics: what never came out of a pipeline is missing for whoever reads its output,
// except for what it gave up.
func (s *stage) throughPipelines(owed owed) {
	for _, g := range s.consumers {
		if p := g.pipeline; p != nil && p.retriedBy != nil {
			_, once := p.paths.ofWindow()
			_, again := p.retriedBy.paths.ofWindow()
			// Which of several sources they are of does not matter: the group reads them all.
			owed.committed[s.copiesOf(g.settings.Topics[0] + scenarios.RetrySuffix)[0]] += once + again
		}
	}
	s.inOrder(func(g *consumerGroup) {
		p := g.pipeline
		givenUp, _ := p.paths.ofWindow()
		if p.retriedBy != nil {
			later, _ := p.retriedBy.paths.ofWindow()
			givenUp += later
		}
		owed.committed[p.settings.To] += max(owed.to(g, p.settings.From)-givenUp, 0)
	})
}

// settle closes what a group has seen on one topic. ends are the logs' ends: of the topic, and
// of all topics.
func (s *stage) settle(g *consumerGroup, topic *consumedTopic, ends []int64, all kafka.Offsets) results.Integrity {
	if topic.effects == nil {
		total := topic.ledger.settle(s.producersOf(topic.logical), ends)
		if topic.seen != nil {
			// A transaction that a seek passed over in part, or whose records compaction removed, is
			// not torn.
			whole := g.fromStart && readTo(topic, ends) && topic.thinned == "" && !g.seeks()
			s.settleTransactions(g, topic, topic.seen, whole, &total)
		}
		return total
	}
	toEnd := g.fromStart && readTo(topic, ends) && s.doneBefore(topic.logical, all)
	total := topic.effects.settle(s.sourcesOf(topic.logical), toEnd, s.givenUp(topic.logical))
	if seen := topic.effects.transactions; seen != nil {
		s.settleTransactions(g, topic, seen, toEnd && topic.thinned == "", &total)
	}
	return total
}

// settleTransactions adds what a group has read of the transactions on a topic.
func (s *stage) settleTransactions(g *consumerGroup, topic *consumedTopic, seen *transactionsSeen, toEnd bool, total *results.Integrity) {
	one := seen.settle(topic.logical, toEnd, func(kind string, client int, number int64, k, n int32) {
		s.anomalies.add(results.Anomaly{
			Kind: kind, Group: g.settings.Name, Topic: topic.logical, Partition: -1, Offset: -1, Producer: client, Sequence: number,
			Text: fmt.Sprintf("%d of %d records of transaction %d of transactional client %d were read", k, n, number, client),
		})
	})
	total.AbortedRead, total.Torn = one.AbortedRead, one.Torn
	if one.Unknown != "" {
		total.Unknown = one.Unknown
	}
}

// readTo says whether a topic was read to its end.
func readTo(topic *consumedTopic, ends []int64) bool {
	for p := range topic.positions {
		if p >= len(ends) || topic.positions[p].Load() < ends[p] {
			return false
		}
	}
	return true
}

// doneBefore says whether all pipelines on the way to a topic have read their sources to the
// end, and have nothing left to commit.
func (s *stage) doneBefore(topic string, ends kafka.Offsets) bool {
	for _, g := range s.consumers {
		if g.pipeline == nil || g.pipeline.to == "" || g.pipeline.settings.To != topic {
			continue
		}
		source := g.topics[0]
		list := make([]int64, len(source.positions))
		partitions, known := ends[source.name]
		for p, end := range partitions {
			if int(p) < len(list) {
				list[p] = end
			}
		}
		if !known || !readTo(source, list) || g.processing.Load() > 0 || !s.doneBefore(source.logical, ends) {
			return false
		}
	}
	return true
}

// sourcesOf returns the producer clients whose records come to a topic by way of pipelines.
func (s *stage) sourcesOf(topic string) (sources []sourceOf) {
	seen := map[int]bool{}
	var add func(topic string)
	add = func(topic string) {
		for _, before := range s.writersOf(topic) {
			by := s.producersOf(before.From)
			for _, g := range s.producers {
				if g.settings.Topic != before.From { // a pipeline's source has no copies
					continue
				}
				for _, c := range g.clients {
					if !seen[int(c.index)] {
						seen[int(c.index)] = true
						sources = append(sources, sourceOf{int(c.index), len(c.sequences), by})
					}
				}
			}
			add(before.From)
		}
	}
	add(topic)
	return sources
}
