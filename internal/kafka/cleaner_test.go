package kafka

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestTheSizesOfLogsAndTheCleanersSleepAreWhatBrokersTell(t *testing.T) {
	cluster := simulate(t, kfake.NumBrokers(2), kfake.SeedTopics(2, "orders"), kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": "1500"}))
	a := connect(t, bootstrapOf(cluster))
	partitions := map[string]int{"orders": 2}
	if backoff, known := a.CleanerBackoff(t.Context()); !known || backoff != 1500*time.Millisecond {
		t.Errorf("the cleaner sleeps %v (known: %v)", backoff, known)
	}
	before := must(a.LogBytes(t.Context(), partitions))(t)
	client := must(kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic("orders")))(t)
	defer client.Close()
	if err := client.ProduceSync(t.Context(), kgo.StringRecord(strings.Repeat("x", 5000))).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if after := must(a.LogBytes(t.Context(), partitions))(t); after <= before {
		t.Errorf("%d bytes, and %d with a record more", before, after)
	}
	if _, err := a.LogBytes(t.Context(), map[string]int{"orders": 3}); err == nil || !strings.Contains(err.Error(), "sizes") {
		t.Errorf("the size of a partition that is not there: %v", err)
	}
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeConfigs, kmsg.DescribeLogDirs}, Err: kerr.ClusterAuthorizationFailed, Count: -1})
	if _, err := a.LogBytes(t.Context(), partitions); err == nil || !strings.Contains(err.Error(), "Describe on the cluster") {
		t.Errorf("a user without the right: %v", err)
	}
	if backoff, known := a.CleanerBackoff(t.Context()); known {
		t.Errorf("without the right the cleaner sleeps %v", backoff)
	}
}
