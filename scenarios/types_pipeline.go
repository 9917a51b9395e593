package scenarios

import (
	"time"

	"kaliper/internal/property"
)

// Pipeline consumes a topic, processes each record, and produces it to another topic. It is a
// consumer group under its own name, whose members have a producer each.
type Pipeline struct {
	Name           string
	From           string // logical topic
	To             string // logical topic
	Members        int
	Guarantee      Guarantee
	CommitInterval time.Duration // between two commits, or the length of a transaction; above 0
	Aborts         float64       // share of the transactions that are aborted on purpose, 0 to 1
	Schedule       []Change      // without seeks
	Processing     Processing
	Failures       Failures
	Dedup          Dedup        // AtLeastOnce alone
	Consumer       property.Set // complete: every consumer property with its origin
	Producer       property.Set // complete: every producer property with its origin
}

// Guarantee is what a pipeline promises about each record of its source.
type Guarantee string

// The guarantees.
const (
	// AtLeastOnce waits for the acknowledgements of what it produced, then commits offsets.
	AtLeastOnce Guarantee = "at-least-once"
	// ExactlyOnce commits offsets and output in one transaction, and reads committed records.
	ExactlyOnce Guarantee = "exactly-once"
)

// Reads says whether a consumer group or a pipeline reads a topic.
func (l Load) Reads(topic string) bool {
	for _, g := range l.Consumers {
		for _, name := range g.Topics {
			if name == topic {
				return true
			}
		}
	}
	for _, p := range l.Pipelines {
		if p.From == topic {
			return true
		}
	}
	return false
}

// Group returns the pipeline's reading side, as the consumer group that it is.
func (p Pipeline) Group() ConsumerGroup {
	return ConsumerGroup{
		Name: p.Name, Topics: []string{p.From}, Members: p.Members, Start: Start{From: StartLatest}, Schedule: p.Schedule,
		Processing: p.Processing, Failures: p.Failures, Dedup: p.Dedup, Commit: CommitNone, Properties: p.Consumer,
	}
}

// deduplicating returns the groups, those of pipelines among them, that write dedup, with mode:
// none, too.
func (l Load) deduplicating() (groups []ConsumerGroup) {
	for _, g := range l.Consumers {
		if g.Dedup.Mode != "" {
			groups = append(groups, g)
		}
	}
	for _, p := range l.Pipelines {
		if p.Dedup.Mode != "" {
			groups = append(groups, p.Group())
		}
	}
	return groups
}

// retryGroups returns the names of the groups that read retry topics.
func (l Load) retryGroups() (names []string) {
	for _, g := range l.Consumers {
		if g.Failures.Policy == FailureRetryTopic {
			names = append(names, g.Name+RetryGroupSuffix)
		}
	}
	for _, p := range l.Pipelines {
		if p.Failures.Policy == FailureRetryTopic {
			names = append(names, p.Name+RetryGroupSuffix)
		}
	}
	return names
}
