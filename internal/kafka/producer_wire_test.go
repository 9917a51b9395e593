package kafka

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// simulate starts a simulated cluster in this process.
func simulate(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster := must(kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...))(t)
	t.Cleanup(cluster.Close)
	return cluster
}

func bootstrapOf(cluster *kfake.Cluster) string { return strings.Join(cluster.ListenAddrs(), ",") }

// wire is what produce requests looked like when they reached the broker.
type wire struct {
	mu       sync.Mutex
	requests []kmsg.ProduceRequest
	batches  []kmsg.RecordBatch
}

func watchProduce(t *testing.T, cluster *kfake.Cluster) *wire {
	w := &wire{}
	cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		produce := req.(*kmsg.ProduceRequest)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.requests = append(w.requests, *produce)
		for _, topic := range produce.Topics {
			for _, p := range topic.Partitions {
				var batch kmsg.RecordBatch
				if err := batch.ReadFrom(p.Records); err != nil {
					t.Errorf("read a batch: %v", err)
				}
				w.batches = append(w.batches, batch)
			}
		}
		return nil, nil, false
	})
	return w
}

// produce sends count records, the first alone, and waits for all of them. Before the first
// response franz-go does not know the broker's record format and sizes batches for an old one.
func produce(t *testing.T, p Properties, payload Payload, count int, value []byte) error {
	t.Helper()
	opts := must(ProducerOptions(p, payload))(t)
	client := must(kgo.NewClient(append(opts, kgo.DefaultProduceTopic("t"))...))(t)
	defer client.Close()
	var mu sync.Mutex
	var errs []error
	for i := range count {
		client.Produce(context.Background(), &kgo.Record{Value: value}, func(_ *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
		if i == 0 || i == count-1 {
			if err := client.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return errors.Join(errs...)
}

func TestAcksReachTheBroker(t *testing.T) {
	for acks, want := range map[string]int16{"all": -1, "-1": -1, "1": 1, "0": 0} {
		t.Run("acks "+acks, func(t *testing.T) {
			cluster := simulate(t, kfake.SeedTopics(1, "t"))
			seen := watchProduce(t, cluster)
			if err := produce(t, producer(bootstrapOf(cluster), "acks", acks, "request.timeout.ms", "7000"), Payload{}, 1, []byte("v")); err != nil {
				t.Fatal(err)
			}
			// acks 0 is done before the broker reads: another request behind it says when.
			admin := connect(t, bootstrapOf(cluster))
			for len(seen.snapshot()) == 0 {
				must(admin.metadata(t.Context(), nil))(t)
			}
			request := seen.snapshot()[0]
			if request.Acks != want || request.TimeoutMillis != 7000 {
				t.Errorf("got acks %d, timeout %d ms, want %d, 7000", request.Acks, request.TimeoutMillis, want)
			}
			if idempotent := seen.batches[0].ProducerID >= 0; idempotent != (want == -1) {
				t.Errorf("idempotent is %v with acks %s", idempotent, acks)
			}
		})
	}
}

func (w *wire) snapshot() []kmsg.ProduceRequest {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]kmsg.ProduceRequest(nil), w.requests...)
}

func TestCompressionReachesTheBroker(t *testing.T) {
	value := []byte(strings.Repeat("kaliper measures what a caller would have waited. ", 20))
	for codec, want := range map[string]int16{"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4} {
		t.Run(codec, func(t *testing.T) {
			cluster := simulate(t, kfake.SeedTopics(1, "t"))
			seen := watchProduce(t, cluster)
			if err := produce(t, producer(bootstrapOf(cluster), "compression.type", codec), Payload{LargestRecord: 1100}, 10, value); err != nil {
				t.Fatal(err)
			}
			if got := seen.batches[0].Attributes & 7; got != want {
				t.Errorf("got codec %d, want %d", got, want)
			}
		})
	}
}

func TestHigherLevelsCompressMore(t *testing.T) {
	var text bytes.Buffer // compressible, but not by the first match alone
	for i := range 3000 {
		fmt.Fprintf(&text, "order %d of customer %d costs %d;", i*7919%10007, i*104729%1009, i*i%997)
	}
	for _, test := range []struct{ codec, low, high string }{
		{"gzip", "1", "9"},
		{"lz4", "9", "17"}, // 9 is the default, and the fast compressor
		{"lz4", "1", "17"},
		{"zstd", "1", "19"},
	} {
		t.Run(test.codec+" "+test.low+" to "+test.high, func(t *testing.T) {
			ratio := func(level string) float64 {
				p := producer(nowhere, "compression.type", test.codec, "compression."+test.codec+".level", level)
				return must(CompressionRatio(p, text.Bytes()))(t)
			}
			low, high := ratio(test.low), ratio(test.high)
			if high >= low || low >= 1 {
				t.Errorf("level %s leaves %.3f, level %s leaves %.3f", test.low, low, test.high, high)
			}
		})
	}
}

func TestCompressionRatioIsOneWithoutCompression(t *testing.T) {
	if got := must(CompressionRatio(producer(nowhere), []byte("aaaaaaaaaaaaaaaaaaaa")))(t); got != 1 {
		t.Errorf("got %v, want 1", got)
	}
}

func TestBatchesFillToBatchSize(t *testing.T) {
	const batchSize, size = 16384, 1000
	cluster := simulate(t, kfake.SeedTopics(1, "t"))
	seen := watchProduce(t, cluster)
	p := producer(bootstrapOf(cluster), "linger.ms", "1000")
	if err := produce(t, p, Payload{LargestRecord: EncodedBytes(0, size, 0)}, 1+160, make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	records := 0
	for _, batch := range seen.batches {
		records += int(batch.NumRecords)
		if length := int(batch.Length) + 12; length > batchSize+3 { // the length itself and the first offset
			t.Errorf("a batch has %d bytes", length)
		}
	}
	// 16 records of 1,000 bytes and their few bytes of lengths fit into 16,384.
	if fullest := maxRecords(seen.batches); records != 1+160 || fullest != 16 {
		t.Errorf("got %d records, the fullest batch with %d, want 161 and 16", records, fullest)
	}
}

func maxRecords(batches []kmsg.RecordBatch) int32 {
	var most int32
	for _, b := range batches {
		most = max(most, b.NumRecords)
	}
	return most
}

func TestARecordLargerThanBatchSizeIsSentAlone(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "t"))
	seen := watchProduce(t, cluster)
	const size = 40000
	if err := produce(t, producer(bootstrapOf(cluster)), Payload{LargestRecord: EncodedBytes(0, size, 0)}, 3, make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if len(seen.batches) != 3 {
		t.Errorf("got %d batches for 3 records", len(seen.batches))
	}
}

func TestARecordLargerThanMaxRequestSizeFails(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "t"))
	const size = 40000
	p := producer(bootstrapOf(cluster), "max.request.size", "20000")
	err := produce(t, p, Payload{LargestRecord: EncodedBytes(0, size, 0)}, 1, make([]byte, size))
	if !errors.Is(err, kerr.MessageTooLarge) || ErrorKind(err) != "message_too_large" {
		t.Errorf("got %v of kind %s", err, ErrorKind(err))
	}
}

