package workload

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/sample"
	"kaliper/scenarios"
)

// halfKeyed is a sample in which every second record has a key.
func halfKeyed(contents bool) *sample.Topic {
	c := sample.NewCollector(func(_ string, batch []byte) int { return len(batch) / 3 }, contents)
	for i := range 100 {
		var key []byte
		if i%2 == 0 {
			key = fmt.Appendf(nil, "customer-%d", i%20)
		}
		c.Add(key, bytes.Repeat([]byte("v"), 100+i%3*100))
	}
	return c.Topic()
}

// keysSeen notes which keys records have.
type keysSeen struct {
	*acknowledging
	without int
	keys    map[string]int
}

func (k *keysSeen) Produce(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
	if r.Key == nil {
		k.without++
	} else {
		k.keys[string(r.Key)]++
	}
	k.acknowledging.Produce(ctx, r, promise)
}

func TestARecordWithoutAKeyDoesNotKeepThatOfTheRecordBeforeIt(t *testing.T) {
	for _, contents := range []bool{false, true} {
		c := hotClient(t, "1000/s", true)
		c.group.keys = newKeySpace(scenarios.Key{Distribution: scenarios.KeySample, Sample: halfKeyed(contents)})
		c.group.settings.Key.Distribution = scenarios.KeySample
		c.seed(1, 1)
		seen := &keysSeen{acknowledging: &acknowledging{client: c}, keys: map[string]int{}}
		c.sink = seen
		for range 2000 { // one record object, used again and again
			sendOne(c)
		}
		if seen.without < 900 || seen.without > 1100 || len(seen.keys) != 10 {
			t.Errorf("contents %v: %d of 2000 records have no key, the others %d keys", contents, seen.without, len(seen.keys))
		}
	}
}

func TestValuesAreLikeTheirSample(t *testing.T) {
	like, kept := halfKeyed(false), halfKeyed(true)
	filler, err := prepareValues(scenarios.Value{Format: scenarios.ValueSample, Sample: like, Compressibility: like.Compressibility("lz4"),
		Size: scenarios.Size{Distribution: scenarios.SizeHistogram, Bins: []scenarios.SizeBin{{Bytes: 100, Weight: 1}, {Bytes: 200, Weight: 1}}}}, testRandom(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if !filler.inValue || filler.largest != 200 {
		t.Errorf("filler has %d bytes at the most, stamped in the value: %v", filler.largest, filler.inValue)
	}
	own, err := prepareValues(scenarios.Value{Format: scenarios.ValueSample, Sample: kept, Lines: kept.Values()}, testRandom(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if own.inValue || len(own.list) != 100 || string(own.list[1]) != string(kept.Contents[1].Value) {
		t.Errorf("%d values of the topic's own, stamped in the value: %v", len(own.list), own.inValue)
	}
}
