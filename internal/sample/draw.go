package sample

import (
	"math/rand/v2"
	"slices"
	"strconv"
)

// Weights picks indices with given weights; it is safe for concurrent use.
type Weights struct{ cumulative []float64 }

// NewWeights returns the weights of the indices from 0 to n-1, of which one is above 0.
func NewWeights(n int, weight func(int) float64) Weights {
	w := Weights{make([]float64, n)}
	sum := 0.0
	for i := range w.cumulative {
		sum += weight(i)
		w.cumulative[i] = sum
	}
	return w
}

// Pick allocates nothing.
func (w Weights) Pick(random *rand.Rand) int {
	last := len(w.cumulative) - 1
	i, _ := slices.BinarySearch(w.cumulative, random.Float64()*w.cumulative[last])
	return min(i, last)
}

// AppendKey appends a key's number in decimal, with leading zeros up to size bytes. A number
// that is longer stays whole: keys remain different.
func AppendKey(to []byte, number int64, size int) []byte {
	from := len(to)
	to = strconv.AppendInt(to, number, 10)
	if missing := size - (len(to) - from); missing > 0 {
		for range missing {
			to = append(to, '0')
		}
		copy(to[from+missing:], to[from:])
		for i := from; i < from+missing; i++ {
			to[i] = '0'
		}
	}
	return to
}

// Keys draws keys as often as the sample has them. It is immutable.
type Keys struct {
	contents []Content
	bins     []KeyBin
	first    []int64 // the number of each bin's first key
	weights  Weights // of the bins, and of having no key
}

// NewKeys returns what draws the sample's keys: the keys themselves where the sample keeps
// records, else as many others, of the same sizes and as unevenly used.
func NewKeys(t *Topic) *Keys {
	k := &Keys{contents: t.Contents, bins: t.Keys, first: make([]int64, len(t.Keys))}
	number := int64(0)
	for i, bin := range t.Keys {
		k.first[i] = number
		number += bin.Keys
	}
	k.weights = NewWeights(len(t.Keys)+1, func(i int) float64 {
		if i == len(t.Keys) {
			return float64(t.Keyless)
		}
		return float64(t.Keys[i].Records) * float64(t.Keys[i].Keys)
	})
	return k
}

// AppendNext appends a key, or returns nil for a record without one.
func (k *Keys) AppendNext(to []byte, random *rand.Rand) []byte {
	if len(k.contents) > 0 {
		key := k.contents[random.IntN(len(k.contents))].Key
		if key == nil {
			return nil
		}
		return append(to, key...)
	}
	i := k.weights.Pick(random)
	if i == len(k.bins) {
		return nil
	}
	return AppendKey(to, k.first[i]+random.Int64N(k.bins[i].Keys), k.bins[i].Bytes)
}
