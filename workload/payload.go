package workload

import (
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"kaliper/internal/registry"
	"kaliper/internal/sample"
	"kaliper/internal/schema"
	"kaliper/scenarios"
)

// The prepared values of a producer group take so many batches, within bounds: a batch is
// compressed by itself, so a compressor never meets the same value twice; and what is sent
// over and over should not drive everything else out of the processor's caches.
const (
	arenaBatches    = 32
	arenaBytesLeast = 1 << 20
	arenaBytesMost  = 16 << 20
)

// values are the prepared values of a producer group: which one a record gets depends on the
// seed and the record's number alone, never on timing. They are read by all clients.
type values struct {
	list      [][]byte
	checksums []uint32 // of the part that a stamp does not cover
	inValue   bool     // the stamp replaces the first bytes of the value
	meanBytes float64
	largest   int
	// Of values with a schema: what serializes them again for each record, and the schema's id.
	typed *serializer
	id    int
}

// prepareValues makes the values of a group whose batches are so large.
func prepareValues(v scenarios.Value, random *rand.Rand, batchBytes int) (*values, error) {
	limit := min(max(arenaBatches*batchBytes, arenaBytesLeast), arenaBytesMost)
	made := &values{inValue: v.Format == scenarios.ValueRandom || v.Format == scenarios.ValueSample && v.Lines == nil}
	switch {
	case len(v.Lines) > 0:
		made.list = v.Lines
	case v.Format == scenarios.ValueFile:
		return nil, fmt.Errorf("values of %s: the file has no line", v.File)
	default:
		generate, err := generator(v, random)
		if err != nil {
			return nil, err
		}
		size := sizes(v.Size, random)
		for total := 0; total < limit || len(made.list) < 16; {
			value := generate(size())
			made.list = append(made.list, value)
			total += len(value)
		}
	}
	made.measure()
	return made, nil
}

// typedBatches bounds the prepared values with a schema, which take some times the memory of
// their bytes.
const typedBatches = 2

// prepareTyped makes the values of a group that are serialized record by record.
func prepareTyped(v scenarios.Value, by *schema.Schema, id int, random *rand.Rand, batchBytes int) (*values, error) {
	limit := min(max(typedBatches*batchBytes, arenaBytesLeast), arenaBytesMost)
	s := &serializer{schema: by, header: registry.Header(id, by.MessagePath())}
	made := &values{typed: s, id: id}
	size := sizes(v.Size, random)
	for total := 0; total < limit || len(made.list) < 16; {
		value, err := by.Draw(random, size()-len(s.header))
		if err != nil {
			return nil, err
		}
		s.values = append(s.values, value)
		bytes := s.appendTo(nil, len(made.list))
		made.list = append(made.list, bytes)
		total += len(bytes)
	}
	made.measure()
	return made, nil
}

// measure works out what is known of the values together.
func (v *values) measure() {
	total := 0
	for _, value := range v.list {
		total += len(value)
		v.largest = max(v.largest, len(value))
		if len(value) < stampBytes {
			v.inValue = false
		}
	}
	v.meanBytes = float64(total) / float64(len(v.list))
	v.checksums = make([]uint32, len(v.list))
	for i, value := range v.list {
		rest := value
		if v.inValue {
			rest = value[stampBytes:]
		}
		v.checksums[i] = crc32.Checksum(rest, castagnoli)
	}
}

// generator returns a function that makes a value of so many bytes.
func generator(v scenarios.Value, random *rand.Rand) (func(bytes int) []byte, error) {
	switch v.Format {
	case scenarios.ValueRandom, scenarios.ValueSample:
		var seed [32]byte
		for i := range seed {
			seed[i] = byte(random.Uint32())
		}
		source := rand.NewChaCha8(seed)
		return func(bytes int) []byte { return sample.Filler(source, bytes, v.Compressibility) }, nil
	case scenarios.ValueText:
		return func(bytes int) []byte { return appendText(make([]byte, 0, bytes), bytes, random) }, nil
	case scenarios.ValueJSON:
		return func(bytes int) []byte { return orderEvent(bytes, random) }, nil
	}
	return nil, fmt.Errorf("value format %q is not known", v.Format)
}

