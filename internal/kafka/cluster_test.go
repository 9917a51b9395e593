package kafka

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// wait bounds what the tests wait for on a machine that has other work to do.
const wait = time.Minute

// target is a cluster that the same tests run against, simulated or real.
type target struct {
	bootstrap string
	brokers   int
}

func TestOnTheSimulatedBroker(t *testing.T) {
	for _, brokers := range []int{1, 3} {
		cluster := simulate(t, kfake.NumBrokers(brokers))
		t.Run(map[int]string{1: "one node", 3: "three nodes"}[brokers], func(t *testing.T) {
			testCluster(t, target{bootstrapOf(cluster), brokers})
		})
	}
}

// testCluster runs everything that holds for any cluster. Each test has topics of its own.
func testCluster(t *testing.T, on target) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *Admin, target)
	}{
		{"topics are created as asked, verified and deleted", testCreateAndDelete},
		{"more replicas than brokers are bad input", testReplicationTooHigh},
		{"a topic that exists is not touched", testTopicExists},
		{"what a run did not create is neither created nor deleted", testForeignNames},
		{"a topic whose name was chosen is its maker's alone", testChosenNames},
		{"leftovers are found and deleted by run", testLeftovers},
		{"a run that goes on is not deleted", testRunGoingOn},
		{"an existing topic is described", testExistingTopic},
		{"a missing topic is named with one that is like it", testMissingTopic},
		{"a person's topic is created, altered, described and deleted", testNamedTopic},
		{"only a topic that there is can be described, altered or deleted", testNamedTopicMissing},
		{"a change that is refused leaves the topic as it was", testRefusedChange},
		{"every broker is examined", testExamine},
		{"starts resolve to offsets", testResolveStart},
		{"a start of an unknown topic is an error", testResolveStartUnknown},
		{"a group starts where it was committed, classic", func(t *testing.T, a *Admin, on target) { testCommitStart(t, a, on, "classic") }},
		{"a group starts where it was committed, KIP-848", func(t *testing.T, a *Admin, on target) { testCommitStart(t, a, on, "consumer") }},
		{"a start is not committed into a group with members", testCommitStartWithMembers},
		{"the lag of a group is watched", testWatchLag},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, connect(t, on.bootstrap), on)
		})
	}
}

// specs returns specifications of one topic each, two partitions, replicated as far as three
// brokers go.
func specs(t *testing.T, on target, run string, logical ...string) []TopicSpec {
	var specs []TopicSpec
	for _, l := range logical {
		specs = append(specs, TopicSpec{
			Logical:           l,
			Name:              must(TopicName(run, "c0ffee00", "1", l))(t),
			Partitions:        2,
			ReplicationFactor: min(on.brokers, 3),
			Config:            map[string]string{"retention.ms": "3600000"},
		})
	}
	return specs
}

// create makes topics and deletes them after the test.
func create(t *testing.T, a *Admin, run string, specs []TopicSpec) {
	t.Helper()
	if _, _, err := a.CreateTopics(t.Context(), run, specs, wait); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var names []string
		for _, s := range specs {
			names = append(names, s.Name)
		}
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		admin := connectWith(ctx, t, a)
		defer admin.Close()
		if err := admin.DeleteTopics(ctx, run, names, wait); err != nil {
			t.Error(err)
		}
	})
}

// connectWith returns another Admin of the same cluster, for what happens after a test's own
// has been closed.
func connectWith(ctx context.Context, t *testing.T, a *Admin) *Admin {
	seeds := a.client.OptValue(kgo.SeedBrokers).([]string)
	opts := must(CommonOptions(producer(strings.Join(seeds, ","))))(t)
	return must(Connect(ctx, opts...))(t)
}

func topicsOf(t *testing.T, a *Admin) []string {
	return topicNames(must(a.metadata(t.Context(), nil))(t))
}

