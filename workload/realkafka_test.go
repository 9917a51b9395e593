package workload

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kaliper/internal/kafkatest"
	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
)

// Every setting that changes what goes over the wire, on a real broker: all that was sent is
// acknowledged and read, once, in order and intact.
func TestOnRealKafkaEverySettingDeliversEverythingOnce(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	sized := func(bytes int) scenarios.Size {
		return scenarios.Size{Distribution: scenarios.SizeFixed, Bytes: bytes}
	}
	for _, c := range []struct {
		name   string
		config []string
		change func(*scenarios.ProducerGroup, *scenarios.ConsumerGroup)
	}{
		{"gzip with a level", []string{"compression.type", "gzip", "compression.gzip.level", "9"}, nil},
		{"snappy", []string{"compression.type", "snappy"}, nil},
		{"lz4 with a level", []string{"compression.type", "lz4", "compression.lz4.level", "5"}, nil},
		{"zstd with a level", []string{"compression.type", "zstd", "compression.zstd.level", "6"}, nil},
		{"acks 1", []string{"acks", "1"}, nil},
		{"acks all without idempotence, one in flight", []string{"enable.idempotence", "false", "max.in.flight.requests.per.connection", "1"}, nil},
		{"no linger, small batches", []string{"linger.ms", "0", "batch.size", "1000"}, nil},
		{"records larger than a batch", []string{"batch.size", "1000"}, func(p *scenarios.ProducerGroup, _ *scenarios.ConsumerGroup) {
			p.Value.Size = sized(30_000)
		}},
		{"json in headers' company", nil, func(p *scenarios.ProducerGroup, _ *scenarios.ConsumerGroup) {
			p.Value = scenarios.Value{Format: scenarios.ValueJSON, Size: sized(500)}
			p.Headers = map[string]string{"trace": "abc"}
		}},
		{"text, poisson, zipf", nil, func(p *scenarios.ProducerGroup, _ *scenarios.ConsumerGroup) {
			p.Value = scenarios.Value{Format: scenarios.ValueText, Size: sized(200)}
			p.Arrival = scenarios.ArrivalPoisson
			p.Key = scenarios.Key{Distribution: scenarios.KeyZipf, Cardinality: 1000, Exponent: 0.99}
		}},
		{"round-robin", nil, func(p *scenarios.ProducerGroup, _ *scenarios.ConsumerGroup) {
			p.Partitioner.Kind = scenarios.PartitionerRoundRobin
		}},
		{"md5", nil, func(p *scenarios.ProducerGroup, _ *scenarios.ConsumerGroup) {
			p.Partitioner.Kind = scenarios.PartitionerMD5
		}},
		{"manual", nil, func(p *scenarios.ProducerGroup, _ *scenarios.ConsumerGroup) {
			p.Partitioner = scenarios.Partitioner{Kind: scenarios.PartitionerManual, Partitions: []int32{1, 3}}
		}},
		{"keyless and sticky", nil, func(p *scenarios.ProducerGroup, _ *scenarios.ConsumerGroup) {
			p.Key = scenarios.Key{Distribution: scenarios.KeyNone}
		}},
		{"sync", []string{"linger.ms", "0"}, func(p *scenarios.ProducerGroup, _ *scenarios.ConsumerGroup) {
			*p = producers(t, "100/s", "linger.ms", "0") // one after the other, as fast as the broker answers
			p.Send = scenarios.SendSync
		}},
		{"batch", nil, func(p *scenarios.ProducerGroup, _ *scenarios.ConsumerGroup) {
			p.Send, p.BatchSize = scenarios.SendBatch, 20
		}},
		{"KIP-848", nil, func(_ *scenarios.ProducerGroup, c *scenarios.ConsumerGroup) {
			c.Properties = properties(t, property.Consumer, "group.protocol", "consumer")
		}},
		{"assigned partitions", nil, func(_ *scenarios.ProducerGroup, c *scenarios.ConsumerGroup) {
			c.Assigned = true
		}},
		{"commit per record", nil, func(_ *scenarios.ProducerGroup, c *scenarios.ConsumerGroup) {
			c.Commit = scenarios.CommitPerRecord
		}},
		{"commit per batch, with a handler", nil, func(_ *scenarios.ProducerGroup, c *scenarios.ConsumerGroup) {
			c.Commit = scenarios.CommitPerBatch
			c.Processing = scenarios.Processing{Time: 500 * time.Microsecond, Distribution: "exponential"}
		}},
		{"commit at an interval", nil, func(_ *scenarios.ProducerGroup, c *scenarios.ConsumerGroup) {
			c.Commit, c.CommitInterval = scenarios.CommitAtInterval, 200*time.Millisecond
		}},
		{"no commits, earliest", nil, func(_ *scenarios.ProducerGroup, c *scenarios.ConsumerGroup) {
			c.Commit, c.Start.From = scenarios.CommitNone, scenarios.StartEarliest
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, g := producers(t, "500/s", c.config...), consumers(t)
			if c.change != nil {
				c.change(&p, &g)
			}
			l := load([]scenarios.ProducerGroup{p}, g)
			l.Drain = 40 * time.Second
			trial := executeOn(t, t.Context(), l, bootstrap)
			end := trial.End.Producers["checkout"]
			if end.Whole.Intended == 0 || end.Whole.Acked != end.Whole.Intended {
				t.Errorf("producers: %+v", end.Whole)
			}
			read := trial.End.Consumers["analytics"]
			if read.Unread != 0 || read.Consumed != end.Whole.Acked {
				t.Errorf("%d read of %d, %d unread", read.Consumed, end.Whole.Acked, read.Unread)
			}
			if want := (results.Integrity{Checked: true}); read.Integrity != want {
				t.Errorf("integrity %+v; anomalies %v", read.Integrity, trial.End.Anomalies)
			}
		})
	}
}

