package capacity

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestARateIsHeldAgainstTrialsOfSuchRecords(t *testing.T) {
	group := func(codec string, replicas, readers int, bytes, carried float64) Group {
		c := knownConfiguration(6, 4, 3, bytes)
		c.Compression, c.ReplicationFactor, c.Groups = codec, replicas, readers
		return Group{c, []Observation{{Configuration: c, Through: carried, Saturated: true}}}
	}
	f := &Fit{Groups: []Group{
		group("none", 1, 1, 100, 500_000), group("lz4", 1, 1, 100, 300_000), group("lz4", 3, 1, 100, 90_000), group("lz4", 3, 1, 8000, 9_000),
		group("lz4", 3, 4, 100, 40_000), group("lz4", 5, 1, 100, 20_000),
	}}
	for name, test := range map[string]struct {
		codec             string
		replicas, readers int
		bytes             float64
		highest           float64
		shown             int // groups that carried that much
	}{
		"the same":                                {"lz4", 3, 1, 100, 90_000, 1},
		"larger than some: by bytes":              {"lz4", 3, 1, 1000, 9_000, 2},
		"much larger: those of its size":          {"lz4", 3, 1, 8200, 9_000, 1},
		"smaller than all: no more records":       {"lz4", 3, 1, 10, 90_000, 1},
		"another codec":                           {"none", 1, 1, 100, 500_000, 1},
		"a codec that was not measured":           {"zstd", 1, 1, 100, 0, 0},
		"replicas between two: the more":          {"lz4", 4, 1, 100, 20_000, 1},
		"replicas beyond all: the most show none": {"lz4", 6, 1, 100, 20_000, 0},
		"consumer groups between two: the more":   {"lz4", 3, 2, 100, 40_000, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := knownConfiguration(1, 1, 1, test.bytes)
			c.Compression, c.ReplicationFactor, c.Groups = test.codec, test.replicas, test.readers
			highest := f.HighestMeasured(c)
			if !(highest == test.highest || within(highest, test.highest, 0.001)) {
				t.Errorf("%g records/s, want %g", highest, test.highest)
			}
			if shown := f.showing(c, highest); len(shown) != test.shown {
				t.Errorf("%d groups show it, want %d", len(shown), test.shown)
			}
		})
	}
}

func TestLargeRecordsAreNotCarriedByTrialsOfSmallOnes(t *testing.T) {
	k := knownSystem()
	k.throughput.Members = &ceiling{RecordSeconds: 1e-7}
	f := fitted(t, k.sweep(1, 0.02, 0.05))
	d := demand(0)
	d.RecordBytes, d.WireBytes, d.Headroom = 4000, 2410, 0
	small, large := f.HighestMeasured(demand(0).Configuration()), f.HighestMeasured(d.Configuration())
	if small < 2.5*large {
		t.Fatalf("small records at %g/s, large ones at %g/s: too near for this test", small, large)
	}
	d.RecordsPerSecond = 1.1 * large
	if s := f.Size(d); s.Members.known() || len(s.Declined) > 0 {
		t.Errorf("members %+v, declined %+v", s.Members, s.Declined)
	}
	d.RecordsPerSecond = 2.2 * large
	if s := f.Size(d); !slices.Contains(codes(s.Declined), "too_far") {
		t.Errorf("declined for %q", codes(s.Declined))
	}
}

// One trial with one producer and one with one member carried nearly what either takes: both
// together carry less.
func TestCountsOfDifferentTrialsSufficeTogether(t *testing.T) {
	k := knownSystem()
	k.throughput = Throughput{
		Producers: map[string]ceiling{"lz4": {RecordSeconds: 25e-6}}, Members: &ceiling{RecordSeconds: 25e-6},
		Brokers: ceiling{RecordSeconds: 8e-6},
	}
	random := rand.New(rand.NewPCG(6, 6))
	var all []Observation
	for _, counts := range [][2]int{{1, 8}, {8, 1}, {4, 4}, {8, 8}, {4, 8}, {8, 4}} {
		all = append(all, k.measure(knownConfiguration(12, counts[0], counts[1], 400), 0.005, 0.05, random)...)
	}
	f := fitted(t, all)
	d := demand(39_000)
	d.Headroom, d.Members = 0, 0
	s := f.Size(d)
	if !s.Producers.AtMost || !s.Members.AtMost {
		t.Fatalf("producers %+v, members %+v", s.Producers, s.Members)
	}
	c := s.Configuration
	if c.Producers != s.Producers.Value || c.Members != s.Members.Value {
		t.Errorf("producers %+v, members %+v beside %+v", s.Producers, s.Members, c)
	}
	if c.Partitions = 12; k.throughput.Carries(c) < s.Needed {
		t.Errorf("%d producers and %d members carry %.0f, needed are %.0f", c.Producers, c.Members, k.throughput.Carries(c), s.Needed)
	}
}

func TestATermThatBoundWithAnotherCodecAloneIsDeclined(t *testing.T) {
	k := knownSystem()
	k.throughput.Producers["zstd"] = ceiling{RecordSeconds: 40e-6, ByteSeconds: 20e-9, Contention: 0.02}
	random := rand.New(rand.NewPCG(8, 8))
	all := k.sweep(1, 0.02, 0.05)
	for i, bytes := range []float64{100, 400, 1000, 4000} { // one or two producers alone bind
		c := knownConfiguration(12, 1+i%2, 6, bytes)
		c.Compression = "zstd"
		all = append(all, k.measure(c, 0.02, 0.05, random)...)
	}
	f := fitted(t, all)
	lz4, zstd := demand(0).Configuration(), demand(0).Configuration()
	zstd.Compression = "zstd"
	for _, term := range []Term{PartitionTerm, ConsumerTerm} {
		if r, known := f.Identified(term, lz4); !known {
			t.Errorf("%s with lz4: %+v", term, r)
		}
		if r, known := f.Identified(term, zstd); known || r.Code != "never_bound" || !strings.Contains(r.Text, "zstd") {
			t.Errorf("%s with zstd: %+v", term, r)
		}
	}
	if r, known := f.Identified(ProducerTerm, zstd); !known {
		t.Errorf("producers with zstd: %+v", r)
	}
	d := demand(10_000)
	d.Compression, d.Headroom = "zstd", 0
	if s := f.Size(d); !s.Partitions.AtMost || !s.Members.AtMost || s.Producers.AtMost || !s.Producers.known() {
		t.Errorf("partitions %+v, members %+v, producers %+v", s.Partitions, s.Members, s.Producers)
	}
}
