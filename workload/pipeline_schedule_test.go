package workload

import (
	"context"
	"slices"
	"testing"
	"time"

	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
)

// enrichChanging is a load of two seconds through a pipeline whose members change. Its units of
// work are so long that a crash falls into one.
func enrichChanging(t *testing.T, guarantee scenarios.Guarantee, producer []string, changes ...scenarios.Change) scenarios.Load {
	t.Helper()
	p := enrich(t, guarantee, producer...)
	reading := quick("enable.auto.commit", "false")
	if guarantee == scenarios.ExactlyOnce {
		reading = append(reading, "isolation.level", "read_committed")
	}
	p.Consumer = properties(t, property.Consumer, reading...)
	p.CommitInterval = 700 * time.Millisecond
	p.Schedule = changes
	l := through(t, "500/s", p)
	l.Duration, l.Drain = 1800*time.Millisecond, 40*time.Second
	return l
}

// behind returns what was read behind the pipeline, all of it.
func behind(t *testing.T, trial results.Trial) results.ConsumerTotals {
	t.Helper()
	read := trial.End.Consumers["analytics"]
	if stage := trial.End.Consumers["enrich"]; stage.Unread != 0 || stage.Integrity.Lost != 0 || stage.Integrity.Unknown != "" {
		t.Errorf("the pipeline: %d unread, integrity %+v", stage.Unread, stage.Integrity)
	}
	if i := read.Integrity; read.Unread != 0 || i.Lost != 0 || i.AbortedRead != 0 || i.Torn != 0 || i.Redelivered != 0 || i.Unknown != "" {
		t.Errorf("behind it: %d unread, integrity %+v; anomalies %+v", read.Unread, i, first(trial.End.Anomalies))
	}
	return read
}

// first returns the first anomalies: the others say the same.
func first(list []results.Anomaly) []results.Anomaly { return list[:min(3, len(list))] }

// What a member had not committed when it crashed, or when the trial ended, is unread again.
func TestWhatAMemberHasNotCommittedIsUnreadAgain(t *testing.T) {
	t.Parallel()
	crashed, crash := context.WithCancel(t.Context())
	crash()
	for name, alive := range map[string]context.Context{"it crashed": crashed, "the trial ended": t.Context()} {
		topic := newConsumedTopic("orders", "orders", 1)
		topic.positions[0].Store(10)
		w := &worker{member: &member{group: &consumerGroup{}, alive: alive}, pipeline: &pipeline{}}
		w.unit = workUnit{open: true, starts: []readFrom{{topic, 0, 4}}}
		w.unit.paths.consumed = 6
		w.abandon()
		if at := topic.positions[0].Load(); at != 4 || w.unit.open || w.pipeline.paths.take().Undone != 6 {
			t.Errorf("%s: position %d, want 4; unit %+v", name, at, w.unit)
		}
	}
}

func TestAfterACrashAtLeastOnceRepeatsWhatExactlyOnceDoesNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		guarantee scenarios.Guarantee
		back      time.Duration
		producer  []string
	}{
		"at least once": {guarantee: scenarios.AtLeastOnce},
		// The coordinator aborts what the member has left when the transaction's time is over.
		"exactly once": {scenarios.ExactlyOnce, 0, []string{"transaction.timeout.ms", "1500"}},
		// Who comes back under the same transactional id ends the transaction at once.
		"exactly once, and the member comes back": {scenarios.ExactlyOnce, 300 * time.Millisecond, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crash := crashHalfway(c.back)
			crash.At = 1300 * time.Millisecond
			shows(t, func(seen *comparison) {
				trial := executeQuick(t, enrichChanging(t, c.guarantee, c.producer, crash))
				read, stage := behind(t, trial), trial.End.Consumers["enrich"]
				if stage.Integrity.Redelivered == 0 {
					seen.errorf("nothing was delivered again: %+v", stage.Integrity)
				}
				twice := read.Integrity.Duplicated
				if c.guarantee == scenarios.ExactlyOnce && twice != 0 {
					t.Errorf("%d effects twice; anomalies %+v", twice, first(trial.End.Anomalies))
				}
				if c.guarantee == scenarios.AtLeastOnce && twice == 0 {
					seen.errorf("no effect twice")
				}
				if n := stage.Pipeline.Transactions; c.guarantee == scenarios.ExactlyOnce && n.Aborted+n.Unknown == 0 {
					seen.errorf("transactions %+v", n)
				}
			})
		})
	}
}

