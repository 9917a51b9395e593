package workload

import (
	"os"
	"testing"

	"kaliper/internal/kafkatest"
)

// oneBroker serves all tests on real Kafka that neither stop nor configure it. They may run
// beside each other. Groups may notice within a second that a member is gone, and share groups are
// there within two.
var oneBroker = kafkatest.Share(kafkatest.Config{Nodes: 1, Fast: true, Properties: map[string]string{
	"group.min.session.timeout.ms":          "1000",
	"group.share.min.heartbeat.interval.ms": "500", "group.share.heartbeat.interval.ms": "500",
	"share.coordinator.state.topic.num.partitions": "5",
	"group.share.min.delivery.count.limit":         "2",
}})

func TestMain(m *testing.M) { os.Exit(kafkatest.Main(m, oneBroker)) }
