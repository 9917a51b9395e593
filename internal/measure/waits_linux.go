package measure

import (
	"os"
	"strings"
)

// threadWaits adds up how long the threads of this process were ready and waited for a
// processor. Unlike the machine's pressure (PSI) it is this process' own suffering: tasks of
// less weight that wait for each other, or a build in the background, do not count.
type threadWaits struct {
	seen  map[string]int64 // nanoseconds, by thread, at the last reading
	total int64
}

const tasksFolder = "/proc/self/task"

// seconds returns the total so far. What a thread that has ended waited after the last
// reading is lost. A kernel without CONFIG_SCHED_INFO tells nothing, and the total stays 0.
func (w *threadWaits) seconds() float64 {
	folder, err := os.Open(tasksFolder)
	if err != nil {
		return float64(w.total) / 1e9
	}
	defer folder.Close()
	threads, _ := folder.Readdirnames(-1) // as many as could be read
	now := make(map[string]int64, len(threads))
	for _, thread := range threads {
		waited, ok := parseSchedstat(readFile(tasksFolder + "/" + thread + "/schedstat"))
		if !ok {
			continue // it has ended
		}
		now[thread] = waited
		// A thread's number is given again after it ends: less than before is another thread.
		if before := w.seen[thread]; waited >= before {
			w.total += waited - before
		} else {
			w.total += waited
		}
	}
	w.seen = now
	return float64(w.total) / 1e9
}

// parseSchedstat returns the second figure of /proc/PID/schedstat (sched-stats in the kernel's
// documentation): nanoseconds on the processor, nanoseconds ready and waiting for one, turns.
func parseSchedstat(text string) (waited int64, ok bool) {
	fields := strings.Fields(text)
	if len(fields) != 3 {
		return 0, false
	}
	return parseInt(fields[1]), true
}
