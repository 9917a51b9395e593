package workload

import (
	"testing"
	"time"

	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
)

func TestOnRealKafkaPipelinesKeepTheirGuarantees(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	for _, c := range []struct {
		name   string
		change func(*scenarios.Pipeline)
	}{
		{"at least once", nil},
		{"exactly once", func(p *scenarios.Pipeline) { *p = enrich(t, scenarios.ExactlyOnce) }},
		{"exactly once, with aborts", func(p *scenarios.Pipeline) {
			*p = enrich(t, scenarios.ExactlyOnce)
			p.Aborts = 0.3
		}},
		{"exactly once, KIP-848", func(p *scenarios.Pipeline) {
			*p = enrich(t, scenarios.ExactlyOnce)
			p.Consumer = properties(t, property.Consumer, "enable.auto.commit", "false", "isolation.level", "read_committed", "group.protocol", "consumer")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := enrich(t, scenarios.AtLeastOnce)
			if c.change != nil {
				c.change(&p)
			}
			l := through(t, "1000/s", p)
			l.Drain = time.Minute
			trial := executeOn(t, t.Context(), l, bootstrap)
			allCameThrough(t, trial)
		})
	}
	t.Run("retry topic and dead letters in transactions", func(t *testing.T) {
		t.Parallel()
		p := enrich(t, scenarios.ExactlyOnce)
		p.Failures = scenarios.Failures{Policy: scenarios.FailureRetryTopic, Ratio: 0.05, Retries: 1}
		l := through(t, "1000/s", p)
		l.Drain = time.Minute
		trial := executeOn(t, t.Context(), l, bootstrap)
		booksOfPaths(t, trial)
		read, retry := trial.End.Consumers["analytics"], trial.End.Consumers["enrich-retry"]
		if want := (results.Integrity{Checked: true}); read.Integrity != want || read.Unread != 0 || retry.Failures.Paths.DeadLettered == 0 {
			t.Errorf("%+v, %d unread, then %+v; anomalies %+v", read.Integrity, read.Unread, retry.Failures.Paths, trial.End.Anomalies)
		}
	})
}