func testCreateAndDelete(t *testing.T, a *Admin, on target) {
	const run = "create"
	wanted := specs(t, on, run, "orders", "payments")
	wanted[0].Partitions = 6
	infos, warnings, err := a.CreateTopics(t.Context(), run, wanted, wait)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v, %v", warnings, err)
	}
	for i, info := range infos {
		want := wanted[i]
		if info.Logical != want.Logical || info.Name != want.Name || info.Partitions != want.Partitions ||
			info.ReplicationFactor != want.ReplicationFactor || info.Config["retention.ms"] != "3600000" || info.Existing {
			t.Errorf("got %+v, want %+v", info, want)
		}
	}
	names := []string{wanted[0].Name, wanted[1].Name}
	if err := a.DeleteTopics(t.Context(), run, names, wait); err != nil {
		t.Fatal(err)
	}
	for _, name := range topicsOf(t, a) {
		if slices.Contains(names, name) {
			t.Errorf("%s is still there", name)
		}
	}
	if err := a.DeleteTopics(t.Context(), run, names, wait); err != nil {
		t.Errorf("deleting what is gone: %v", err)
	}
}

func testReplicationTooHigh(t *testing.T, a *Admin, on target) {
	wanted := specs(t, on, "toohigh", "orders")
	wanted[0].ReplicationFactor = on.brokers + 1
	_, _, err := a.CreateTopics(t.Context(), "toohigh", wanted, wait)
	wantProblem(t, err, BadInput, "replicas", "replication.factor")
	if slices.Contains(topicsOf(t, a), wanted[0].Name) {
		t.Error("it was created all the same")
	}
}

func testTopicExists(t *testing.T, a *Admin, on target) {
	first := specs(t, on, "exists", "orders")
	create(t, a, "exists", first)
	again := specs(t, on, "exists", "payments", "orders")
	again[1].Partitions = 9
	_, _, err := a.CreateTopics(t.Context(), "exists", again, wait)
	wantProblem(t, err, BadInput, "exists already", "topics delete --run")
	view := must(a.metadata(t.Context(), []string{first[0].Name}))(t)
	if got := describe("orders", first[0].Name, view).Partitions; got != 2 {
		t.Errorf("the topic that was there has %d partitions", got)
	}
	gone := func(ctx context.Context) (string, error) {
		if slices.Contains(topicsOf(t, a), again[0].Name) {
			return "the other topic is there", nil
		}
		return "", nil
	}
	if err := until(t.Context(), wait, gone); err != nil {
		t.Errorf("what was created in vain stays: %v", err)
	}
}

func testForeignNames(t *testing.T, a *Admin, on target) {
	mine := specs(t, on, "mine", "orders")
	create(t, a, "mine", mine)
	foreign := mine[0]
	for _, name := range []string{"orders", "kaliper.other.c0ffee00-1.orders", "kaliper.mine", "__consumer_offsets", ""} {
		foreign.Name = name
		if _, _, err := a.CreateTopics(t.Context(), "mine", []TopicSpec{foreign}, wait); err == nil {
			t.Errorf("created %q", name)
		}
		if err := a.DeleteTopics(t.Context(), "mine", []string{mine[0].Name, name}, wait); err == nil {
			t.Errorf("deleted %q", name)
		}
		if err := a.DeleteGroups(t.Context(), "mine", []string{name}); err == nil {
			t.Errorf("deleted group %q", name)
		}
	}
	if err := a.DeleteTopics(t.Context(), "other", []string{mine[0].Name}, wait); err == nil {
		t.Error("deleted another run's topic")
	}
	if !slices.Contains(topicsOf(t, a), mine[0].Name) {
		t.Error("a topic went along with a foreign one")
	}
}

