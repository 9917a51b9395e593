package kafka

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/sample"
)

// SampleBounds end the reading of a sample, whichever is reached first; all are above 0.
type SampleBounds struct {
	Records int64
	Bytes   int64 // of keys and values; passed by one record at the most
	Time    time.Duration
}

// SampleTopic reads the newest records of a topic, of each partition a share that goes by the
// length of its log, so that a key is met as often as it is in the whole. It reads without a
// group and commits nothing. With contents it keeps the records themselves.
//
// A topic without a record that has a value is a Problem.
func (a *Admin) SampleTopic(ctx context.Context, name string, bounds SampleBounds, contents bool) (*sample.Topic, error) {
	if _, _, err := a.namedTopic(ctx, name); err != nil {
		return nil, err
	}
	r := &sampleReader{name: name, bounds: bounds, left: map[int32]int64{}}
	if err := r.choose(ctx, a); err != nil {
		return nil, err
	}
	compress, err := newCompressors()
	if err != nil {
		return nil, err
	}
	r.collector = sample.NewCollector(compress.bytes, contents)
	taken := time.Now().UTC().Truncate(time.Second)
	if len(r.left) > 0 {
		if err := r.read(ctx, a); err != nil {
			return nil, err
		}
	}
	if r.collector.Values() == 0 {
		return nil, &Problem{
			Cause:    fmt.Sprintf("topic %s gave no record with a value (%d without, read up to the bound of %s)", name, r.collector.Records(), r.stop),
			Remedy:   "sample it when it holds records, or raise the bound",
			Category: BadInput,
		}
	}
	t := r.collector.Topic()
	t.Topic, t.TakenAt, t.Partitions, t.StoppedBy = name, taken, r.partitions, r.stop
	return t, nil
}

// sampleReader reads the end of each of a topic's partitions.
type sampleReader struct {
	name       string
	bounds     SampleBounds
	partitions int
	from       Offsets
	left       map[int32]int64 // the offset at which a partition that is not done yet ends
	stop       sample.Stop
	collector  *sample.Collector
	client     *kgo.Client
}

// choose decides where each partition is read from, and to.
func (r *sampleReader) choose(ctx context.Context, a *Admin) error {
	starts, err := a.ResolveStart(ctx, StartEarliest(), r.name)
	if err != nil {
		return err
	}
	ends, err := a.ResolveStart(ctx, StartLatest(), r.name)
	if err != nil {
		return err
	}
	total := int64(0)
	for p, end := range ends[r.name] {
		total += end - starts[r.name][p]
	}
	share := min(float64(r.bounds.Records)/float64(max(total, 1)), 1)
	if r.stop = sample.AtEnd; share < 1 {
		r.stop = sample.ByRecords
	}
	r.partitions, r.from = len(ends[r.name]), Offsets{r.name: {}}
	for p, end := range ends[r.name] {
		wanted := int64(math.Ceil(share * float64(end-starts[r.name][p])))
		if wanted > 0 {
			r.from[r.name][p], r.left[p] = end-wanted, end
		}
	}
	return nil
}

// read gives the collector what was chosen, until it has all or a bound is reached.
func (r *sampleReader) read(ctx context.Context, a *Admin) error {
	// Control records are asked for because one of them may be the last of a partition.
	var err error
	r.client, err = kgo.NewClient(append(a.client.Opts(), kgo.ConsumePartitions(r.from.Assignment()), kgo.KeepControlRecords())...)
	if err != nil {
		return fmt.Errorf("sample topic %s: %w", r.name, err)
	}
	defer r.client.Close()
	bounded, cancel := context.WithTimeout(ctx, r.bounds.Time)
	defer cancel()
	for len(r.left) > 0 {
		fetches := r.client.PollFetches(bounded)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case bounded.Err() != nil:
			r.stop = sample.ByTime
			return nil
		}
		for _, e := range fetches.Errors() {
			if p := AccessProblem(r.name, e.Err); p != nil {
				return p
			}
			return fmt.Errorf("sample topic %s, partition %d: %w", r.name, e.Partition, e.Err)
		}
		for records := fetches.RecordIter(); !records.Done(); {
			if !r.take(records.Next()) {
				return nil
			}
		}
	}
	return nil
}

// take gives one record to the collector; false once a bound is reached.
func (r *sampleReader) take(record *kgo.Record) bool {
	end, open := r.left[record.Partition]
	if !open || record.Offset >= end {
		r.done(record.Partition) // compaction may have taken the last ones
		return true
	}
	if record.Offset == end-1 {
		r.done(record.Partition)
	}
	if record.Attrs.IsControl() {
		return true
	}
	r.collector.Add(record.Key, record.Value)
	switch {
	case r.collector.Records() >= r.bounds.Records && len(r.left) > 0:
		r.stop = sample.ByRecords
		return false
	case r.collector.Bytes() >= r.bounds.Bytes && len(r.left) > 0:
		r.stop = sample.ByBytes
		return false
	}
	return true
}

// done ends the reading of a partition, to which others may go on writing.
func (r *sampleReader) done(partition int32) {
	if _, open := r.left[partition]; open {
		delete(r.left, partition)
		r.client.PauseFetchPartitions(map[string][]int32{r.name: {partition}})
	}
}

// compressors compress as producers with Java's default levels do.
type compressors map[string]kgo.Compressor

func newCompressors() (compressors, error) {
	made := compressors{}
	for name, codec := range map[string]kgo.CompressionCodec{
		"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(),
		"zstd": zstdOf(zstdDefaultLevel),
	} {
		compressor, err := kgo.DefaultCompressor(codec)
		if err != nil {
			return nil, fmt.Errorf("make the %s compressor: %w", name, err)
		}
		made[name] = compressor
	}
	return made, nil
}

func (c compressors) bytes(codec string, batch []byte) int {
	compressed, _ := c[codec].Compress(new(bytes.Buffer), batch)
	return len(compressed)
}
