package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

func TestWhatAClusterSaysOfItselfIsCounted(t *testing.T) {
	a := connect(t, bootstrapOf(simulate(t)))
	epoch := int32(0)
	partition := func(number, leader int32, inSync ...int32) kmsg.MetadataResponseTopicPartition {
		return kmsg.MetadataResponseTopicPartition{Partition: number, Leader: leader, LeaderEpoch: epoch, Replicas: []int32{1, 2, 3}, ISR: inSync}
	}
	view := func(partitions ...kmsg.MetadataResponseTopicPartition) *kmsg.MetadataResponse {
		return &kmsg.MetadataResponse{
			Brokers: make([]kmsg.MetadataResponseBroker, 3),
			Topics:  []kmsg.MetadataResponseTopic{{Topic: kmsg.StringPtr("orders"), Partitions: partitions}},
		}
	}
	stale := view(partition(0, 1, 1, 2, 3), partition(1, 2, 1, 2, 3), partition(2, 3, 1, 2, 3))
	epoch = 1
	w := a.WatchHealth()
	for _, step := range []struct {
		name string
		view *kmsg.MetadataResponse
		want results.ClusterHealth
	}{
		{"even", view(partition(0, 1, 1, 2, 3), partition(1, 2, 1, 2, 3), partition(2, 3, 1, 2, 3)),
			results.ClusterHealth{Brokers: 3, Partitions: 3, LeaderSkew: 1}},
		{"a broker is gone", view(partition(0, 2, 2, 3), partition(1, 2, 2, 3), partition(2, 3, 2, 3)),
			results.ClusterHealth{Brokers: 3, Partitions: 3, UnderReplicated: 3, LeaderSkew: 2, LeaderChanges: 1}},
		{"all are gone", view(partition(0, -1), partition(1, -1), partition(2, -1)),
			results.ClusterHealth{Brokers: 3, Partitions: 3, Offline: 3, LeaderSkew: -1}},
		{"they are back, one partition elsewhere", view(partition(0, 2, 1, 2, 3), partition(1, 2, 1, 2, 3), partition(2, 1, 1, 2, 3)),
			results.ClusterHealth{Brokers: 3, Partitions: 3, LeaderSkew: 2, LeaderChanges: 1}},
		{"a broker that has heard of nothing answers", stale,
			results.ClusterHealth{Brokers: 3, Partitions: 3, LeaderSkew: 1}},
		{"the others again", view(partition(0, 2, 1, 2, 3), partition(1, 2, 1, 2, 3), partition(2, 1, 1, 2, 3)),
			results.ClusterHealth{Brokers: 3, Partitions: 3, LeaderSkew: 2}},
	} {
		got := w.read(t.Context(), step.view)
		step.want.WholeCluster, step.want.Controller, step.want.ControllerChanges = true, got.Controller, got.ControllerChanges
		if got != step.want {
			t.Errorf("%s: got %+v, want %+v", step.name, got, step.want)
		}
	}
}

func TestOfAVeryLargeClusterTheTrialsOwnTopicsAreWatched(t *testing.T) {
	a := connect(t, bootstrapOf(simulate(t, kfake.SeedTopics(3, "orders"), kfake.SeedTopics(mostWatchedPartitions, "others"))))
	w := a.WatchHealth("orders")
	for range 2 {
		health := must(w.Poll(t.Context()))(t)
		if health.WholeCluster || health.Partitions != 3 {
			t.Errorf("got %+v", health)
		}
	}
	small := connect(t, bootstrapOf(simulate(t, kfake.SeedTopics(3, "orders"), kfake.SeedTopics(4, "others")))).WatchHealth("orders")
	for range 2 {
		if health := must(small.Poll(t.Context()))(t); !health.WholeCluster || health.Partitions != 7 {
			t.Errorf("got %+v", health)
		}
	}
}

// testHealth is of a healthy cluster on real Kafka.
func testHealth(t *testing.T, on target) {
	w := connect(t, on.bootstrap).WatchHealth("no-such-topic")
	first, second := must(w.Poll(t.Context()))(t), must(w.Poll(t.Context()))(t)
	if first.Brokers != int64(on.brokers) || first.Controller < 1 || second.ControllerChanges != 0 || second.Offline+second.UnderReplicated != 0 {
		t.Errorf("got %+v, then %+v", first, second)
	}
}
