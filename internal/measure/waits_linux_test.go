package measure

import (
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestThreadsThatShareAProcessorAreSeenToWait(t *testing.T) {
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skip("this kernel does not tell how long threads wait")
	}
	waits := &threadWaits{}
	before := waits.seconds()
	// Two threads on one processor take turns: while one works the other waits.
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	first := 0
	for !allowed.IsSet(first) {
		first++
	}
	started, work := sync.WaitGroup{}, sync.WaitGroup{}
	started.Add(2)
	stop := make(chan struct{})
	for range 2 {
		work.Go(func() {
			runtime.LockOSThread() // for good: its affinity is changed
			var one unix.CPUSet
			one.Set(first)
			err := unix.SchedSetaffinity(0, &one)
			started.Done()
			if err != nil {
				t.Error(err)
				return
			}
			for sum := 0; ; sum++ {
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	started.Wait()
	waited := 0.0
	for deadline := time.Now().Add(10 * time.Second); waited < 0.05 && time.Now().Before(deadline); {
		runtime.Gosched()
		waited = waits.seconds() - before
	}
	close(stop)
	work.Wait()
	if waited < 0.05 {
		t.Errorf("two threads on one processor waited %v s", waited)
	}
}

func TestSchedstatIsRead(t *testing.T) {
	if waited, ok := parseSchedstat("574913884 751912498 2067\n"); !ok || waited != 751912498 {
		t.Errorf("got %d, %v", waited, ok)
	}
	for _, text := range []string{"", "1 2", "1 2 3 4"} {
		if _, ok := parseSchedstat(text); ok {
			t.Errorf("%q is read", text)
		}
	}
}

func TestOnlyTheProcessorsThatMayBeUsedCount(t *testing.T) {
	const stat = `cpu  900 200 300 4000 50 0 10 7 0 0
cpu0 500 100 200 1000 40 0 10 5 0 0
cpu1 400 100 100 3000 10 0 0 2 0 0
intr 59013608 0 0
`
	var r Reading
	r.addProcessors(stat, func(processor int) bool { return processor == 0 })
	if r.MachineCPUSeconds != 14.1 || r.StealSeconds != 0.07 {
		t.Errorf("of the machine %v s busy, %v s stolen", r.MachineCPUSeconds, r.StealSeconds)
	}
	if r.ProcessorSeconds != 18.55 || r.SpareSeconds != 10.4 {
		t.Errorf("of the first processor %v s, %v s spare", r.ProcessorSeconds, r.SpareSeconds)
	}
}
