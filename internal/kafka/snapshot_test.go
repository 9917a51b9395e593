package kafka

import (
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestSnapshotDescribesTheCluster(t *testing.T) {
	cluster := simulate(t, kfake.NumBrokers(3), kfake.ClusterID("abc"), kfake.SeedTopics(3, "t"))
	snapshot, reasons, err := connect(t, bootstrapOf(cluster)).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if snapshot.ID != "abc" || snapshot.Version == "" || len(snapshot.Brokers) != 3 || len(reasons) != 0 {
		t.Errorf("got %+v, %v", snapshot, reasons)
	}
	for i, address := range cluster.ListenAddrs() {
		if b := snapshot.Brokers[i]; b.ID != int32(i) || b.Address != address || b.Rack == "" {
			t.Errorf("broker %d: got %+v, want address %s", i, b, address)
		}
	}
}

func TestEnvironmentWarnings(t *testing.T) {
	partition := func(leader int32, replicas, inSync []int32) kmsg.MetadataResponseTopicPartition {
		return kmsg.MetadataResponseTopicPartition{Leader: leader, Replicas: replicas, ISR: inSync}
	}
	healthy := partition(1, []int32{1, 2}, []int32{2, 1})
	for _, test := range []struct {
		name       string
		partitions []kmsg.MetadataResponseTopicPartition
		code, text string
	}{
		{"none for a healthy cluster", []kmsg.MetadataResponseTopicPartition{healthy}, "", ""},
		{"a leader that is not the preferred one", []kmsg.MetadataResponseTopicPartition{healthy, partition(2, []int32{1, 2}, []int32{1, 2})},
			"leaders_unbalanced", "1 of the cluster's 2 partitions are not led by their preferred replica"},
		{"a replica that lags", []kmsg.MetadataResponseTopicPartition{partition(1, []int32{1, 2}, []int32{1})},
			"under_replicated", "1 of the cluster's 1 partitions have replicas out of sync"},
		{"no leader", []kmsg.MetadataResponseTopicPartition{partition(-1, []int32{1, 2}, nil)},
			"partitions_offline", "1 of the cluster's 1 partitions have no leader"},
	} {
		t.Run(test.name, func(t *testing.T) {
			reasons := environment(&kmsg.MetadataResponse{Topics: []kmsg.MetadataResponseTopic{{Partitions: test.partitions}}})
			if test.code == "" {
				if len(reasons) != 0 {
					t.Errorf("got %v", reasons)
				}
				return
			}
			if len(reasons) != 1 || reasons[0].Code != test.code || reasons[0].Text != test.text {
				t.Errorf("got %v, want %s: %s", reasons, test.code, test.text)
			}
		})
	}
}

func TestAClusterThatHasGoneAwayIsAProblem(t *testing.T) {
	cluster := simulate(t)
	admin := connect(t, bootstrapOf(cluster))
	cluster.ControlKey(int16(kmsg.Metadata), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return nil, errors.New("hang up"), true
	})
	_, _, err := admin.Snapshot(t.Context())
	if category, _ := CategoryOf(err); category != Unreachable {
		t.Errorf("got %v", err)
	}
}
