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

func readPlatform(r *Reading) {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) == nil {
		r.CPUSeconds = float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
	}
	if fields := strings.Fields(readFile("/proc/self/statm")); len(fields) > 1 {
		r.RSSBytes = parseInt(fields[1]) * int64(os.Getpagesize())
	}
	// cpu user nice system idle iowait irq softirq steal guest guest_nice (proc(5)).
	if line, _, ok := strings.Cut(readFile("/proc/stat"), "\n"); ok {
		if f := strings.Fields(line); len(f) > 8 {
			r.StealSeconds = float64(parseInt(f[8])) / userHertz
			busy := parseInt(f[1]) + parseInt(f[2]) + parseInt(f[3]) + parseInt(f[6]) + parseInt(f[7])
			r.MachineCPUSeconds = float64(busy) / userHertz
		}
	}
	// some avg10=0.00 avg60=0.00 avg300=0.00 total=12345 (microseconds).
	if _, total, ok := strings.Cut(readFile("/proc/pressure/cpu"), "total="); ok {
		total, _, _ = strings.Cut(total, "\n")
		r.PressureSeconds = float64(parseInt(total)) / 1e6
	}
	r.ThrottledSeconds = throttledSeconds()
}

// throttledSeconds reads how long the quota of this process' cgroup kept it from running:
// throttled_usec in version 2, throttled_time (nanoseconds) in version 1.
func throttledSeconds() float64 {
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
			for _, path := range []string{filepath.Join(root, fields[2], "cpu.stat"), filepath.Join(root, "cpu.stat")} {
				if seconds, ok := parseCPUStat(readFile(path)); ok {
					return seconds
				}
			}
		}
	}
	return 0
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