// words are the commonest of English prose and of order systems, so that text compresses as
// text does.
var words = strings.Fields(`the of and to in is was for that on with as by at from are this be or not
have an they which one you were all her she there would their we him been has when who will no more
if out so up said what its about than into them can only other time new some could these two may first
then do any like my now over such our man me even most made after also did many off before must well
order item price customer shipped pending returned warehouse payment invoice delivery quantity total`)

// appendText appends words until the text has size bytes.
func appendText(to []byte, size int, random *rand.Rand) []byte {
	end := len(to) + size
	for len(to) < end {
		// The square favours the first, common words.
		f := random.Float64()
		to = append(to, words[int(f*f*float64(len(words)))]...)
		to = append(to, ' ')
	}
	return to[:end]
}

var (
	orderStatus   = []string{"created", "paid", "packed", "shipped", "delivered", "returned"}
	orderCurrency = []string{"EUR", "USD", "GBP", "JPY", "CHF"}
)

// orderEvent returns an order event as JSON: the fields of a typical one, and a note that
// fills it up to size bytes. An event is never shorter than its fields.
func orderEvent(size int, random *rand.Rand) []byte {
	e := make([]byte, 0, max(size, 320))
	e = append(e, `{"order_id":"`...)
	e = appendUUID(e, random)
	e = append(e, `","customer_id":`...)
	e = strconv.AppendInt(e, random.Int64N(1_000_000), 10)
	e = append(e, `,"status":"`...)
	e = append(e, orderStatus[random.IntN(len(orderStatus))]...)
	e = append(e, `","created_at":"`...)
	at := time.Unix(1_700_000_000+random.Int64N(50_000_000), random.Int64N(1e9)).UTC()
	e = at.AppendFormat(e, "2006-01-02T15:04:05.000Z")
	e = append(e, `","currency":"`...)
	e = append(e, orderCurrency[random.IntN(len(orderCurrency))]...)
	e = append(e, `","total":`...)
	e = strconv.AppendFloat(e, float64(random.Int64N(100_000))/100, 'f', 2, 64)
	e = append(e, `,"items":[`...)
	for i := range 1 + random.IntN(3) {
		if i > 0 {
			e = append(e, ',')
		}
		e = append(e, `{"sku":"SKU-`...)
		e = strconv.AppendInt(e, random.Int64N(50_000), 10)
		e = append(e, `","quantity":`...)
		e = strconv.AppendInt(e, 1+random.Int64N(9), 10)
		e = append(e, '}')
	}
	e = append(e, `],"note":"`...)
	const closing = `"}`
	if room := size - len(e) - len(closing); room > 0 {
		e = appendText(e, room, random)
	}
	return append(e, closing...)
}

func appendUUID(to []byte, random *rand.Rand) []byte {
	const hex = "0123456789abcdef"
	a, b := random.Uint64(), random.Uint64()
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			to = append(to, '-')
		}
		word := a
		if i >= 16 {
			word = b
		}
		to = append(to, hex[word>>(4*uint(i%16))&15])
	}
	return to
}

// sizes returns a function that draws the size of a value in bytes.
func sizes(s scenarios.Size, random *rand.Rand) func() int {
	switch s.Distribution {
	case scenarios.SizeUniform:
		return func() int { return s.Min + random.IntN(s.Max-s.Min+1) }
	case scenarios.SizeLognormal:
		return func() int {
			size := float64(s.Median) * math.Exp(s.Sigma*random.NormFloat64())
			return int(math.Round(min(max(size, float64(max(s.Min, 1))), float64(s.Max))))
		}
	case scenarios.SizeHistogram:
		weights := sample.NewWeights(len(s.Bins), func(i int) float64 { return s.Bins[i].Weight })
		return func() int { return s.Bins[weights.Pick(random)].Bytes }
	}
	return func() int { return s.Bytes }
}
