package workload

import (
	"testing"
	"time"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
	"kaliper/results"
	"kaliper/scenarios"
)

// A real broker whose cleaner looks often.
func TestOnRealKafkaTheLogIsLookedInto(t *testing.T) {
	bootstrap := kafkatest.Start(t, kafkatest.Config{Nodes: 1, Fast: true, Properties: map[string]string{
		"log.cleaner.backoff.ms": "200", "log.cleaner.dedupe.buffer.size": "4194304", "log.segment.delete.delay.ms": "100",
	}}).Addresses()
	t.Run("compaction: small segments and a low dirty ratio make the topic small", func(t *testing.T) {
		cases := builtIn(t, bootstrap, "compaction", "warmup=500ms", "duration=4s", "drain=60s", "consumers.rebuild.start.after=4s", "producers.updates.key.cardinality=100")
		looked := func(name string) (results.Compaction, shown) {
			trial := executeOn(t, t.Context(), cases[name], bootstrap)
			if c := trial.End.Consumers["rebuild"]; c.Unread != 0 || c.Integrity.Lost != 0 {
				t.Errorf("%s: who starts anew: %+v", name, c)
			}
			return trial.End.Compaction[0], analysis.Metrics(trial)
		}
		_, troubled := looked("604800000 0.5")
		if n := troubled.of("compaction.ratio"); n != 1 {
			t.Errorf("compacted to %v, though the only segment is active", n)
		}
		c, cured := looked("1000 0.01")
		// What came in the last second, at the least, is in the active segment.
		if n := cured.of("compaction.ratio"); !(n < 0.6 && n > cured.of("compaction.keys.ratio")) || c.Keys != 100 || c.Written != 9000 {
			t.Errorf("compacted to %v: %+v", n, c)
		}
	})
	t.Run("what transactions wrote is read back", func(t *testing.T) {
		p := producers(t, "1000/s")
		p.Send, p.Transaction = scenarios.SendTransaction, scenarios.Transaction{Records: 50, Aborts: 0.2}
		l := lookingAt(t, load([]scenarios.ProducerGroup{p}), true, false)
		l.Drain = 30 * time.Second
		l.Warmup = 0 // what was not committed is counted in the window
		trial := executeOn(t, t.Context(), l, bootstrap)
		sent, back := trial.End.Producers["checkout"], trial.End.Readback
		if want := sent.Whole.Acked - sent.Transactions.Uncommitted; back.Records != want || back.Integrity != (results.Integrity{Checked: true}) || sent.Transactions.Ended.Aborted == 0 {
			t.Errorf("read back %+v; sent %+v, %+v", back, sent.Whole, sent.Transactions)
		}
	})
}
