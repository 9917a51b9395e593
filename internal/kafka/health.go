package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

// mostWatchedPartitions bounds what one poll asks for: metadata of this many partitions is a
// few hundred kilobytes. Of larger clusters the trial's own topics alone are watched.
const mostWatchedPartitions = 2000

// healthBound is how long one poll may take.
const healthBound = 2 * time.Second

// metadataTopic is the topic whose leader is the active controller (KRaft, KIP-595).
const metadataTopic = "__cluster_metadata"

// HealthWatcher polls what a cluster says of its own state. It is for one goroutine.
type HealthWatcher struct {
	admin   *Admin
	topics  []string // nil: all
	decided bool     // whether all are few enough
	leaders map[partitionID]leadership
	epoch   int32 // of the controller; -1 while it is unknown
}

// leadership is who leads a partition, and in which term. A broker that has not heard of an
// election yet answers with an older term: that is no change back.
type leadership struct{ leader, epoch int32 }

// WatchHealth returns a watcher for a trial with these topics.
func (a *Admin) WatchHealth(topics ...string) *HealthWatcher {
	return &HealthWatcher{admin: a, topics: topics, epoch: -1}
}

// Poll asks once, in at most two seconds. Without an answer nothing is known.
func (w *HealthWatcher) Poll(ctx context.Context) (results.ClusterHealth, error) {
	ctx, cancel := context.WithTimeout(ctx, healthBound)
	defer cancel()
	if !w.decided {
		view, err := requestMetadata(ctx, w.admin.client, nil)
		if err != nil {
			return results.ClusterHealth{}, err
		}
		partitions := 0
		for _, t := range view.Topics {
			partitions += len(t.Partitions)
		}
		w.decided = true
		if partitions <= mostWatchedPartitions {
			w.topics = nil
			return w.read(ctx, view), nil
		}
	}
	view, err := requestMetadata(ctx, w.admin.client, w.topics)
	if err != nil {
		return results.ClusterHealth{}, err
	}
	return w.read(ctx, view), nil
}

// read counts what a view of the cluster shows, and what has changed since the last one.
func (w *HealthWatcher) read(ctx context.Context, view *kmsg.MetadataResponse) results.ClusterHealth {
	health := results.ClusterHealth{WholeCluster: w.topics == nil, Brokers: int64(len(view.Brokers)), LeaderSkew: -1}
	leads, leaders := map[int32]int64{}, map[partitionID]leadership{}
	var busiest int64
	for _, t := range view.Topics {
		for _, p := range t.Partitions {
			health.Partitions++
			id := partitionID{deref(t.Topic), p.Partition}
			before, known := w.leaders[id]
			if p.Leader < 0 {
				health.Offline++
				if known {
					leaders[id] = before // whoever leads next is compared with the last one
				}
				continue
			}
			if len(p.ISR) < len(p.Replicas) {
				health.UnderReplicated++
			}
			switch now := (leadership{p.Leader, p.LeaderEpoch}); {
			case known && now.epoch < before.epoch:
				leaders[id] = before
			case known && now.leader != before.leader:
				health.LeaderChanges++
				leaders[id] = now
			default:
				leaders[id] = now
			}
			leads[p.Leader]++
			busiest = max(busiest, leads[p.Leader])
		}
	}
	w.leaders = leaders
	if led := health.Partitions - health.Offline; led > 0 && health.Brokers > 0 {
		health.LeaderSkew = float64(busiest) * float64(health.Brokers) / float64(led)
	}
	w.controller(ctx, &health)
	return health
}

// controller asks who the active controller is. Metadata does not tell: with KRaft it names any
// broker. It needs Describe on the cluster.
func (w *HealthWatcher) controller(ctx context.Context, health *results.ClusterHealth) {
	health.Controller, health.ControllerChanges = -1, -1
	request := kmsg.NewPtrDescribeQuorumRequest()
	topic, partition := kmsg.NewDescribeQuorumRequestTopic(), kmsg.NewDescribeQuorumRequestTopicPartition()
	topic.Topic, topic.Partitions = metadataTopic, append(topic.Partitions, partition)
	request.Topics = append(request.Topics, topic)
	response, err := request.RequestWith(ctx, w.admin.client)
	if err != nil || response.ErrorCode != 0 || len(response.Topics) != 1 || len(response.Topics[0].Partitions) != 1 {
		return
	}
	quorum := response.Topics[0].Partitions[0]
	if kerr.ErrorForCode(quorum.ErrorCode) != nil || quorum.LeaderID < 0 {
		return
	}
	health.Controller, health.ControllerChanges = int64(quorum.LeaderID), 0
	if w.epoch >= 0 {
		health.ControllerChanges = max(int64(quorum.LeaderEpoch-w.epoch), 0)
	}
	w.epoch = quorum.LeaderEpoch
}
