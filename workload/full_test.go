package workload

import (
	"math"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestAFullBatchIsSentThoughItsRecordsMayLingerForAMinute(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.SeedTopics(12, "orders"), kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	f := &full{}
	f.client, err = kgo.NewClient(
		kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic("orders"), kgo.ProducerLinger(time.Minute),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.RecordPartitioner(stickiness{batchBytes: 4096, full: f}),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer f.client.Close()
	acknowledged := make(chan error, 100)
	for range 5 { // of 1 KiB each: the fourth begins another batch
		f.client.Produce(t.Context(), &kgo.Record{Value: make([]byte, 1024)}, func(_ *kgo.Record, err error) { acknowledged <- err })
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
			f.send()
		case <-tooLong:
			t.Fatal("nothing was sent before the minute was over")
		}
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