func testLeftovers(t *testing.T, a *Admin, on target) {
	left, own := specs(t, on, "left", "orders", "payments"), specs(t, on, "own", "orders")
	create(t, a, "left", left)
	create(t, a, "own", own)
	group := must(GroupName("left", "c0ffee00", "1", "analytics"))(t)
	if err := a.CommitStart(t.Context(), group, Offsets{left[0].Name: {0: 0}}); err != nil {
		t.Fatal(err)
	}
	if err := a.CommitStart(t.Context(), "somebody", Offsets{left[0].Name: {0: 0}}); err != nil {
		t.Fatal(err)
	}
	leftovers := must(a.Leftovers(t.Context(), "own"))(t)
	i := slices.IndexFunc(leftovers, func(l Leftover) bool { return l.Run == "left" })
	if i < 0 || !slices.Equal(leftovers[i].Topics, []string{left[0].Name, left[1].Name}) || !slices.Equal(leftovers[i].Groups, []string{group}) {
		t.Fatalf("got %+v", leftovers)
	}
	if slices.ContainsFunc(leftovers, func(l Leftover) bool { return l.Run == "own" }) {
		t.Errorf("the run itself is left over: %+v", leftovers)
	}
	deleted := must(a.DeleteRun(t.Context(), "left", wait))(t)
	if len(deleted.Topics) != 2 || len(deleted.Groups) != 1 {
		t.Errorf("deleted %+v", deleted)
	}
	if !slices.Contains(topicsOf(t, a), own[0].Name) {
		t.Error("another run's topic is gone")
	}
	groups := must(a.kadm.ListGroups(t.Context()))(t)
	if _, there := groups["somebody"]; !there {
		t.Error("somebody's group is gone")
	}
	if _, there := groups[group]; there {
		t.Error("the run's group is there")
	}
	_, err := a.DeleteRun(t.Context(), "left", wait)
	wantProblem(t, err, BadInput, "nothing on the cluster belongs", "short id")
}

func testRunGoingOn(t *testing.T, a *Admin, on target) {
	topics := specs(t, on, "goingon", "orders")
	create(t, a, "goingon", topics)
	group := must(GroupName("goingon", "c0ffee00", "1", "analytics"))(t)
	member := join(t, on, group, "classic", topics[0].Name)
	_, err := a.DeleteRun(t.Context(), "goingon", wait)
	wantProblem(t, err, BadInput, "still has members", "end that kaliper")
	if !slices.Contains(topicsOf(t, a), topics[0].Name) {
		t.Error("its topic is gone")
	}
	member.Close()
}

// join returns a member that has partitions assigned.
func join(t *testing.T, on target, group, protocol, topic string) *kgo.Client {
	t.Helper()
	assigned := make(chan struct{}, 16)
	opts := must(ConsumerOptions(consumer(on.bootstrap, "group.protocol", protocol, "enable.auto.commit", "false"), Role{Group: group}))(t)
	client := must(kgo.NewClient(append(opts, kgo.ConsumeTopics(topic),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			if len(partitions) > 0 {
				assigned <- struct{}{}
			}
		}))...))(t)
	t.Cleanup(client.Close)
	select {
	case <-assigned:
	case <-t.Context().Done():
		t.Fatal("no partitions")
	}
	return client
}

func testExistingTopic(t *testing.T, a *Admin, on target) {
	topics := specs(t, on, "existing", "orders")
	create(t, a, "existing", topics)
	info := must(a.ExistingTopic(t.Context(), "log", topics[0].Name))(t)
	if info.Logical != "log" || info.Name != topics[0].Name || info.Partitions != 2 || info.ReplicationFactor != topics[0].ReplicationFactor || !info.Existing || info.Config["retention.ms"] != "3600000" {
		t.Errorf("got %+v", info)
	}
}

func testMissingTopic(t *testing.T, a *Admin, on target) {
	topics := specs(t, on, "missing", "orders")
	create(t, a, "missing", topics)
	_, err := a.ExistingTopic(t.Context(), "log", strings.Replace(topics[0].Name, "orders", "order", 1))
	wantProblem(t, err, BadInput, "does not exist", topics[0].Name)
	if slices.ContainsFunc(topicsOf(t, a), func(name string) bool { return strings.HasSuffix(name, ".order") }) {
		t.Error("asking for it created it")
	}
}

