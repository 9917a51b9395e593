package kafka

import (
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
)

func testChosenNames(t *testing.T, a *Admin, on target) {
	chosen := TopicSpec{Logical: "orders", Name: "load.chosen", Chosen: true, Partitions: 2, ReplicationFactor: on.brokers}
	if _, _, err := a.CreateTopics(t.Context(), "chosen", []TopicSpec{chosen}, wait); err != nil {
		t.Fatal(err)
	}
	// Another run, which has not made it, neither takes it over nor deletes it.
	other := connect(t, on.bootstrap)
	_, _, err := other.CreateTopics(t.Context(), "other", []TopicSpec{chosen}, wait)
	wantProblem(t, err, BadInput, "load.chosen exists already", "topics.orders.existing")
	if err := other.DeleteTopics(t.Context(), "other", []string{chosen.Name}, wait); err == nil {
		t.Error("a topic that another made is deleted")
	}
	if err := a.DeleteTopics(t.Context(), "chosen", []string{chosen.Name}, wait); err != nil {
		t.Fatal(err)
	}
	if _, err := a.DescribeTopic(t.Context(), chosen.Name); !errors.Is(err, kerr.UnknownTopicOrPartition) {
		t.Errorf("got %v", err)
	}
}
