package workload

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

// planter changes what producers send on its way into the log, and acknowledges it as if
// nothing had happened: one record in each of some batches.
type planter struct {
	cluster *kfake.Cluster
	kinds   []string // of which one is drawn for each batch: the anomalies' own names
	topic   string   // where they are found
	behind  bool     // a pipeline: only what it wrote is changed

	mu      sync.Mutex
	random  *rand.Rand
	targets []int // the batches, by their number among those of two records and more
	batches int
	ends    map[int32]int64
	planted []results.Anomaly // what each group must find
	err     error
}

// plant puts a planter before a cluster's only topic.
func plant(cluster *kfake.Cluster, seed uint64, kinds ...string) *planter {
	p := &planter{kinds: kinds, topic: "orders"}
	p.begin(cluster, seed)
	return p
}

// plantBehind puts a planter before the topic that a cluster's only pipeline writes.
func plantBehind(cluster *kfake.Cluster, seed uint64, topic string, kinds ...string) *planter {
	p := &planter{kinds: kinds, topic: topic, behind: true}
	p.begin(cluster, seed)
	return p
}

func (p *planter) begin(cluster *kfake.Cluster, seed uint64) {
	p.cluster, p.random, p.ends = cluster, rand.New(rand.NewPCG(seed, 7)), map[int32]int64{}
	for range 1 + p.random.IntN(4) {
		p.targets = append(p.targets, p.random.IntN(40))
	}
	slices.Sort(p.targets)
	p.targets = slices.Compact(p.targets)
	cluster.ControlKey(int16(kmsg.Produce), p.produce)
}

// produce changes a request in place; the cluster goes on with it.
func (p *planter) produce(request kmsg.Request) (kmsg.Response, error, bool) {
	p.cluster.KeepControl()
	p.mu.Lock()
	defer p.mu.Unlock()
	produce := request.(*kmsg.ProduceRequest)
	for i := range produce.Topics {
		for j := range produce.Topics[i].Partitions {
			partition := &produce.Topics[i].Partitions[j]
			if err := p.change(partition); err != nil && p.err == nil {
				p.err = err
			}
		}
	}
	return nil, nil, false
}

func (p *planter) change(partition *kmsg.ProduceRequestTopicPartition) error {
	var batch kmsg.RecordBatch
	if err := batch.ReadFrom(partition.Records); err != nil {
		return err
	}
	if p.behind {
		if records, err := readRecords(batch); err != nil || len(records) == 0 || sourceOfRecord(records[0]) < 0 {
			return err
		}
	}
	base := p.ends[partition.Partition]
	if batch.NumRecords >= 2 {
		p.batches++
		if len(p.targets) > 0 && p.batches > p.targets[0] {
			p.targets = p.targets[1:]
			records, err := readRecords(batch)
			if err != nil {
				return err
			}
			partition.Records = p.appendBatch(&batch, p.spoil(records, partition.Partition, base))
		}
	}
	p.ends[partition.Partition] = base + int64(batch.NumRecords)
	return nil
}

// spoil plants one anomaly and notes what must be found of it.
func (p *planter) spoil(records []kmsg.Record, partition int32, base int64) []kmsg.Record {
	at := p.random.IntN(len(records))
	var s stamp
	note := func(kind string, record kmsg.Record, offset int64) {
		s.read(record.Value)
		found := results.Anomaly{
			Kind: kind, Topic: p.topic, Partition: partition, Offset: offset, Producer: int(s.producer), Sequence: s.sequence,
		}
		if kind == "lost" && p.behind { // what is not there has no partition but the one it came from
			found.Partition = sourceOfRecord(record)
		}
		p.planted = append(p.planted, found)
	}
	switch kind := p.kinds[p.random.IntN(len(p.kinds))]; kind {
	case "lost":
		note(kind, records[at], -1)
		return slices.Delete(records, at, at+1)
	case "duplicated":
		note(kind, records[at], base+int64(len(records)))
		return append(records, records[at])
	case "reordered":
		at = min(at, len(records)-2)
		records[at], records[at+1] = records[at+1], records[at]
		note(kind, records[at+1], base+int64(at)+1)
	case "corrupted":
		original := records[at]
		changed := slices.Clone(original.Value)
		where := p.random.IntN(len(changed))
		changed[where] ^= 1 << p.random.IntN(8)
		records[at].Value = changed
		note(kind, original, base+int64(at))
		if where < 24 { // the stamp no longer says which record it was
			note("lost", original, -1)
		}
	default:
		p.err = fmt.Errorf("no anomaly is called %s", kind)
	}
	return records
}

// sourceOfRecord returns the partition of a pipeline's source that a record came from; -1 where no
// pipeline wrote it.
func sourceOfRecord(record kmsg.Record) int32 {
	r := kgo.Record{Partition: -1}
	for _, h := range record.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
	}
	return originOf(&r).partition
}

func readRecords(batch kmsg.RecordBatch) ([]kmsg.Record, error) {
	var records []kmsg.Record
	for rest := batch.Records; len(records) < int(batch.NumRecords); {
		length, n := binary.Varint(rest)
		if n <= 0 || int(length)+n > len(rest) {
			return nil, fmt.Errorf("record %d of a batch is cut off", len(records))
		}
		var r kmsg.Record
		if err := r.ReadFrom(rest[:int(length)+n]); err != nil {
			return nil, err
		}
		records, rest = append(records, r), rest[int(length)+n:]
	}
	return records, nil
}

// appendBatch writes a batch of other records, with lengths, offsets and checksum that fit.
func (p *planter) appendBatch(batch *kmsg.RecordBatch, records []kmsg.Record) []byte {
	batch.Records = nil
	for i, r := range records {
		r.OffsetDelta = int32(i)
		r.Length = 0
		r.Length = int32(len(r.AppendTo(nil)) - 1) // a length of 0 takes one byte
		batch.Records = r.AppendTo(batch.Records)
	}
	batch.NumRecords = int32(len(records))
	batch.LastOffsetDelta = batch.NumRecords - 1
	written := batch.AppendTo(nil)
	const length, attributes = 8, 21 // positions of two fields
	binary.BigEndian.PutUint32(written[length:], uint32(len(written)-length-4))
	binary.BigEndian.PutUint32(written[attributes-4:], crc32.Checksum(written[attributes:], castagnoli))
	return written
}
