package workload

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/results"
)

// The request keys that count as a group's requests (Kafka protocol guide, "API Keys").
const (
	produceKey int16 = 0
	fetchKey   int16 = 1

	shareFetchKey int16 = 78
)

// clientMetrics are a group's figures as the client library tells them through its hooks. All
// clients of a group share one; the hooks run once a request or a batch.
type clientMetrics struct {
	key int16 // whose requests count

	requests, batches, batchRecords, uncompressed, compressed, wire atomic.Int64
	roundTrip, queue, throttle                                      atomic.Int64 // nanoseconds
	connects, disconnects                                           atomic.Int64
}

var (
	_ kgo.HookBrokerE2E           = (*clientMetrics)(nil)
	_ kgo.HookBrokerThrottle      = (*clientMetrics)(nil)
	_ kgo.HookBrokerConnect       = (*clientMetrics)(nil)
	_ kgo.HookBrokerDisconnect    = (*clientMetrics)(nil)
	_ kgo.HookProduceBatchWritten = (*clientMetrics)(nil)
	_ kgo.HookFetchBatchRead      = (*clientMetrics)(nil)
)

// OnBrokerE2E implements kgo.HookBrokerE2E.
func (m *clientMetrics) OnBrokerE2E(_ kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	if key != m.key || e2e.Err() != nil {
		return
	}
	m.requests.Add(1)
	m.roundTrip.Add(int64(e2e.DurationE2E()))
	m.queue.Add(int64(e2e.WriteWait))
	if key == produceKey {
		m.wire.Add(int64(e2e.BytesWritten))
	} else {
		m.wire.Add(int64(e2e.BytesRead))
	}
}

// OnBrokerThrottle implements kgo.HookBrokerThrottle.
func (m *clientMetrics) OnBrokerThrottle(_ kgo.BrokerMetadata, interval time.Duration, _ bool) {
	m.throttle.Add(int64(interval))
}

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (m *clientMetrics) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err == nil {
		m.connects.Add(1)
	}
}

// OnBrokerDisconnect implements kgo.HookBrokerDisconnect.
func (m *clientMetrics) OnBrokerDisconnect(kgo.BrokerMetadata, net.Conn) {
	m.disconnects.Add(1)
}

// OnProduceBatchWritten implements kgo.HookProduceBatchWritten.
func (m *clientMetrics) OnProduceBatchWritten(_ kgo.BrokerMetadata, _ string, _ int32, b kgo.ProduceBatchMetrics) {
	if m.key != produceKey {
		return // of a pipeline, which reads and writes with one client
	}
	m.batch(b.NumRecords, b.UncompressedBytes, b.CompressedBytes)
}

// OnFetchBatchRead implements kgo.HookFetchBatchRead.
func (m *clientMetrics) OnFetchBatchRead(_ kgo.BrokerMetadata, _ string, _ int32, b kgo.FetchBatchMetrics) {
	if m.key == produceKey {
		return
	}
	m.batch(b.NumRecords, b.UncompressedBytes, b.CompressedBytes)
}

func (m *clientMetrics) batch(records, uncompressed, compressed int) {
	m.batches.Add(1)
	m.batchRecords.Add(int64(records))
	m.uncompressed.Add(int64(uncompressed))
	m.compressed.Add(int64(compressed))
}

// take returns what was counted since the last take.
func (m *clientMetrics) take() results.ClientInterval {
	seconds := func(n *atomic.Int64) float64 { return float64(n.Swap(0)) / 1e9 }
	return results.ClientInterval{
		Requests:          m.requests.Swap(0),
		Batches:           m.batches.Swap(0),
		BatchRecords:      m.batchRecords.Swap(0),
		UncompressedBytes: m.uncompressed.Swap(0),
		CompressedBytes:   m.compressed.Swap(0),
		WireBytes:         m.wire.Swap(0),
		RoundTripSeconds:  seconds(&m.roundTrip),
		QueueSeconds:      seconds(&m.queue),
		ThrottleSeconds:   seconds(&m.throttle),
		Connects:          m.connects.Swap(0),
		Disconnects:       m.disconnects.Swap(0),
	}
}
