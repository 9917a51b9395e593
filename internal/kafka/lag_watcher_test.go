package kafka

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestRatesOfAnOffset(t *testing.T) {
	type sample struct {
		at     float64
		offset int64
	}
	every := func(seconds int, offset func(second int) int64) (samples []sample) {
		for i := range seconds {
			samples = append(samples, sample{float64(i), offset(i)})
		}
		return samples
	}
	for _, test := range []struct {
		name    string
		samples []sample
		steps   bool
		want    float64 // negative: unknown
	}{
		{"one sample tells no rate", []sample{{0, 5}}, false, -1},
		{"two samples do", []sample{{0, 5}, {2, 25}}, false, 10},
		{"a log at rest has the rate 0", []sample{{0, 5}, {1, 5}}, false, 0},
		{"a commit that has not moved for a second may be about to", []sample{{0, 5}, {1, 5}}, true, -1},
		{"one that has not moved for long is at rest", []sample{{0, 5}, {16, 5}}, true, 0},
		{"a commit every five seconds is taken from step to step", every(20, func(s int) int64 { return int64(s+1) / 5 * 5000 }), true, 1000},
		{"a standstill after steps counts", []sample{{0, 0}, {1, 100}, {2, 200}, {3, 200}, {4, 200}, {11, 200}}, true, 10},
		{"what is older than the window does not count", every(100, func(s int) int64 { return int64(min(s, 50)) * 100 }), false, 0},
		{"an offset that was set back starts anew", []sample{{0, 500}, {1, 600}, {2, 0}, {3, 10}}, false, 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			var p progress
			for _, s := range test.samples {
				p.add(time.Unix(0, 0).Add(time.Duration(s.at*float64(time.Second))), s.offset)
			}
			got, ok := p.perSecond()
			if test.steps {
				got, ok = p.perSecondInSteps()
			}
			if ok != (test.want >= 0) || ok && math.Abs(got-test.want) > 1e-9 {
				t.Errorf("got %v, %v, want %v", got, ok, test.want)
			}
		})
	}
}

func TestWhereALagIsGoing(t *testing.T) {
	number := func(n int64) *int64 { return &n }
	rate := func(r float64) *float64 { return &r }
	for _, test := range []struct {
		name    string
		lag     Lag
		trend   Trend
		seconds float64 // negative: none
	}{
		{"nothing left to read is caught up, whatever the rates", Lag{Records: number(0)}, CaughtUp, 0},
		{"a steady drain ends when the gain has eaten the lag", Lag{Records: number(1000), ConsumedPerSecond: rate(300), ProducedPerSecond: rate(100)}, CatchingUp, 5},
		{"a reader slower than the writers never catches up", Lag{Records: number(1000), ConsumedPerSecond: rate(100), ProducedPerSecond: rate(300)}, NotCatchingUp, -1},
		{"a reader as fast as the writers keeps its distance", Lag{Records: number(10), ConsumedPerSecond: rate(1000.5), ProducedPerSecond: rate(1000)}, NotCatchingUp, -1},
		{"without a rate nothing can be said", Lag{Records: number(10), ProducedPerSecond: rate(0)}, Unknown, -1},
		{"without a lag nothing can be said", Lag{ConsumedPerSecond: rate(1), ProducedPerSecond: rate(0)}, Unknown, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.lag.conclude()
			seconds := -1.0
			if test.lag.CatchUpSeconds != nil {
				seconds = *test.lag.CatchUpSeconds
			}
			if test.lag.Trend != test.trend || seconds != test.seconds {
				t.Errorf("got %s, %v s, want %s, %v s", test.lag.Trend, seconds, test.trend, test.seconds)
			}
		})
	}
}

