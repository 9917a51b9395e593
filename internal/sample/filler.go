package sample

import (
	"math"
	"math/rand/v2"
)

// Filler returns a value of so many bytes of which the last share is constant and the rest
// from a source that never fails.
func Filler(source *rand.ChaCha8, size int, compressibility float64) []byte {
	value := make([]byte, size)
	varied := size - int(math.Round(compressibility*float64(size)))
	_, _ = source.Read(value[:varied]) // never returns an error
	for i := varied; i < size; i++ {
		value[i] = 'k'
	}
	return value
}

// How generated values are tried: so many bytes of batches for each codec and step. A value
// larger than the most that is tried compresses as that does.
const (
	trialBytes     = 256 << 10
	trialValueMost = 64 << 10
	trialSteps     = 10 // halvings of the share: to a thousandth
)

// fit finds the share of constant bytes with which generated values compress as the sample
// does, and how far they do. The more is constant, the smaller is the batch.
func (t *Topic) fit(ratio float64, compress func([]byte) int) (filler, reached float64) {
	low, high := 0.0, 1.0
	for range trialSteps {
		middle := (low + high) / 2
		if t.fillerRatio(middle, compress) > ratio {
			low = middle
		} else {
			high = middle
		}
	}
	filler = (low + high) / 2
	return filler, t.fillerRatio(filler, compress)
}

// fillerRatio returns how far batches of generated values, with keys as long as the sample's,
// compress.
func (t *Topic) fillerRatio(compressibility float64, compress func([]byte) int) float64 {
	random := rand.New(rand.NewPCG(1, 2)) // the same in every step, or the search would follow noise
	source := rand.NewChaCha8([32]byte{})
	sizes := NewWeights(len(t.Sizes), func(i int) float64 { return float64(t.Sizes[i].Records) })
	keyBytes := int(math.Round(t.MeanKeyBytes()))
	tally := batches{batchBytes: t.BatchBytes, compress: compress}
	for tally.taken < trialBytes {
		key := []byte(nil)
		if keyBytes > 0 {
			key = AppendKey(nil, random.Int64N(1_000_000), keyBytes)
		}
		tally.add(key, Filler(source, min(t.Sizes[sizes.Pick(random)].Bytes, trialValueMost), compressibility))
	}
	tally.flush()
	return tally.ratio()
}
