package kafka

import (
	"math"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

func TestLag(t *testing.T) {
	at := func(seconds float64) time.Time {
		return time.Unix(1000, 0).Add(time.Duration(seconds * float64(time.Second)))
	}
	steady := []endOffset{{at(0), 0}, {at(1), 100}, {at(2), 200}, {at(3), 300}}
	for _, test := range []struct {
		name     string
		samples  []endOffset
		position int64
		now      float64
		records  int64
		seconds  float64
	}{
		{"without samples nothing is known", nil, 0, 3, -1, -1},
		{"a consumer at the end has none", steady, 300, 3.5, 0, 0},
		{"a consumer ahead of the last sample has none", steady, 350, 3.5, 0, 0},
		{"the first unread record is interpolated", steady, 250, 3.5, 50, 1 - 0.005},
		{"a record at a sample lies behind it", steady, 200, 3, 100, 1 - 0.005},
		{"the very first record is known when the history starts before it", steady, 0, 3, 300, 3 - 0.005},
		{"time lag grows though nothing comes", steady, 250, 13.5, 50, 11 - 0.005},
		{"a record older than the history is of unknown age", steady[1:], 50, 3, 250, -1},
		{"records after a standstill came after it", []endOffset{{at(0), 0}, {at(1), 100}, {at(2), 100}, {at(9), 100}, {at(10), 200}}, 100, 10, 100, 1 - 0.005},
		{"records before a standstill came before it", []endOffset{{at(0), 0}, {at(1), 100}, {at(2), 100}, {at(9), 100}}, 50, 10, 50, 9.5 - 0.005},
		{"a clock that runs behind gives no negative age", steady, 299, 0, 1, 0},
		{"a log that shrank is not believed", []endOffset{{at(0), 0}, {at(1), 100}, {at(2), 40}}, 50, 2, 50, 1.5 - 0.005},
		{"an answer that was overtaken is dropped", []endOffset{{at(0), 0}, {at(2), 100}, {at(1), 150}}, 100, 3, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var h endOffsets
			for _, s := range test.samples {
				h.add(s.at, s.end)
			}
			records, seconds := h.lag(test.position, at(test.now))
			if records != test.records || math.Abs(seconds-test.seconds) > 1e-6 {
				t.Errorf("got %d records, %v s, want %d, %v s", records, seconds, test.records, test.seconds)
			}
		})
	}
}

func TestTheHistoryIsBoundedAndReachesBackToItsBeginning(t *testing.T) {
	var h endOffsets
	const seconds = 10 * mostSamples
	start := time.Unix(0, 0)
	for i := range seconds {
		h.add(start.Add(time.Duration(i)*time.Second), int64(i)*100)
	}
	if n := len(h.samples); n > mostSamples {
		t.Errorf("%d samples are kept", n)
	}
	now := start.Add(seconds * time.Second)
	for _, behind := range []int64{1, 100, 10000, seconds - 1} {
		position := (seconds - 1 - behind) * 100
		records, age := h.lag(position, now)
		if want := float64(behind + 1); records != behind*100 || math.Abs(age-want) > 1 {
			t.Errorf("%d s behind: got %d records and %v s", behind, records, age)
		}
	}
}

func TestAStandstillCostsTwoSamples(t *testing.T) {
	var h endOffsets
	for i := range 1000 {
		h.add(time.Unix(int64(i), 0), 7)
	}
	if len(h.samples) != 2 {
		t.Errorf("%d samples are kept", len(h.samples))
	}
}

func FuzzLagIsNeverAbsurd(f *testing.F) {
	f.Add(int64(100), int64(50), int64(70), int64(3))
	f.Fuzz(func(t *testing.T, first, more, position, now int64) {
		var h endOffsets
		h.add(time.Unix(0, 0), first)
		h.add(time.Unix(1, 0), first+more)
		records, seconds := h.lag(position, time.Unix(now%1e9, 0))
		if position < 0 || first < 0 || more < 0 || first+more < 0 {
			t.Skip()
		}
		if records == 0 && seconds != 0 {
			t.Errorf("%v s without a record", seconds)
		}
		if math.IsNaN(seconds) || records < 0 {
			t.Errorf("%d records, %v s", records, seconds)
		}
	})
}

func TestTheSamplerReadsTheEndOfEveryPartition(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "t"))
	admin := connect(t, bootstrapOf(cluster))
	sampler := NewLagSampler(admin, "t")
	if records, seconds := sampler.Lag("t", 0, 0, time.Now()); records >= 0 || seconds >= 0 {
		t.Errorf("before any sample: %d records, %v s", records, seconds)
	}
	for range 2 {
		if err := sampler.Sample(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := produce(t, producer(bootstrapOf(cluster)), Payload{}, 10, []byte("v")); err != nil {
			t.Fatal(err)
		}
	}
	if err := sampler.Sample(t.Context()); err != nil {
		t.Fatal(err)
	}
	records, seconds := sampler.Lag("t", 0, 12, time.Now())
	if records != 8 || seconds <= 0 {
		t.Errorf("got %d records, %v s, want 8 records and a time", records, seconds)
	}
	if records, seconds := sampler.Lag("t", 0, 20, time.Now()); records != 0 || seconds != 0 {
		t.Errorf("at the end: %d records, %v s", records, seconds)
	}
}

func TestASampleOfAMissingTopicIsAnError(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "t"))
	sampler := NewLagSampler(connect(t, bootstrapOf(cluster)), "missing")
	if err := sampler.Sample(t.Context()); err == nil {
		t.Error("a missing topic has an end")
	}
	if records, _ := sampler.Lag("missing", 0, 0, time.Now()); records >= 0 {
		t.Errorf("a missing topic has a lag of %d", records)
	}
}
