package workload

import (
	"context"
	"strings"

	"kaliper/scenarios"
)

// retryGroup returns the group that reads the retry topics of another one, and what it does.
func (s *stage) retryGroup(settings scenarios.ConsumerGroup, p *pipeline) (scenarios.ConsumerGroup, *pipeline) {
	settings.Name += scenarios.RetryGroupSuffix
	topics := make([]string, len(settings.Topics))
	for i, topic := range settings.Topics {
		topics[i] = topic + scenarios.RetrySuffix
	}
	settings.Topics = topics
	settings.Start = scenarios.Start{From: scenarios.StartEarliest}
	retry := s.newPipeline(p.settings)
	retry.failing, retry.retries = p.failing, p
	p.retriedBy = retry
	return settings, retry
}

// prepareRetries makes the group that reads the retry topics of another one.
func (s *stage) prepareRetries(ctx context.Context, settings scenarios.ConsumerGroup, p *pipeline) error {
	settings, retry := s.retryGroup(settings, p)
	return s.prepareGroup(ctx, settings, retry)
}

// working returns what a consumer group with failures does with its records: a pipeline
// without an output.
func (s *stage) working(g scenarios.ConsumerGroup) *pipeline {
	if g.Failures.None() {
		return nil
	}
	return s.newPipeline(scenarios.Pipeline{
		Name: g.Name, Members: g.Members, Guarantee: scenarios.AtLeastOnce, CommitInterval: g.CommitInterval,
		Processing: g.Processing, Failures: g.Failures, Consumer: g.Properties, Producer: g.Producer,
	})
}

// retriedInTransactions says whether transactions write to a retry topic.
func (s *stage) retriedInTransactions(topic string) bool {
	source, retry := strings.CutSuffix(topic, scenarios.RetrySuffix)
	for _, p := range s.load.Pipelines {
		if retry && p.From == source && p.Guarantee == scenarios.ExactlyOnce && p.Failures.Policy == scenarios.FailureRetryTopic {
			return true
		}
	}
	return false
}

// failureNames gives a topic the cluster's names of those that its failed records go to.
func (s *stage) failureNames(topic *consumedTopic) {
	source := strings.TrimSuffix(topic.logical, scenarios.RetrySuffix)
	topic.retry = s.topics[source+scenarios.RetrySuffix].Name
	topic.deadLetter = s.topics[source+scenarios.DeadLetterSuffix].Name
}

// givenUp returns what says of a record whether any pipeline on its way to a topic gives it up:
// it is missing there, and not lost.
func (s *stage) givenUp(topic string) func(producer uint32, partition int32, sequence int64) bool {
	var before []*failing
	var add func(topic string)
	add = func(topic string) {
		for _, g := range s.consumers {
			if p := g.pipeline; p != nil && p.retries == nil && p.settings.To == topic {
				if p.failing != nil {
					before = append(before, p.failing)
				}
				add(p.settings.From)
			}
		}
	}
	add(topic)
	if before == nil {
		return nil
	}
	return func(producer uint32, partition int32, sequence int64) bool {
		for _, f := range before {
			if f.givesUp(identityOf(producer, partition, sequence)) {
				return true
			}
		}
		return false
	}
}
