package kafka

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// TopicSummary is a topic in a list.
type TopicSummary struct {
	Name              string `json:"name"`
	Partitions        int    `json:"partitions"`
	ReplicationFactor int    `json:"replication_factor"` // the largest of its partitions'
	UnderReplicated   int    `json:"under_replicated"`   // partitions with replicas out of sync
	Offline           int    `json:"offline"`            // partitions without a leader
	Internal          bool   `json:"internal"`           // Kafka's own
	Run               string `json:"run,omitempty"`      // the short id of the run that it belongs to by its name
}

// ListTopics returns all topics that the user may see, by name.
func (a *Admin) ListTopics(ctx context.Context) ([]TopicSummary, error) {
	view, err := a.metadata(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", err)
	}
	topics := []TopicSummary{}
	for _, t := range view.Topics {
		s := TopicSummary{Name: deref(t.Topic), Partitions: len(t.Partitions), Internal: t.IsInternal}
		s.Run, _ = OwnerOf(s.Name)
		for _, p := range t.Partitions {
			s.ReplicationFactor = max(s.ReplicationFactor, len(p.Replicas))
			switch {
			case p.Leader < 0:
				s.Offline++
			case len(p.ISR) < len(p.Replicas):
				s.UnderReplicated++
			}
		}
		topics = append(topics, s)
	}
	slices.SortFunc(topics, func(a, b TopicSummary) int { return cmp.Compare(a.Name, b.Name) })
	return topics, nil
}