func TestOnRealKafkaRecordsWithoutAcknowledgementAreHandedOver(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	l := load([]scenarios.ProducerGroup{producers(t, "500/s", "acks", "0")}, consumers(t))
	l.Drain = 40 * time.Second
	trial := executeOn(t, t.Context(), l, bootstrap)
	if p := trial.End.Producers["checkout"].Whole; p.Acked != 500 {
		t.Errorf("%+v", p)
	}
	if c := trial.End.Consumers["analytics"]; c.Unread != 0 {
		t.Errorf("%+v", c)
	}
}

// A broker that is lost during the run: errors are counted by kind, the run goes on to its end
// and its books balance.
func TestOnRealKafkaALostBrokerIsCountedAndTheTrialEnds(t *testing.T) {
	t.Parallel()
	cluster := kafkatest.Start(t, kafkatest.Config{Nodes: 1, Fast: true})
	p := producers(t, "200/s", "delivery.timeout.ms", "6000", "request.timeout.ms", "4000", "linger.ms", "0")
	l := load([]scenarios.ProducerGroup{p})
	l.Duration, l.Drain = 4*time.Second, 15*time.Second
	killed, acked := false, int64(0)
	trial := observed(t, l, cluster.Addresses(), func(at Progress) {
		acked += at.Interval.Producers["checkout"].Acked
		if !killed && at.Interval.End > 1 && acked > 0 {
			killed = true
			if err := cluster.Nodes[0].Kill(); err != nil {
				t.Error(err)
			}
		}
	})
	end := trial.End.Producers["checkout"]
	balance(t, "whole", end.Whole)
	failed := int64(0)
	for kind, n := range end.Whole.Failed {
		if kind == "" || kind == "other" || strings.Contains(kind, " ") {
			t.Errorf("%d errors of kind %q", n, kind)
		}
		failed += n
	}
	if end.Whole.Acked == 0 || failed+end.Whole.Unresolved == 0 {
		t.Errorf("%+v", end.Whole)
	}
}

// observed runs a load whose cluster does not outlive it, so topics stay.
func observed(t *testing.T, l scenarios.Load, bootstrap []string, observe func(Progress)) results.Trial {
	t.Helper()
	l.KeepTopics = true
	trial, err := runOn(t, t.Context(), l, bootstrap, t.TempDir(), observe)
	if err != nil {
		t.Fatal(fmt.Errorf("the trial must end well: %w", err))
	}
	return trial
}
