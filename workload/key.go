package workload

import (
	"math"
	"math/rand/v2"

	"kaliper/internal/sample"
	"kaliper/scenarios"
)

// keySpace is what the clients of a group share of their keys; immutable.
type keySpace struct {
	key     scenarios.Key
	ranks   sample.Weights // zipf
	sampled *sample.Keys   // of a sample
	room    int            // bytes of the largest key; 0: as many as a number has
}

func newKeySpace(key scenarios.Key) *keySpace {
	space := &keySpace{key: key, room: key.Size}
	switch key.Distribution {
	case scenarios.KeyZipf:
		space.ranks = sample.NewWeights(int(key.Cardinality), func(rank int) float64 { return math.Pow(float64(rank+1), -key.Exponent) })
	case scenarios.KeySample:
		space.sampled, space.room = sample.NewKeys(key.Sample), key.Sample.LargestKey()
	}
	return space
}

// meanBytes returns the mean length of a key; exact for keys of a fixed size, else of the
// cardinality's numbers drawn alike.
func (s *keySpace) meanBytes() float64 {
	switch {
	case s.key.Distribution == scenarios.KeyNone:
		return 0
	case s.key.Distribution == scenarios.KeySample:
		return s.key.Sample.MeanKeyBytes()
	case s.key.Size > 0:
		return float64(s.key.Size)
	}
	total, n := 0.0, float64(s.key.Cardinality)
	for digits, low := 1.0, 0.0; low < n; digits++ {
		high := math.Min(math.Pow(10, digits), n)
		total += digits * (high - low)
		low = high
	}
	return total / n
}

// keys draws the keys of one client; it belongs to the goroutine that sends.
type keys struct {
	space    *keySpace
	random   *rand.Rand
	sequence int64
	step     int64
}

// newKeys returns the keys of client: sequences are dealt out to the clients in turn.
func newKeys(space *keySpace, client, clients int, random *rand.Rand) *keys {
	return &keys{space: space, random: random, sequence: int64(client), step: int64(clients)}
}

// hotKey is the number of the key that a hot-key distribution favours.
const hotKey = 0

// appendNext appends the next key: in decimal, with leading zeros where keys have a size, or as
// a sample has it. It returns nil for records without a key.
func (k *keys) appendNext(to []byte) []byte {
	var number int64
	switch k.space.key.Distribution {
	case scenarios.KeyNone:
		return nil
	case scenarios.KeySequence:
		number = k.sequence % k.space.key.Cardinality
		k.sequence += k.step
	case scenarios.KeyUniform:
		number = k.random.Int64N(k.space.key.Cardinality)
	case scenarios.KeyZipf:
		number = int64(k.space.ranks.Pick(k.random))
	case scenarios.KeySample:
		return k.space.sampled.AppendNext(to, k.random)
	case scenarios.KeyHot:
		number = hotKey
		if k.random.Float64() >= k.space.key.HotShare {
			number = k.random.Int64N(k.space.key.Cardinality)
		}
	}
	return sample.AppendKey(to, number, k.space.key.Size)
}
