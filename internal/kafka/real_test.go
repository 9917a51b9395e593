package kafka

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"

	"kaliper/internal/kafkatest"
)

func TestOnRealKafka(t *testing.T) {
	t.Parallel()
	for _, nodes := range []int{1, 3} {
		t.Run(map[int]string{1: "one node", 3: "three nodes"}[nodes], func(t *testing.T) {
			t.Parallel()
			on := target{kafkatest.Start(t, kafkatest.Config{Nodes: nodes, Fast: true}).Bootstrap(), nodes}
			testCluster(t, on)
			t.Run("a config that Kafka refuses is bad input", func(t *testing.T) { testInvalidConfig(t, on) })
			t.Run("configs that Kafka refuses change nothing", func(t *testing.T) { testRefusedConfigs(t, on) })
			t.Run("a person's topic lies where it was placed", func(t *testing.T) { testNamedTopicPlacement(t, on) })
			t.Run("replicas lie where they were placed", func(t *testing.T) { testPlacement(t, on) })
			t.Run("a healthy cluster says so, and who controls it", func(t *testing.T) { testHealth(t, on) })
			t.Run("the snapshot names the version", func(t *testing.T) { testRealSnapshot(t, on) })
		})
	}
}

func testInvalidConfig(t *testing.T, on target) {
	admin := connect(t, on.bootstrap)
	for _, config := range []map[string]string{{"retention.ms": "soon"}, {"retention.milliseconds": "1"}} {
		wanted := specs(t, on, "invalid", "payments", "orders")
		wanted[1].Config = config
		_, _, err := admin.CreateTopics(t.Context(), "invalid", wanted, wait)
		wantProblem(t, err, BadInput, "refuses its config", "topics.orders.config")
	}
}

func testPlacement(t *testing.T, on target) {
	admin := connect(t, on.bootstrap)
	wanted := specs(t, on, "placement", "orders")
	wanted[0].Partitions = 7
	create(t, admin, "placement", wanted)
	placement := place(must(admin.brokers(t.Context()))(t), 0, 7, on.brokers)
	view := must(admin.metadata(t.Context(), []string{wanted[0].Name}))(t)
	for _, p := range view.Topics[0].Partitions {
		want := placement[p.Partition]
		if p.Leader != want[0] || len(p.Replicas) != len(want) || kerr.ErrorForCode(p.ErrorCode) != nil {
			t.Errorf("partition %d lies on %v, led by %d, want %v", p.Partition, p.Replicas, p.Leader, want)
		}
	}
}

func testRealSnapshot(t *testing.T, on target) {
	snapshot, reasons, err := connect(t, on.bootstrap).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(snapshot.Version, "4.") || len(snapshot.Brokers) != on.brokers || snapshot.ID == "" || len(reasons) > 0 {
		t.Errorf("got %+v, %v", snapshot, reasons)
	}
}
