package main

import (
	"math"
	"math/rand/v2"
	"testing"

	"kaliper/internal/analysis/capacity"
)

// A broker's quota and the members' handlers are known, so that it is known what the benchmark
// should find: if the configurations left one ceiling to be taken for another, it could not.
func TestTheConfigurationsTellTheCeilingsApart(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var all []capacity.Observation
	for _, c := range configurations() {
		k := capacity.Configuration{Partitions: c.partitions, Producers: c.producers, Members: c.members, Groups: 1, ReplicationFactor: 1, Brokers: 1,
			RecordBytes: float64(c.bytes), WireBytes: float64(c.bytes) + 10, Compression: c.codec, LingerSeconds: float64(c.linger) / 1000, BatchBytes: 16384, Spread: 1}
		if c.codec != "none" {
			k.WireBytes = float64(c.bytes)/2 + 10
		}
		const handlers = 1250 // records/s a member
		highest := math.Min(quotaBytes/k.WireBytes, handlers*float64(min(c.members, c.partitions)))
		for range 2 {
			all = append(all, capacity.Observation{Configuration: k, Through: highest * math.Exp(0.01*random.NormFloat64()), Saturated: true})
		}
	}
	misses, err := capacity.LeaveOneOut(all)
	if err != nil {
		t.Fatal(err)
	}
	if s := capacity.ScoreOf(misses, capacity.OfThroughput); s.Configurations != len(configurations()) || s.MeanError > aim(capacity.OfThroughput) {
		t.Errorf("mean error %.1f%% over %d configurations", 100*s.MeanError, s.Configurations)
	}
}
