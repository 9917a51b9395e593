package workload

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
)

// booksOfPaths checks that every record consumed took one path.
func booksOfPaths(t *testing.T, trial results.Trial) {
	t.Helper()
	for name, c := range trial.End.Consumers {
		if c.Failures != nil && c.Failures.Paths.Sum() != c.Consumed {
			t.Errorf("%s consumed %d records; paths %+v", name, c.Consumed, c.Failures.Paths)
		}
	}
}

func TestRecordsThatFailTakeThePathOfTheirPolicy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		failures scenarios.Failures
		check    func(t *testing.T, main, retry results.Paths)
	}{
		{"skip", scenarios.Failures{Policy: scenarios.FailureSkip}, func(t *testing.T, main, _ results.Paths) {
			if main.Skipped == 0 || main.Attempts != main.Skipped || main.DeadLettered != 0 {
				t.Errorf("%+v", main)
			}
		}},
		{"retry in place what is transient", scenarios.Failures{Policy: scenarios.FailureRetry, Retries: 3, FailingAttempts: 2}, func(t *testing.T, main, _ results.Paths) {
			if main.Recovered == 0 || main.Attempts != 2*main.Recovered || main.Skipped != 0 {
				t.Errorf("%+v", main)
			}
		}},
		{"retry in place what is permanent, then skip", scenarios.Failures{Policy: scenarios.FailureRetry, Retries: 2}, func(t *testing.T, main, _ results.Paths) {
			if main.Skipped == 0 || main.Attempts != 3*main.Skipped || main.Recovered != 0 {
				t.Errorf("%+v", main)
			}
		}},
		{"dead-letter", scenarios.Failures{Policy: scenarios.FailureDeadLetter, Retries: 1}, func(t *testing.T, main, _ results.Paths) {
			// A transaction that was aborted for a rebalance is done again, with its attempts.
			if main.DeadLettered == 0 || main.Attempts < 2*main.DeadLettered || main.Skipped != 0 {
				t.Errorf("%+v", main)
			}
		}},
		{"retry topic for what is transient", scenarios.Failures{Policy: scenarios.FailureRetryTopic, Retries: 3, FailingAttempts: 2}, func(t *testing.T, main, retry results.Paths) {
			if main.Retried == 0 || retry.Retried != main.Retried || retry.Recovered != main.Retried || retry.DeadLettered != 0 {
				t.Errorf("%+v, then %+v", main, retry)
			}
		}},
		{"retry topic for what is permanent, then dead-letter", scenarios.Failures{Policy: scenarios.FailureRetryTopic, Retries: 2}, func(t *testing.T, main, retry results.Paths) {
			if main.Retried == 0 || retry.Retried != main.Retried || retry.DeadLettered != main.Retried || retry.Processed != 0 {
				t.Errorf("%+v, then %+v", main, retry)
			}
		}},
	} {
		guarantees := []scenarios.Guarantee{scenarios.AtLeastOnce}
		if len(c.failures.Suffixes()) > 0 { // what fails is written too
			guarantees = append(guarantees, scenarios.ExactlyOnce)
		}
		for _, guarantee := range guarantees {
			t.Run(c.name+", "+string(guarantee), func(t *testing.T) {
				t.Parallel()
				p := enrich(t, guarantee)
				p.Failures = c.failures
				p.Failures.Ratio, p.Failures.Backoff = 0.05, time.Millisecond
				trial := execute(t, through(t, "1000/s", p))
				booksOfPaths(t, trial)
				main := trial.End.Consumers["enrich"]
				retry := results.Paths{}
				if r := trial.End.Consumers["enrich-retry"]; r.Failures != nil {
					retry = r.Failures.Paths
					if r.Unread != 0 {
						t.Errorf("the retry topic: %+v", r)
					}
				}
				c.check(t, main.Failures.Paths, retry)
				read := trial.End.Consumers["analytics"]
				if want := (results.Integrity{Checked: true}); read.Integrity != want || read.Unread != 0 {
					t.Errorf("behind the pipeline: %+v, %d unread; anomalies %+v", read.Integrity, read.Unread, trial.End.Anomalies)
				}
				if out := main.Failures.Paths.Processed + retry.Processed; read.Consumed != out || out == 0 {
					t.Errorf("%d records behind the pipeline, %d were processed", read.Consumed, out)
				}
			})
		}
	}
}

func TestTheSameRecordsFailWhereverTheyAreRead(t *testing.T) {
	t.Parallel()
	trial := func() results.Paths {
		p := enrich(t, scenarios.AtLeastOnce)
		p.Failures = scenarios.Failures{Policy: scenarios.FailureSkip, Ratio: 0.1}
		return execute(t, through(t, "500/s", p)).End.Consumers["enrich"].Failures.Paths
	}
	if one, other := trial(), trial(); one.Skipped == 0 || one.Skipped != other.Skipped {
		t.Errorf("%d and %d records failed of the same load", one.Skipped, other.Skipped)
	}
}