func TestADeliveryTimesOutThoughTheBrokerIsSilent(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(1, "t"))
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return nil, nil, true // no answer, ever
	})
	p := producer(bootstrapOf(cluster), "delivery.timeout.ms", "1000", "request.timeout.ms", "100", "linger.ms", "0")
	if kind := ErrorKind(produce(t, p, Payload{}, 1, []byte("v"))); kind != KindDeliveryTimeout {
		t.Errorf("got kind %s, want %s", kind, KindDeliveryTimeout)
	}
}

func TestRetriesAreCounted(t *testing.T) {
	for retries, want := range map[string]int{"0": 1, "2": 3} {
		t.Run(retries+" retries", func(t *testing.T) {
			cluster := simulate(t, kfake.SeedTopics(1, "t"))
			fault := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
			err := produce(t, producer(bootstrapOf(cluster), "retries", retries), Payload{}, 1, []byte("v"))
			if kind := ErrorKind(err); kind != "not_enough_replicas" || fault.Hits() != want {
				t.Errorf("got %s after %d requests, want not_enough_replicas after %d", kind, fault.Hits(), want)
			}
		})
	}
}

// connect returns an Admin for the length of the test.
func connect(t *testing.T, bootstrap string) *Admin {
	t.Helper()
	opts := must(CommonOptions(producer(cmp.Or(bootstrap, nowhere))))(t)
	admin := must(Connect(t.Context(), opts...))(t)
	t.Cleanup(admin.Close)
	return admin
}
