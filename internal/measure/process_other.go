//go:build !linux

package measure

import "runtime/metrics"

func newPlatform() func(*Reading) { return readPlatform }

// readPlatform falls back on what the runtime knows: the processor time is an estimate that
// leaves out system calls, and the memory is what the runtime holds.
func readPlatform(r *Reading) {
	samples := []metrics.Sample{{Name: "/cpu/classes/user:cpu-seconds"}, {Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/memory/classes/total:bytes"}}
	metrics.Read(samples)
	r.CPUSeconds = samples[0].Value.Float64() + samples[1].Value.Float64()
	r.RSSBytes = int64(samples[2].Value.Uint64())
}

// ProcessorQuota returns 0: this system has no cgroups.
func ProcessorQuota() float64 { return 0 }
