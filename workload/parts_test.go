package workload

import (
	"bytes"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/scenarios"
)

func testRandom() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func checksumOf(rest []byte) uint32 { return crc32.Checksum(rest, castagnoli) }

func TestAStampIsReadAsItWasWrittenAndShowsEveryFlippedBit(t *testing.T) {
	value := bytes.Repeat([]byte("x"), 60)
	want := stamp{run: 1 << 60, producer: 77, sequence: 1 << 40, intended: 123_456_789_012}
	want.put(value, checksumOf(value[stampBytes:]))
	var got stamp
	if !got.read(value) || got != want || !intact(value[:stampBytes], value[stampBytes:]) {
		t.Fatalf("read %+v, want %+v", got, want)
	}
	for bit := range 8 * len(value) {
		value[bit/8] ^= 1 << (bit % 8)
		if got.read(value) && intact(value[:stampBytes], value[stampBytes:]) {
			t.Fatalf("bit %d flipped and nobody noticed", bit)
		}
		value[bit/8] ^= 1 << (bit % 8)
	}
}

func FuzzStampReadNeverPanics(f *testing.F) {
	f.Add([]byte("klp1 and more than thirty-six bytes of it"))
	f.Fuzz(func(t *testing.T, value []byte) {
		r := &kgo.Record{Value: value, Headers: []kgo.RecordHeader{{Key: stampHeader, Value: value}}}
		var s stamp
		if from, rest := stampOf(r); s.read(from) {
			intact(from, rest)
		}
	})
}

