package workload

import (
	"math"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// compressionEstimate is what Java's producer expects compression to leave of the next batch: it
// starts with all of it, goes up by at least 0.05 with a batch that compressed worse, and down by at most
// 0.005 with one that compressed better (CompressionRatioEstimator). So it follows the batches that
// compress worst, small ones among them. Java keeps one for a topic in a process; here each client
// has its own, and a client has one topic.
type compressionEstimate struct{ bits atomic.Uint64 }

// Steps and margin of Java's CompressionRatioEstimator.
const (
	estimateUp     = 0.05
	estimateDown   = 0.005
	estimateMargin = 1.05
)

func newCompressionEstimate() *compressionEstimate {
	e := &compressionEstimate{}
	e.bits.Store(math.Float64bits(1))
	return e
}

// OnProduceBatchWritten implements kgo.HookProduceBatchWritten.
func (e *compressionEstimate) OnProduceBatchWritten(_ kgo.BrokerMetadata, _ string, _ int32, b kgo.ProduceBatchMetrics) {
	if b.UncompressedBytes > 0 && b.CompressionType != 0 {
		e.observe(float64(b.CompressedBytes) / float64(b.UncompressedBytes))
	}
}

// observe takes what compression left of a batch. Batches of several brokers are written side
// by side: where two meet, one is not counted, as in Java.
func (e *compressionEstimate) observe(ratio float64) {
	before := e.bits.Load()
	estimate := math.Float64frombits(before)
	if ratio > estimate {
		estimate = max(estimate+estimateUp, ratio)
	} else {
		estimate = max(estimate-estimateDown, ratio)
	}
	e.bits.CompareAndSwap(before, math.Float64bits(estimate))
}

// ratio returns the estimate with Java's margin.
func (e *compressionEstimate) ratio() float64 {
	return estimateMargin * math.Float64frombits(e.bits.Load())
}
