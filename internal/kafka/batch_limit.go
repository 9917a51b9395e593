package kafka

// Sizes of the record batch format, version 2, in bytes.
const (
	batchOverhead = 61
	// batchSlack is batchOverhead and the three bytes by which a record's own encoding grows
	// when it is not the first of its batch.
	batchSlack = batchOverhead + 3
	// requestSlack is more than a produce request needs around one batch: header, client id,
	// topic name, lengths.
	requestSlack = 1024
	// compressionMargin is by how much Java overestimates compressed sizes
	// (CompressionRatioEstimator's COMPRESSION_RATE_ESTIMATION_FACTOR).
	compressionMargin = 1.05
	// leastBatchLimit is franz-go's least batch.
	leastBatchLimit = 512
	// mostRequestBytes is the broker's socket.request.max.bytes.
	mostRequestBytes = 100 << 20
)

// Payload says what a producer's records are like, as far as batches depend on it.
type Payload struct {
	// LargestRecord is the size of the largest record in bytes as it stands in a batch: key,
	// value and headers with their lengths (EncodedBytes).
	LargestRecord int
	// CompressionRatio is compressed size over size of about one batch (CompressionRatio); 0
	// counts as 1.
	CompressionRatio float64
	// Transactional says that records are sent in transactions.
	Transactional bool
}

// EncodedBytes returns how many bytes a record takes at most in a batch of format version 2.
func EncodedBytes(key, value, headers int) int {
	const lengthsAndDeltas = 21 // Java's DefaultRecord.MAX_RECORD_OVERHEAD
	return key + value + headers + lengthsAndDeltas
}

// batchLimit returns the batch limit in uncompressed bytes that makes franz-go close batches
// where Java does.
//
// Java takes a further record as long as what is written, counted as it will be after
// compression and 5% on top, plus this record uncompressed stays within batch.size; and a
// record larger than batch.size goes alone. franz-go counts uncompressed bytes, and refuses
// a record that is larger than its limit. So, with r the ratio of compression:
//
//	limit = overhead + record + (batch.size - overhead - record) / (1.05 r)
//
// and never less than one record. No batch is larger than max.request.size: a record beyond
// that fails with MESSAGE_TOO_LARGE in both clients, before it is sent.
func batchLimit(batchSize, maxRequestSize int32, payload Payload) int32 {
	record := int64(max(payload.LargestRecord, 0))
	limit := batchSlack + record
	if room := int64(batchSize) - batchOverhead - record; room > 0 {
		limit += int64(float64(room) / payload.EstimatedRatio())
	}
	return int32(max(min(limit, int64(maxRequestSize)), leastBatchLimit))
}

// requestLimit returns the request limit in uncompressed bytes: Java counts compressed
// batches against max.request.size, and sends one batch whatever its size.
func requestLimit(maxRequestSize int32, payload Payload) int32 {
	scaled := int64(float64(maxRequestSize) / payload.EstimatedRatio())
	least := int64(maxRequestSize) + requestSlack
	return int32(min(max(min(scaled, mostRequestBytes), least), int64(mostBytes)))
}

// EstimatedRatio is Java's estimate of what compression leaves, 1 without compression.
func (payload Payload) EstimatedRatio() float64 {
	if payload.CompressionRatio <= 0 || payload.CompressionRatio >= 1 {
		return 1
	}
	return min(compressionMargin*payload.CompressionRatio, 1)
}
