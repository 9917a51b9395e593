package kafka

import (
	"context"
	"errors"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestWhyATopicIsNotCreated(t *testing.T) {
	for _, test := range []struct {
		fault         *kerr.Error
		category      Category
		cause, remedy string
	}{
		{kerr.InvalidConfig, BadInput, "refuses its config", "topics.orders.config"},
		{kerr.InvalidReplicationFactor, BadInput, "orders", "replication.factor"},
		{kerr.InvalidPartitions, BadInput, "orders", "topics.orders.partitions"},
		{kerr.PolicyViolation, BadInput, "policy", "topics.orders"},
		{kerr.TopicAuthorizationFailed, Unreachable, "may not create", "grant Create"},
		{kerr.ClusterAuthorizationFailed, Unreachable, "may not create", "grant Create"},
		{kerr.UnknownServerError, Unreachable, "cannot be created", "controller's log"},
	} {
		t.Run(test.fault.Message, func(t *testing.T) {
			cluster := simulate(t)
			admin := connect(t, bootstrapOf(cluster))
			wanted := specs(t, target{brokers: 1}, "fault", "orders", "payments")
			cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.CreateTopics}, Topic: wanted[0].Name, Err: test.fault, Count: -1})
			_, _, err := admin.CreateTopics(t.Context(), "fault", wanted, wait)
			wantProblem(t, err, test.category, test.cause, test.remedy)
			if left := topicsOf(t, admin); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestATopicWhosePlacementIsRefusedIsPlacedByTheCluster(t *testing.T) {
	for _, refusal := range []*kerr.Error{kerr.InvalidReplicaAssignment, kerr.PolicyViolation} {
		t.Run(refusal.Message, func(t *testing.T) {
			cluster := simulate(t)
			admin := connect(t, bootstrapOf(cluster))
			wanted := specs(t, target{brokers: 1}, "placed", "orders", "payments")
			cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.CreateTopics}, Topic: wanted[1].Name, Err: refusal, Count: -1,
				When: func(req kmsg.Request) bool { return placedExplicitly(req, wanted[1].Name) }})
			infos, warnings, err := admin.CreateTopics(t.Context(), "placed", wanted, wait)
			if err != nil {
				t.Fatal(err)
			}
			if len(infos) != 2 || len(warnings) != 1 || warnings[0].Code != "placement_refused" || !strings.Contains(warnings[0].Text, "payments") {
				t.Errorf("got %+v, %v", infos, warnings)
			}
		})
	}
}

func placedExplicitly(req kmsg.Request, name string) bool {
	return slices.ContainsFunc(req.(*kmsg.CreateTopicsRequest).Topics, func(t kmsg.CreateTopicsRequestTopic) bool {
		return t.Topic == name && len(t.ReplicaAssignment) > 0
	})
}