// fill produces 10 records to partition 0, a second apart by their timestamps.
func fill(t *testing.T, on target, topic string, first time.Time) {
	t.Helper()
	opts := must(ProducerOptions(producer(on.bootstrap), Payload{}))(t)
	client := must(kgo.NewClient(append(opts, kgo.RecordPartitioner(kgo.ManualPartitioner()))...))(t)
	defer client.Close()
	var records []*kgo.Record
	for i := range 10 {
		records = append(records, &kgo.Record{Topic: topic, Value: []byte("v"), Timestamp: first.Add(time.Duration(i) * time.Second)})
	}
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func testResolveStart(t *testing.T, a *Admin, on target) {
	topics := specs(t, on, "resolve", "orders")
	create(t, a, "resolve", topics)
	first := time.Now().Truncate(time.Millisecond)
	fill(t, on, topics[0].Name, first)
	for _, test := range []struct {
		name  string
		start Start
		want  map[int32]int64
	}{
		{"earliest", StartEarliest(), map[int32]int64{0: 0, 1: 0}},
		{"latest", StartLatest(), map[int32]int64{0: 10, 1: 0}},
		{"an offset", StartAt(4), map[int32]int64{0: 4, 1: 0}},
		{"an offset beyond the end", StartAt(400), map[int32]int64{0: 10, 1: 0}},
		{"an offset before the beginning", StartAt(-4), map[int32]int64{0: 0, 1: 0}},
		{"a timestamp", StartAfter(first.Add(2500 * time.Millisecond)), map[int32]int64{0: 3, 1: 0}},
		{"a timestamp of a record", StartAfter(first.Add(3 * time.Second)), map[int32]int64{0: 3, 1: 0}},
		{"an hour ago, before anything was written", StartAgo(time.Hour), map[int32]int64{0: 0, 1: 0}},
		{"in an hour, when all is written", StartAgo(-time.Hour), map[int32]int64{0: 10, 1: 0}}, // an old record would not be sent
		{"a timestamp after the last record", StartAfter(first.Add(time.Hour)), map[int32]int64{0: 10, 1: 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			offsets := must(a.ResolveStart(t.Context(), test.start, topics[0].Name))(t)
			for p, want := range test.want {
				if got := offsets[topics[0].Name][p]; got != want {
					t.Errorf("partition %d: got %d, want %d", p, got, want)
				}
			}
			if n := len(offsets.Assignment()[topics[0].Name]); n != 2 {
				t.Errorf("%d partitions are assigned", n)
			}
		})
	}
}

func testResolveStartUnknown(t *testing.T, a *Admin, _ target) {
	_, err := a.ResolveStart(t.Context(), StartLatest(), "kaliper.nowhere.c0ffee00-1.orders")
	if !errors.Is(err, kerr.UnknownTopicOrPartition) {
		t.Errorf("got %v", err)
	}
}

func testCommitStart(t *testing.T, a *Admin, on target, protocol string) {
	run := "commit" + protocol
	topics := specs(t, on, run, "orders")
	topics[0].Partitions = 1
	create(t, a, run, topics)
	group := must(GroupName(run, "c0ffee00", "1", "analytics"))(t)
	fill(t, on, topics[0].Name, time.Now())
	start := must(a.ResolveStart(t.Context(), StartLatest(), topics[0].Name))(t)
	if err := a.CommitStart(t.Context(), group, start); err != nil {
		t.Fatal(err)
	}
	fill(t, on, topics[0].Name, time.Now()) // before anybody joins: latest alone would lose it
	member := join(t, on, group, protocol, topics[0].Name)
	for {
		fetches := member.PollFetches(t.Context())
		if err := errors.Join(fetchErrors(fetches)...); err != nil {
			t.Fatal(err)
		}
		if records := fetches.Records(); len(records) > 0 {
			if records[0].Offset != 10 {
				t.Errorf("the group starts at %d", records[0].Offset)
			}
			break
		}
	}
	member.Close()
	if err := a.DeleteGroups(t.Context(), run, []string{group, group + "-never"}); err != nil {
		t.Error(err)
	}
}

func fetchErrors(fetches kgo.Fetches) []error {
	var errs []error
	for _, e := range fetches.Errors() {
		errs = append(errs, e.Err)
	}
	return errs
}

func testCommitStartWithMembers(t *testing.T, a *Admin, on target) {
	topics := specs(t, on, "members", "orders")
	create(t, a, "members", topics)
	group := must(GroupName("members", "c0ffee00", "1", "analytics"))(t)
	member := join(t, on, group, "classic", topics[0].Name)
	err := a.CommitStart(t.Context(), group, Offsets{topics[0].Name: {0: 0}})
	wantProblem(t, err, BadInput, "has members already", "another group")
	member.Close()
}

func wantProblem(t *testing.T, err error, category Category, cause, remedy string) {
	t.Helper()
	p, ok := errors.AsType[*Problem](err)
	if !ok || p.Category != category || !strings.Contains(p.Cause, cause) || !strings.Contains(p.Remedy, remedy) {
		t.Fatalf("got %v, want a problem of %s: %s; %s", err, category, cause, remedy)
	}
}
