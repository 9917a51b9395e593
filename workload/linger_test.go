package workload

import (
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestAFullBatchIsSentThoughItsRecordsMayLingerForAMinute(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.SeedTopics(12, "orders"), kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	shared := newLingering(time.Minute, 32<<20)
	l := shared.of("orders", 12, 1)
	defer l.close()
	l.client, err = kgo.NewClient(append(shared.options,
		kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic("orders"),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.RecordPartitioner(stickiness{batchBytes: 4096, linger: l}))...,
	)
	if err != nil {
		t.Fatal(err)
	}
	defer l.client.Close()
	acknowledged := make(chan error, 100)
	l.handed(0)
	for range 5 { // of 1 KiB each: the fourth begins another batch
		l.client.Produce(t.Context(), &kgo.Record{Value: make([]byte, 1024)}, func(_ *kgo.Record, err error) { acknowledged <- err })
	}
	// Records are placed as soon as the topic's partitions are known.
	turn := time.NewTicker(time.Millisecond)
	defer turn.Stop()
	tooLong := time.After(40 * time.Second)
	for {
		select {
		case err := <-acknowledged:
			if err != nil {
				t.Fatal(err)
			}
			return
		case <-turn.C:
			l.send(int64(2 * time.Second))
		case <-tooLong:
			t.Fatal("nothing was sent before the minute was over")
		}
	}
}

func TestAllThatWaitsIsSentTogetherWhenTheOldestRecordHasLingered(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.SeedTopics(12, "orders"), kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	var requests atomic.Int64
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		requests.Add(1)
		return nil, nil, false
	})
	shared := newLingering(time.Minute, 32<<20)
	l := shared.of("orders", 12, 1)
	defer l.close()
	l.client, err = kgo.NewClient(append(shared.options,
		kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic("orders"),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))...,
	)
	if err != nil {
		t.Fatal(err)
	}
	defer l.client.Close()
	produce := func(partitions int) chan error {
		acknowledged := make(chan error, partitions)
		for partition := range partitions {
			l.client.Produce(t.Context(), &kgo.Record{Partition: int32(partition), Value: []byte("x")}, func(_ *kgo.Record, err error) { acknowledged <- err })
		}
		return acknowledged
	}
	all := func(acknowledged chan error) {
		t.Helper()
		for range cap(acknowledged) {
			if err := <-acknowledged; err != nil {
				t.Fatal(err)
			}
		}
	}
	// The topic is known, and the broker's first answer has come.
	first := produce(12)
	turn := time.NewTicker(time.Millisecond)
	defer turn.Stop()
	for len(first) < cap(first) {
		<-turn.C
		l.handed(0)
		l.send(l.wait)
	}
	all(first)
	before := requests.Load()

	second := produce(12)
	const begun = int64(time.Hour)
	l.handed(begun)
	l.handed(begun + 1) // the oldest counts
	if next := l.send(begun + l.wait - 1); next != begun+l.wait || len(second) != 0 {
		t.Fatalf("due at %d, want %d; %d were acknowledged", next, begun+l.wait, len(second))
	}
	if next := l.send(begun + l.wait); next != never {
		t.Fatalf("due again at %d", next)
	}
	all(second)
	if got := requests.Load() - before; got != 1 {
		t.Errorf("%d requests for what had waited in 12 partitions, want 1", got)
	}

	l.handed(2 * begun)
	l.left.Store(2*begun + 7) // a full batch took it along; others came since
	if next := l.send(2*begun + l.wait); next != 2*begun+7+l.wait {
		t.Errorf("due at %d, want %d", next, 2*begun+7+l.wait)
	}
}

func TestTheEstimateOfCompressionGoesUpFastAndDownSlowlyAsInJava(t *testing.T) {
	e := newCompressionEstimate()
	expect := func(want float64) {
		t.Helper()
		if got := e.ratio() / estimateMargin; math.Abs(got-want) > 1e-9 {
			t.Fatalf("the estimate is %v, want %v", got, want)
		}
	}
	expect(1)
	for range 100 {
		e.observe(0.6)
	}
	expect(0.6) // and not below what was seen
	e.observe(0.61)
	expect(0.65) // by 0.05 at least
	e.observe(0.9)
	expect(0.9) // by more where more was seen
	e.observe(0.5)
	expect(0.895)
}
