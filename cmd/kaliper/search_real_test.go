package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// quotaBytesPerSecond is far below what any machine manages: 1,000 records/s of 1,000 bytes.
const quotaBytesPerSecond = 1_000_000

// realSearch has trials that are longer than the broker's two windows of a second, in which a
// quota lends. Its objective leaves room for a busy machine: what limits it is the quota.
const realSearch = `format: kaliper.scenario/1
name: real-search
target: embedded
topics: {orders: {partitions: 3, replication.factor: 1}}
drain: 1s
producers:
  checkout: {topic: orders, rate: 450/s, value: {format: random, size: 1000, compressibility: 0}, config: {client.id: limited, linger.ms: 5}}
search: {objectives: [ack.p99 < 10s], warmup: 1s, trial: 2s, hold: 2s}
`

func TestOnRealKafkaASearchFindsTheBrokersQuota(t *testing.T) {
	t.Parallel()
	cluster := oneBroker.Start(t)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.Addresses()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	name := "limited"
	altered, err := kadm.NewClient(client).AlterClientQuotas(t.Context(), []kadm.AlterClientQuotaEntry{{
		Entity: kadm.ClientQuotaEntity{{Type: "client-id", Name: &name}},
		Ops:    []kadm.AlterClientQuotaOp{{Key: "producer_byte_rate", Value: quotaBytesPerSecond}},
	}})
	if err != nil || altered[0].Err != nil {
		t.Fatalf("%v, %v", altered, err)
	}
	got := call(t, "search", scenarioFile(t, realSearch), "--bootstrap-server", strings.Join(cluster.Addresses(), ","), "--results", t.TempDir(),
		"--quick", "--json", "--budget", "90s", "--allow", "untrusted,inconclusive")
	var found results.Search
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil || got.code != analysis.ExitDone {
		t.Fatalf("exit %d, %v: %s", got.code, err, got.stderr)
	}
	c := found.Cases[0]
	// Requests carry some bytes beside the values, and windows of two seconds lend.
	if rate := float64(c.RecordsPerSecond); rate < 700 || rate > 1800 {
		t.Errorf("found %.0f records/s of about 1,000: %s", rate, got.stderr)
	}
	limits := map[string]int{}
	for _, trial := range c.Trials {
		if trial.Finding == "fails" {
			limits[trial.By]++
		}
	}
	if c.LimitedBy != "throttled" && c.LimitedBy != "budget" || limits["throttled"] == 0 {
		t.Errorf("limited by %s, trials by %v: %s", c.LimitedBy, limits, got.stderr)
	}
	t.Logf("%.0f records/s (%v) limited by %s after %d trials\n%s", float64(c.RecordsPerSecond), c.Interval, c.LimitedBy, len(c.Trials), got.stderr)
}
