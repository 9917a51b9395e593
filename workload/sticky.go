package workload

import (
	"math/rand/v2"

	"github.com/twmb/franz-go/pkg/kgo"
)

// stickiness is Java's built-in partitioner (KIP-794): the murmur2 hash of the key where there
// is one; else records stay in a partition until about batch.size bytes went there, and the
// next one is drawn, by preference with a short queue. kgo's own sticky partitioner counts
// bytes without the batches' overhead, so that each visit to a partition ends with a batch of
// a few records that waits for linger.
type stickiness struct {
	batchBytes float64              // batch.size
	estimate   *compressionEstimate // nil without compression
	adaptive   bool                 // partitioner.adaptive.partitioning.enable
	ignoreKeys bool                 // partitioner.ignore.keys
	linger     *linger              // told when a batch is full, and tells when all was sent; nil if nobody asks
}

// batchHeaderBytes is the overhead of a record batch, version 2.
const batchHeaderBytes = 61

// ForTopic implements kgo.Partitioner.
func (s stickiness) ForTopic(string) kgo.TopicPartitioner {
	return &stickyPartitioner{
		stickiness: s, on: -1, hash: kgo.StickyKeyPartitioner(nil).ForTopic(""),
		random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
	}
}

// stickyPartitioner belongs to one client's topic; kgo calls it under a lock.
type stickyPartitioner struct {
	stickiness
	hash   kgo.TopicPartitioner // of keys
	random *rand.Rand
	on     int     // the partition that records go to, -1 for none
	sent   float64 // bytes that went there, as Java expects them to be compressed
	open   float64 // of them, in the batch that is open there
	charge float64 // of them, the last record's; 0 if it had a key
	begins bool    // no batch is open there: the next record begins one
	times  uint64  // how often all had been sent when the last record was placed
	queues []int64 // scratch
}

var (
	_ kgo.TopicBackupPartitioner     = (*stickyPartitioner)(nil)
	_ kgo.TopicPartitionerOnNewBatch = (*stickyPartitioner)(nil)
)

func (p *stickyPartitioner) keyed(r *kgo.Record) bool { return r.Key != nil && !p.ignoreKeys }

// RequiresConsistency implements kgo.TopicPartitioner.
func (p *stickyPartitioner) RequiresConsistency(r *kgo.Record) bool { return p.keyed(r) }

// Partition implements kgo.TopicPartitioner; kgo calls PartitionByBackup instead.
func (p *stickyPartitioner) Partition(r *kgo.Record, n int) int { return p.hash.Partition(r, n) }

// PartitionByBackup implements kgo.TopicBackupPartitioner.
func (p *stickyPartitioner) PartitionByBackup(r *kgo.Record, n int, backup kgo.TopicBackupIter) int {
	if introduces(r) {
		return nowhere
	}
	if p.keyed(r) {
		p.charge = 0
		return p.hash.Partition(r, n)
	}
	if times := p.linger.times(); times != p.times {
		p.times, p.begins, p.open = times, true, 0
	} else if p.on >= 0 {
		p.begins = false // the last record went into a batch that was not sent: requests are in flight
	}
	bytes := float64(encodedBytes(r))
	switch {
	case p.sent >= 2*p.batchBytes, p.begins && p.sent >= p.batchBytes:
		p.leave() // KIP-794: between two batches, and at twice the size in the middle of one
	case p.sent >= p.batchBytes && p.open+bytes > p.batchBytes:
		p.leave() // Java's batch is full, whatever franz-go's limit still allows
		p.linger.tell()
	}
	if p.on < 0 || p.on >= n {
		p.on = p.pick(n, backup)
	}
	p.charge = bytes
	if p.estimate != nil {
		p.charge *= p.estimate.ratio()
	}
	p.sent += p.charge
	p.open += p.charge
	return p.on
}

// OnNewBatch implements kgo.TopicPartitionerOnNewBatch: the record that was placed last begins a
// batch, because none is open or it does not fit into that one, and is placed again now.
func (p *stickyPartitioner) OnNewBatch() {
	if p.charge == 0 {
		return // by its key
	}
	p.sent -= p.charge
	if p.sent >= p.batchBytes {
		p.leave()
		p.linger.tell()
		return
	}
	p.sent += batchHeaderBytes
	p.open, p.begins = batchHeaderBytes, false
}

// leave makes the next record begin a batch elsewhere.
func (p *stickyPartitioner) leave() {
	p.on, p.sent, p.open, p.begins = -1, 0, 0, true
}

// pick draws a partition, all alike or with the weights of KIP-794: the longest queue plus one,
// minus the partition's own.
func (p *stickyPartitioner) pick(n int, backup kgo.TopicBackupIter) int {
	if !p.adaptive || n < 2 {
		return p.random.IntN(n)
	}
	if cap(p.queues) < n {
		p.queues = make([]int64, n)
	}
	p.queues = p.queues[:n]
	longest, sum := int64(0), int64(0)
	for backup.Rem() > 0 {
		partition, queue := backup.Next()
		p.queues[partition] = queue
		longest, sum = max(longest, queue), sum+queue
	}
	at := p.random.Int64N(int64(n)*(longest+1) - sum)
	for partition, queue := range p.queues {
		if at -= longest + 1 - queue; at < 0 {
			return partition
		}
	}
	return n - 1
}

// encodedBytes returns about how many bytes a record takes in a batch.
func encodedBytes(r *kgo.Record) int {
	const typicalOverhead = 7 // length, attributes, deltas, key length, value length, headers
	n := len(r.Key) + len(r.Value) + typicalOverhead
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value) + 2
	}
	return n
}
