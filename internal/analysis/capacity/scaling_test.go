package capacity

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Beyond mostCarried producers more of them carry less: the law's coherency term.
func mostCarried(k ceiling) float64 { return math.Sqrt((1 - k.Contention) / k.Coherency) }

func TestContentionAndCoherencyOfAKnownSystemAreRecovered(t *testing.T) {
	k := knownSystem()
	truth := ceiling{RecordSeconds: 60e-6, ByteSeconds: 20e-9, Contention: 0.06, Coherency: 0.002}
	k.throughput.Producers["lz4"] = truth
	k.throughput.Partitions, k.throughput.Members = nil, nil
	random := rand.New(rand.NewPCG(3, 7))
	var measured []Observation
	for _, producers := range []int{1, 2, 4, 8, 12, 16, 24, 32, 48} {
		for _, bytes := range []float64{200, 2000} {
			measured = append(measured, k.measure(knownConfiguration(12, producers, 6, bytes), 0.005, 0.01, random)...)
		}
	}
	got := fitted(t, measured).Throughput.Producers["lz4"]
	for _, c := range []struct {
		name             string
		got, want, share float64
	}{
		{"contention", got.Contention, truth.Contention, 0.20},
		{"coherency", got.Coherency, truth.Coherency, 0.20},
		{"per record", got.RecordSeconds, truth.RecordSeconds, 0.10},
		{"producers that carry most", mostCarried(got), mostCarried(truth), 0.10},
	} {
		if !within(c.got, c.want, c.share) {
			t.Errorf("%s: %.4g, the truth is %.4g", c.name, c.got, c.want)
		}
	}
}
