package workload

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
)

// changing is a load of two seconds whose one group changes.
func changing(t testing.TB, group scenarios.ConsumerGroup, changes ...scenarios.Change) scenarios.Load {
	t.Helper()
	group.Schedule = changes
	l := load([]scenarios.ProducerGroup{producers(t, "500/s", "linger.ms", "2")}, group)
	l.Warmup, l.Duration, l.Drain = 200*time.Millisecond, 1800*time.Millisecond, 40*time.Second
	return l
}

// quick are the properties of a group that notices a crash within a second or so. The simulated
// broker, unlike Kafka, takes a member off whose session ends while it waits for the others to
// join, and never answers it: it comes back when its request times out, some time after
// max.poll.interval.ms, which must therefore fit into the drain.
func quick(more ...string) []string {
	return append([]string{"session.timeout.ms", "1000", "heartbeat.interval.ms", "100", "auto.commit.interval.ms", "300",
		"max.poll.interval.ms", "8000"}, more...)
}

// calm are quick's with a session that a busy machine does not end: where nobody crashes.
func calm(more ...string) []string {
	return quick(append([]string{"session.timeout.ms", "6000"}, more...)...)
}

// handler is a group whose handlers take time.
func handler(t testing.TB, commit scenarios.Commit, config ...string) scenarios.ConsumerGroup {
	g := consumers(t, quick(config...)...)
	g.Processing = scenarios.Processing{Time: 200 * time.Microsecond, Distribution: "fixed"}
	if g.Commit = commit; commit != scenarios.CommitAuto {
		g.Properties = properties(t, property.Consumer, quick(append(config, "enable.auto.commit", "false")...)...)
	}
	return g
}

// executeQuick runs a load on a simulated broker that takes the sessions of quick.
func executeQuick(t *testing.T, l scenarios.Load) results.Trial {
	t.Helper()
	return execute(t, l, kfake.GroupMinSessionTimeout(100*time.Millisecond))
}

func TestASessionTimeoutThatTheBrokerRefusesIsToldAtOnce(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	_, err = runOn(t, t.Context(), changing(t, consumers(t, quick()...)), cluster.ListenAddrs(), t.TempDir(), nil)
	if problem, ok := errors.AsType[*kafka.Problem](err); !ok || problem.Category != kafka.BadInput {
		t.Errorf("error %v", err)
	}
}

// allRead checks that nothing was lost, whatever became of the group.
func allRead(t *testing.T, trial results.Trial) results.ConsumerTotals {
	t.Helper()
	read := trial.End.Consumers["analytics"]
	if read.Unread != 0 || read.Integrity.Lost != 0 || read.Integrity.Duplicated != 0 || read.Integrity.Unknown != "" {
		t.Errorf("%d unread, integrity %+v\n%s", read.Unread, read.Integrity, story(trial))
	}
	return read
}

// story tells how a trial went, for a test that fails and does not repeat.
func story(trial results.Trial) string {
	var b strings.Builder
	for _, i := range trial.Intervals {
		c := i.Consumers["analytics"]
		fmt.Fprintf(&b, "%.3f to %.3f s: %d consumed, %d polls, %d commits, %d rebalances, failed %v\n",
			i.Start, i.End, c.Consumed, c.Polls, c.Commits, c.Rebalances, c.Failed)
		for _, e := range i.Events {
			fmt.Fprintf(&b, "\t%.3f s %s: %s\n", e.Seconds, e.Kind, e.Text)
		}
	}
	return b.String()
}

// refusedCommits counts the commits that failed: of a member that a slow machine kept from its
// heartbeats for a session, or that had not heard of a rebalance yet.
func refusedCommits(trial results.Trial) (refused int64) {
	for _, i := range trial.Intervals {
		for kind, n := range i.Consumers["analytics"].Failed {
			if strings.HasPrefix(kind, "commit_") {
				refused += n
			}
		}
	}
	return refused
}

