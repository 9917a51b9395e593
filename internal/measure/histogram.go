package measure

import (
	"fmt"
	"math"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram is a mergeable set of latencies in nanoseconds. Its zero value is not usable:
// NewHistogram. Quantiles and mean are exact to three significant digits, the maximum is exact.
type Histogram struct {
	counts *hdr.Histogram
	max    int64 // nanoseconds
}

// NewHistogram returns an empty histogram.
func NewHistogram() *Histogram {
	return &Histogram{counts: hdr.New(lowestNanoseconds, highestNanoseconds, significantDigits)}
}

func (h *Histogram) add(value, n int64) {
	if err := h.counts.RecordValues(value, n); err != nil {
		panic(err) // values are clamped when they are recorded
	}
}

// Count returns how many latencies there are.
func (h *Histogram) Count() int64 { return h.counts.TotalCount() }

// MeanSeconds returns the mean, NaN if the histogram is empty.
func (h *Histogram) MeanSeconds() float64 {
	if h.Count() == 0 {
		return math.NaN()
	}
	return h.counts.Mean() / 1e9
}

// MaxSeconds returns the largest latency, 0 if the histogram is empty.
func (h *Histogram) MaxSeconds() float64 { return float64(h.max) / 1e9 }

// Merge adds all latencies of other.
func (h *Histogram) Merge(other *Histogram) {
	h.counts.Merge(other.counts)
	h.max = max(h.max, other.max)
}

// Reset empties the histogram.
func (h *Histogram) Reset() {
	h.counts.Reset()
	h.max = 0
}

// QuantileSeconds returns the latency at quantile q in [0, 1] when infinite further records
// rank above all others: +Inf where the quantile falls among them, NaN where there are none
// at all. The rank is ceil(q n), at least 1.
func (h *Histogram) QuantileSeconds(q float64, infinite int64) float64 {
	total := h.Count() + infinite
	if total == 0 {
		return math.NaN()
	}
	// The small slack keeps 0.99 * 100 at rank 99 in spite of binary fractions.
	rank := max(int64(math.Ceil(q*float64(total)-1e-9*float64(total))), 1)
	if rank > h.Count() {
		return math.Inf(1)
	}
	if rank == h.Count() {
		return h.MaxSeconds()
	}
	value := h.counts.ValueAtPercentile(100 * float64(rank) / float64(h.Count()))
	return math.Min(float64(value)/1e9, h.MaxSeconds())
}

// Beyond returns how many records rank above quantile q, infinite ones included.
func (h *Histogram) Beyond(q float64, infinite int64) int64 {
	total := h.Count() + infinite
	return total - max(int64(math.Ceil(q*float64(total)-1e-9*float64(total))), 0)
}

// Bar is one bar of a histogram: so many latencies in [FromSeconds, ToSeconds].
type Bar struct {
	FromSeconds, ToSeconds float64
	Count                  int64
}

// Bars returns the non-empty places of the histogram in rising order.
func (h *Histogram) Bars() []Bar {
	var bars []Bar
	for _, b := range h.counts.Distribution() {
		if b.Count > 0 {
			bars = append(bars, Bar{float64(b.From) / 1e9, float64(b.To) / 1e9, b.Count})
		}
	}
	return bars
}

// Encoded is a histogram as a journal keeps it: the figures of a series beside the whole in
// HdrHistogram's compressed V2 encoding (base64), so that a reader who wants the series
// alone decodes nothing. The zero value is an empty histogram.
type Encoded struct {
	Count      int64   `json:"count"`
	P50Seconds float64 `json:"p50"`
	P99Seconds float64 `json:"p99"`
	MaxSeconds float64 `json:"max"`
	Data       string  `json:"hdr,omitempty"`
}

// IsZero reports whether there is nothing in it; encoding/json asks for omitzero.
func (e Encoded) IsZero() bool { return e.Count == 0 }

// Encode returns the histogram for a journal.
func (h *Histogram) Encode() (Encoded, error) {
	if h.Count() == 0 {
		return Encoded{}, nil
	}
	data, err := h.counts.Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		return Encoded{}, fmt.Errorf("encode histogram: %w", err)
	}
	return Encoded{
		Count:      h.Count(),
		P50Seconds: h.QuantileSeconds(0.5, 0),
		P99Seconds: h.QuantileSeconds(0.99, 0),
		MaxSeconds: h.MaxSeconds(),
		Data:       string(data),
	}, nil
}

// MergeInto adds the encoded latencies to h.
func (e Encoded) MergeInto(h *Histogram) error {
	if e.Count == 0 && len(e.Data) == 0 {
		return nil
	}
	counts, err := hdr.Decode([]byte(e.Data))
	if err != nil {
		return fmt.Errorf("decode histogram: %w", err)
	}
	if counts.TotalCount() != e.Count {
		return fmt.Errorf("decode histogram: %d records where %d were written", counts.TotalCount(), e.Count)
	}
	if dropped := h.counts.Merge(counts); dropped > 0 {
		return fmt.Errorf("decode histogram: %d records lie outside of 1 us to 1 h", dropped)
	}
	h.max = max(h.max, int64(math.Round(e.MaxSeconds*1e9)))
	return nil
}
