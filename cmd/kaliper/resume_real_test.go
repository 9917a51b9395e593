package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
	"kaliper/internal/kafkatest"
	"kaliper/results"
)

// realMatrix is a matrix whose cases have equal topics.
const realMatrix = `format: kaliper.scenario/1
name: real-matrix
target: embedded
topics: {orders: {partitions: 7, replication.factor: 3}}
warmup: 500ms
duration: 3s
drain: 5s
producers: {checkout: {topic: orders, rate: 500/s, value: {size: 100}}}
consumers: {analytics: {topics: [orders], members: 2, config: {session.timeout.ms: 6000, heartbeat.interval.ms: 1000}}}
matrix: {vary: {producers.*.config.linger.ms: [0, 5]}}
repeats: 2
`

// TestOnRealKafkaEveryTrialFindsTheClusterAlike kills a run on three brokers, resumes it, and
// watches the cluster meanwhile: what the killed run left is gone before the first trial, each
// trial's topics before the next one's come, and all cases' replicas lie alike.
func TestOnRealKafkaEveryTrialFindsTheClusterAlike(t *testing.T) {
	t.Parallel()
	cluster := kafkatest.Start(t, kafkatest.Config{Nodes: 3, Fast: true})
	folder, path := t.TempDir(), scenarioFile(t, realMatrix)
	arguments := append([]string{"run", path, "--bootstrap-server", cluster.Bootstrap()}, allowed(folder)...)
	command, _ := process(t, folder, arguments...)
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()

	watched := watch(t, cluster.Addresses())
	got := call(t, append(arguments, "--resume", "latest")...)
	seen := watched()
	if got.code != analysis.ExitDone || !strings.Contains(got.stderr, "deleted what the run had left behind: 1 topic, 1 group") {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	if problem := seen.together; problem != "" {
		t.Error(problem)
	}
	run, err := results.OpenRun(onlyRun(t, folder))
	if err != nil || run.Manifest.State != results.Complete || len(run.Trials) != 4 {
		t.Fatalf("%d trials, state %s, %v", len(run.Trials), run.Manifest.State, err)
	}
	var first map[int32][]int32
	for _, trial := range run.Trials {
		lies := seen.replicas[trial.Begin.Topics[0].Name]
		if len(lies) != 7 {
			t.Fatalf("the topic of trial %s was seen with %d partitions", trial.Begin.Ref(), len(lies))
		}
		if first == nil {
			first = lies
		}
		if !reflect.DeepEqual(lies, first) {
			t.Errorf("the topic of trial %s lies on %v, that of the first one on %v", trial.Begin.Ref(), lies, first)
		}
	}
}

// sightings is what a cluster was seen with.
type sightings struct {
	replicas map[string]map[int32][]int32 // of a topic's partitions
	together string                       // topics of several trials at one time, in words
}

// watch looks at a cluster's topics, again and again, until the returned function is called.
func watch(t *testing.T, servers []string) func() sightings {
	admin, err := kafka.Connect(t.Context(), kgo.SeedBrokers(servers...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan sightings, 1)
	go func() {
		seen := sightings{replicas: map[string]map[int32][]int32{}}
		defer func() { done <- seen }()
		every := time.NewTicker(25 * time.Millisecond)
		defer every.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-every.C:
				seen.look(ctx, admin)
			}
		}
	}()
	return func() sightings {
		cancel()
		return <-done
	}
}

// look takes one look. What goes away meanwhile is seen next time, or was before.
func (s *sightings) look(ctx context.Context, admin *kafka.Admin) {
	topics, err := admin.ListTopics(ctx)
	if err != nil {
		return
	}
	var now []string
	for _, topic := range topics {
		if topic.Run == "" {
			continue
		}
		now = append(now, topic.Name)
		if len(s.replicas[topic.Name]) == topic.Partitions {
			continue
		}
		described, err := admin.DescribeTopic(ctx, topic.Name)
		if err != nil {
			continue
		}
		lies := map[int32][]int32{}
		for _, p := range described.Partitions {
			lies[p.Partition] = p.Replicas
		}
		s.replicas[topic.Name] = lies
	}
	if len(now) > 1 {
		s.together = fmt.Sprintf("topics of several trials are there together: %v", now)
	}
}