// Known truth: a set of integers.
func TestSpansBehaveAsASet(t *testing.T) {
	random := testRandom()
	var s spans
	set := map[int64]bool{}
	for range 5000 {
		n := random.Int64N(300)
		if random.IntN(3) == 0 {
			if s.remove(n) != set[n] {
				t.Fatalf("remove %d", n)
			}
			delete(set, n)
			continue
		}
		s.add(n)
		set[n] = true
		total := int64(0)
		for i, x := range s {
			total += x.length()
			if i > 0 && s[i-1].last+1 >= x.first {
				t.Fatalf("spans %v touch", s)
			}
		}
		if total != int64(len(set)) {
			t.Fatalf("%d in the spans, %d in the set", total, len(set))
		}
	}
	other := spans{{10, 20}, {50, 50}, {100, 400}}
	var want, got []int64
	for n := range int64(300) {
		if set[n] && (n < 10 || n > 20) && n != 50 && n < 100 {
			want = append(want, n)
		}
	}
	for _, gap := range s.less(other) {
		for n := gap.first; n <= gap.last; n++ {
			got = append(got, n)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("less: %v, want %v", got, want)
	}
}

type givenSequences map[int]int64

func (g givenSequences) sequences(producer int, _ int32) (int64, spans) {
	unacked := spans{}
	if producer == 1 {
		unacked = spans{{3, 4}}
	}
	return g[producer], unacked
}

func TestTheLedgerTellsLostDuplicatedRedeliveredAndReorderedApart(t *testing.T) {
	found := &anomalies{}
	l := newLedger("readers", "orders", 1, []uint32{0, 1}, 1, true, found)
	p := &l.partitions[0]
	offset := int64(0)
	enter := func(producer uint32, sequence, at int64) bool {
		return p.enter(l, &stamp{1, producer, sequence, 0}, 0, at)
	}
	next := func(producer uint32, sequence int64) {
		enter(producer, sequence, offset)
		offset++
	}
	next(0, 0)
	next(0, 1)
	next(0, 1) // twice in the log
	next(0, 4) // 2 and 3 are missing
	next(0, 3) // late
	if enter(0, 0, 0) {
		t.Error("a record that comes again counts as new")
	}
	next(1, 0)
	next(1, 1)
	// Producer 1 gave 6: 2 and 5 are lost, 3 and 4 were never acknowledged.
	got := l.settle(givenSequences{0: 5, 1: 6}, []int64{offset})
	if got.Lost != 1+2 || got.Duplicated != 1 || got.Redelivered != 1 || got.Reordered != 1 || got.Corrupted != 0 {
		t.Errorf("%+v", got)
	}
	kinds := map[string]int{}
	for _, a := range found.list {
		kinds[a.Kind]++
	}
	if kinds["lost"] != 3 || kinds["duplicated"] != 1 || kinds["redelivered"] != 1 || kinds["reordered"] != 1 {
		t.Errorf("anomalies %v", found.list)
	}
}

func TestWhatAGroupHasNotReadYetIsNotLost(t *testing.T) {
	l := newLedger("readers", "orders", 1, []uint32{0}, 1, true, &anomalies{})
	l.partitions[0].enter(l, &stamp{1, 0, 0, 0}, 0, 0)
	if got := l.settle(givenSequences{0: 10}, []int64{10}); got.Lost != 0 {
		t.Errorf("%d lost", got.Lost)
	}
	l = newLedger("late", "orders", 1, []uint32{0}, 1, false, &anomalies{})
	l.partitions[0].enter(l, &stamp{1, 0, 5, 0}, 0, 5)
	if got := l.settle(givenSequences{0: 6}, []int64{6}); got.Lost != 0 {
		t.Errorf("%d lost before the group joined", got.Lost)
	}
}

func TestABudgetNeverGivesMoreThanItHasAndWakesItsWaiter(t *testing.T) {
	b := newBudget(1000, 500)
	if !b.tryTake(900) || b.tryTake(200) {
		t.Fatal("900 of 1000 must leave no room for 200")
	}
	taken := make(chan bool)
	go func() { taken <- b.take(600, time.Now().Add(time.Minute), nil) }()
	b.give(300)
	b.give(300)
	if !<-taken {
		t.Fatal("the waiter was not woken")
	}
	if used := b.used.Load(); used != 900 {
		t.Errorf("%d bytes are used, want 900", used)
	}
	if b.take(600, time.Now(), nil) {
		t.Error("there was no room, and the deadline had passed")
	}
	stop := make(chan struct{})
	close(stop)
	if b.take(600, time.Now().Add(time.Minute), stop) {
		t.Error("stopped, and yet taken")
	}
	b.give(900)
	if !b.tryTake(5000) {
		t.Error("a record larger than the buffer goes alone")
	}
}

func TestKeysFollowTheirDistributions(t *testing.T) {
	const draws = 200_000
	count := func(key scenarios.Key) map[int64]float64 {
		k := newKeys(newKeySpace(key), 0, 1, testRandom())
		shares := map[int64]float64{}
		for range draws {
			text := k.appendNext(nil)
			n, err := strconv.ParseInt(string(text), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			shares[n] += 1.0 / draws
		}
		return shares
	}
	near := func(name string, got, want float64) {
		t.Helper()
		// Five standard errors of a share.
		if math.Abs(got-want) > 5*math.Sqrt(want*(1-want)/draws) {
			t.Errorf("%s: share %v, want %v", name, got, want)
		}
	}
	near("uniform", count(scenarios.Key{Distribution: scenarios.KeyUniform, Cardinality: 50})[7], 1.0/50)
	near("sequence", count(scenarios.Key{Distribution: scenarios.KeySequence, Cardinality: 40})[7], 1.0/40)
	hot := count(scenarios.Key{Distribution: scenarios.KeyHot, Cardinality: 100, HotShare: 0.3})
	near("hot key", hot[0], 0.3+0.7/100)
	near("cold key", hot[5], 0.7/100)
	harmonic := 0.0
	for rank := 1; rank <= 1000; rank++ {
		harmonic += math.Pow(float64(rank), -0.99)
	}
	zipf := count(scenarios.Key{Distribution: scenarios.KeyZipf, Cardinality: 1000, Exponent: 0.99})
	near("zipf, first", zipf[0], 1/harmonic)
	near("zipf, tenth", zipf[9], math.Pow(10, -0.99)/harmonic)
}

func TestKeysHaveTheirSizeAndTheirMean(t *testing.T) {
	sized := newKeys(newKeySpace(scenarios.Key{Distribution: scenarios.KeySequence, Cardinality: 1000, Size: 12}), 7, 10, testRandom())
	if key := string(sized.appendNext(nil)); key != "000000000007" {
		t.Errorf("key %q", key)
	}
	if key := string(sized.appendNext([]byte("kept "))); key != "kept 000000000017" {
		t.Errorf("key %q", key)
	}
	if mean := newKeySpace(scenarios.Key{Distribution: scenarios.KeyUniform, Cardinality: 100}).meanBytes(); math.Abs(mean-1.9) > 1e-9 {
		t.Errorf("mean of 0 to 99 is %v digits, want 1.9", mean)
	}
	none := newKeys(newKeySpace(scenarios.Key{Distribution: scenarios.KeyNone}), 0, 1, testRandom())
	if none.appendNext(nil) != nil {
		t.Error("a record without a key has one")
	}
}

func TestValuesHaveTheSizesAndTheContentThatWasAskedFor(t *testing.T) {
	fixed := scenarios.Size{Distribution: scenarios.SizeFixed, Bytes: 400}
	for _, check := range []struct {
		name     string
		value    scenarios.Value
		min, max int
		mean     float64
		within   float64
	}{
		{"random", scenarios.Value{Format: scenarios.ValueRandom, Size: fixed, Compressibility: 0.5}, 400, 400, 400, 0},
		{"json", scenarios.Value{Format: scenarios.ValueJSON, Size: fixed}, 400, 400, 400, 0},
		{"text", scenarios.Value{Format: scenarios.ValueText, Size: fixed}, 400, 400, 400, 0},
		{"uniform", scenarios.Value{Format: scenarios.ValueRandom, Size: scenarios.Size{Distribution: scenarios.SizeUniform, Min: 100, Max: 300}}, 100, 300, 200, 3},
		{"lognormal", scenarios.Value{Format: scenarios.ValueRandom, Size: scenarios.Size{Distribution: scenarios.SizeLognormal, Median: 1000, Sigma: 0.5, Max: 100_000}}, 1, 100_000, 1000 * math.Exp(0.125), 30},
		{"histogram", scenarios.Value{Format: scenarios.ValueRandom, Size: scenarios.Size{Distribution: scenarios.SizeHistogram, Bins: []scenarios.SizeBin{{Bytes: 100, Weight: 3}, {Bytes: 500, Weight: 1}}}}, 100, 500, 200, 5},
	} {
		t.Run(check.name, func(t *testing.T) {
			v, err := prepareValues(check.value, testRandom(), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			for i, value := range v.list {
				if len(value) < check.min || len(value) > check.max {
					t.Fatalf("value %d has %d bytes", i, len(value))
				}
			}
			if math.Abs(v.meanBytes-check.mean) > check.within {
				t.Errorf("mean %v bytes, want %v", v.meanBytes, check.mean)
			}
		})
	}
	half, err := prepareValues(scenarios.Value{Format: scenarios.ValueRandom, Size: fixed, Compressibility: 0.5}, testRandom(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if constant := bytes.Count(half.list[0], []byte("k")); constant < 200 {
		t.Errorf("%d of 400 bytes are constant, want at least 200", constant)
	}
	if bytes.Equal(half.list[0], half.list[1]) {
		t.Error("two values are the same")
	}
	again, err := prepareValues(scenarios.Value{Format: scenarios.ValueRandom, Size: fixed, Compressibility: 0.5}, testRandom(), 1<<20)
	if err != nil || !bytes.Equal(half.list[77], again.list[77]) {
		t.Error("the same seed gives other values")
	}
}

func TestMD5PartitionsAreThoseOfThePlainDigest(t *testing.T) {
	// int(hashlib.md5(b"order-42").hexdigest(), 16) % 12 and % 7 in Python.
	for _, check := range []struct {
		key  string
		n    int
		want int
	}{{"order-42", 12, 4}, {"order-42", 7, 3}, {"", 5, 1}} {
		if got := md5Partition([]byte(check.key), check.n); got != check.want {
			t.Errorf("%q of %d: %d, want %d", check.key, check.n, got, check.want)
		}
	}
}

// queueIterator tells kgo's buffered records by partition.
type queueIterator struct{ queues []int64 }

func (q *queueIterator) Rem() int { return len(q.queues) }

func (q *queueIterator) Next() (int, int64) {
	last := len(q.queues) - 1
	queued := q.queues[last]
	q.queues = q.queues[:last]
	return last, queued
}

func place(p kgo.TopicPartitioner, r *kgo.Record, queues ...int64) int {
	return p.(kgo.TopicBackupPartitioner).PartitionByBackup(r, len(queues), &queueIterator{queues})
}

func TestKeylessRecordsStayUntilABatchIsFullAndKeyedOnesGoByMurmur2(t *testing.T) {
	p := stickiness{batchBytes: 1000}.ForTopic("orders").(*stickyPartitioner)
	record := &kgo.Record{Value: make([]byte, 93)} // 100 bytes encoded
	queues := make([]int64, 50)
	place(p, record, queues...)
	p.OnNewBatch() // the first record opens a batch
	first := place(p, record, queues...)
	for range 8 {
		if at := place(p, record, queues...); at != first {
			t.Fatalf("left partition %d for %d though its batch is not full", first, at)
		}
	}
	// 961 bytes went there; the tenth record opens a second batch, and 1,000 is not reached.
	if at := place(p, record, queues...); at != first {
		t.Fatalf("left partition %d for %d", first, at)
	}
	p.OnNewBatch()
	if p.on != first {
		t.Fatal("left before batch.size bytes had gone there")
	}
	for range 20 {
		place(p, record, queues...)
	}
	if p.on == first && p.sent >= 2000 {
		t.Error("stayed beyond twice the batch size")
	}
	// Utils.murmur2 of Java, masked, modulo 10: "21" and "foobar" are in Kafka's UtilsTest.
	for key, hash := range map[string]int32{"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536} {
		want := int(hash&0x7fffffff) % 10
		if at := place(p, &kgo.Record{Key: []byte(key)}, queues[:10]...); at != want {
			t.Errorf("key %q goes to %d, in Java to %d", key, at, want)
		}
	}
	ignoring := stickiness{batchBytes: 1000, ignoreKeys: true}.ForTopic("orders")
	stay := place(ignoring, &kgo.Record{Key: []byte("21")}, queues...)
	if at := place(ignoring, &kgo.Record{Key: []byte("foobar")}, queues...); at != stay {
		t.Error("keys are to be ignored")
	}
}

func TestAPartitionIsLeftBetweenTwoBatchesOnceBatchSizeWentThere(t *testing.T) {
	l := newLingering(time.Second, 32<<20).of("orders", 12, 0)
	p := stickiness{batchBytes: 1000, linger: l}.ForTopic("orders").(*stickyPartitioner)
	record := &kgo.Record{Value: make([]byte, 93)} // 100 bytes encoded
	queues := make([]int64, 1000)
	begin := func() int { // a record that begins a batch is placed twice
		place(p, record, queues...)
		p.OnNewBatch()
		return place(p, record, queues...)
	}
	first := begin()
	for range 6 {
		place(p, record, queues...)
	}
	l.sent.Add(1) // 761 bytes had lingered
	if at := begin(); at != first {
		t.Fatalf("left partition %d for %d after fewer bytes than batch.size", first, at)
	}
	for range 4 {
		if at := place(p, record, queues...); at != first {
			t.Fatalf("left partition %d for %d in the middle of a batch", first, at)
		}
	}
	l.sent.Add(1) // 1,322 bytes went there
	if at := begin(); at == first {
		t.Error("stayed after batch.size bytes, though no batch was open")
	}
	if l.full.Load() {
		t.Error("a batch that had lingered was taken for a full one: the next would be sent at once")
	}
	for range 12 {
		place(p, record, queues...)
	}
	if p.on == first || !l.full.Load() {
		t.Error("a full batch was not told")
	}
}

func TestAdaptiveChoiceAvoidsLongQueues(t *testing.T) {
	p := stickiness{batchBytes: 1, adaptive: true}.ForTopic("orders").(*stickyPartitioner)
	counts := make([]float64, 3)
	const draws = 60_000
	for range draws {
		counts[p.pick(3, &queueIterator{[]int64{0, 3, 5}})]++
	}
	// KIP-794: weights 6, 3 and 1.
	for partition, want := range []float64{0.6, 0.3, 0.1} {
		if share := counts[partition] / draws; math.Abs(share-want) > 5*math.Sqrt(want*(1-want)/draws) {
			t.Errorf("partition %d has a share of %v, want %v", partition, share, want)
		}
	}
}
