package measure

import (
	"math"
	"math/rand/v2"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// The recorder and the library must agree about the layout at every value, or merged
// histograms would silently shift.
func TestRecorderCountsWhereTheLibraryWould(t *testing.T) {
	generator := rand.New(rand.NewPCG(1, 2))
	values := []int64{0, 1, 511, 512, 1000, subBucketMask, subBucketMask + 1, highestNanoseconds - 1, highestNanoseconds}
	for range 10_000 {
		values = append(values, int64(math.Exp(generator.Float64()*math.Log(float64(highestNanoseconds)))))
	}
	for _, value := range values {
		library := hdr.New(lowestNanoseconds, highestNanoseconds, significantDigits)
		if err := library.RecordValue(value); err != nil {
			t.Fatal(err)
		}
		counts := library.Export().Counts
		if len(counts) != countsLength {
			t.Fatalf("the library has %d counts, the recorder %d", len(counts), countsLength)
		}
		index := countsIndex(value)
		if counts[index] != 1 {
			t.Fatalf("value %d: the recorder counts at %d, the library does not", value, index)
		}
		if back := countsIndex(valueOf(index)); back != index {
			t.Fatalf("value %d: index %d becomes %d by way of its lowest value", value, index, back)
		}
	}
}
