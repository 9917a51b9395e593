package report

import (
	"bytes"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// many is a run of 200 trials: 20 cases in 10 rounds, 60 intervals each, two producer groups and
// a consumer group with 12 partitions.
func many(t testing.TB) *results.Run {
	t.Helper()
	p := matrix()
	p.repeats, p.seconds, p.rate = 1, 53, 500
	for i := range 8 {
		extra := p.cases[i]
		extra.settings = codec(extra.settings[0].Value, 100+i)
		p.cases = append(p.cases, extra)
	}
	run := p.build(t)
	once := run.Trials
	run.Trials, run.Manifest.Order = nil, nil
	for round := 1; round <= 10; round++ {
		for _, trial := range once {
			trial.Begin.Trial, trial.Begin.Round = round, round
			trial.Begin.Producers = append(trial.Begin.Producers[:1:1], results.ProducerInfo{Name: "second", OpenLoop: true, OfferedRecordsPerSecond: 500, Clients: 1, Send: "async"})
			end := *trial.End
			end.Producers = map[string]results.ProducerTotals{"checkout": end.Producers["checkout"], "second": end.Producers["checkout"]}
			trial.End = &end
			intervals := make([]results.Interval, len(trial.Intervals))
			for i, interval := range trial.Intervals {
				producer, consumer := interval.Producers["checkout"], interval.Consumers["analytics"]
				consumer.Lag = map[string]results.PartitionLag{"orders": {Records: make([]int64, 12), Seconds: make([]float64, 12)}}
				interval.Producers = map[string]results.ProducerInterval{"checkout": producer, "second": producer}
				interval.Consumers = map[string]results.ConsumerInterval{"analytics": consumer}
				intervals[i] = interval
			}
			trial.Intervals = intervals
			run.Trials = append(run.Trials, trial)
			run.Manifest.Order = append(run.Manifest.Order, results.TrialRef{Case: trial.Begin.Case, Trial: round, Round: round})
		}
	}
	run.Manifest.Repeats = 10
	summary, err := analysis.Summarize(run)
	if err != nil {
		t.Fatal(err)
	}
	run.Summary = summary
	return run
}

// BenchmarkReportOf200Trials measures the document and its page, from decoded journals on.
func BenchmarkReportOf200Trials(b *testing.B) {
	run := many(b)
	var page bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		d, err := New(run)
		if err != nil {
			b.Fatal(err)
		}
		page.Reset()
		if err := d.HTML(&page); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(page.Len()), "page-bytes")
}

func TestAPageOf200TrialsStaysSmall(t *testing.T) {
	d, err := New(many(t))
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := d.HTML(&page); err != nil {
		t.Fatal(err)
	}
	const most = 5 << 20
	if page.Len() > most {
		t.Errorf("the page has %d bytes, more than %d", page.Len(), most)
	}
}
