// Package measure turns what happens on the hot path into figures: latency recorders, their
// mergeable histograms, and readings of this process and its machine. It decides how exact a
// figure is (histograms of three significant digits from 1 us to one hour) and refuses to
// decide what a figure means.
package measure

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// The layout of every histogram of kaliper: HdrHistogram's, for nanoseconds from 1 us to one
// hour with three significant digits. Recorder computes indexes of the same layout by itself,
// because the library's histogram is neither safe for a reader beside the writer nor small.
const (
	lowestNanoseconds  = 1_000
	highestNanoseconds = int64(time.Hour)
	significantDigits  = 3

	unitMagnitude        = 9  // floor(log2(lowestNanoseconds))
	subBucketMagnitude   = 11 // 2 * 10^significantDigits, rounded up to a power of two
	subBucketCount       = 1 << subBucketMagnitude
	subBucketHalfCount   = subBucketCount / 2
	subBucketMask        = (subBucketCount - 1) << unitMagnitude
	bucketCount          = 23 // until subBucketCount << (unitMagnitude + n) exceeds the highest
	countsLength         = (bucketCount + 1) * subBucketHalfCount
	leadingZeroCountBase = 64 - unitMagnitude - subBucketMagnitude
)

// Recorder counts latencies. Any number of goroutines may Record while one other drains; a
// record costs one uncontended atomic addition and never allocates. Give every writer a
// Recorder of its own, or share one among clients where memory matters more than a cache line.
type Recorder struct {
	counts [countsLength]atomic.Uint32
	max    atomic.Int64 // nanoseconds; the layout rounds up by as much as 0.1%
}

// countsIndex returns the place of a value, which must lie in [0, highestNanoseconds].
func countsIndex(nanoseconds int64) int {
	bucket := leadingZeroCountBase - bits.LeadingZeros64(uint64(nanoseconds)|subBucketMask)
	subBucket := int(nanoseconds >> (uint(bucket) + unitMagnitude))
	return (bucket+1)<<(subBucketMagnitude-1) + subBucket - subBucketHalfCount
}

// Record counts one latency. A negative one counts as zero, one above an hour as an hour.
func (r *Recorder) Record(nanoseconds int64) {
	nanoseconds = min(max(nanoseconds, 0), highestNanoseconds)
	r.counts[countsIndex(nanoseconds)].Add(1)
	r.raiseMax(nanoseconds)
}

func (r *Recorder) raiseMax(nanoseconds int64) {
	for {
		old := r.max.Load()
		if nanoseconds <= old || r.max.CompareAndSwap(old, nanoseconds) {
			return
		}
	}
}

// DrainInto moves all that was recorded so far into h and leaves the recorder empty. A record
// made meanwhile is counted now or the next time, never twice and never not at all.
func (r *Recorder) DrainInto(h *Histogram) {
	for i := range r.counts {
		if r.counts[i].Load() == 0 {
			continue
		}
		n := int64(r.counts[i].Swap(0))
		h.add(valueOf(i), n)
	}
	h.max = max(h.max, r.max.Swap(0))
}

// valueOf returns the lowest value that counts at index, countsIndex's inverse.
func valueOf(index int) int64 {
	bucket := index>>(subBucketMagnitude-1) - 1
	subBucket := index&(subBucketHalfCount-1) + subBucketHalfCount
	if bucket < 0 {
		bucket, subBucket = 0, subBucket-subBucketHalfCount
	}
	return int64(subBucket) << (uint(bucket) + unitMagnitude)
}