func TestAGroupIsAsFarBehindAsItsWorstPartition(t *testing.T) {
	partition := func(records int64, seconds, consumed, produced float64) PartitionLag {
		p := PartitionLag{Lag: Lag{Records: &records, Seconds: &seconds, ConsumedPerSecond: &consumed, ProducedPerSecond: &produced}}
		p.conclude()
		return p
	}
	g := GroupLag{Partitions: []PartitionLag{partition(100, 2, 60, 10), partition(900, 9, 110, 10), partition(0, 0, 10, 10)}}
	g.sum()
	if *g.Records != 1000 || *g.Seconds != 9 || *g.ConsumedPerSecond != 180 || *g.ProducedPerSecond != 30 || g.Trend != CatchingUp || *g.CatchUpSeconds != 9 {
		t.Errorf("got %+v", g.Lag)
	}
	g.Partitions[0].Seconds = nil
	g.Partitions[1] = partition(900, 9, 10, 110)
	g.sum()
	if g.Seconds != nil || g.Trend != NotCatchingUp || g.CatchUpSeconds != nil || g.Records == nil {
		t.Errorf("a partition that falls behind and one of unknown age give %+v", g.Lag)
	}
}

// commit commits an offset for a group without members.
func commit(t *testing.T, a *Admin, group, topic string, partition int32, offset int64) {
	t.Helper()
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, partition, offset, -1)
	if err := a.kadm.CommitAllOffsets(t.Context(), group, offsets); err != nil {
		t.Fatal(err)
	}
}

