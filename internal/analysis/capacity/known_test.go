package capacity

import (
	"math"
	"math/rand/v2"
)

// known is a system whose truth is known.
type known struct {
	throughput Throughput
	latencies  map[Quantile]Latency
}

func knownSystem() known {
	return known{
		throughput: Throughput{
			Producers:  map[string]ceiling{"lz4": {RecordSeconds: 20e-6, ByteSeconds: 10e-9, Contention: 0.02}},
			Partitions: &ceiling{RecordSeconds: 30e-6, ByteSeconds: 25e-9, Contention: 0.01},
			Brokers:    ceiling{RecordSeconds: 1e-6, ByteSeconds: 2e-9},
			Members:    &ceiling{RecordSeconds: 25e-6, ByteSeconds: 5e-9},
		},
		latencies: map[Quantile]Latency{
			Median: {Median, 1.0e-3, 0, 2e-9, 0.3e-3},
			P99:    {P99, 3.0e-3, 0, 4e-9, 2e-3},
		},
	}
}

func knownConfiguration(partitions, producers, members int, bytes float64) Configuration {
	return Configuration{
		Partitions: partitions, Producers: producers, Members: members, Groups: 1, ReplicationFactor: 1, Brokers: 1,
		RecordBytes: bytes, WireBytes: bytes*0.6 + 10, Compression: "lz4", LingerSeconds: 5e-3, BatchBytes: 16384, Spread: 1,
	}
}

// knownConfigurations are a plausible sweep: each count at several levels, not along with the others.
func knownConfigurations() []Configuration {
	var all []Configuration
	for i, bytes := range []float64{100, 400, 1000, 4000} {
		all = append(all,
			knownConfiguration(12, 1<<(i%3), 6, bytes),
			knownConfiguration(1+i, 8, 6, bytes),
			knownConfiguration(12, 8, 1+i%3, bytes),
			knownConfiguration(6, 2+i%2, 3, bytes),
			knownConfiguration(12, 12, 12, bytes),
		)
	}
	return all
}

// measure returns trials of a configuration: some at the highest rate, some at shares of it.
func (k known) measure(c Configuration, noise, latencyNoise float64, random *rand.Rand) []Observation {
	var all []Observation
	lot := math.Exp(random.NormFloat64() * noise) // what a configuration's trials have in common
	carries := k.throughput.Carries(c) * lot
	for range 2 {
		all = append(all, Observation{Configuration: c, Through: carries * math.Exp(random.NormFloat64()*noise/2), Saturated: true, Seconds: 10})
	}
	for _, load := range []float64{0.3, 0.6, 0.8} {
		all = append(all, k.wait(c, load*carries, load, latencyNoise, random))
	}
	return all
}

// wait returns a trial of a configuration at a rate that it holds.
func (k known) wait(c Configuration, rate, load, latencyNoise float64, random *rand.Rand) Observation {
	p50, p99 := k.latencies[Median], k.latencies[P99]
	return Observation{
		Configuration: c, Offered: rate, Through: rate, Seconds: 10,
		P50: p50.Predict(c, rate, load) * math.Exp(random.NormFloat64()*latencyNoise),
		P99: p99.Predict(c, rate, load) * math.Exp(random.NormFloat64()*latencyNoise),
	}
}

func (k known) sweep(seed uint64, noise, latencyNoise float64) []Observation {
	random := rand.New(rand.NewPCG(seed, 7))
	var all []Observation
	for _, c := range knownConfigurations() {
		all = append(all, k.measure(c, noise, latencyNoise, random)...)
	}
	return all
}
