package measure

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

func TestMeterSeesWhatThisProcessUses(t *testing.T) {
	meter := NewMeter()
	before, _ := meter.Read()
	kept := make([]byte, 8<<20)
	for i := range kept {
		kept[i] = byte(i)
	}
	runtime.GC()
	sum := 0
	for before := time.Now(); time.Since(before) < 30*time.Millisecond; {
		sum++
	}
	after, did := meter.Read()
	if got := after.AllocatedBytes - before.AllocatedBytes; got < int64(len(kept)) {
		t.Errorf("allocated %d bytes, want at least %d", got, len(kept))
	}
	if after.GarbageCollections <= before.GarbageCollections {
		t.Error("the garbage collection is not counted")
	}
	if after.CPUSeconds-before.CPUSeconds < 0.005 {
		t.Errorf("30 ms of work count as %v s", after.CPUSeconds-before.CPUSeconds)
	}
	if after.RSSBytes < int64(len(kept)) {
		t.Errorf("RSS is %d", after.RSSBytes)
	}
	if did.PauseSecondsMax <= 0 {
		t.Error("the collection's pause is not seen")
	}
	runtime.KeepAlive(kept)
}

func TestQuantileSinceCountsOnlyWhatIsNew(t *testing.T) {
	h := &metrics.Float64Histogram{Counts: []uint64{100, 5, 1}, Buckets: []float64{0, 1, 2, 3}}
	if got := quantileSince(h, nil, 0.5); got != 1 {
		t.Errorf("median %v, want 1", got)
	}
	if got := quantileSince(h, []uint64{100, 0, 0}, 0.5); got != 2 {
		t.Errorf("median of the new ones %v, want 2", got)
	}
	if got := quantileSince(h, h.Counts, 0.5); got != 0 {
		t.Errorf("of nothing %v, want 0", got)
	}
}

func TestWatchdogTellsEachGapAndEachClockStepOnce(t *testing.T) {
	w := NewWatchdog(time.Now)
	w.observe(0, time.Second, time.Second)
	w.observe(700*time.Millisecond, 2*time.Second, 2*time.Second)
	w.observe(0, 3*time.Second, 3*time.Second-400*time.Millisecond)
	if gap, step := w.Take(); gap != 700*time.Millisecond || step != -400*time.Millisecond {
		t.Errorf("gap %v, step %v", gap, step)
	}
	w.observe(0, 4*time.Second, 4*time.Second-400*time.Millisecond)
	if gap, step := w.Take(); gap != 0 || step != 0 {
		t.Errorf("told again: gap %v, step %v", gap, step)
	}
}