func TestAMemberThatStopsLeavesWhatItHasNotCommitted(t *testing.T) {
	t.Parallel()
	p := enrich(t, scenarios.AtLeastOnce)
	p.Failures = scenarios.Failures{Policy: scenarios.FailureStop, Ratio: 0.01}
	shows(t, func(c *comparison) {
		trial := execute(t, through(t, "1000/s", p))
		booksOfPaths(t, trial)
		stopped := int64(0)
		for _, i := range trial.Intervals {
			stopped += i.Consumers["enrich"].Failed["processing_stopped"]
		}
		if stopped != int64(p.Members) {
			t.Errorf("%d of %d members stopped", stopped, p.Members)
		}
		// A last poll that brought everything leaves nothing unread.
		if e := trial.End.Consumers["enrich"]; e.Failures.Paths.Undone == 0 || e.Unread == 0 {
			c.errorf("%+v, %d unread", e.Failures.Paths, e.Unread)
		}
	})
}

func TestAConsumerGroupDealsWithFailuresToo(t *testing.T) {
	t.Parallel()
	g := consumers(t, "enable.auto.commit", "false")
	g.Commit, g.CommitInterval = scenarios.CommitAtInterval, 20*time.Millisecond
	g.Failures = scenarios.Failures{Policy: scenarios.FailureRetryTopic, Ratio: 0.05, Retries: 1}
	g.Producer = properties(t, property.Producer)
	trial := execute(t, load([]scenarios.ProducerGroup{producers(t, "1000/s")}, g))
	booksOfPaths(t, trial)
	main, retry := trial.End.Consumers["analytics"], trial.End.Consumers["analytics-retry"]
	if main.Pipeline != nil || main.Failures.Paths.Retried == 0 || retry.Failures.Paths.DeadLettered != main.Failures.Paths.Retried {
		t.Errorf("%+v, then %+v", main.Failures, retry.Failures)
	}
	if main.Failures.DeadLettered.Count != 0 || retry.Failures.DeadLettered.Count == 0 {
		t.Errorf("latencies of dead letters: %d and %d", main.Failures.DeadLettered.Count, retry.Failures.DeadLettered.Count)
	}
}

// A dead letter says where its record was, why it failed and how often.
func TestADeadLetterTellsItsReason(t *testing.T) {
	t.Parallel()
	cluster := simulated(t, kfake.NumBrokers(1))
	p := enrich(t, scenarios.AtLeastOnce)
	p.Failures = scenarios.Failures{Policy: scenarios.FailureRetryTopic, Ratio: 0.05, Retries: 1}
	l := through(t, "500/s", p)
	l.KeepTopics = true
	trial := executeOn(t, t.Context(), l, cluster.ListenAddrs())
	deadLetters(t, trial, cluster.ListenAddrs(), trial.End.Consumers["enrich-retry"].Failures.Paths.DeadLettered, permanentReason, "2")
}

// deadLetters reads the dead-letter topic of orders, which must have so many records, all of them with
// the reason and the attempts. It deletes the topics of the trial, which were kept for it.
func deadLetters(t *testing.T, trial results.Trial, bootstrap []string, want int64, reason, attempts string) {
	t.Helper()
	names, all := map[string]string{}, []string{}
	for _, topic := range trial.Begin.Topics {
		names[topic.Logical] = topic.Name
		all = append(all, topic.Name)
	}
	letters, source := names["orders.dlq"], names["orders"]
	if !strings.HasSuffix(letters, ".orders.dlq") {
		t.Fatalf("topics %+v", trial.Begin.Topics)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.ConsumeTopics(letters), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin, err := kafka.Connect(t.Context(), kgo.SeedBrokers(bootstrap...))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	ends, err := admin.ResolveStart(t.Context(), kafka.StartLatest(), letters)
	if err != nil {
		t.Fatal(err)
	}
	there := int64(0)
	for _, end := range ends[letters] {
		there += end
	}
	if there != want || want == 0 {
		t.Errorf("%d dead letters, %d were counted", there, want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for read := int64(0); read < there; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%d of %d dead letters read: %v", read, there, err)
		}
		for _, r := range fetches.Records() {
			read++
			got := map[string]string{}
			for _, h := range r.Headers {
				got[h.Key] = string(h.Value)
			}
			if got[headerTopic] != source || got[headerReason] != reason || got[headerAttempts] != attempts {
				t.Fatalf("headers %q", got)
			}
			for _, number := range []string{headerPartition, headerOffset} {
				if _, err := strconv.Atoi(got[number]); err != nil {
					t.Errorf("%s is %q", number, got[number])
				}
			}
		}
	}
	if err := admin.DeleteTopics(t.Context(), "abcd", all, time.Minute); err != nil {
		t.Fatal(err)
	}
}
