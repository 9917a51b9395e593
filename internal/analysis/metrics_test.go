package analysis

import (
	"math"
	"testing"

	"kaliper/internal/metric"
	"kaliper/results"
)

func TestMetricsOfACleanTrial(t *testing.T) {
	metrics := Metrics(cleanTrial(t))
	want := map[string]float64{
		"ack.p50": 0.010, "checkout.ack.p99": 0.010, "ack.max": 0.010, "ack.mean": 0.010,
		"service.p99": 0.005, "slip.pacer.p99": 0.0001, "slip.blocked.p99": 0,
		"e2e.p99": 0.020, "analytics.processed.p99_9": 0.030,
		"offered.records_per_second": 100, "checkout.offered.bytes_per_second": 100_000,
		"acked.records_per_second": 100, "acked.bytes_per_second": 100_000,
		"consumed.records_per_second": 100, "analytics.consumed.bytes_per_second": 100_000,
		"errors.ratio": 0, "lag.records.max": 4, "analytics.lag.seconds.max": 0.002, "lag.slope": 0,
		"checkout.requests.per_second": 10, "analytics.requests.per_second": 5, "requests.per_second": 15,
		"batch.records": 5, "compression.ratio": 0.4, "wire.bytes_per_record": 5,
		"cpu.seconds_per_record": 0.02 / 200, "pacer.cpu.ratio": 0.01, "memory.rss.max": 60 << 20,
		"rebalances.count": 0, "rebalances.pause.max": 0, "throttle.seconds": 0,
		"lost": 0, "duplicated": 0, "analytics.redelivered": 0, "reordered": 0, "corrupted": 0,
	}
	for name, value := range want {
		got, measured := metrics[name]
		if !measured || !near(float64(got.Value), value) {
			t.Errorf("%s is %v (measured: %v), want %v", name, got.Value, measured, value)
		}
	}
	// 1,000 records have ten beyond p99 and a hundred beyond p90.
	if !metrics["ack.p99"].Few || metrics["ack.p90"].Few {
		t.Errorf("few beyond: p99 %v, p90 %v; want p99 alone marked", metrics["ack.p99"].Few, metrics["ack.p90"].Few)
	}
}

// Every name and unit that a trial has is one of the one list.
func TestMetricsAreThoseOfTheList(t *testing.T) {
	trial := cleanTrial(t)
	failing(t, &trial, 20)
	for name, value := range Metrics(trial) {
		ref, err := metric.Parse(name, []string{"checkout", "analytics"})
		if err != nil {
			t.Error(err)
			continue
		}
		if value.Unit != ref.Definition.Unit {
			t.Errorf("%s is in %q, want %q", name, value.Unit, ref.Definition.Unit)
		}
	}
}

// No metric of the list is forgotten.
func TestEveryMetricOfTheListIsMeasured(t *testing.T) {
	trial := cleanTrial(t)
	failing(t, &trial, 20)
	piping(t, &trial)
	polled(t, &trial)
	serializing(t, &trial)
	besides(&trial)
	lookedInto(&trial)
	metrics := Metrics(trial)
	for _, definition := range metric.All() {
		name := definition.Name
		if name == "errors.KIND.count" {
			name = "errors.timed_out.count"
		}
		if _, measured := metrics[name]; !measured {
			t.Errorf("%s is not measured", name)
		}
	}
}

