// Command barefranz is what kaliper is compared with: the shortest loop around franz-go that
// produces, or consumes, as fast as the system takes it. It keeps no time of any record,
// draws no key and checks nothing. Its JSON goes to stdout.
//
// Like kaliper it warms up, and then takes its figures over a window; processor time is that
// of the whole process within the window.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/measure"
)

// figures are what it prints.
type figures struct {
	Records             int64   `json:"records"` // in the window
	Seconds             float64 `json:"seconds"`
	RecordsPerSecond    float64 `json:"records_per_second"`
	CPUSecondsPerRecord float64 `json:"cpu_seconds_per_record"`
	RSSBytes            int64   `json:"rss_bytes"`     // at the window's end
	RecordsInAll        int64   `json:"records_total"` // warm-up and drain included
}

// load is what to do.
type load struct {
	bootstrap, topic string
	warmup, window   time.Duration
	size             int
	linger           time.Duration
	batchBytes       int
	bufferBytes      int
	roundRobin       bool
}

func main() {
	var l load
	consuming := flag.Bool("consume", false, "consume from the beginning, rather than produce")
	flag.StringVar(&l.bootstrap, "bootstrap", "127.0.0.1:9092", "bootstrap servers")
	flag.StringVar(&l.topic, "topic", "", "topic, which must exist")
	flag.DurationVar(&l.warmup, "warmup", 3*time.Second, "time before the window")
	flag.DurationVar(&l.window, "duration", 12*time.Second, "the window")
	flag.IntVar(&l.size, "size", 100, "bytes of a value")
	flag.DurationVar(&l.linger, "linger", 5*time.Millisecond, "linger.ms")
	flag.IntVar(&l.batchBytes, "batch", 16384, "batch.size")
	flag.IntVar(&l.bufferBytes, "buffer", 32<<20, "buffer.memory")
	flag.BoolVar(&l.roundRobin, "round-robin", false, "partition in turn, rather than by the library's default")
	flag.Parse()
	work := produce
	if *consuming {
		work = consume
	}
	found, err := work(context.Background(), l)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "barefranz:", err)
		os.Exit(1)
	}
}

// watch waits for the warm-up, and returns what done gained in the window. It ends early with
// the cause of ctx's end.
func watch(ctx context.Context, l load, done *atomic.Int64) (figures, error) {
	wait := func(d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			return nil
		}
	}
	if err := wait(l.warmup); err != nil {
		return figures{}, err
	}
	meter := measure.NewMeter()
	begin, _ := meter.Read()
	before := done.Load()
	if err := wait(l.window); err != nil {
		return figures{}, err
	}
	end, _ := meter.Read()
	records := done.Load() - before
	seconds := end.At.Sub(begin.At).Seconds()
	return figures{
		Records: records, Seconds: seconds, RecordsPerSecond: float64(records) / seconds,
		CPUSecondsPerRecord: (end.CPUSeconds - begin.CPUSeconds) / float64(records),
		RSSBytes:            end.RSSBytes,
	}, nil
}

func produce(ctx context.Context, l load) (figures, error) {
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(l.bootstrap, ",")...), kgo.DefaultProduceTopic(l.topic),
		kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(l.linger), kgo.ProducerBatchMaxBytes(int32(l.batchBytes)),
		kgo.MaxBufferedRecords(math.MaxInt), kgo.MaxBufferedBytes(l.bufferBytes),
	}
	if l.roundRobin {
		options = append(options, kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return figures{}, err
	}
	defer client.Close()
	value := make([]byte, l.size)
	random := rand.NewChaCha8([32]byte{})
	random.Read(value)

	ctx, fail := context.WithCancelCause(ctx)
	producing, stop := context.WithCancel(ctx)
	defer stop()
	var acknowledged atomic.Int64
	pool := sync.Pool{New: func() any { return new(kgo.Record) }}
	promise := func(record *kgo.Record, err error) {
		if err != nil {
			fail(err)
			return
		}
		acknowledged.Add(1)
		*record = kgo.Record{}
		pool.Put(record)
	}
	var loop sync.WaitGroup
	loop.Go(func() {
		for producing.Err() == nil {
			record := pool.Get().(*kgo.Record)
			record.Value = value
			client.Produce(ctx, record, promise)
		}
	})
	found, err := watch(ctx, l, &acknowledged)
	stop()
	loop.Wait()
	if err == nil {
		err = client.Flush(ctx)
	}
	found.RecordsInAll = acknowledged.Load()
	return found, err
}

func consume(ctx context.Context, l load) (figures, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(l.bootstrap, ",")...), kgo.ConsumeTopics(l.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(500*time.Millisecond),
	)
	if err != nil {
		return figures{}, err
	}
	defer client.Close()
	ctx, fail := context.WithCancelCause(ctx)
	consuming, stop := context.WithCancel(ctx)
	defer stop()
	var consumed atomic.Int64
	var loop sync.WaitGroup
	loop.Go(func() {
		for consuming.Err() == nil {
			fetches := client.PollFetches(consuming)
			if err := fetches.Err0(); err != nil && !errors.Is(err, context.Canceled) {
				fail(err)
				return
			}
			consumed.Add(int64(fetches.NumRecords()))
		}
	})
	found, err := watch(ctx, l, &consumed)
	stop()
	loop.Wait()
	found.RecordsInAll = consumed.Load()
	return found, err
}