// rebalancesOf sums what the intervals tell.
func rebalancesOf(trial results.Trial) (count, moved int64, pause, idle float64) {
	for _, i := range trial.Intervals {
		c := i.Consumers["analytics"]
		count, moved, idle = count+c.Rebalances, moved+c.RebalanceMoved, idle+c.RebalanceIdleSeconds
		pause = math.Max(pause, c.RebalancePauseSeconds)
	}
	return count, moved, pause, idle
}

// toldOneByOne checks that the rebalances of a trial are told one by one, and add up.
func toldOneByOne(t *testing.T, trial results.Trial) {
	t.Helper()
	count, moved, pause, _ := rebalancesOf(trial)
	list := analysis.Rebalances(&trial)
	sum, longest := int64(0), 0.0
	for i, r := range list {
		sum += r.Moved
		longest = math.Max(longest, r.PauseSeconds)
		if r.Group != "analytics" || r.Given == 0 || r.Moved > r.Given || r.Seconds <= 0 || i > 0 && r.Generation <= list[i-1].Generation {
			t.Errorf("%+v", r)
		}
	}
	// A pause that the interval saw before its end counts there as far as it had come.
	if int64(len(list)) != count || sum != moved || longest > pause {
		t.Errorf("%d rebalances told with %d moved and %v s, %d counted with %d and %v s", len(list), sum, longest, count, moved, pause)
	}
}

// commitsOf are the policies under which nothing is missed after a crash.
func commitsOf() []scenarios.Commit {
	return []scenarios.Commit{scenarios.CommitAuto, scenarios.CommitPerRecord, scenarios.CommitPerBatch, scenarios.CommitAsync, scenarios.CommitAtInterval, scenarios.CommitNone}
}

func crashHalfway(back time.Duration) scenarios.Change {
	return scenarios.Change{At: time.Second, Action: scenarios.ActionCrash, Members: 1, Back: back}
}

func TestMembersThatJoinAndLeaveInOrderLoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	for _, commit := range []scenarios.Commit{scenarios.CommitAuto, scenarios.CommitPerBatch} {
		t.Run(string(commit), func(t *testing.T) {
			t.Parallel()
			trial := executeQuick(t, changing(t, handler(t, commit, calm()...),
				scenarios.Change{At: 500 * time.Millisecond, Action: scenarios.ActionJoin, Members: 1},
				scenarios.Change{At: 1200 * time.Millisecond, Action: scenarios.ActionLeave, Members: 2}))
			read := allRead(t, trial)
			if i := read.Integrity; i.Redelivered != 0 || i.ProcessedTwice != 0 || i.Missed != 0 {
				t.Errorf("integrity %+v", i)
			}
			if count, moved, _, idle := rebalancesOf(trial); count < 2 || moved < 2 || idle <= 0 {
				t.Errorf("%d rebalances, %d moved, %v s idle", count, moved, idle)
			}
			toldOneByOne(t, trial)
		})
	}
}

func TestAfterACrashOthersReadOnFromWhatWasCommitted(t *testing.T) {
	t.Parallel()
	for _, commit := range commitsOf() {
		t.Run(string(commit), func(t *testing.T) {
			t.Parallel()
			g := handler(t, commit)
			g.CommitInterval = time.Minute // where it commits at an interval
			l := changing(t, g, crashHalfway(0))
			if commit == scenarios.CommitPerRecord { // with the race detector on a busy machine, 60 a second
				l.Producers[0].Rate = producers(t, "200/s").Rate
			}
			shows(t, func(c *comparison) { crashed(t, c, executeQuick(t, l), commit) })
		})
	}
}

// crashed checks a trial in which a member has crashed. Whether it had anything to lose, and for how
// long the others noticed nothing, depends on what the machine let it do before.
func crashed(t *testing.T, c *comparison, trial results.Trial, commit scenarios.Commit) {
	t.Helper()
	read := allRead(t, trial)
	i := read.Integrity
	if i.Missed != 0 || i.ProcessedTwice > i.Redelivered {
		t.Errorf("integrity %+v", i)
	}
	switch {
	case commit == scenarios.CommitPerRecord && i.ProcessedTwice > 1+refusedCommits(trial):
		t.Errorf("committed after each record, and %d were processed twice\n%s", i.ProcessedTwice, story(trial))
	case (commit == scenarios.CommitNone || commit == scenarios.CommitAtInterval) && i.ProcessedTwice == 0:
		c.errorf("nothing was processed twice, though nothing was committed: %+v\n%s", i, story(trial))
	}
	if _, _, pause, _ := rebalancesOf(trial); pause < 0.5 {
		c.errorf("a pause of %v s, and the session lasts 1 s or more\n%s", pause, story(trial))
	}
}

