package kafka

import (
	"context"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

// createNamed creates a topic and deletes it after the test.
func createNamed(t *testing.T, a *Admin, topic NewTopic) {
	t.Helper()
	if err := a.CreateTopic(t.Context(), topic, wait); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		admin := connectWith(ctx, t, a)
		defer admin.Close()
		if err := admin.DeleteTopic(ctx, topic.Name, wait); err != nil {
			t.Error(err)
		}
	})
}

func testNamedTopic(t *testing.T, a *Admin, on target) {
	const name = "load.orders"
	topic := NewTopic{Name: name, Partitions: 2, ReplicationFactor: on.brokers, Config: map[string]string{"retention.ms": "3600000", "max.message.bytes": "500000"}}
	if err := a.CreateTopic(t.Context(), topic, wait); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, a.CreateTopic(t.Context(), topic, wait), BadInput, "exists already", "topics alter")

	change := TopicChange{Partitions: 6, Set: map[string]string{"retention.ms": "7200000"}, Reset: []string{"max.message.bytes"}}
	if err := a.AlterTopic(t.Context(), name, change, wait); err != nil {
		t.Fatal(err)
	}
	produceTo(t, a, name, 100)
	d := must(a.DescribeTopic(t.Context(), name))(t)
	if len(d.Partitions) != 6 || d.ReplicationFactor != on.brokers || len(d.Brokers) != on.brokers || len(d.Unknown) > 0 {
		t.Errorf("got %+v", d)
	}
	if d.Bytes == nil || *d.Bytes < 100 || d.ReplicatedBytes == nil || *d.ReplicatedBytes < *d.Bytes {
		t.Errorf("sizes are %v and %v with replicas", deref64(d.Bytes), deref64(d.ReplicatedBytes))
	}
	own := map[string]string{}
	for _, c := range d.Configs {
		if c.Source == "topic" {
			own[c.Name] = deref(c.Value)
		}
	}
	if len(own) != 1 || own["retention.ms"] != "7200000" {
		t.Errorf("the topic's own configs are %v, want retention.ms alone", own)
	}
	listed := must(a.ListTopics(t.Context()))(t)
	want := TopicSummary{Name: name, Partitions: 6, ReplicationFactor: on.brokers}
	if !slices.ContainsFunc(listed, func(s TopicSummary) bool { s.UnderReplicated = 0; return s == want }) {
		t.Errorf("got %+v, want %+v among them", listed, want)
	}
	if err := a.DeleteTopic(t.Context(), name, wait); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(topicsOf(t, a), name) {
		t.Error("it is still there")
	}
}

