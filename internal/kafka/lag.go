package kafka

import (
	"cmp"
	"sort"
	"time"
)

// endOffset is how far a partition's log reached at a time.
type endOffset struct {
	at  time.Time
	end int64
}

// endOffsets is the history of a partition's end, in rising order of both, bounded in size:
// a full history gives up every second sample of its older half, so that it goes on reaching
// back to its beginning and loses only resolution there.
type endOffsets struct {
	samples []endOffset
	most    int // mostSamples if zero
}

// mostSamples bounds a history: an hour at one sample a second before anything is thinned.
const mostSamples = 3600

// add appends what was seen at a time. What is older than the last sample, or says that the
// log has shrunk, is dropped: leaders change, and answers overtake each other.
func (h *endOffsets) add(at time.Time, end int64) {
	n := len(h.samples)
	if n > 0 && (at.Before(h.samples[n-1].at) || end < h.samples[n-1].end) {
		return
	}
	if n > 1 && h.samples[n-1].end == end && h.samples[n-2].end == end {
		h.samples[n-1].at = at // a standstill needs its two ends only
		return
	}
	if n == cmp.Or(h.most, mostSamples) {
		h.thin()
	}
	h.samples = append(h.samples, endOffset{at, end})
}

func (h *endOffsets) thin() {
	half := len(h.samples) / 2
	kept := h.samples[:0]
	for i, s := range h.samples {
		if i >= half || i%2 == 0 {
			kept = append(kept, s)
		}
	}
	h.samples = kept
}

// lag returns how many records a consumer at position has still to read, and how long the
// first of them has been there. Seconds are negative (unknown) where that record is older than
// the history, and records as well where there is no history at all.
//
// The record at position was appended when the end passed it. Between the last sample whose
// end does not exceed position and the next one, records are taken to have come evenly; the
// record counts at its middle, so that neither lag nor lead is favoured.
func (h *endOffsets) lag(position int64, now time.Time) (records int64, seconds float64) {
	n := len(h.samples)
	if n == 0 {
		return -1, -1
	}
	records = max(h.samples[n-1].end-position, 0)
	if records == 0 {
		return 0, 0
	}
	after := sort.Search(n, func(i int) bool { return h.samples[i].end > position })
	if after == 0 {
		return records, -1
	}
	earlier, later := h.samples[after-1], h.samples[after]
	share := (float64(position-earlier.end) + 0.5) / float64(later.end-earlier.end)
	appended := earlier.at.Add(time.Duration(share * float64(later.at.Sub(earlier.at))))
	return records, max(now.Sub(appended).Seconds(), 0)
}
