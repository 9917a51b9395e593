package scenarios

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"kaliper/internal/sample"
)

// sampledFile is the sample of n records with a key each; filler that fits a codec is told
// apart from that of another.
func sampledFile(t *testing.T, n int, contents bool) []byte {
	t.Helper()
	shares := map[string]int{"gzip": 3, "snappy": 2, "lz4": 2, "zstd": 4}
	c := sample.NewCollector(func(codec string, batch []byte) int { return max(strings.Count(string(batch), "x")/shares[codec], 1) }, contents)
	for i := range n {
		c.Add(fmt.Appendf(nil, "key-%d", i), []byte(strings.Repeat("x", 200+i%2*200)))
	}
	data, err := c.Topic().Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parseSampled(t *testing.T, file []byte, settings string) (*Scenario, error) {
	t.Helper()
	source := Source{Name: "sampled.yaml", ReadFile: func(path string) ([]byte, error) {
		if path == "orders.kts" {
			return file, nil
		}
		return nil, fs.ErrNotExist
	}}
	source.Data = []byte("format: kaliper.scenario/1\nname: sampled\ntarget: embedded\ntopics: {orders: {}}\n" +
		"producers: {checkout: {topic: orders, rate: 1MB/s, " + settings + "}}\n")
	return Parse(source, Options{LookupEnv: noEnvironment})
}

func TestASampleSaysWhatKeysAndValuesAreLike(t *testing.T) {
	s, err := parseSampled(t, sampledFile(t, 10, false), "key: {sample: orders.kts}, value: {sample: orders.kts}, config: {compression.type: zstd}")
	if err != nil {
		t.Fatal(err)
	}
	g := s.Cases[0].Load.Producers[0]
	if g.Value.Format != ValueSample || g.Value.mean() != 300 || g.Value.largest() != 400 || g.Key.mean() != 5 || g.Key.Cardinality != 10 {
		t.Errorf("values %+v of %v bytes, keys of %v", g.Value.Size, g.Value.mean(), g.Key.mean())
	}
	if want := g.Value.Sample.Compressibility("zstd"); g.Value.Compressibility != want {
		t.Errorf("compressibility %v, want that of zstd, %v", g.Value.Compressibility, want)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "10 different keys, most of them once: its topic has 55 or more") {
		t.Errorf("warnings %q", s.Warnings)
	}
	kept, err := parseSampled(t, sampledFile(t, 10, true), "value: {sample: orders.kts}")
	if err != nil {
		t.Fatal(err)
	}
	if v := kept.Cases[0].Load.Producers[0].Value; len(v.Lines) != 10 || v.mean() != 300 || v.largest() != 400 {
		t.Errorf("%d values of %v bytes", len(v.Lines), v.mean())
	}
}

func TestWhatIsWrongWithASampleHasItsPlace(t *testing.T) {
	file := sampledFile(t, 4, false)
	for _, test := range []struct {
		name, settings string
		file           []byte
		want           string
	}{
		{"no file", "value: {sample: none.kts}", file, "sampled.yaml:5:68: producers.checkout.value.sample: read none.kts"},
		{"another file", "value: {sample: orders.kts}", []byte("{}"), "producers.checkout.value.sample: orders.kts has the schema"},
		{"a size beside", "value: {sample: orders.kts, size: 10}", file, "producers.checkout.value.size: has a meaning with a generated format only"},
		{"another format", "value: {format: json, size: 400, sample: orders.kts}", file, "producers.checkout.value.sample: has a meaning with format: sample only"},
		{"a format without a file", "value: {format: sample}", file, "producers.checkout.value.sample: is missing"},
		{"a cardinality beside", "key: {sample: orders.kts, cardinality: 10}", file, "producers.checkout.key.cardinality: is said by the sample"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseSampled(t, test.file, test.settings)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
