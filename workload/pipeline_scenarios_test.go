package workload

import (
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/results"
	"kaliper/scenarios"
)

// The built-in scenarios of pipelines: on a real broker each trouble shows, and so does its
// cure. What is compared is far apart by the settings themselves, on the slowest machine too.
func TestOnRealKafkaTheCuresOfPipelineScenariosShow(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	short := []string{"warmup=500ms", "duration=4s", "drain=40s"}

	t.Run("exactly-once-cost: each commit costs more than at least once, and records wait for it", func(t *testing.T) {
		t.Parallel()
		// 3 s are longer than what a busy machine makes of 10 ms.
		cases := builtIn(t, bootstrap, "exactly-once-cost", append(short, "producers.checkout.rate=200/s",
			"matrix={vary: {pipelines.enrich.guarantee: [at-least-once, exactly-once], pipelines.enrich.commit_interval: [10ms, 3s]}}")...)
		shows(t, func(c *comparison) {
			figures, transactions := map[string]shown{}, map[string]int64{}
			for _, name := range []string{"at-least-once 10ms", "at-least-once 3s", "exactly-once 10ms", "exactly-once 3s"} {
				trial := executeOn(t, t.Context(), cases[name], bootstrap)
				figures[name], transactions[name] = analysis.Metrics(trial), trial.End.Consumers["enrich"].Pipeline.Transactions.Committed
				// Every record had one effect, and nobody read what was aborted.
				read := trial.End.Consumers["analytics"]
				if want := (results.Integrity{Checked: true}); read.Integrity != want || read.Unread != 0 || read.Consumed == 0 {
					t.Errorf("%s: %+v, %d unread of %d", name, read.Integrity, read.Unread, read.Consumed)
				}
			}
			// The cost: a transaction has requests and markers that a commit of offsets has not, and records
			// may not be read before it has ended.
			c.less("enrich.commit.p50", figures["at-least-once 10ms"], figures["exactly-once 10ms"], 1)
			c.less("analytics.e2e.p50", figures["at-least-once 3s"], figures["exactly-once 3s"], 3)
			// What a longer transaction gives back, and what it takes.
			if many, few := transactions["exactly-once 10ms"], transactions["exactly-once 3s"]; few == 0 || many <= few {
				c.errorf("%d transactions of 10 ms, %d of 3 s", many, few)
			}
			c.less("analytics.e2e.p50", figures["exactly-once 10ms"], figures["exactly-once 3s"], 1)
			if n := transactions["at-least-once 10ms"] + transactions["at-least-once 3s"]; n != 0 {
				t.Errorf("%d transactions at least once", n)
			}
		})
	})
	t.Run("transaction-size: with more records to a transaction the schedule is kept", func(t *testing.T) {
		t.Parallel()
		cases := builtIn(t, bootstrap, "transaction-size", append(short, "producers.checkout.rate=500/s")...)
		shows(t, func(c *comparison) {
			troubled := executeOn(t, t.Context(), cases["transaction 1"], bootstrap)
			cured := executeOn(t, t.Context(), cases["transaction 100"], bootstrap)
			plain := executeOn(t, t.Context(), cases["async null"], bootstrap)
			for name, trial := range map[string]results.Trial{"1": troubled, "100": cured, "none": plain} {
				if i := trial.End.Consumers["analytics"].Integrity; i.Lost+i.AbortedRead+i.Torn+i.Duplicated != 0 {
					t.Errorf("%s: %+v", name, i)
				}
			}
			c.less("checkout.ack.p50", analysis.Metrics(cured), analysis.Metrics(troubled), 2)
			many, few := troubled.End.Producers["checkout"].Transactions.Ended, cured.End.Producers["checkout"].Transactions.Ended
			if few.Committed == 0 || many.Committed < 2*few.Committed || plain.End.Producers["checkout"].Transactions != nil {
				c.errorf("transactions %+v and %+v", many, few)
			}
		})
	})
	failing := append(short, "producers.checkout.rate=200/s", "consumers.workers.failures.ratio=5%")
	t.Run("retry-and-dlq: records that fail do not hold up the others any more", func(t *testing.T) {
		t.Parallel()
		cases := builtIn(t, bootstrap, "retry-and-dlq", failing...)
		shows(t, func(c *comparison) {
			troubled := executeOn(t, t.Context(), cases["retry 2"], bootstrap)
			cured := executeOn(t, t.Context(), cases["retry-topic 2"], bootstrap)
			booksOfPaths(t, troubled)
			booksOfPaths(t, cured)
			c.less("workers.e2e.p50", analysis.Metrics(cured), analysis.Metrics(troubled), 2)
			if retry := cured.End.Consumers["workers-retry"]; retry.Failures.Paths.Recovered == 0 || retry.Unread != 0 || cured.End.Consumers["workers"].Unread != 0 {
				c.errorf("the retry topic: %+v", retry)
			}
		})
	})
	t.Run("retry-and-dlq: what never succeeds ends in the dead-letter topic", func(t *testing.T) {
		t.Parallel()
		l := builtIn(t, bootstrap, "retry-and-dlq", append(failing, "keep_topics=true")...)["retry-topic 10"]
		trial := executeOn(t, t.Context(), l, bootstrap)
		booksOfPaths(t, trial)
		main, retry := trial.End.Consumers["workers"], trial.End.Consumers["workers-retry"]
		first, later := main.Failures.Paths, retry.Failures.Paths
		// Each failed record is tried once, and three times again by way of the retry topic.
		if n := first.Retried; n == 0 || later.DeadLettered != n || later.Retried != 2*n || later.Processed+later.Recovered+later.Skipped+first.DeadLettered != 0 {
			t.Errorf("%+v, then %+v", first, later)
		}
		if main.Unread != 0 || retry.Unread != 0 || main.Integrity.Lost != 0 || main.Integrity.Missed != 0 {
			t.Errorf("%d and %d unread; %+v", main.Unread, retry.Unread, main.Integrity)
		}
		if sent := trial.End.Producers["checkout"].Whole.Acked; first.Processed+later.DeadLettered != sent {
			t.Errorf("%d processed and %d dead letters of %d records", first.Processed, later.DeadLettered, sent)
		}
		deadLetters(t, trial, bootstrap, later.DeadLettered, transientReason, "4")
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