func TestMetrics(t *testing.T) {
	inf, absent := math.Inf(1), -1.0
	tests := []struct {
		name   string
		change func(trial *results.Trial)
		want   map[string]float64 // absent: not there at all
	}{
		{"failed records rank as infinite", func(trial *results.Trial) { failing(t, trial, 20) },
			map[string]float64{"ack.p95": 0.010, "ack.p99": inf, "ack.max": inf, "ack.mean": 0.010, "service.p99": inf,
				"errors.ratio": 0.02, "errors.timed_out.count": 20, "checkout.errors.timed_out.count": 20}},
		{"unresolved records rank as infinite", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.Window.Intended += 100; p.Window.Unresolved = 100 })
		}, map[string]float64{"ack.p90": 0.010, "ack.p95": inf, "errors.ratio": 100.0 / 1100}},
		{"unread records rank as infinite in e2e and processed alone", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) { c.Unread = 50 })
		}, map[string]float64{"e2e.p90": 0.020, "e2e.p99": inf, "processed.p99": inf, "ack.p99": 0.010}},
		{"records that the handler did not finish rank as infinite in processed", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) { c.Processed = latencies(t, 30, 900) })
		}, map[string]float64{"e2e.p99": 0.020, "processed.p99": inf, "processed.p50": 0.030}},
		{"the closed loop has neither ack nor slip", func(trial *results.Trial) { trial.Begin.Producers[0].OpenLoop = false },
			map[string]float64{"ack.p99": absent, "checkout.ack.p99": absent, "slip.pacer.p99": absent, "slip.blocked.p50": absent,
				"service.p99": 0.005, "acked.records_per_second": 100}},
		{"integrity that was off is not there", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) { c.Integrity = results.Integrity{} })
		}, map[string]float64{"lost": absent, "analytics.lost": absent}},
		{"integrity that hit a bound is unknown, never 0, and a finding stays one", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) {
				c.Integrity = results.Integrity{Checked: true, Unknown: "too many ranges", Duplicated: 3}
			})
		}, map[string]float64{"lost": math.NaN(), "duplicated": 3}},
		{"a lag that is unknown in one partition is unknown", func(trial *results.Trial) {
			for _, interval := range trial.Intervals {
				interval.Consumers["analytics"].Lag["orders"].Records[1] = -1
			}
		}, map[string]float64{"lag.records.max": absent, "lag.slope": absent, "lag.seconds.max": 0.002}},
		{"a client that told of no request did not tell", func(trial *results.Trial) {
			for _, interval := range trial.Intervals {
				p := interval.Producers["checkout"]
				p.Client = results.ClientInterval{}
				interval.Producers["checkout"] = p
			}
		}, map[string]float64{"batch.records": absent, "checkout.requests.per_second": absent, "requests.per_second": 5}},
		{"a trial that ended in its warm-up has no rates", func(trial *results.Trial) {
			trial.End.WindowStart, trial.End.WindowEnd = 2, 1
			changeProducer(trial, func(p *results.ProducerTotals) { *p = results.ProducerTotals{} })
		}, map[string]float64{"acked.records_per_second": absent, "ack.p99": absent, "pacer.cpu.ratio": absent, "memory.rss.max": 60 << 20}},
		{"errors of consumers count by kind, and pooled with the producers'", func(trial *results.Trial) {
			failing(t, trial, 20)
			c := trial.Intervals[5].Consumers["analytics"]
			c.Failed = map[string]int64{"timed_out": 2}
			trial.Intervals[5].Consumers["analytics"] = c
		}, map[string]float64{"errors.timed_out.count": 22, "checkout.errors.timed_out.count": 20, "analytics.errors.timed_out.count": 2}},
		{"an end that tells nothing has nothing measured", func(trial *results.Trial) {
			trial.Intervals, trial.End = nil, &results.End{}
		}, map[string]float64{"ack.p99": absent, "errors.ratio": absent, "lost": absent, "memory.rss.max": absent}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			trial := cleanTrial(t)
			test.change(&trial)
			metrics := Metrics(trial)
			for name, want := range test.want {
				got, measured := metrics[name]
				if want == absent && measured || want != absent && (!measured || !near(float64(got.Value), want)) {
					t.Errorf("%s is %v (measured: %v), want %v", name, got.Value, measured, want)
				}
			}
		})
	}
}

func TestMetricsPoolGroupsByMergingNotByAveraging(t *testing.T) {
	trial := cleanTrial(t)
	trial.Begin.Producers = append(trial.Begin.Producers, results.ProducerInfo{Name: "bulk", OpenLoop: true},
		results.ProducerInfo{Name: "flood"})
	trial.End.Producers["bulk"] = results.ProducerTotals{
		Window: results.Books{Intended: 3000, Acked: 3000}, CompletedInWindow: 3000,
		Ack: latencies(t, 100, 3000), Service: latencies(t, 50, 3000),
	}
	trial.End.Producers["flood"] = results.ProducerTotals{
		Window: results.Books{Intended: 6000, Acked: 6000}, CompletedInWindow: 6000, Service: latencies(t, 1, 6000),
	}
	metrics := Metrics(trial)
	for name, want := range map[string]float64{
		"ack.p50": 0.100, "checkout.ack.p50": 0.010, "bulk.ack.p50": 0.100, // ack: of the open loops alone
		"service.p50": 0.001, "service.p99": 0.050, "acked.records_per_second": 1000,
	} {
		if got := float64(metrics[name].Value); !near(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// Of a trial that was killed the intervals tell, and what was under way is unresolved.
func TestMetricsOfACrashedTrialComeFromItsIntervals(t *testing.T) {
	trial := cleanTrial(t)
	trial.State, trial.End = results.Crashed, nil
	trial.Intervals = trial.Intervals[:7] // the window's first 5 s
	last := trial.Intervals[6].Producers["checkout"]
	last.Backlog = 99
	trial.Intervals[6].Producers["checkout"] = last
	metrics := Metrics(trial)
	for name, want := range map[string]float64{
		"acked.records_per_second": 100, "consumed.records_per_second": 100, "ack.p50": 0.010,
		"ack.p90": math.Inf(1), // 100 of 600 are under way
		"e2e.p99": 0.020,
	} {
		if got := float64(metrics[name].Value); !near(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if _, known := metrics["lost"]; known {
		t.Error("lost is known of a trial that did not end")
	}
}