func TestATopicThatTheClusterMakesOtherwiseIsNoSuccess(t *testing.T) {
	for _, test := range []struct {
		name, cause string
		change      func(*kmsg.CreateTopicsRequestTopic)
	}{
		{"another config", `retention.ms 604800000 where 3600000 was asked for`, func(t *kmsg.CreateTopicsRequestTopic) { t.Configs = nil }},
		{"more partitions", "partitions 5 where 2 was asked for", func(t *kmsg.CreateTopicsRequestTopic) {
			t.ReplicaAssignment, t.NumPartitions, t.ReplicationFactor = nil, 5, 1
		}},
		{"more replicas", "replication factor 2 where 1 was asked for", func(t *kmsg.CreateTopicsRequestTopic) {
			t.ReplicaAssignment, t.NumPartitions, t.ReplicationFactor = nil, 2, 2
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			cluster := simulate(t, kfake.NumBrokers(2))
			cluster.ControlKey(int16(kmsg.CreateTopics), func(req kmsg.Request) (kmsg.Response, error, bool) {
				test.change(&req.(*kmsg.CreateTopicsRequest).Topics[0])
				return nil, nil, false
			})
			admin := connect(t, bootstrapOf(cluster))
			_, _, err := admin.CreateTopics(t.Context(), "other", specs(t, target{brokers: 1}, "other", "orders"), wait)
			wantProblem(t, err, BadInput, test.cause, "")
			if left := topicsOf(t, admin); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestATopicThatDoesNotBecomeReadyIsGivenUp(t *testing.T) {
	for _, test := range []struct {
		name, cause string
		change      func(*kmsg.MetadataResponseTopicPartition)
	}{
		{"no leader", "partition 1 has no leader", func(p *kmsg.MetadataResponseTopicPartition) { p.Leader = -1 }},
		{"a replica that does not come in sync", "partition 1 has 1 of 2 replicas in sync", func(p *kmsg.MetadataResponseTopicPartition) { p.ISR = p.ISR[:1] }},
		{"a leader that is not the preferred one", "instead of", func(p *kmsg.MetadataResponseTopicPartition) { p.Leader = p.Replicas[1] }},
	} {
		t.Run(test.name, func(t *testing.T) {
			cluster := simulate(t, kfake.NumBrokers(2))
			admin := connect(t, bootstrapOf(cluster))
			wanted := specs(t, target{brokers: 2}, "ready", "orders")
			overrideMetadata(cluster, wanted[0].Name, test.change)
			_, _, err := admin.CreateTopics(t.Context(), "ready", wanted, 200*time.Millisecond)
			wantProblem(t, err, Unreachable, test.cause, "brokers' logs")
			if !strings.Contains(err.Error(), "not ready after 200ms") {
				t.Errorf("the bound is missing: %v", err)
			}
			if cluster.TopicInfo(wanted[0].Name) != nil {
				t.Error("it is left behind")
			}
		})
	}
}

func TestATopicIsNotReadyBeforeItsLeadersServeIt(t *testing.T) {
	for _, test := range []struct {
		name     string
		refusals int64
		cause    string // empty: it becomes ready
	}{
		{"they do after a while", 3, ""},
		{"they never do", math.MaxInt64, "partition 1: NOT_LEADER_FOR_PARTITION"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cluster := simulate(t, kfake.NumBrokers(1))
			admin := connect(t, bootstrapOf(cluster))
			var asked atomic.Int64
			cluster.ControlKey(int16(kmsg.ListOffsets), func(req kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				if asked.Add(1) > test.refusals {
					return nil, nil, false
				}
				resp := req.ResponseKind().(*kmsg.ListOffsetsResponse)
				for _, about := range req.(*kmsg.ListOffsetsRequest).Topics {
					topic := kmsg.NewListOffsetsResponseTopic()
					topic.Topic = about.Topic
					for _, p := range about.Partitions {
						partition := kmsg.NewListOffsetsResponseTopicPartition()
						partition.Partition = p.Partition
						if p.Partition == 1 {
							partition.ErrorCode = kerr.NotLeaderForPartition.Code
						}
						topic.Partitions = append(topic.Partitions, partition)
					}
					resp.Topics = append(resp.Topics, topic)
				}
				return resp, nil, true
			})
			bound := wait
			if test.cause != "" {
				bound = 200 * time.Millisecond
			}
			_, _, err := admin.CreateTopics(t.Context(), "served", specs(t, target{brokers: 1}, "served", "orders"), bound)
			if test.cause != "" {
				wantProblem(t, err, Unreachable, test.cause, "brokers' logs")
				return
			}
			if err != nil || asked.Load() <= test.refusals {
				t.Errorf("%v after %d questions", err, asked.Load())
			}
		})
	}
}

// overrideMetadata answers requests for a topic with a healthy partition 0, and a partition 1
// that change has made ill.
func overrideMetadata(cluster *kfake.Cluster, name string, change func(*kmsg.MetadataResponseTopicPartition)) {
	addresses := cluster.ListenAddrs()
	cluster.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		asked := req.(*kmsg.MetadataRequest)
		if len(asked.Topics) != 1 || deref(asked.Topics[0].Topic) != name {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.MetadataResponse)
		for i, address := range addresses {
			resp.Brokers = append(resp.Brokers, brokerAt(int32(i), address))
		}
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic = kmsg.StringPtr(name)
		for p := range int32(2) {
			partition := kmsg.NewMetadataResponseTopicPartition()
			partition.Partition, partition.Replicas, partition.ISR = p, []int32{0, 1}, []int32{0, 1}
			if p == 1 {
				change(&partition)
			}
			topic.Partitions = append(topic.Partitions, partition)
		}
		resp.Topics = append(resp.Topics, topic)
		return resp, nil, true
	})
}

func TestAnInterruptedWaitLeavesNothing(t *testing.T) {
	cluster := simulate(t, kfake.NumBrokers(2))
	admin := connect(t, bootstrapOf(cluster))
	wanted := specs(t, target{brokers: 2}, "interrupt", "orders")
	ctx, cancel := context.WithCancel(t.Context())
	overrideMetadata(cluster, wanted[0].Name, func(p *kmsg.MetadataResponseTopicPartition) {
		p.Leader = -1
		cancel()
	})
	_, _, err := admin.CreateTopics(ctx, "interrupt", wanted, wait)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if cluster.TopicInfo(wanted[0].Name) != nil {
		t.Error("it is left behind")
	}
}

func TestConfigsThatCannotBeSeenAreAWarning(t *testing.T) {
	cluster := simulate(t)
	admin := connect(t, bootstrapOf(cluster))
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeConfigs}, Err: kerr.TopicAuthorizationFailed, Count: -1})
	_, warnings, err := admin.CreateTopics(t.Context(), "unseen", specs(t, target{brokers: 1}, "unseen", "orders"), wait)
	if err != nil || len(warnings) != 1 || warnings[0].Code != "config_unverified" {
		t.Errorf("got %v, %v", warnings, err)
	}
}

func TestAClusterThatForbidsDeletionIsNamed(t *testing.T) {
	cluster := simulate(t)
	admin := connect(t, bootstrapOf(cluster))
	topics := specs(t, target{brokers: 1}, "forbid", "orders")
	if _, _, err := admin.CreateTopics(t.Context(), "forbid", topics, wait); err != nil {
		t.Fatal(err)
	}
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DeleteTopics}, Err: kerr.TopicDeletionDisabled, Count: -1})
	err := admin.DeleteTopics(t.Context(), "forbid", []string{topics[0].Name}, wait)
	wantProblem(t, err, BadInput, "forbids deletion", "delete.topic.enable")
}

func TestAnExistingTopicThatMayNotBeSeen(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "t"))
	admin := connect(t, bootstrapOf(cluster))
	cluster.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		resp := req.ResponseKind().(*kmsg.MetadataResponse)
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic, topic.ErrorCode = kmsg.StringPtr("t"), kerr.TopicAuthorizationFailed.Code
		resp.Topics = append(resp.Topics, topic)
		return resp, nil, true
	})
	_, err := admin.ExistingTopic(t.Context(), "t", "t")
	wantProblem(t, err, Unreachable, "may not see", "Describe")
}

func brokerAt(id int32, address string) kmsg.MetadataResponseBroker {
	host, port, _ := net.SplitHostPort(address)
	n, _ := strconv.Atoi(port)
	b := kmsg.NewMetadataResponseBroker()
	b.NodeID, b.Host, b.Port = id, host, int32(n)
	return b
}