func TestAHandlerBesideThePollLoopLosesWhatWasCommittedAndNotDone(t *testing.T) {
	t.Parallel()
	g := handler(t, scenarios.CommitAuto, "auto.commit.interval.ms", "100")
	g.Processing.HandOff = true
	g.Processing.Time = 3 * time.Millisecond // 333 records/s for 500 that come: more queue up than come between two commits
	crash := crashHalfway(0)
	crash.At = 2 * time.Second // when both members have joined and have committed for long, on slow machines too
	l := changing(t, g, crash)
	l.Producers[0].Rate = producers(t, "1000/s").Rate
	l.Duration = 2300 * time.Millisecond
	shows(t, func(c *comparison) {
		i := allRead(t, executeQuick(t, l)).Integrity
		if i.Missed == 0 || i.Redelivered > i.Missed+1000 {
			c.errorf("integrity %+v", i)
		}
	})
}

func TestAStaticMemberThatComesBackInTimeCausesNoRebalance(t *testing.T) {
	t.Parallel()
	g := handler(t, scenarios.CommitPerBatch, "group.instance.id", "worker", "session.timeout.ms", "6000")
	for _, change := range []scenarios.Change{
		crashHalfway(300 * time.Millisecond),
		{At: 500 * time.Millisecond, Action: scenarios.ActionRollingRestart, Every: 500 * time.Millisecond},
	} {
		t.Run(string(change.Action), func(t *testing.T) {
			t.Parallel()
			trial := executeQuick(t, changing(t, g, change))
			allRead(t, trial)
			if _, moved, pause, _ := rebalancesOf(trial); moved != 0 || pause > 5 {
				t.Errorf("%d partitions moved, a pause of %v s, and the session lasts 6 s", moved, pause)
			}
		})
	}
}

func TestAMemberThatDoesNotPollInTimeIsPutOutAndComesBack(t *testing.T) {
	t.Parallel()
	g := handler(t, scenarios.CommitPerBatch, "max.poll.interval.ms", "400")
	g.Processing = scenarios.Processing{Stalls: []scenarios.Stall{{At: 700 * time.Millisecond, For: 800 * time.Millisecond}}, Distribution: "fixed"}
	shows(t, func(c *comparison) {
		trial := executeQuick(t, changing(t, g))
		failed := int64(0)
		for _, interval := range trial.Intervals {
			failed += interval.Consumers["analytics"].Failed["poll_interval_exceeded"]
		}
		if i := allRead(t, trial).Integrity; i.ProcessedTwice == 0 || i.Missed != 0 || failed == 0 {
			c.errorf("%d were put out, integrity %+v", failed, i)
		}
	})
}

// The network holds heartbeats up for a second. A session that is shorter, and that the broker
// takes, ends meanwhile: all members are put out and what they had not committed is done again. With a
// longer one nobody notices.
func TestASessionShorterThanAStallOfTheNetworkEndsInRebalances(t *testing.T) {
	t.Parallel()
	t.Run("500 ms", func(t *testing.T) {
		t.Parallel()
		shows(t, func(c *comparison) {
			trial := stalled(t, "500")
			i := allRead(t, trial).Integrity
			if count, _, _, _ := rebalancesOf(trial); count == 0 || i.ProcessedTwice == 0 || i.Missed != 0 {
				c.errorf("%d rebalances, integrity %+v", count, i)
			}
		})
	})
	t.Run("6000 ms", func(t *testing.T) {
		t.Parallel()
		trial := stalled(t, "6000")
		i := allRead(t, trial).Integrity
		if count, _, _, _ := rebalancesOf(trial); count != 0 || i.ProcessedTwice != 0 || i.Missed != 0 {
			t.Errorf("%d rebalances, integrity %+v", count, i)
		}
	})
}

