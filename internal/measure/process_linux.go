package measure

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// userHertz is the unit of /proc/stat, which Linux fixes for user space on all its ports that
// Go supports.
const userHertz = 100

// newPlatform returns what reads the system's side of a Reading.
func newPlatform() func(*Reading) {
	waits := &threadWaits{}
	return func(r *Reading) {
		readPlatform(r)
		r.WaitSeconds = waits.seconds()
	}
}

func readPlatform(r *Reading) {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) == nil {
		r.CPUSeconds = float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
	}
	if fields := strings.Fields(readFile("/proc/self/statm")); len(fields) > 1 {
		r.RSSBytes = parseInt(fields[1]) * int64(os.Getpagesize())
	}
	r.addProcessors(readFile("/proc/stat"), allowedProcessors())
	// some avg10=0.00 avg60=0.00 avg300=0.00 total=12345 (microseconds).
	if _, total, ok := strings.Cut(readFile("/proc/pressure/cpu"), "total="); ok {
		total, _, _ = strings.Cut(total, "\n")
		r.PressureSeconds = float64(parseInt(total)) / 1e6
	}
	r.ThrottledSeconds = throttledSeconds()
}

// addProcessors adds what /proc/stat tells: lines of user nice system idle iowait irq softirq
// steal guest guest_nice (proc(5)), for all processors together and for each. Niced work is
// work as any other: between groups (cgroups, and the sessions of autogroup, sched(7)) its
// niceness counts for nothing.
func (r *Reading) addProcessors(stat string, allowed func(processor int) bool) {
	for line := range strings.Lines(stat) {
		f := strings.Fields(line)
		name, isProcessor := "", false
		if len(f) > 8 {
			name, isProcessor = strings.CutPrefix(f[0], "cpu")
		}
		if !isProcessor {
			continue
		}
		ticks := make([]int64, 9) // user to steal, as they are numbered in proc(5)
		for i := 1; i < len(ticks); i++ {
			ticks[i] = parseInt(f[i])
		}
		user, nice, system, idle, iowait, irq, softirq, steal := ticks[1], ticks[2], ticks[3], ticks[4], ticks[5], ticks[6], ticks[7], ticks[8]
		busy := user + nice + system + irq + softirq
		if name == "" {
			r.StealSeconds = float64(steal) / userHertz
			r.MachineCPUSeconds = float64(busy) / userHertz
		} else if processor, err := strconv.Atoi(name); err == nil && allowed(processor) {
			r.ProcessorSeconds += float64(busy+idle+iowait+steal) / userHertz
			r.SpareSeconds += float64(idle+iowait) / userHertz
		}
	}
}

// allowedProcessors returns which processors this process may use, by its affinity; all where
// that is not known.
func allowedProcessors() func(processor int) bool {
	var set unix.CPUSet
	// The calling thread's; kaliper's threads are all alike.
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return func(int) bool { return true }
	}
	return set.IsSet
}

// throttledSeconds reads how long the quota of this process' cgroup kept it from running:
// throttled_usec in version 2, throttled_time (nanoseconds) in version 1.
func throttledSeconds() (seconds float64) {
	inProcessorGroup("cpu.stat", func(text string) (ok bool) {
		seconds, ok = parseCPUStat(text)
		return ok
	})
	return seconds
}

// ProcessorQuota returns how many processors the quota of this process' own cgroup leaves it;
// 0 where it has none, or where that is not known. Groups above it may have less.
func ProcessorQuota() (processors float64) {
	// Version 2: "50000 100000" or "max 100000". Version 1 has two files, and -1 for none.
	if inProcessorGroup("cpu.max", func(text string) bool {
		quota, period, found := strings.Cut(strings.TrimSpace(text), " ")
		if found && parseInt(quota) > 0 && parseInt(period) > 0 {
			processors = float64(parseInt(quota)) / float64(parseInt(period))
		}
		return found
	}) {
		return processors
	}
	var quota, period int64
	read := func(to *int64) func(string) bool {
		return func(text string) bool { *to = parseInt(text); return text != "" }
	}
	if inProcessorGroup("cpu.cfs_quota_us", read(&quota)) && inProcessorGroup("cpu.cfs_period_us", read(&period)) && quota > 0 && period > 0 {
		return float64(quota) / float64(period)
	}
	return 0
}

// inProcessorGroup calls use with the content of a file of this process' cgroup of the cpu
// controller, in each place where that may be, until use is content.
func inProcessorGroup(file string, use func(text string) bool) bool {
	for _, line := range strings.Split(readFile("/proc/self/cgroup"), "\n") {
		fields := strings.SplitN(line, ":", 3)
		if len(fields) != 3 {
			continue
		}
		var roots []string
		switch {
		case fields[1] == "":
			roots = []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}
		case strings.Contains(","+fields[1]+",", ",cpu,"):
			roots = []string{"/sys/fs/cgroup/" + fields[1], "/sys/fs/cgroup/cpu"}
		}
		for _, root := range roots {
			// Inside a container the path of the host is not there: its root is ours.
			for _, path := range []string{filepath.Join(root, fields[2], file), filepath.Join(root, file)} {
				if use(readFile(path)) {
					return true
				}
			}
		}
	}
	return false
}

func parseCPUStat(text string) (seconds float64, ok bool) {
	scanner := bufio.NewScanner(strings.NewReader(text))
	for scanner.Scan() {
		name, value, _ := strings.Cut(scanner.Text(), " ")
		switch name {
		case "throttled_usec":
			return float64(parseInt(value)) / 1e6, true
		case "throttled_time":
			return float64(parseInt(value)) / 1e9, true
		}
	}
	return 0, false
}

func readFile(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return "" // not told here
	}
	return string(bytes.TrimSpace(data)) + "\n"
}

func parseInt(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
