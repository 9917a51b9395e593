package workload

import (
	"cmp"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/results"
)

// fetchedFrom counts which brokers a group's records came from, and whether those were the
// leaders of their partitions. Its hook runs once a batch.
type fetchedFrom struct {
	mu      sync.Mutex
	brokers map[int32]*results.BrokerFetches
}

// fetchHook tells fetchedFrom of one client, which knows who leads what.
type fetchHook struct {
	into   *fetchedFrom
	client *kgo.Client
}

var (
	_ kgo.HookNewClient      = (*fetchHook)(nil)
	_ kgo.HookFetchBatchRead = (*fetchHook)(nil)
)

// OnNewClient implements kgo.HookNewClient.
func (h *fetchHook) OnNewClient(client *kgo.Client) { h.client = client }

// OnFetchBatchRead implements kgo.HookFetchBatchRead. The leader is that of the client's newest
// metadata; a client that knows none counts the batch as of unknown.
func (h *fetchHook) OnFetchBatchRead(broker kgo.BrokerMetadata, topic string, partition int32, b kgo.FetchBatchMetrics) {
	leader, _, err := h.client.PartitionLeader(topic, partition)
	if err != nil {
		leader = -1
	}
	h.into.add(broker.NodeID, leader, int64(b.NumRecords), int64(b.CompressedBytes))
}

func (f *fetchedFrom) add(broker, leader int32, records, bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.brokers == nil {
		f.brokers = map[int32]*results.BrokerFetches{}
	}
	of := f.brokers[broker]
	if of == nil {
		of = &results.BrokerFetches{Broker: broker}
		f.brokers[broker] = of
	}
	of.Records += records
	of.Bytes += bytes
	switch {
	case leader < 0:
		of.UnknownBytes += bytes
	case leader != broker:
		of.FollowerRecords += records
		of.FollowerBytes += bytes
	}
}

// take returns what was counted since the last take, by broker.
func (f *fetchedFrom) take() (list []results.BrokerFetches) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, of := range f.brokers {
		list = append(list, *of)
	}
	clear(f.brokers)
	slices.SortFunc(list, func(a, b results.BrokerFetches) int { return cmp.Compare(a.Broker, b.Broker) })
	return list
}
