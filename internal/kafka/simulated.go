package kafka

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// BrokerConfig says what simulated cluster to run. The zero value is one broker on a free
// port of the loopback interface.
type BrokerConfig struct {
	Brokers int   // 1 if zero
	Ports   []int // one for each broker instead of free ones
	// SegmentBytes and RetentionBytes bound each partition's memory where its topic says
	// nothing else; 4 MiB and 16 MiB if zero. Retention drops whole segments, read or not, as
	// a real broker does: a consumer that lags further behind loses records.
	SegmentBytes   int64
	RetentionBytes int64
	// Until ends the broker when it ends, as a pipe does whose other side is gone; nil for
	// no such end.
	Until io.Reader
}

// What a partition of the simulated broker keeps where nothing else is said, in bytes.
const (
	DefaultSegmentBytes   = 4 << 20
	DefaultRetentionBytes = 16 << 20
)

// retentionEvery is how often segments are dropped: at 500 MB/s a partition grows by half of
// that beyond its bound.
const retentionEvery = 500 * time.Millisecond

// simulatedClusterID is the cluster id of every simulated cluster.
const simulatedClusterID = "kaliper-simulated"

// Ready is the line of JSON with which a broker says where it listens.
type Ready struct {
	Bootstrap string `json:"bootstrap"` // host:port, separated by commas
}

// ServeBroker runs a simulated cluster (franz-go's kfake) until ctx is done or
// config.Until ends, and writes one line of Ready to ready when it can be connected to.
//
// It speaks the protocol, not Kafka's performance: everything happens in memory, in one
// goroutine for all brokers. Classic and KIP-848 groups, transactions, idempotence, share
// groups and retention work. Replication does not: replicas exist in metadata only, always in
// sync, min.insync.replicas is accepted and enforced nowhere, no topic config is checked, and
// no quota throttles.
func ServeBroker(ctx context.Context, config BrokerConfig, ready io.Writer) error {
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(cmp.Or(config.Brokers, 1)),
		kfake.Ports(config.Ports...),
		kfake.ClusterID(simulatedClusterID),
		kfake.BrokerConfigs(map[string]string{
			"log.segment.bytes":      strconv.FormatInt(cmp.Or(config.SegmentBytes, DefaultSegmentBytes), 10),
			"log.retention.bytes":    strconv.FormatInt(cmp.Or(config.RetentionBytes, DefaultRetentionBytes), 10),
			"log.cleaner.backoff.ms": strconv.FormatInt(retentionEvery.Milliseconds(), 10),
			// A KIP-848 member learns of its partitions by a heartbeat; Kafka's 5 s are long
			// beside a trial on a simulated broker.
			"group.consumer.heartbeat.interval.ms": "250",
		}),
	)
	if err != nil {
		return fmt.Errorf("start the simulated broker: %w", err)
	}
	defer cluster.Close()

	var background sync.WaitGroup
	defer background.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	leadAsPlaced(ctx, cluster, &background)
	background.Go(func() { retain(ctx, cluster) })
	if config.Until != nil {
		// Nobody waits for this one: a read of standard input cannot be interrupted, and ends
		// with the process.
		go func() {
			io.Copy(io.Discard, config.Until)
			stop()
		}()
	}
	if err := json.NewEncoder(ready).Encode(Ready{strings.Join(cluster.ListenAddrs(), ",")}); err != nil {
		return fmt.Errorf("say that the simulated broker is ready: %w", err)
	}
	<-ctx.Done()
	return nil
}

// retain keeps partitions within their bounds. kfake does so by itself only where a topic, not
// the broker, has a retention.
func retain(ctx context.Context, cluster *kfake.Cluster) {
	tick := time.NewTicker(retentionEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			cluster.ApplyRetention()
		case <-ctx.Done():
			return
		}
	}
}

// leadAsPlaced moves the leaders of new partitions to where CreateTopics placed them: kfake
// draws them at random.
func leadAsPlaced(ctx context.Context, cluster *kfake.Cluster, background *sync.WaitGroup) {
	created := make(chan *kmsg.CreateTopicsRequest, 16)
	cluster.ControlKey(int16(kmsg.CreateTopics), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		select {
		case created <- req.(*kmsg.CreateTopicsRequest):
		default: // leaders stay where they were drawn
		}
		return nil, nil, false // the cluster creates the topics by itself
	})
	background.Go(func() {
		for {
			select {
			case req := <-created:
				moveLeaders(cluster, req)
			case <-ctx.Done():
				return
			}
		}
	})
}

func moveLeaders(cluster *kfake.Cluster, req *kmsg.CreateTopicsRequest) {
	for _, topic := range req.Topics {
		for _, a := range topic.ReplicaAssignment {
			if len(a.Replicas) > 0 {
				// An error means that the topic was not created; its asker knows.
				_ = cluster.MoveTopicPartition(topic.Topic, a.Partition, a.Replicas[0])
			}
		}
	}
}