// produceTo sends records and waits until all replicas have them.
func produceTo(t *testing.T, a *Admin, topic string, records int) {
	t.Helper()
	client := must(kgo.NewClient(kgo.SeedBrokers(a.client.OptValue(kgo.SeedBrokers).([]string)...), kgo.DefaultProduceTopic(topic)))(t)
	defer client.Close()
	for range records {
		client.Produce(t.Context(), kgo.StringRecord("a record"), func(_ *kgo.Record, err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func deref64(n *int64) any {
	if n == nil {
		return "unknown"
	}
	return *n
}

// The simulated broker places replicas as it likes, and takes any name.
func testNamedTopicPlacement(t *testing.T, on target) {
	a := connect(t, on.bootstrap)
	brokers := must(a.brokers(t.Context()))(t)
	var ids []int32
	for _, b := range brokers {
		ids = append(ids, b.id)
	}
	slices.Sort(ids)
	last := ids[len(ids)-1]
	createNamed(t, a, NewTopic{Name: "load.placed", Placement: [][]int32{{last}, {last}, {ids[0]}}})
	d := must(a.DescribeTopic(t.Context(), "load.placed"))(t)
	for p, want := range []int32{last, last, ids[0]} {
		if got := d.Partitions[p]; got.Leader != want || !slices.Equal(got.Replicas, []int32{want}) {
			t.Errorf("partition %d is %+v, want it on broker %d", p, got, want)
		}
	}
	uneven := slices.ContainsFunc(d.Imbalance, func(r results.Reason) bool { return r.Code == TopicLeadersUneven })
	if uneven != (on.brokers > 1) {
		t.Errorf("with %d brokers: %v", on.brokers, d.Imbalance)
	}
	wantProblem(t, a.CreateTopic(t.Context(), NewTopic{Name: "load.nowhere", Placement: [][]int32{{99}}}, wait), BadInput, "load.nowhere", "--replica-assignment")
	wantProblem(t, a.CreateTopic(t.Context(), NewTopic{Name: "no name"}, wait), BadInput, "no name", "correct the name")
}

func testNamedTopicMissing(t *testing.T, a *Admin, _ target) {
	createNamed(t, a, NewTopic{Name: "load.payments"})
	_, err := a.DescribeTopic(t.Context(), "load.payment")
	wantProblem(t, err, BadInput, `did you mean "load.payments"`, "topics list")
	wantProblem(t, a.AlterTopic(t.Context(), "load.payment", TopicChange{Partitions: 9}, wait), BadInput, "does not exist", "")
	wantProblem(t, a.DeleteTopic(t.Context(), "load.payment", wait), BadInput, "does not exist", "")
	if !slices.Contains(topicsOf(t, a), "load.payments") {
		t.Error("the topic of a similar name is gone")
	}
}

func testRefusedChange(t *testing.T, a *Admin, _ target) {
	createNamed(t, a, NewTopic{Name: "load.kept", Partitions: 3})
	change := TopicChange{Partitions: 2, Set: map[string]string{"retention.ms": "3600000"}}
	wantProblem(t, a.AlterTopic(t.Context(), "load.kept", change, wait), BadInput, "has 3 partitions", "more than 3")
	d := must(a.DescribeTopic(t.Context(), "load.kept"))(t)
	for _, c := range d.Configs {
		if c.Name == "retention.ms" {
			t.Errorf("retention.ms is altered: %+v", c)
		}
	}
}

// Only a real broker checks configs.
func testRefusedConfigs(t *testing.T, on target) {
	a := connect(t, on.bootstrap)
	wantProblem(t, a.CreateTopic(t.Context(), NewTopic{Name: "load.wrong", Config: map[string]string{"retention.ms": "soon"}}, wait), BadInput, "load.wrong", "--config")
	createNamed(t, a, NewTopic{Name: "load.right", Partitions: 1})
	change := TopicChange{Partitions: 4, Set: map[string]string{"retention.ms": "soon"}}
	wantProblem(t, a.AlterTopic(t.Context(), "load.right", change, wait), BadInput, "load.right", "--config")
	if d := must(a.DescribeTopic(t.Context(), "load.right"))(t); len(d.Partitions) != 1 {
		t.Errorf("partitions were added though the configs were refused: %+v", d)
	}
	wantProblem(t, a.DeleteTopic(t.Context(), "__consumer_offsets", wait), BadInput, "Kafka's own", "")
}

func TestATopicWithARunsNameIsNotCreatedByHand(t *testing.T) {
	a := connect(t, bootstrapOf(simulate(t)))
	name := must(TopicName("x7k2", "c0ffee00", "1", "orders"))(t)
	wantProblem(t, a.CreateTopic(t.Context(), NewTopic{Name: name}, wait), BadInput, "belong to run x7k2", "choose a name")
}

func TestWhatAUserMayNotSeeIsUnknown(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(2, "t"))
	a := connect(t, bootstrapOf(cluster))
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeConfigs}, Err: kerr.TopicAuthorizationFailed, Count: -1})
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeLogDirs}, Err: kerr.ClusterAuthorizationFailed, Count: -1})
	d := must(a.DescribeTopic(t.Context(), "t"))(t)
	var codes []string
	for _, r := range d.Unknown {
		codes = append(codes, r.Code)
	}
	if d.Bytes != nil || d.ReplicatedBytes != nil || d.Partitions[0].Bytes != nil || d.Brokers[0].Bytes != nil || d.Configs != nil {
		t.Errorf("something is known: %+v", d)
	}
	if !slices.Equal(codes, []string{TopicSizesUnknown, TopicConfigsUnknown}) {
		t.Errorf("got %v", d.Unknown)
	}
}

