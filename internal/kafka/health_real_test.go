package kafka

import (
	"context"
	"testing"
	"time"

	"kaliper/internal/kafkatest"
	"kaliper/results"
)

func TestOnRealKafkaABrokerThatIsKilledIsSeenInTheClustersHealth(t *testing.T) {
	t.Parallel()
	cluster := kafkatest.Start(t, kafkatest.Config{Nodes: 3, Fast: true, Properties: map[string]string{
		"broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "300",
	}})
	admin := connect(t, cluster.Bootstrap())
	topics := specs(t, target{cluster.Bootstrap(), 3}, "health", "orders")
	topics[0].Partitions = 6
	create(t, admin, "health", topics)
	w := admin.WatchHealth(topics[0].Name)
	var leaders, controllers int64
	until := func(what string, holds func(results.ClusterHealth) bool) results.ClusterHealth {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		defer cancel()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		var last results.ClusterHealth
		for ; ctx.Err() == nil; <-tick.C {
			health, err := w.Poll(ctx)
			if err != nil {
				continue // the broker that was asked is the one that was killed
			}
			leaders += health.LeaderChanges
			controllers += max(health.ControllerChanges, 0)
			if last = health; holds(health) {
				return health
			}
		}
		t.Fatalf("%s: never seen; last %+v", what, last)
		return last
	}
	healthy := until("a controller", func(h results.ClusterHealth) bool {
		return h.Controller > 0 && h.UnderReplicated == 0 && h.Brokers == 3
	})
	if healthy.Partitions != 6 || healthy.LeaderSkew != 1 {
		t.Errorf("a cluster with six partitions placed evenly: %+v", healthy)
	}
	killed := cluster.Nodes[healthy.Controller-1]
	if err := killed.Kill(); err != nil {
		t.Fatal(err)
	}
	until("replicas out of sync", func(h results.ClusterHealth) bool {
		return h.UnderReplicated == 6 && h.Brokers == 2 && h.Controller > 0
	})
	if leaders != 2 || controllers < 1 {
		t.Errorf("%d leaders and %d controllers changed, want 2 and 1 or more", leaders, controllers)
	}
	if err := killed.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	until("all in sync again", func(h results.ClusterHealth) bool { return h.UnderReplicated == 0 && h.Brokers == 3 })
}
