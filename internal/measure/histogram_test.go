package measure

import (
	"encoding/json"
	"math"
	"sync"
	"testing"
)

func recorded(nanoseconds ...int64) *Histogram {
	var r Recorder
	for _, n := range nanoseconds {
		r.Record(n)
	}
	h := NewHistogram()
	r.DrainInto(h)
	return h
}

func TestFailedRecordsRankAsInfinite(t *testing.T) {
	var r Recorder
	for i := range int64(98) {
		r.Record(1_000_000 * (i + 1))
	}
	h := NewHistogram()
	r.DrainInto(h)
	for _, check := range []struct {
		q        float64
		infinite int64
		want     float64
	}{
		{0.5, 0, 0.049}, {1, 0, 0.098}, {0.5, 2, 0.050}, {0.98, 2, 0.098}, {0.99, 2, math.Inf(1)}, {1, 1, math.Inf(1)},
	} {
		got := h.QuantileSeconds(check.q, check.infinite)
		if got != check.want && !(math.Abs(got-check.want) <= 0.001*check.want) {
			t.Errorf("quantile %v with %d infinite is %v, want %v", check.q, check.infinite, got, check.want)
		}
	}
	if beyond := h.Beyond(0.99, 2); beyond != 1 {
		t.Errorf("%d records beyond p99, want 1", beyond)
	}
	if empty := NewHistogram(); !math.IsNaN(empty.QuantileSeconds(0.5, 0)) || !math.IsInf(empty.QuantileSeconds(0.5, 1), 1) {
		t.Error("nothing at all is unknown; failures alone are infinite")
	}
}

func TestEncodedHistogramSurvivesJSONAndMerging(t *testing.T) {
	one, two := recorded(1_000, 2_000_000, 3_000_000_000), recorded(5_000_000, 7_200_000_000_000)
	sum := NewHistogram()
	for _, h := range []*Histogram{one, two} {
		encoded, err := h.Encode()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(encoded)
		if err != nil {
			t.Fatal(err)
		}
		var decoded Encoded
		if err := json.Unmarshal(text, &decoded); err != nil {
			t.Fatal(err)
		}
		if err := decoded.MergeInto(sum); err != nil {
			t.Fatal(err)
		}
	}
	one.Merge(two)
	if sum.Count() != 5 || sum.MaxSeconds() != 3600 {
		t.Errorf("%d records up to %v s, want 5 up to an hour, where recording is cut", sum.Count(), sum.MaxSeconds())
	}
	for _, q := range []float64{0.2, 0.4, 0.6, 0.8} {
		if a, b := sum.QuantileSeconds(q, 0), one.QuantileSeconds(q, 0); a != b {
			t.Errorf("quantile %v: %v after decoding, %v before", q, a, b)
		}
	}
	if (Encoded{}).MergeInto(sum) != nil || sum.Count() != 5 {
		t.Error("an empty one must merge as nothing")
	}
	if (Encoded{Count: 3, Data: "no histogram"}).MergeInto(sum) == nil {
		t.Error("nonsense was merged")
	}
}

// The reader drains while writers write: nothing is lost and nothing counted twice.
func TestDrainingBesideWritersLosesNothing(t *testing.T) {
	var r Recorder
	var writers sync.WaitGroup
	const perWriter = 50_000
	for w := range int64(3) {
		writers.Go(func() {
			for i := range int64(perWriter) {
				r.Record(w*1_000_000 + i*100)
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	h := NewHistogram()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		r.DrainInto(h)
	}
	if h.Count() != 3*perWriter {
		t.Errorf("%d records, want %d", h.Count(), 3*perWriter)
	}
}

func FuzzEncodedMergeNeverPanics(f *testing.F) {
	encoded, _ := recorded(1_000, 5_000_000).Encode()
	f.Add(encoded.Data, encoded.Count)
	f.Add("", int64(1))
	f.Fuzz(func(t *testing.T, data string, count int64) {
		_ = Encoded{Count: count, Data: data}.MergeInto(NewHistogram())
	})
}

func BenchmarkRecord(b *testing.B) {
	b.ReportAllocs()
	var r Recorder
	n := int64(1_000)
	for b.Loop() {
		r.Record(n)
		n = (n*13 + 7) & (1<<26 - 1)
	}
}

func BenchmarkDrain(b *testing.B) {
	var r Recorder
	h := NewHistogram()
	for b.Loop() {
		for i := range int64(500) {
			r.Record(i * 10_000)
		}
		r.DrainInto(h)
	}
}

func BenchmarkMergeEncoded(b *testing.B) {
	var r Recorder
	for i := range int64(500) {
		r.Record(i * 10_000)
	}
	h := NewHistogram()
	r.DrainInto(h)
	encoded, err := h.Encode()
	if err != nil {
		b.Fatal(err)
	}
	sum := NewHistogram()
	for b.Loop() {
		if err := encoded.MergeInto(sum); err != nil {
			b.Fatal(err)
		}
	}
}
