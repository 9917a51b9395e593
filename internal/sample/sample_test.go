package sample

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// third stands in for every codec where it does not matter what one makes of a batch.
func third(_ string, batch []byte) int { return len(batch) / 3 }

// deflate stands in for every codec.
func deflate(_ string, batch []byte) int {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		panic(err)
	}
	if _, err := w.Write(batch); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Len()
}

// orders is a sample of 2,000 events, of which each fifth has no key and each tenth no value;
// half of the keyed ones have one key, and 160 keys share the others.
func orders(t testing.TB, contents bool, compress Compress) *Topic {
	t.Helper()
	c := NewCollector(compress, contents)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 2000 {
		var key, value []byte
		if i%5 != 0 {
			key = fmt.Appendf(nil, "customer-%04d", max(i%400-200, 0))
		}
		if i%10 != 0 {
			value = fmt.Appendf(nil, `{"order": %d, "status": "shipped", "total": %d, "note": %q}`, i, random.IntN(100_000), strings.Repeat("x", i%300))
		}
		c.Add(key, value)
	}
	return c.Topic()
}

func TestASampleKeepsSizesKeysAndCompression(t *testing.T) {
	s := orders(t, false, deflate)
	if s.Records != 2000 || s.Tombstones != 200 || s.Keyless != 400 || s.Contents != nil {
		t.Errorf("%d records, %d without a value, %d without a key", s.Records, s.Tombstones, s.Keyless)
	}
	if hot := s.Keys[0]; hot.Keys != 1 || math.Abs(float64(hot.Records)/1600-0.5) > 0.05 || hot.Bytes != len("customer-0000") {
		t.Errorf("the hottest key is %+v", hot)
	}
	if n := s.DistinctKeys(); n != 161 {
		t.Errorf("%d different keys, want 161", n)
	}
	total := int64(0)
	for i, bin := range s.Sizes {
		total += bin.Records * int64(bin.Bytes)
		if i > 0 && bin.Bytes <= s.Sizes[i-1].Bytes {
			t.Errorf("%d bytes after %d", bin.Bytes, s.Sizes[i-1].Bytes)
		}
	}
	exact := s.Bytes - 1600*int64(len("customer-0000"))
	if math.Abs(float64(total)/float64(exact)-1) > 0.01 {
		t.Errorf("the sizes make %d bytes, the values had %d", total, exact)
	}
	for _, c := range s.Compression {
		if c.Ratio < 0.05 || c.Ratio > 0.6 || math.Abs(c.FillerRatio/c.Ratio-1) > 0.02 {
			t.Errorf("%s: %+v", c.Name, c)
		}
	}
}

func TestWithoutContentsNoByteOfARecordIsInTheFile(t *testing.T) {
	data, err := orders(t, false, third).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"customer", "shipped", "contents"} {
		if bytes.Contains(data, []byte(part)) {
			t.Errorf("the file has %q in it", part)
		}
	}
}

func TestAFileIsReadBackAsItWas(t *testing.T) {
	for _, contents := range []bool{false, true} {
		want := orders(t, contents, third)
		data, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		again, err := got.Encode()
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("contents %v: another file, %v", contents, err)
		}
		if contents && (got.Contents[0].Value != nil || got.Contents[1].Key == nil || len(got.Values()) != 1800) {
			t.Errorf("what a record does not have is not told from what is empty: %q", got.Contents[:2])
		}
	}
}

func TestTheDrawnKeysAreAsUnevenAsTheSample(t *testing.T) {
	for _, contents := range []bool{false, true} {
		s := orders(t, contents, third)
		keys, random := NewKeys(s), rand.New(rand.NewPCG(5, 6))
		const n = 100_000
		without, of := 0, map[string]int{}
		for range n {
			if key := keys.AppendNext(nil, random); key == nil {
				without++
			} else {
				of[string(key)]++
				if len(key) != len("customer-0000") {
					t.Fatalf("key %q", key)
				}
			}
		}
		hottest := 0
		for _, records := range of {
			hottest = max(hottest, records)
		}
		want := float64(s.Keys[0].Records) / float64(s.Records)
		if len(of) != 161 || math.Abs(float64(without)/n-0.2) > 0.01 || math.Abs(float64(hottest)/n-want) > 0.01 {
			t.Errorf("contents %v: %d keys, %d records without one, %d with the hottest", contents, len(of), without, hottest)
		}
	}
}

func TestDrawingAKeyAllocatesNothing(t *testing.T) {
	for _, contents := range []bool{false, true} {
		keys, random, room := NewKeys(orders(t, contents, third)), rand.New(rand.NewPCG(5, 6)), make([]byte, 0, 20)
		if n := testing.AllocsPerRun(1000, func() { keys.AppendNext(room, random) }); n > 0 {
			t.Errorf("contents %v: %v allocations a key", contents, n)
		}
	}
}

