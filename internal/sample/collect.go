package sample

import (
	"cmp"
	"hash/maphash"
	"maps"
	"math/bits"
	"slices"
)

// batchSize is Java's default of batch.size, in bytes.
const batchSize = 16384

// Compress returns how many bytes a codec of Codecs makes of a batch.
type Compress func(codec string, batch []byte) int

// Collector makes a sample of the records that it is given. It belongs to one goroutine.
type Collector struct {
	compress Compress
	contents bool
	topic    Topic
	sizes    map[int]*sizeSum // by the class of a value's size
	keys     map[uint64]*keyUse
	seed     maphash.Seed
	batches  []*batches // of each codec
}

type sizeSum struct{ bytes, records int64 }

type keyUse struct {
	bytes   int
	records int64
}

// NewCollector returns a Collector that keeps the records themselves too if contents is true.
func NewCollector(compress Compress, contents bool) *Collector {
	c := &Collector{compress: compress, contents: contents, seed: maphash.MakeSeed(), sizes: map[int]*sizeSum{}, keys: map[uint64]*keyUse{}}
	for _, name := range Codecs() {
		c.batches = append(c.batches, &batches{batchBytes: batchSize, compress: c.codec(name)})
	}
	return c
}

// codec returns one codec's compression.
func (c *Collector) codec(name string) func([]byte) int {
	return func(batch []byte) int { return c.compress(name, batch) }
}

// Add takes a record; nil is a key, or a value, that it does not have. Records that lay side by
// side in a partition should come so: what they have in common compresses. What is kept is
// copied.
func (c *Collector) Add(key, value []byte) {
	t := &c.topic
	t.Records++
	t.Bytes += int64(len(key) + len(value))
	if value == nil {
		t.Tombstones++
	} else {
		sum := entry(c.sizes, sizeClass(len(value)))
		sum.bytes += int64(len(value))
		sum.records++
	}
	if key == nil {
		t.Keyless++
	} else {
		use := entry(c.keys, maphash.Bytes(c.seed, key))
		use.bytes = len(key)
		use.records++
	}
	for _, b := range c.batches {
		b.add(key, value)
	}
	if c.contents {
		t.Contents = append(t.Contents, Content{slices.Clone(key), slices.Clone(value)})
	}
}

// Bytes returns the bytes of keys and values so far, and Records the records.
func (c *Collector) Bytes() int64 { return c.topic.Bytes }

// Records returns how many records there are so far.
func (c *Collector) Records() int64 { return c.topic.Records }

// Values returns how many of them have a value.
func (c *Collector) Values() int64 { return c.topic.Records - c.topic.Tombstones }

// entry returns what a map has under a key, made where there is nothing yet.
func entry[K comparable, V any](m map[K]*V, key K) *V {
	if m[key] == nil {
		m[key] = new(V)
	}
	return m[key]
}

// sizeClass makes sizes from 128 bytes on one that agree in their first seven bits.
func sizeClass(size int) int {
	shift := max(bits.Len(uint(size))-7, 0)
	return size >> shift << shift
}

// Topic ends the collection: it works out how generated values compress alike, which takes
// some tenths of a second. The sample's name, time, partitions and Stop are the caller's. One
// record with a value is needed at least.
func (c *Collector) Topic() *Topic {
	t := &c.topic
	t.Schema, t.BatchBytes = Schema, batchSize
	for _, class := range slices.Sorted(maps.Keys(c.sizes)) {
		sum := c.sizes[class]
		t.Sizes = append(t.Sizes, SizeBin{Bytes: int((sum.bytes + sum.records/2) / sum.records), Records: sum.records})
	}
	t.Keys = keyBins(c.keys)
	for i, name := range Codecs() {
		b := c.batches[i]
		b.flush()
		codec := Codec{Name: name, Ratio: b.ratio()}
		codec.Filler, codec.FillerRatio = t.fit(codec.Ratio, c.codec(name))
		t.Compression = append(t.Compression, codec)
	}
	return t
}

// keyBins puts keys together that have equally many records and bytes, the most used first.
func keyBins(keys map[uint64]*keyUse) []KeyBin {
	count := map[keyUse]int64{}
	for _, use := range keys {
		count[*use]++
	}
	bins := []KeyBin{}
	for use, n := range count {
		bins = append(bins, KeyBin{Records: use.records, Bytes: use.bytes, Keys: n})
	}
	slices.SortFunc(bins, func(a, b KeyBin) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Bytes, b.Bytes))
	})
	return bins
}
