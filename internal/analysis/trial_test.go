package analysis

import (
	"math"
	"testing"
	"time"

	"kaliper/internal/measure"
	"kaliper/results"
)

// latencies returns a histogram of n latencies of so many milliseconds each.
func latencies(t testing.TB, milliseconds float64, n int) measure.Encoded {
	t.Helper()
	recorder, histogram := new(measure.Recorder), measure.NewHistogram()
	for range n {
		recorder.Record(int64(milliseconds * 1e6))
	}
	recorder.DrainInto(histogram)
	encoded, err := histogram.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// cleanTrial returns a trial that nothing is wrong with: 2 s of warm-up and a window of 10 s
// in which checkout sends 100 records/s that analytics reads, every latency being 10 ms.
func cleanTrial(t testing.TB) results.Trial {
	t.Helper()
	trial := results.Trial{
		State: results.Complete,
		Begin: results.Begin{
			Schema: results.JournalSchema, Case: "c0ffee00", Trial: 1, Round: 1,
			Started:       time.Date(2026, 11, 23, 16, 12, 0, 0, time.UTC),
			WarmupSeconds: 2, DurationSeconds: 10,
			Producers: []results.ProducerInfo{{Name: "checkout", OpenLoop: true, OfferedRecordsPerSecond: 100}},
			Consumers: []results.ConsumerInfo{{Name: "analytics"}},
		},
	}
	ack, service, pacer, blocked := latencies(t, 10, 100), latencies(t, 5, 100), latencies(t, 0.1, 100), latencies(t, 0, 100)
	endToEnd, processed := latencies(t, 20, 100), latencies(t, 30, 100)
	for second := range 13 {
		interval := results.Interval{
			Start: float64(second), End: float64(second + 1),
			Producers: map[string]results.ProducerInterval{"checkout": {
				Offered: 100, OfferedBytes: 100_000, Acked: 100, AckedBytes: 100_000, InFlight: 1,
				Client: results.ClientInterval{Requests: 10, Batches: 20, BatchRecords: 100, UncompressedBytes: 1000, CompressedBytes: 400, WireBytes: 500},
			}},
			Consumers: map[string]results.ConsumerInterval{"analytics": {
				Consumed: 100, ConsumedBytes: 100_000,
				Lag:    map[string]results.PartitionLag{"orders": {Records: []int64{int64(second % 3), 2}, Seconds: []float64{0.001, 0.002}}},
				Client: results.ClientInterval{Requests: 5},
			}},
			Process: results.ProcessInterval{CPUSeconds: 0.03, PacerCPUSeconds: 0.01, RSSBytes: 50 << 20},
		}
		if second >= 2 && second < 12 {
			p, c := interval.Producers["checkout"], interval.Consumers["analytics"]
			p.Ack.Window, p.Service.Window, p.SlipPacer.Window, p.SlipBlocked.Window = ack, service, pacer, blocked
			c.EndToEnd.Window, c.Processed.Window = endToEnd, processed
			interval.Producers["checkout"], interval.Consumers["analytics"] = p, c
		}
		trial.Intervals = append(trial.Intervals, interval)
	}
	books := results.Books{Intended: 1000, IntendedBytes: 1_000_000, Acked: 1000, AckedBytes: 1_000_000}
	trial.End = &results.End{
		State: results.Complete, Seconds: 13, WindowStart: 2, WindowEnd: 12, ProcessRSSBytes: 60 << 20,
		Producers: map[string]results.ProducerTotals{"checkout": {
			Whole:  results.Books{Intended: 1200, Acked: 1200},
			Window: books, CompletedInWindow: 1000, CompletedBytesInWindow: 1_000_000,
			Ack: latencies(t, 10, 1000), Service: latencies(t, 5, 1000), SlipPacer: latencies(t, 0.1, 1000), SlipBlocked: latencies(t, 0, 1000),
		}},
		Consumers: map[string]results.ConsumerTotals{"analytics": {
			Consumed: 1200, Window: 1000, Expected: 1000, ConsumedInWindow: 1000, ConsumedBytesInWindow: 1_000_000,
			EndToEnd: latencies(t, 20, 1000), Processed: latencies(t, 30, 1000), Integrity: results.Integrity{Checked: true},
		}},
	}
	return trial
}

// changeProducer changes the totals of checkout.
func changeProducer(trial *results.Trial, change func(*results.ProducerTotals)) {
	totals := trial.End.Producers["checkout"]
	change(&totals)
	trial.End.Producers["checkout"] = totals
}

// changeConsumer changes the totals of analytics.
func changeConsumer(trial *results.Trial, change func(*results.ConsumerTotals)) {
	totals := trial.End.Consumers["analytics"]
	change(&totals)
	trial.End.Consumers["analytics"] = totals
}

// everyInterval changes what the process was like in every interval.
func everyInterval(trial *results.Trial, change func(second int, p *results.ProcessInterval)) {
	for i := range trial.Intervals {
		change(i, &trial.Intervals[i].Process)
	}
}

// failing makes n of the window's 1,000 records fail.
func failing(t testing.TB, trial *results.Trial, n int64) {
	t.Helper()
	changeProducer(trial, func(p *results.ProducerTotals) {
		p.Window.Acked -= n
		p.Window.Failed = map[string]int64{"timed_out": n}
		p.Whole.Acked -= n
		p.Whole.Failed = map[string]int64{"timed_out": n}
		p.CompletedInWindow -= n
		p.Ack, p.Service = latencies(t, 10, int(p.Window.Acked)), latencies(t, 5, int(p.Window.Acked))
	})
}

func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 0.002*math.Abs(b)
}
