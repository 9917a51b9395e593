package workload

import (
	"strings"
	"testing"

	"kaliper/internal/kafkatest"
	"kaliper/results"
	"kaliper/scenarios"
)

// The built-in scenarios of pipelines: on a real broker each trouble shows, and so does its
// cure. What is compared is far apart by the settings themselves, on the slowest machine too.
func TestOnRealKafkaTheCuresOfPipelineScenariosShow(t *testing.T) {
	bootstrap := kafkatest.Start(t, kafkatest.Config{Nodes: 1, Fast: true}).Addresses()
	short := []string{"warmup=500ms", "duration=4s", "drain=20s"}

	t.Run("exactly-once-cost: longer transactions are fewer, and records wait for their end", func(t *testing.T) {
		cases := builtIn(t, bootstrap, "exactly-once-cost", append(short, "producers.checkout.rate=500/s")...)
		troubled := executeOn(t, t.Context(), cases["exactly-once 10ms"], bootstrap)
		cured := executeOn(t, t.Context(), cases["exactly-once 1s"], bootstrap)
		many, few := troubled.End.Consumers["enrich"].Pipeline.Transactions.Committed, cured.End.Consumers["enrich"].Pipeline.Transactions.Committed
		if few == 0 || many <= few {
			t.Errorf("%d transactions of 10 ms, %d of 1 s", many, few)
		}
		for name, trial := range map[string]results.Trial{"10 ms": troubled, "1 s": cured} {
			c := trial.End.Consumers["analytics"]
			if want := (results.Integrity{Checked: true}); c.Integrity != want || c.Unread != 0 {
				t.Errorf("%s: %+v, %d unread", name, c.Integrity, c.Unread)
			}
		}
		if early, late := troubled.End.Consumers["analytics"].EndToEnd.P50Seconds, cured.End.Consumers["analytics"].EndToEnd.P50Seconds; late <= early {
			t.Errorf("end to end p50 %v s with transactions of 10 ms, %v s with those of 1 s", early, late)
		}
	})
	t.Run("transaction-size: with more records to a transaction the schedule is kept", func(t *testing.T) {
		cases := builtIn(t, bootstrap, "transaction-size", append(short, "producers.checkout.rate=1000/s")...)
		troubled := executeOn(t, t.Context(), cases["transaction 1"], bootstrap)
		cured := executeOn(t, t.Context(), cases["transaction 100"], bootstrap)
		plain := executeOn(t, t.Context(), cases["async null"], bootstrap)
		for name, trial := range map[string]results.Trial{"1": troubled, "100": cured, "none": plain} {
			if i := trial.End.Consumers["analytics"].Integrity; i.Lost+i.AbortedRead+i.Torn+i.Duplicated != 0 {
				t.Errorf("%s: %+v", name, i)
			}
		}
		if long, short := troubled.End.Producers["checkout"].Ack.P50Seconds, cured.End.Producers["checkout"].Ack.P50Seconds; short*2 > long {
			t.Errorf("ack p50 %v s with transactions of one record, %v s with those of 100", long, short)
		}
		many, few := troubled.End.Producers["checkout"].Transactions.Ended, cured.End.Producers["checkout"].Transactions.Ended
		if few.Committed == 0 || many.Committed < 2*few.Committed || plain.End.Producers["checkout"].Transactions != nil {
			t.Errorf("transactions %+v and %+v", many, few)
		}
	})
	t.Run("retry-and-dlq: records that fail do not hold up the others any more", func(t *testing.T) {
		cases := builtIn(t, bootstrap, "retry-and-dlq", append(short, "producers.checkout.rate=200/s", "consumers.workers.failures.ratio=5%")...)
		troubled := executeOn(t, t.Context(), cases["retry"], bootstrap)
		cured := executeOn(t, t.Context(), cases["retry-topic"], bootstrap)
		booksOfPaths(t, troubled)
		booksOfPaths(t, cured)
		if held, free := troubled.End.Consumers["workers"].EndToEnd.P50Seconds, cured.End.Consumers["workers"].EndToEnd.P50Seconds; free*2 > held {
			t.Errorf("end to end p50 %v s with retries in place, %v s with a retry topic", held, free)
		}
		if c := cured.End.Consumers["workers-retry"]; c.Failures.Paths.Recovered == 0 || c.Unread != 0 || cured.End.Consumers["workers"].Unread != 0 {
			t.Errorf("the retry topic: %+v", c)
		}
	})
}

// builtIn returns the cases of a built-in scenario by the values of their settings.
func builtIn(t *testing.T, bootstrap []string, name string, sets ...string) map[string]scenarios.Load {
	t.Helper()
	source, ok := scenarios.BuiltIn(name)
	if !ok {
		t.Fatalf("there is no built-in scenario %s", name)
	}
	s, err := scenarios.Parse(source, scenarios.Options{Bootstrap: strings.Join(bootstrap, ","), Sets: sets})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]scenarios.Load{}
	for _, c := range s.Cases {
		var values []string
		for _, setting := range c.Settings {
			values = append(values, setting.Value)
		}
		cases[strings.Join(values, " ")] = c.Load
	}
	return cases
}