func TestMembersOfAPipelineThatJoinAndLeaveInOrderRepeatNothing(t *testing.T) {
	t.Parallel()
	for _, guarantee := range []scenarios.Guarantee{scenarios.AtLeastOnce, scenarios.ExactlyOnce} {
		for name, changes := range map[string][]scenarios.Change{
			"join and leave": {
				{At: 500 * time.Millisecond, Action: scenarios.ActionJoin, Members: 1},
				{At: 1200 * time.Millisecond, Action: scenarios.ActionLeave, Members: 2},
			},
			"rolling restart": {{At: 500 * time.Millisecond, Action: scenarios.ActionRollingRestart, Every: 600 * time.Millisecond}},
		} {
			t.Run(string(guarantee)+", "+name, func(t *testing.T) {
				t.Parallel()
				l := enrichChanging(t, guarantee, nil, changes...)
				l.Pipelines[0].Consumer = properties(t, property.Consumer, calm("enable.auto.commit", "false", "isolation.level", l.Pipelines[0].Consumer.String("isolation.level"))...)
				trial := executeQuick(t, l)
				if i := behind(t, trial).Integrity; i.Duplicated != 0 {
					t.Errorf("%d effects twice", i.Duplicated)
				}
				if n := trial.End.Consumers["enrich"].Pipeline.Transactions; n.Fenced != 0 {
					t.Errorf("transactions %+v", n)
				}
			})
		}
	}
}

// A member that works through failures, too, is done again from where it had committed.
func TestAfterACrashTheBooksOfFailuresBalance(t *testing.T) {
	t.Parallel()
	for _, policy := range []scenarios.FailurePolicy{scenarios.FailureDeadLetter, scenarios.FailureRetryTopic} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			g := handler(t, scenarios.CommitAtInterval)
			g.CommitInterval = 700 * time.Millisecond
			g.Failures = scenarios.Failures{Ratio: 0.1, Policy: policy, Retries: 1, FailingAttempts: 1}
			if policy == scenarios.FailureDeadLetter {
				g.Failures.Retries, g.Failures.FailingAttempts = 0, 0
			}
			g.Producer = properties(t, property.Producer)
			crash := crashHalfway(300 * time.Millisecond)
			crash.At = 1300 * time.Millisecond
			l := changing(t, g, crash)
			shows(t, func(seen *comparison) {
				trial := executeQuick(t, l)
				booksOfPaths(t, trial)
				main := allRead(t, trial)
				if main.Failures.Paths.Undone == 0 || main.Integrity.Redelivered == 0 {
					seen.errorf("nothing was left undone: %+v, %+v", main.Failures.Paths, main.Integrity)
				}
				if n := main.Failures.Paths.Retried + main.Failures.Paths.DeadLettered; n == 0 {
					t.Errorf("no record failed: %+v", main.Failures.Paths)
				}
				if policy != scenarios.FailureRetryTopic {
					return
				}
				// Its members are the same instances.
				if !slices.Contains(eventsOf(trial), "analytics-retry: 1 crash") {
					t.Errorf("events %q", eventsOf(trial))
				}
				if retry := trial.End.Consumers["analytics-retry"]; retry.Unread != 0 || retry.Failures.Paths.Recovered == 0 {
					t.Errorf("the retry topic: %+v, %d unread", retry.Failures.Paths, retry.Unread)
				}
			})
		})
	}
}
