package capacity

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func demand(recordsPerSecond float64) Demand {
	return Demand{RecordsPerSecond: recordsPerSecond, RecordBytes: 400, WireBytes: 250, Compression: "lz4", Groups: 1, Members: 3,
		ReplicationFactor: 1, Growth: 1, Headroom: 0.3, LingerSeconds: 5e-3, BatchBytes: 16384, Limits: Limits{Partitions: 100}}
}

func codes(refusals []Refusal) []string {
	var all []string
	for _, r := range refusals {
		all = append(all, r.Code)
	}
	return all
}

func TestADemandIsAnsweredByWhatTheTruthSuffices(t *testing.T) {
	k := knownSystem()
	f := fitted(t, k.sweep(1, 0.02, 0.05))
	s := f.Size(demand(60_000))
	if !s.Complete() {
		t.Fatalf("not complete: %+v", s)
	}
	if carries := k.throughput.Carries(s.Configuration); carries < s.Needed || carries > 1.6*s.Needed {
		t.Errorf("%+v carries %.0f, needed are %.0f", s.Configuration, carries, s.Needed)
	}
	if s.Configuration.Partitions%s.Configuration.Members != 0 || s.Partitions.Lo > s.Partitions.Hi || s.Partitions.Value != s.Configuration.Partitions {
		t.Errorf("partitions %+v for %d members", s.Partitions, s.Configuration.Members)
	}
	if s.P99.Level == 0 || s.LingerWait <= 0 {
		t.Errorf("no outlook: %+v", s)
	}
}

func TestMoreThanTwiceWhatWasMeasuredIsDeclined(t *testing.T) {
	f := fitted(t, knownSystem().sweep(1, 0.02, 0.05))
	s := f.Size(demand(f.HighestMeasured(demand(0).Configuration()) * 2))
	if s.Complete() || !slices.Contains(codes(s.Declined), "too_far") {
		t.Errorf("declined for %q", codes(s.Declined))
	}
	if r, refused := f.Refuses(Partitions, 25); !refused || r.Code != "too_far" {
		t.Errorf("25 partitions after 12: %+v", r)
	}
	if r, refused := f.Refuses(Partitions, 24); refused {
		t.Errorf("24 partitions after 12: %+v", r)
	}
}

func TestADimensionWithFewerThanThreeLevelsIsDeclined(t *testing.T) {
	f := fitted(t, knownSystem().sweep(1, 0.02, 0.05))
	d := demand(60_000)
	d.ReplicationFactor = 3
	if s := f.Size(d); s.Complete() || !slices.Contains(codes(s.Declined), "few_levels") {
		t.Errorf("three replicas after one: declined for %q", codes(s.Declined))
	}
	if r, refused := f.Refuses(ReplicationFactor, 1); refused {
		t.Errorf("what was measured itself: %+v", r)
	}
}

func TestATermThatNeverBoundIsDeclined(t *testing.T) {
	k := knownSystem()
	k.throughput.Members = &ceiling{RecordSeconds: 1e-7}
	f := fitted(t, k.sweep(1, 0.02, 0.05))
	like := demand(0).Configuration()
	if r, known := f.Identified(ConsumerTerm, like); known || r.Code != "never_bound" {
		t.Errorf("members: %+v", r)
	}
	for _, term := range []Term{ProducerTerm, PartitionTerm} {
		if r, known := f.Identified(term, like); !known {
			t.Errorf("%s: %+v", term, r)
		}
	}
	// More than any trial carried cannot be known of it; what trials carried can.
	d := demand(0.9 * f.HighestMeasured(like))
	d.Headroom = 0
	if s := f.Size(d); !s.Members.AtMost {
		t.Errorf("members %+v", s.Members)
	}
	d.RecordsPerSecond = 1.1 * f.HighestMeasured(like)
	if s := f.Size(d); s.Members.known() {
		t.Errorf("members %+v for more than any trial carried", s.Members)
	}
}

func TestCountsThatWereVariedTogetherAreDeclined(t *testing.T) {
	k := knownSystem()
	random := rand.New(rand.NewPCG(2, 2))
	var all []Observation
	for _, n := range []int{1, 2, 3, 4, 6, 8} {
		all = append(all, k.measure(knownConfiguration(n*3, n, 6, 400), 0.02, 0.05, random)...)
	}
	f := fitted(t, all)
	if r, known := f.Identified(PartitionTerm, demand(0).Configuration()); known || r.Code != "together" {
		t.Errorf("partitions: %+v", r)
	}
}

func TestThereIsNoBrokerCountWithoutVariationOrLimits(t *testing.T) {
	f := fitted(t, knownSystem().sweep(1, 0.02, 0.05))
	d := demand(60_000)
	d.Limits = Limits{}
	if s := f.Size(d); s.Brokers.known() || s.Complete() {
		t.Errorf("brokers %+v", s.Brokers)
	}
	d.Limits = Limits{NetworkIn: 10e6}
	d.Survive = 1
	// 60,000/s x 250 B = 15 MB/s, with 30% free 21.4 MB/s: three brokers, and one that may be away.
	if s := f.Size(d); s.Brokers.Value != 4 {
		t.Errorf("brokers %+v, want 4", s.Brokers)
	}
}

func TestBrokersThatWereVariedAreCounted(t *testing.T) {
	k := knownSystem()
	k.throughput.Brokers = ceiling{RecordSeconds: 20e-6, ByteSeconds: 10e-9, Contention: 0.01}
	random := rand.New(rand.NewPCG(4, 4))
	var all []Observation
	for _, brokers := range []int{1, 2, 3, 4, 6} {
		for _, c := range []Configuration{knownConfiguration(12, 8, 6, 400), knownConfiguration(12, 12, 12, 1000)} {
			c.Brokers = brokers
			all = append(all, k.measure(c, 0.02, 0.05, random)...)
		}
	}
	f := fitted(t, all)
	d := demand(60_000)
	d.Limits, d.Survive, d.Headroom = Limits{}, 1, 0
	s := f.Size(d)
	if !s.Brokers.known() {
		t.Fatalf("brokers %+v", s.Brokers)
	}
	c := s.Configuration
	c.Brokers, c.Producers, c.Partitions, c.Members = s.Brokers.Value-1, 12, 12, 12
	if carries := k.throughput.Carries(c); carries < s.Needed*0.97 {
		t.Errorf("with one of %d brokers away %.0f are carried, needed are %.0f", s.Brokers.Value, carries, s.Needed)
	}
}

func TestDiskAndNetworkAreArithmetic(t *testing.T) {
	d := Demand{RecordsPerSecond: 1000, WireBytes: 100, Growth: 2, Headroom: 0.5, ReplicationFactor: 3, Groups: 2, RetentionSeconds: 10}
	want := Bytes{In: 600e3, Out: 800e3, Disk: 12e6}
	if got := d.Bytes(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