func TestWhatAUserMayNotDoToATopic(t *testing.T) {
	for _, test := range []struct {
		key    kmsg.Key
		remedy string
		do     func(*testing.T, *Admin) error
	}{
		{kmsg.CreateTopics, "grant Create", func(t *testing.T, a *Admin) error {
			return a.CreateTopic(t.Context(), NewTopic{Name: "new"}, wait)
		}},
		{kmsg.CreatePartitions, "grant Alter", func(t *testing.T, a *Admin) error {
			return a.AlterTopic(t.Context(), "t", TopicChange{Partitions: 9}, wait)
		}},
		{kmsg.IncrementalAlterConfigs, "grant AlterConfigs", func(t *testing.T, a *Admin) error {
			return a.AlterTopic(t.Context(), "t", TopicChange{Reset: []string{"retention.ms"}}, wait)
		}},
		{kmsg.DeleteTopics, "grant Delete", func(t *testing.T, a *Admin) error { return a.DeleteTopic(t.Context(), "t", wait) }},
	} {
		t.Run(test.remedy, func(t *testing.T) {
			cluster := simulate(t, kfake.SeedTopics(2, "t"))
			a := connect(t, bootstrapOf(cluster))
			cluster.Fault(kfake.Fault{Keys: []kmsg.Key{test.key}, Err: kerr.TopicAuthorizationFailed, Count: -1})
			wantProblem(t, test.do(t, a), Unreachable, "may not", test.remedy)
		})
	}
}

func TestWhatIsUnevenAboutATopicIsSaid(t *testing.T) {
	partition := func(leader int32, replicas ...int32) PartitionDescription {
		return PartitionDescription{Leader: leader, Replicas: replicas, InSync: replicas}
	}
	racked := []BrokerShare{{ID: 1, Rack: "a"}, {ID: 2, Rack: "a"}, {ID: 3, Rack: "b"}}
	for _, test := range []struct {
		name       string
		brokers    []BrokerShare
		partitions []PartitionDescription
		want       []string
	}{
		{"nothing of an even one", racked, []PartitionDescription{partition(1, 1, 3), partition(2, 2, 3), partition(3, 3, 1)}, nil},
		{"fewer partitions than brokers are even", racked, []PartitionDescription{partition(1, 1)}, nil},
		{"a partition without a leader", racked, []PartitionDescription{{Leader: -1, Replicas: []int32{1}}}, []string{ReasonOffline}},
		{"a replica out of sync", racked, []PartitionDescription{{Leader: 1, Replicas: []int32{1, 3}, InSync: []int32{1}}}, []string{ReasonUnderReplicated}},
		{"another leader than the preferred one", racked, []PartitionDescription{partition(3, 1, 3)}, []string{ReasonUnbalanced}},
		{"one broker that leads all", racked, []PartitionDescription{partition(1, 1, 3), partition(1, 1, 3), partition(1, 1, 3)}, []string{TopicLeadersUneven}},
		{"one broker that has all", []BrokerShare{{ID: 1}, {ID: 2}}, []PartitionDescription{partition(1, 1), partition(1, 1)}, []string{TopicLeadersUneven, TopicReplicasUneven}},
		{"replicas in one rack of two", racked, []PartitionDescription{partition(1, 1, 2)}, []string{TopicRacksShared}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := TopicDescription{Brokers: slices.Clone(test.brokers), Partitions: test.partitions}
			d.share()
			var codes []string
			for _, r := range imbalance(d) {
				codes = append(codes, r.Code)
			}
			if !slices.Equal(codes, test.want) {
				t.Errorf("got %v, want %v", codes, test.want)
			}
		})
	}
}

func TestAPartitionThatHoldsMostIsNamed(t *testing.T) {
	d := TopicDescription{Name: "t", Partitions: []PartitionDescription{
		{Partition: 0, Leader: 1, Replicas: []int32{1}, InSync: []int32{1}},
		{Partition: 1, Leader: 1, Replicas: []int32{1}, InSync: []int32{1}},
		{Partition: 2, Leader: 1, Replicas: []int32{1}, InSync: []int32{1}},
	}}
	d.share()
	d.addSizes(func(_, partition int32) (int64, bool) { return []int64{10, 10, 100}[partition], true })
	found := imbalance(d)
	if len(found) != 1 || found[0].Code != TopicSizesUneven || found[0].Text != "partition 2 has 2.5 times the mean partition's bytes" {
		t.Errorf("got %v", found)
	}
}