func TestHowManyKeysThereAreIsEstimatedFromThoseSeenOnce(t *testing.T) {
	s := &Topic{Keys: []KeyBin{{Records: 3, Keys: 5}, {Records: 2, Keys: 9}, {Records: 1, Keys: 20}}}
	if got := s.EstimatedKeys(); got != 34+19 { // 20*19/(2*10)
		t.Errorf("got %d", got)
	}
	if got := (&Topic{Keys: []KeyBin{{Records: 7, Keys: 5}}}).EstimatedKeys(); got != 5 {
		t.Errorf("keys that were all seen often: %d", got)
	}
}

func TestWhatIsWrongWithAFileIsSaid(t *testing.T) {
	whole, err := orders(t, false, third).Encode()
	if err != nil {
		t.Fatal(err)
	}
	replaced := func(key string, value any) string {
		var file map[string]any
		if err := json.Unmarshal(whole, &file); err != nil {
			t.Fatal(err)
		}
		file[key] = value
		data, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for _, test := range []struct{ name, data, want string }{
		{"text", "orders\n", "is no sample of a topic"},
		{"a part of a file", string(whole[:len(whole)/2]), "is no sample of a topic"},
		{"two files", string(whole) + string(whole), "more in it than one"},
		{"another format", replaced("schema", "kaliper.topic-sample/2"), "want kaliper.topic-sample/1"},
		{"an unknown key", replaced("colour", 1), `unknown field "colour"`},
		{"no records", replaced("records", 0), "it has 0 records"},
		{"sizes that lack some", replaced("tombstones", 0), "value_sizes has 1800 records"},
		{"keys that lack some", replaced("keyless", 1), "keys has 1600 records"},
		{"no sizes", replaced("value_sizes", []any{}), "no record has a value"},
		{"a negative size", replaced("value_sizes", []any{map[string]any{"bytes": -1, "records": 1}}), "1 records of -1 bytes"},
		{"keys beyond all sums", replaced("keys", []any{map[string]any{"bytes": 1, "records": 1 << 31, "keys": 1 << 31}}), "records each"},
		{"a codec that lacks", replaced("compression", []any{}), "compression is of"},
		{"a share that is none", replaced("compression", []any{map[string]any{"codec": "gzip", "filler": 2}}), "no share"},
		{"contents that lack some", replaced("contents", []any{map[string]any{"key": nil, "value": "eA=="}}), "contents has 1 records"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Decode([]byte(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// A sample of values of 100 MiB must not take minutes.
func TestLargeValuesAreTriedByAPartOfThem(t *testing.T) {
	s := &Topic{Records: 1, Sizes: []SizeBin{{Bytes: 100 << 20, Records: 1}}, BatchBytes: batchSize}
	largest := 0
	s.fillerRatio(0.5, func(batch []byte) int {
		largest = max(largest, len(batch))
		return len(batch) / 2
	})
	if largest == 0 || largest > 2*trialValueMost {
		t.Errorf("a batch of %d bytes was compressed", largest)
	}
}

func TestLargeSizesShareBins(t *testing.T) {
	classes := map[int]bool{}
	for size := range 1 << 20 {
		class := sizeClass(size)
		if class > size || float64(size-class) > float64(size)/64 {
			t.Fatalf("%d is in the class of %d", size, class)
		}
		classes[class] = true
	}
	if len(classes) > 1000 {
		t.Errorf("%d classes up to 1 MiB", len(classes))
	}
}

func FuzzDecode(f *testing.F) {
	const whole = `{"schema": "kaliper.topic-sample/1", "records": 3, "tombstones": 1, "value_sizes": [{"bytes": 5, "records": 2}],
		"keyless": 1, "keys": [{"records": 1, "bytes": 1, "keys": 2}], "batch_bytes": 16384, "compression": [{"codec": "gzip", "filler": 0.5},
		{"codec": "snappy", "filler": 0.4}, {"codec": "lz4", "filler": 0.3}, {"codec": "zstd", "filler": 0.6}]%s}`
	for _, contents := range []string{"", `, "contents": [{"key": "YQ==", "value": "eA=="}, {"key": null, "value": ""}, {"key": "Yg==", "value": null}]`} {
		data := fmt.Appendf(nil, whole, contents)
		if _, err := Decode(data); err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode(data)
		if err != nil {
			return
		}
		// What is read can be drawn from.
		keys, random := NewKeys(s), rand.New(rand.NewPCG(1, 1))
		keys.AppendNext(nil, random)
		if !slices.Contains([]float64{s.Compressibility("lz4"), s.Compressibility("none")}, s.Compression[2].Filler) || s.EstimatedKeys() < s.DistinctKeys() {
			t.Errorf("%+v", s)
		}
		if s.MeanKeyBytes() < 0 || s.LargestKey() < 0 {
			t.Error("a key has less than no bytes")
		}
	})
}
