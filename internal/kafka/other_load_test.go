package kafka

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestAnotherLoadIsNoticed(t *testing.T) {
	cluster := simulate(t, kfake.NumBrokers(2), kfake.SeedTopics(3, "orders", "payments", "idle"))
	admin := connect(t, bootstrapOf(cluster))
	client := must(kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...)))(t)
	defer client.Close()
	write := func(topic string, n int) {
		for range n {
			if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("x")}).FirstErr(); err != nil {
				t.Error(err)
			}
		}
	}
	write("idle", 50) // what was there before does not grow
	if found := admin.otherLoad(t.Context(), func() {}); len(found) != 0 {
		t.Errorf("of a cluster at rest: %v", found)
	}
	found := admin.otherLoad(t.Context(), func() { write("orders", 20); write("payments", 5) })
	if len(found) != 1 || found[0].Code != ReasonOtherLoad || !strings.Contains(found[0].Text, "in 2 of its topics, in orders the most") {
		t.Errorf("25 records: %v", found)
	}
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "orders", Err: kerr.TopicAuthorizationFailed, Count: -1})
	if found := admin.otherLoad(t.Context(), func() { write("orders", 20) }); len(found) != 0 {
		t.Errorf("where it may not ask: %v", found)
	}
}

func TestAFewRecordsASecondAreNoLoad(t *testing.T) {
	for _, test := range []struct {
		name          string
		before, after map[string]int64
		want          string
	}{
		{"nine records", map[string]int64{"a": 5}, map[string]int64{"a": 14}, ""},
		{"ten records", map[string]int64{"a": 5}, map[string]int64{"a": 15}, "10 records/s arrived"},
		{"ten records of two topics", map[string]int64{"a": 5, "b": 1}, map[string]int64{"a": 8, "b": 8}, "in 2 of its topics, in b the most"},
		{"a new topic", map[string]int64{"a": 5}, map[string]int64{"a": 5, "b": 500}, ""},
		{"a topic that was made anew", map[string]int64{"a": 500}, map[string]int64{"a": 20}, ""},
	} {
		found := grown(test.before, test.after, time.Second)
		if (len(found) != 0) != (test.want != "") || len(found) > 0 && !strings.Contains(found[0].Text, test.want) {
			t.Errorf("%s: %v", test.name, found)
		}
	}
}

func TestWhereNobodyAnswersNothingIsSaidOfAnotherLoad(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "orders"))
	admin := connect(t, bootstrapOf(cluster))
	paused := false
	cluster.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return nil, errors.New("hang up"), true
	})
	if found := admin.otherLoad(t.Context(), func() { paused = true }); len(found) != 0 || paused {
		t.Errorf("%v, paused: %v", found, paused)
	}
	if empty := connect(t, bootstrapOf(simulate(t))); len(empty.otherLoad(t.Context(), func() { paused = true })) != 0 || paused {
		t.Error("it waits for topics that are not there")
	}
}