// stalled is a trial in which the heartbeats of a group with a session of so many milliseconds are
// held up for a second.
func stalled(t *testing.T, session string) results.Trial {
	t.Helper()
	cluster := simulated(t, kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(100*time.Millisecond))
	var holds atomic.Pointer[time.Time] // until when
	cluster.ControlKey(int16(kmsg.Heartbeat), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if until := holds.Load(); until != nil && time.Now().Before(*until) {
			cluster.SleepControl(func() { <-time.After(time.Until(*until)) })
		}
		return nil, nil, false
	})
	g := handler(t, scenarios.CommitAtInterval, "session.timeout.ms", session)
	g.CommitInterval = time.Minute
	directory := t.TempDir()
	_, err := runOn(t, t.Context(), changing(t, g), cluster.ListenAddrs(), directory, func(at Progress) {
		if holds.Load() == nil && at.Interval.End > 0.1 {
			until := time.Now().Add(time.Second)
			holds.Store(&until)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return whole(t, directory)
}

func TestASeekReadsAgainOrPassesOver(t *testing.T) {
	t.Parallel()
	seek := func(c scenarios.Change) scenarios.Change {
		c.At, c.Action = 1700*time.Millisecond, scenarios.ActionSeek
		return c
	}
	t.Run("back", func(t *testing.T) {
		t.Parallel()
		trial := executeQuick(t, changing(t, consumers(t, calm()...), seek(scenarios.Change{Seek: scenarios.Start{From: scenarios.StartEarliest}})))
		allRead(t, trial)
		readAgainFrom(t, trial, map[int32]int64{0: 0, 1: 0, 2: 0, 3: 0})
	})
	t.Run("so long ago", func(t *testing.T) {
		t.Parallel()
		trial := executeQuick(t, changing(t, consumers(t, calm()...), seek(scenarios.Change{Ago: 500 * time.Millisecond})))
		// What is older than half a second, at 1.7 s or somewhat later, does not come again.
		most := int64((2 - 1.7 + 0.5) * 1000)
		if i := allRead(t, trial).Integrity; i.Redelivered == 0 || i.Redelivered > most {
			t.Errorf("at most %d of 2000 can be read again, integrity %+v", most, i)
		}
	})
	t.Run("to an offset", func(t *testing.T) {
		t.Parallel()
		trial := executeQuick(t, changing(t, consumers(t, calm()...), seek(scenarios.Change{Seek: scenarios.Start{From: scenarios.StartOffset, Offset: 100}})))
		allRead(t, trial)
		readAgainFrom(t, trial, map[int32]int64{0: 100, 1: 100, 2: 100, 3: 100})
	})
	t.Run("to a time", func(t *testing.T) {
		t.Parallel()
		cluster := simulated(t, kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(100*time.Millisecond))
		from := time.Now().Add(900 * time.Millisecond)
		l := changing(t, consumers(t, calm()...), seek(scenarios.Change{Seek: scenarios.Start{From: scenarios.StartTimestamp, Timestamp: from}}))
		l.KeepTopics = true // to be asked what there was at that time
		trial := executeOn(t, t.Context(), l, cluster.ListenAddrs())
		allRead(t, trial)
		readAgainFrom(t, trial, offsetsAt(t, trial, cluster.ListenAddrs(), from))
	})
	t.Run("forward, over a backlog", func(t *testing.T) {
		t.Parallel()
		g := consumers(t, calm()...)
		g.Processing = scenarios.Processing{Time: 4 * time.Millisecond, Distribution: "fixed"}
		g.Properties = properties(t, property.Consumer, quick("max.poll.records", "20")...)
		l := changing(t, g, seek(scenarios.Change{Seek: scenarios.Start{From: scenarios.StartLatest}}))
		trial := executeQuick(t, l)
		c, sent := trial.End.Consumers["analytics"], trial.End.Producers["checkout"].Whole.Acked
		if c.Integrity.Lost != 0 || c.Integrity.Missed != 0 || c.Consumed >= sent {
			t.Errorf("%d of %d read, integrity %+v", c.Consumed, sent, c.Integrity)
		}
	})
}

// readAgainFrom checks where the records begin, in each partition, that a group read again.
func readAgainFrom(t *testing.T, trial results.Trial, want map[int32]int64) {
	t.Helper()
	first := map[int32]int64{}
	for _, a := range trial.End.Anomalies { // the first hundred, in the order of reading
		if at, seen := first[a.Partition]; a.Kind == "redelivered" && (!seen || a.Offset < at) {
			first[a.Partition] = a.Offset
		}
	}
	for partition, at := range first {
		if at != want[partition] {
			t.Errorf("partition %d was read again from offset %d, want %d", partition, at, want[partition])
		}
	}
	if len(first) == 0 {
		t.Error("nothing was read again")
	}
}

// offsetsAt returns the first offsets of a trial's topic whose records are not older, and deletes the
// topic, which was kept to be asked.
func offsetsAt(t *testing.T, trial results.Trial, bootstrap []string, at time.Time) map[int32]int64 {
	t.Helper()
	admin, err := kafka.Connect(t.Context(), kgo.SeedBrokers(bootstrap...))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name := trial.Begin.Topics[0].Name
	offsets, err := admin.ResolveStart(t.Context(), kafka.StartAfter(at), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.DeleteTopics(t.Context(), "abcd", []string{name}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return offsets[name]
}

// A group that catches up reads beside one at the end: the one from the first record, from an
// offset, or from a time.
func TestReadersThatCatchUpReadBesideThoseAtTheEnd(t *testing.T) {
	t.Parallel()
	cluster := simulated(t, kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(100*time.Millisecond))
	catchUp(t, cluster.ListenAddrs())
}

func catchUp(t *testing.T, bootstrap []string) {
	t.Helper()
	late := func(name string, from scenarios.Start) scenarios.ConsumerGroup {
		g := consumers(t)
		from.After = 1200 * time.Millisecond
		g.Name, g.Members, g.Start = name, 1, from
		return g
	}
	at := time.Now().Add(900 * time.Millisecond)
	l := changing(t, consumers(t))
	l.Consumers = append(l.Consumers,
		late("all", scenarios.Start{From: scenarios.StartEarliest}),
		late("offset", scenarios.Start{From: scenarios.StartOffset, Offset: 100}),
		late("time", scenarios.Start{From: scenarios.StartTimestamp, Timestamp: at}))
	l.KeepTopics = true // to be asked what there was at that time
	trial := executeOn(t, t.Context(), l, bootstrap)
	allRead(t, trial)
	before := int64(0)
	for _, offset := range offsetsAt(t, trial, bootstrap, at) {
		before += offset
	}
	sent := trial.End.Producers["checkout"].Whole.Acked
	for name, want := range map[string]int64{"analytics": sent, "all": sent, "offset": sent - 4*100, "time": sent - before} {
		c := trial.End.Consumers[name]
		if c.Consumed != want || c.Unread != 0 || c.Integrity != (results.Integrity{Checked: true}) {
			t.Errorf("%s read %d records, want %d: %+v", name, c.Consumed, want, c)
		}
	}
	tail, behind := trial.End.Consumers["analytics"].EndToEnd, trial.End.Consumers["all"].EndToEnd
	if !(behind.P50Seconds > tail.P50Seconds && behind.MaxSeconds > 0.9) {
		t.Errorf("end to end p50 %v s at the end, %v s for who catches up", tail.P50Seconds, behind.P50Seconds)
	}
}

func TestAGroupJoinsWhenItsBacklogIsThere(t *testing.T) {
	t.Parallel()
	g := consumers(t)
	g.Start = scenarios.Start{From: scenarios.StartEarliest, Backlog: 500}
	trial := executeQuick(t, changing(t, g))
	allRead(t, trial)
	at := eventAt(t, trial, "analytics joins")
	sent := int64(0)
	for _, i := range trial.Intervals {
		if sent += i.Producers["checkout"].Acked; i.End >= at {
			break
		}
	}
	if read := consumedBefore(trial, at); sent < 500 || read != 0 {
		t.Errorf("it joined after %v s: at the end of that interval %d were sent, and %d read before", at, sent, read)
	}
}

// eventAt returns when an event was, in seconds of the load.
func eventAt(t *testing.T, trial results.Trial, text string) float64 {
	t.Helper()
	for _, i := range trial.Intervals {
		for _, e := range i.Events {
			if e.Text == text {
				return e.Seconds
			}
		}
	}
	t.Fatalf("no event says %q: %q", text, eventsOf(trial))
	return 0
}

// consumedBefore returns how many records had been read by the last interval that ended before.
func consumedBefore(trial results.Trial, seconds float64) (n int64) {
	for _, i := range trial.Intervals {
		if i.End < seconds {
			n += i.Consumers["analytics"].Consumed
		}
	}
	return n
}

func TestOnRealKafkaGroupsChangeAndCrash(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	slow := []string{"session.timeout.ms", "6000", "heartbeat.interval.ms", "500"}
	for _, c := range []struct {
		name   string
		config []string
		commit scenarios.Commit
	}{
		{"range, eager", append(slow, "partition.assignment.strategy", "range"), scenarios.CommitPerBatch},
		{"roundrobin", append(slow, "partition.assignment.strategy", "roundrobin"), scenarios.CommitPerBatch},
		{"sticky", append(slow, "partition.assignment.strategy", "sticky"), scenarios.CommitPerBatch},
		{"cooperative-sticky", append(slow, "partition.assignment.strategy", "cooperative-sticky"), scenarios.CommitAuto},
		{"KIP-848", []string{"group.protocol", "consumer"}, scenarios.CommitPerBatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := append([]string{"auto.commit.interval.ms", "300"}, c.config...)
			if c.commit != scenarios.CommitAuto {
				config = append(config, "enable.auto.commit", "false")
			}
			g := consumers(t, config...)
			g.Commit = c.commit
			g.Processing = scenarios.Processing{Time: 200 * time.Microsecond, Distribution: "fixed"}
			trial := executeOn(t, t.Context(), changing(t, g,
				scenarios.Change{At: 500 * time.Millisecond, Action: scenarios.ActionJoin, Members: 1},
				scenarios.Change{At: 1200 * time.Millisecond, Action: scenarios.ActionLeave, Members: 1}), bootstrap)
			i := allRead(t, trial).Integrity
			if i.Missed != 0 || i.ProcessedTwice > 0 {
				t.Errorf("integrity %+v", i)
			}
		})
	}
	for _, commit := range []scenarios.Commit{scenarios.CommitAtInterval, scenarios.CommitAsync} {
		t.Run("a crash, commit "+string(commit), func(t *testing.T) {
			t.Parallel()
			g := handler(t, commit, "session.timeout.ms", "3000")
			g.CommitInterval = time.Minute // where it commits at an interval
			crash := crashHalfway(0)
			crash.At = 2500 * time.Millisecond // when a busy broker, too, has handed out records
			l := changing(t, g, crash)
			l.Duration = 3 * time.Second
			shows(t, func(c *comparison) { crashed(t, c, executeOn(t, t.Context(), l, bootstrap), commit) })
		})
	}
	t.Run("who catches up", func(t *testing.T) {
		t.Parallel()
		catchUp(t, bootstrap)
	})
	t.Run("commits that nobody waits for", func(t *testing.T) {
		t.Parallel()
		cases := builtIn(t, bootstrap, "commit-per-record", "warmup=500ms", "duration=3s", "drain=500ms")
		shows(t, func(c *comparison) {
			waits, async := shown(analysis.Metrics(executeOn(t, t.Context(), cases["per-record"], bootstrap))), shown(analysis.Metrics(executeOn(t, t.Context(), cases["async"], bootstrap)))
			c.less("workers.consumed.records_per_second", waits, async, 1.5)
		})
	})
}
