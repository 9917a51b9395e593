package workload

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/internal/kafka"
	"kaliper/results"
	"kaliper/scenarios"
)

// standing returns a stage with the topics of a load on a simulated broker.
func standing(t *testing.T, l scenarios.Load) (*stage, *kfake.Cluster) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	admin, err := kafka.Connect(t.Context(), kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	s := newStage(t.Context(), Trial{
		Run: "20261123T120000Z-test-abcd", Owner: "abcd", Case: scenarios.Case{ID: "0123abcd", Load: l},
		Ref: results.TrialRef{Case: "0123abcd", Trial: 1, Round: 1}, Admin: admin, Bootstrap: cluster.ListenAddrs(),
	})
	t.Cleanup(func() {
		if err := s.tearDown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if err := s.makeTopics(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, cluster
}

// What every client asks for before it can send, it has asked for before the load, and nothing
// was sent for that.
func TestAllClientsAreReadyBeforeTheLoad(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*scenarios.ProducerGroup)
	}{
		{"by default", func(*scenarios.ProducerGroup) {}},
		{"round-robin", func(p *scenarios.ProducerGroup) { p.Partitioner.Kind = scenarios.PartitionerRoundRobin }},
		{"md5", func(p *scenarios.ProducerGroup) { p.Partitioner.Kind = scenarios.PartitionerMD5 }},
		{"manual", func(p *scenarios.ProducerGroup) {
			p.Partitioner = scenarios.Partitioner{Kind: scenarios.PartitionerManual, Partitions: []int32{1}}
		}},
		{"without acknowledgements or linger", func(p *scenarios.ProducerGroup) {
			p.Properties = properties(t, p.Properties.Role(), "acks", "0", "linger.ms", "0")
		}},
		{"transactions", func(p *scenarios.ProducerGroup) {
			p.Send, p.Transaction = scenarios.SendTransaction, scenarios.Transaction{Records: 10}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := producers(t, "500/s")
			p.Clients = 50
			c.change(&p)
			s, cluster := standing(t, load([]scenarios.ProducerGroup{p}))
			var ids, sent atomic.Int64
			count := func(key kmsg.Key, n *atomic.Int64) {
				cluster.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
					cluster.KeepControl()
					n.Add(1)
					return nil, nil, false
				})
			}
			count(kmsg.InitProducerID, &ids)
			count(kmsg.Produce, &sent)
			if err := s.prepareProducers(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.readyProducers(t.Context(), time.Minute); err != nil {
				t.Fatal(err)
			}
			for _, client := range s.producers[0].clients {
				for partition := range client.sequences {
					if leader, _, err := client.kafka.Load().PartitionLeader(client.topic, int32(partition)); leader < 0 || err != nil {
						t.Fatalf("client %d does not know who leads partition %d: %v", client.number, partition, err)
					}
				}
				if client.kafka.Load().BufferedProduceRecords() != 0 {
					t.Fatal("something waits to be sent")
				}
			}
			want := int64(50)
			if p.Properties.String("acks") == "0" {
				want = 0
			}
			if ids.Load() != want || sent.Load() != 0 {
				t.Errorf("%d producer ids, %d produce requests; want %d and 0", ids.Load(), sent.Load(), want)
			}
		})
	}
}

// Clients that never learn of their topic's partitions are told before the load, and not by
// records that wait for ever.
func TestClientsThatDoNotBecomeReadyAreTold(t *testing.T) {
	p := producers(t, "500/s")
	p.Clients = 40
	s, cluster := standing(t, load([]scenarios.ProducerGroup{p}))
	if err := s.prepareProducers(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 100)
	s.trial.Preparing = func(ready, all int) { told <- fmt.Sprint(ready, " of ", all) }
	var answered atomic.Int64
	cluster.ControlKey(int16(kmsg.Metadata), func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		asked := request.(*kmsg.MetadataRequest)
		if len(asked.Topics) == 0 || answered.Add(1) <= 10 {
			return nil, nil, false
		}
		response := asked.ResponseKind().(*kmsg.MetadataResponse)
		for _, topic := range asked.Topics {
			unknown := kmsg.NewMetadataResponseTopic()
			unknown.Topic, unknown.TopicID, unknown.ErrorCode = topic.Topic, topic.TopicID, kerr.LeaderNotAvailable.Code
			response.Topics = append(response.Topics, unknown)
		}
		return response, nil, true
	})
	err := s.readyProducers(t.Context(), 2*time.Second)
	problem, ok := errors.AsType[*kafka.Problem](err)
	if !ok || problem.Category != kafka.Unreachable || !strings.HasPrefix(problem.Cause, "10 of 40 producer clients are ready") {
		t.Errorf("%v", err)
	}
	last := ""
	for close(told); len(told) > 0; {
		last = <-told
	}
	if last != "10 of 40" {
		t.Errorf("told last: %q", last)
	}
}

// A member that is made to join again while it joins anyway keeps the word for the session
// after that, in the middle of the load.
func TestAGroupThatJoinsSlowlyStandsStillUnderLoad(t *testing.T) {
	t.Parallel()
	for _, delay := range []time.Duration{90, 130, 190, 210, 250, 330} {
		delay *= time.Millisecond
		t.Run(delay.String(), func(t *testing.T) {
			t.Parallel()
			cluster := simulated(t)
			for _, key := range []kmsg.Key{kmsg.JoinGroup, kmsg.SyncGroup} {
				cluster.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
					cluster.KeepControl()
					cluster.SleepControl(func() { <-time.After(delay) })
					return nil, nil, false
				})
			}
			g := consumers(t)
			g.Members = 3
			trial := executeOn(t, t.Context(), changing(t, g), cluster.ListenAddrs())
			allRead(t, trial)
			if count, _, _, _ := rebalancesOf(trial); count != 0 {
				t.Errorf("%d rebalances: %q", count, eventsOf(trial))
			}
		})
	}
}