// produceAged produces records to partition 0 with timestamps of some time ago.
func produceAged(t *testing.T, a *Admin, topic string, records int, age time.Duration) {
	t.Helper()
	client := must(kgo.NewClient(append(a.client.Opts(), kgo.RecordPartitioner(kgo.ManualPartitioner()))...))(t)
	defer client.Close()
	for range records {
		r := &kgo.Record{Topic: topic, Value: []byte("v"), Timestamp: time.Now().Add(-age)}
		if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// sampleUntil samples until what is wanted holds of the only group; its records may have to be
// read, which a busy machine can take several samples for.
func sampleUntil(t *testing.T, w *LagWatcher, holds func(GroupLag) bool) GroupLag {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	var last LagSample
	for ctx.Err() == nil {
		sample, err := w.Sample(ctx)
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		if last = sample; len(last.Groups) == 1 && holds(last.Groups[0]) {
			return last.Groups[0]
		}
	}
	t.Fatalf("never came about; the last sample was %+v", last)
	return GroupLag{}
}

// testWatchLag is of any cluster.
func testWatchLag(t *testing.T, a *Admin, on target) {
	topic := specs(t, on, "lag", "orders")
	create(t, a, "lag", topic)
	name := topic[0].Name
	produceAged(t, a, name, 5, time.Hour)
	produceAged(t, a, name, 5, time.Minute)
	group := "kaliper.lag.readers"
	commit(t, a, group, name, 0, 3)
	commit(t, a, group, name, 1, 0)
	t.Cleanup(func() { _, _ = a.kadm.DeleteGroups(context.WithoutCancel(t.Context()), group) })

	w := a.WatchLag(group)
	defer w.Close()
	got := sampleUntil(t, w, func(g GroupLag) bool { return g.Seconds != nil })
	if *got.Records != 7 || math.Abs(*got.Seconds-3600) > 300 || got.State != "Empty" || len(got.Partitions) != 2 {
		t.Errorf("behind by 7 records of an hour ago: got %+v", got)
	}
	if p := got.Partitions[1]; *p.Records != 0 || *p.Seconds != 0 || p.Trend != CaughtUp {
		t.Errorf("an empty partition: %+v", p)
	}
	commit(t, a, group, name, 0, 8)
	got = sampleUntil(t, w, func(g GroupLag) bool { return g.Records != nil && *g.Records == 2 && g.Seconds != nil })
	if math.Abs(*got.Seconds-60) > 45 {
		t.Errorf("behind by 2 records of a minute ago: got %v s", *got.Seconds)
	}
	// From here on the history of the log's end tells ages, by when records came and not by
	// what they say.
	commit(t, a, group, name, 0, 10)
	sampleUntil(t, w, func(g GroupLag) bool { return g.Trend == CaughtUp })
	produceAged(t, a, name, 4, time.Hour)
	got = sampleUntil(t, w, func(g GroupLag) bool { return g.Records != nil && *g.Records == 4 })
	if got.Seconds == nil || *got.Seconds > 60 {
		t.Errorf("records that came just now: got %+v", got)
	}
}

func TestAGroupThatIsNotThereIsNamedWithOneThatIsLikeIt(t *testing.T) {
	a := connect(t, bootstrapOf(simulate(t, kfake.SeedTopics(1, "orders"))))
	commit(t, a, "analytics", "orders", 0, 0)
	w := a.WatchLag("analytcs")
	defer w.Close()
	sample := must(w.Sample(t.Context()))(t)
	wantProblem(t, sample.Groups[0].Err, BadInput, "no group analytcs", `did you mean "analytics"?`)
	if g := sample.Groups[0]; g.Records != nil || g.Trend != Unknown || g.Problem == "" {
		t.Errorf("got %+v", g)
	}
}

func TestAllGroupsAreWatchedWhereNoneIsNamed(t *testing.T) {
	a := connect(t, bootstrapOf(simulate(t, kfake.SeedTopics(1, "orders"))))
	w := a.WatchLag()
	defer w.Close()
	if sample := must(w.Sample(t.Context()))(t); len(sample.Groups) != 0 {
		t.Errorf("got %+v", sample.Groups)
	}
	commit(t, a, "b", "orders", 0, 0)
	commit(t, a, "a", "orders", 0, 0)
	sample := must(w.Sample(t.Context()))(t)
	if len(sample.Groups) != 2 || sample.Groups[0].Group != "a" || sample.Groups[1].Group != "b" {
		t.Errorf("got %+v", sample.Groups)
	}
}

func TestWithoutTheRightToReadAgeIsUnknownAndTheRestIsNot(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "orders"))
	a := connect(t, bootstrapOf(cluster))
	produceAged(t, a, "orders", 3, time.Hour)
	commit(t, a, "readers", "orders", 0, 1)
	refusals := make(chan struct{}, 100)
	cluster.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		refusals <- struct{}{}
		response := req.ResponseKind().(*kmsg.FetchResponse)
		for _, t := range req.(*kmsg.FetchRequest).Topics {
			topic := kmsg.NewFetchResponseTopic()
			topic.Topic, topic.TopicID = t.Topic, t.TopicID
			for _, p := range t.Partitions {
				partition := kmsg.NewFetchResponseTopicPartition()
				partition.Partition, partition.ErrorCode = p.Partition, 29 // TOPIC_AUTHORIZATION_FAILED
				topic.Partitions = append(topic.Partitions, partition)
			}
			response.Topics = append(response.Topics, topic)
		}
		return response, nil, true
	})
	w := a.WatchLag("readers")
	defer w.Close()
	for w.times.refused["orders"] == false {
		g := must(w.Sample(t.Context()))(t).Groups[0]
		if g.Seconds != nil || g.Records == nil || *g.Records != 2 {
			t.Fatalf("got %+v", g)
		}
	}
	before := len(refusals)
	must(w.Sample(t.Context()))(t)
	if len(refusals) > before+1 { // one may have been on its way
		t.Error("a topic that may not be read is tried again and again")
	}
}

func TestACommitBeforeTheLogsStartStillHasAnAge(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "orders"))
	a := connect(t, bootstrapOf(cluster))
	produceAged(t, a, "orders", 6, time.Hour)
	commit(t, a, "readers", "orders", 0, 1)
	offsets := kadm.Offsets{}
	offsets.AddOffset("orders", 0, 4, -1)
	if _, err := a.kadm.DeleteRecords(t.Context(), offsets); err != nil {
		t.Fatal(err)
	}
	w := a.WatchLag("readers")
	defer w.Close()
	got := sampleUntil(t, w, func(g GroupLag) bool { return g.Seconds != nil })
	if math.Abs(*got.Seconds-3600) > 300 {
		t.Errorf("got %v s", *got.Seconds)
	}
}

func TestAClusterThatIsGoneIsAProblemWithinTheBound(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "orders"))
	a := connect(t, bootstrapOf(cluster))
	commit(t, a, "readers", "orders", 0, 0)
	w := a.WatchLag("readers")
	defer w.Close()
	cluster.Close()
	_, err := w.Sample(t.Context())
	if category, _ := CategoryOf(err); category != Unreachable || !strings.Contains(err.Error(), "cannot use") {
		t.Errorf("got %v", err)
	}
}
