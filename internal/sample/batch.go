package sample

import "encoding/binary"

// Java's producer closes a batch when it expects it to have batch.size bytes after compression,
// by the ratio of the batches before and 5% on top (CompressionRatioEstimator).
const (
	estimationFactor = 1.05
	leastEstimate    = 1.0 / 64 // here: bounds a batch to 1 MiB
)

// batches puts records into batches as a producer with one codec does, and adds up what
// compression leaves of them.
type batches struct {
	batchBytes int // batch.size
	compress   func(batch []byte) int
	open       []byte
	records    int64 // in the open batch
	taken      int64 // bytes of all closed batches, before compression
	compressed int64 // and after
}

// add takes a record. One that is larger than a batch is one by itself, as in Java.
func (b *batches) add(key, value []byte) {
	b.open = appendRecord(b.open, b.records, key, value)
	b.records++
	if float64(len(b.open))*b.estimate() >= float64(b.batchBytes) {
		b.flush()
	}
}

func (b *batches) estimate() float64 {
	if b.taken == 0 {
		return 1
	}
	return min(max(estimationFactor*b.ratio(), leastEstimate), 1)
}

// ratio returns compressed bytes over uncompressed ones of the closed batches.
func (b *batches) ratio() float64 { return float64(b.compressed) / float64(b.taken) }

// flush closes the open batch.
func (b *batches) flush() {
	if len(b.open) == 0 {
		return
	}
	b.taken += int64(len(b.open))
	// A batch that compression would make larger is sent as it is.
	b.compressed += int64(min(b.compress(b.open), len(b.open)))
	b.open, b.records = b.open[:0], 0
}

// appendRecord appends a record as a batch of format version 2 has it, a millisecond after the
// one before and without headers (Kafka's documentation, "Record Format").
func appendRecord(to []byte, number int64, key, value []byte) []byte {
	body := make([]byte, 0, len(key)+len(value)+24)
	body = append(body, 0) // attributes
	body = binary.AppendVarint(body, number)
	body = binary.AppendVarint(body, number)
	for _, part := range [][]byte{key, value} {
		if part == nil {
			body = binary.AppendVarint(body, -1)
			continue
		}
		body = binary.AppendVarint(body, int64(len(part)))
		body = append(body, part...)
	}
	body = append(body, 0) // headers
	to = binary.AppendVarint(to, int64(len(body)))
	return append(to, body...)
}
