package sample

import (
	"math"
	"slices"
	"time"
)

// Schema names the format of the file.
const Schema = "kaliper.topic-sample/1"

// Topic is a sample of a topic.
type Topic struct {
	Schema     string    `json:"schema"`
	Topic      string    `json:"topic"`
	TakenAt    time.Time `json:"taken_at"`
	Partitions int       `json:"partitions"`
	// StoppedBy is what ended the reading.
	StoppedBy Stop  `json:"stopped_by"`
	Records   int64 `json:"records"`
	Bytes     int64 `json:"bytes"` // of keys and values
	// Tombstones are the records without a value; Sizes are of all others.
	Tombstones int64     `json:"tombstones"`
	Sizes      []SizeBin `json:"value_sizes"`
	// Keyless are the records without a key; Keys are of all others.
	Keyless     int64     `json:"keyless"`
	Keys        []KeyBin  `json:"keys"`
	BatchBytes  int       `json:"batch_bytes"` // the batch.size of the batches that were compressed
	Compression []Codec   `json:"compression"`
	Contents    []Content `json:"contents,omitempty"` // the records themselves, where they are kept
}

// Stop is what ended the reading of a sample.
type Stop string

// What ends the reading. ByBytes and ByTime leave out some of the partitions' newest records,
// and not equally many of each.
const (
	AtEnd     Stop = "end" // all that the topic holds was read
	ByRecords Stop = "records"
	ByBytes   Stop = "bytes"
	ByTime    Stop = "time"
)

// SizeBin is the values of one size; from 128 bytes on, of sizes within a 64th of each other,
// under their mean.
type SizeBin struct {
	Bytes   int   `json:"bytes"`
	Records int64 `json:"records"`
}

// KeyBin is the keys of one size of which the sample has equally many records each: skew
// without the keys.
type KeyBin struct {
	Records int64 `json:"records"` // of each key
	Bytes   int   `json:"bytes"`   // of each key
	Keys    int64 `json:"keys"`
}

// Codec is how far batches of the sample compress.
type Codec struct {
	Name  string  `json:"codec"`
	Ratio float64 `json:"ratio"` // compressed bytes over uncompressed ones
	// Filler is the share of constant bytes with which generated values compress alike, and
	// FillerRatio how far they do: short values cannot reach every ratio.
	Filler      float64 `json:"filler"`
	FillerRatio float64 `json:"filler_ratio"`
}

// Content is one record. A nil key or value is one that the record does not have.
type Content struct {
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
}

// Codecs returns the names of the codecs that a sample tells of, as compression.type has them.
func Codecs() []string { return []string{"gzip", "snappy", "lz4", "zstd"} }

// Compressibility returns the share of constant bytes that generated values need under a codec.
// Where nothing is compressed it is zstd's: what compresses afterwards, such as a broker with a
// compression.type of its own, meets values that compress.
func (t *Topic) Compressibility(codec string) float64 {
	i := slices.IndexFunc(t.Compression, func(c Codec) bool { return c.Name == codec })
	if i < 0 {
		i = len(t.Compression) - 1
	}
	return t.Compression[i].Filler
}

// Values returns the values that the sample keeps; nil where it keeps none.
func (t *Topic) Values() [][]byte {
	var values [][]byte
	for _, c := range t.Contents {
		if c.Value != nil {
			values = append(values, c.Value)
		}
	}
	return values
}

// DistinctKeys returns how many different keys the sample saw.
func (t *Topic) DistinctKeys() int64 {
	var keys int64
	for _, bin := range t.Keys {
		keys += bin.Keys
	}
	return keys
}

// EstimatedKeys returns about how many different keys the topic has at the least, from how many
// the sample saw once and twice (Chao 1984, "Nonparametric estimation of the number of classes
// in a population", in its bias-corrected form).
func (t *Topic) EstimatedKeys() int64 {
	var once, twice float64
	for _, bin := range t.Keys {
		switch bin.Records {
		case 1:
			once += float64(bin.Keys)
		case 2:
			twice += float64(bin.Keys)
		}
	}
	return t.DistinctKeys() + int64(math.Round(once*(once-1)/(2*(twice+1))))
}

// MeanKeyBytes returns the mean size of a record's key, records without one included.
func (t *Topic) MeanKeyBytes() float64 {
	total := 0.0
	for _, bin := range t.Keys {
		total += float64(bin.Records) * float64(bin.Keys) * float64(bin.Bytes)
	}
	return total / float64(t.Records)
}

// LargestKey returns the size of the largest key in bytes.
func (t *Topic) LargestKey() int {
	largest := 0
	for _, bin := range t.Keys {
		largest = max(largest, bin.Bytes)
	}
	return largest
}

// MeanValueBytes returns the mean size of the values.
func (t *Topic) MeanValueBytes() float64 {
	total := 0.0
	for _, bin := range t.Sizes {
		total += float64(bin.Records) * float64(bin.Bytes)
	}
	return total / float64(t.Records-t.Tombstones)
}

// MedianValueBytes returns the size that half of the values do not exceed.
func (t *Topic) MedianValueBytes() int {
	left := (t.Records - t.Tombstones + 1) / 2
	for _, bin := range t.Sizes {
		if left -= bin.Records; left <= 0 {
			return bin.Bytes
		}
	}
	return 0
}
