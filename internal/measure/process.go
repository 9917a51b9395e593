package measure

import (
	"runtime/metrics"
	"time"
)

// Reading is what this process and its machine have used since they started; differences of
// two readings are what an interval used. Values that a system does not tell are 0.
type Reading struct {
	At                 time.Time
	CPUSeconds         float64 // of this process
	AllocatedBytes     int64
	GarbageCollections int64
	StealSeconds       float64 // all processors
	MachineCPUSeconds  float64 // all processes, all processors
	ProcessorSeconds   float64 // of the processors that this process may use: all their time,
	SpareSeconds       float64 // and what of it they were idle
	ThrottledSeconds   float64 // by this process' cgroup
	PressureSeconds    float64 // PSI, some task waited for a processor
	WaitSeconds        float64 // this process' threads were ready and waited for a processor, summed
	RSSBytes           int64   // now
}

// Meter reads this process and its machine. It is owned by one goroutine.
type Meter struct {
	samples      []metrics.Sample
	pauses       []uint64 // counts of the last reading
	schedulings  []uint64
	readPlatform func(*Reading)
}

// The runtime's names: https://pkg.go.dev/runtime/metrics.
const (
	allocatedMetric  = "/gc/heap/allocs:bytes"
	cyclesMetric     = "/gc/cycles/total:gc-cycles"
	pausesMetric     = "/sched/pauses/total/gc:seconds"
	schedulingMetric = "/sched/latencies:seconds"
)

// NewMeter returns a meter.
func NewMeter() *Meter {
	m := &Meter{readPlatform: newPlatform()}
	for _, name := range []string{allocatedMetric, cyclesMetric, pausesMetric, schedulingMetric} {
		m.samples = append(m.samples, metrics.Sample{Name: name})
	}
	return m
}

// Runtime is what the Go runtime did since the meter's last reading.
type Runtime struct {
	PauseSecondsMax            float64 // longest stop of the world, to a bucket's upper edge
	SchedulerLatencySecondsP99 float64 // goroutines' wait to run, to a bucket's upper edge
}

// Read returns the totals and what the runtime did since the last Read.
func (m *Meter) Read() (Reading, Runtime) {
	metrics.Read(m.samples)
	reading := Reading{
		At:                 time.Now(),
		AllocatedBytes:     int64(m.samples[0].Value.Uint64()),
		GarbageCollections: int64(m.samples[1].Value.Uint64()),
	}
	m.readPlatform(&reading)
	pauses, schedulings := m.samples[2].Value.Float64Histogram(), m.samples[3].Value.Float64Histogram()
	runtime := Runtime{
		PauseSecondsMax:            quantileSince(pauses, m.pauses, 1),
		SchedulerLatencySecondsP99: quantileSince(schedulings, m.schedulings, 0.99),
	}
	m.pauses = append(m.pauses[:0], pauses.Counts...)
	m.schedulings = append(m.schedulings[:0], schedulings.Counts...)
	return reading, runtime
}

// quantileSince returns the upper edge of the bucket that holds quantile q of what was counted
// since before; 0 where nothing was.
func quantileSince(h *metrics.Float64Histogram, before []uint64, q float64) float64 {
	count := func(i int) uint64 {
		if before == nil {
			return h.Counts[i]
		}
		return h.Counts[i] - before[i]
	}
	var total uint64
	for i := range h.Counts {
		total += count(i)
	}
	if total == 0 {
		return 0
	}
	var seen uint64
	for i := range h.Counts {
		seen += count(i)
		if float64(seen) >= q*float64(total) {
			// The last bucket may have no upper edge.
			if edge := h.Buckets[i+1]; edge < 1e9 {
				return edge
			}
			return h.Buckets[i]
		}
	}
	return 0
}
