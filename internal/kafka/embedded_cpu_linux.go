package kafka

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// ticksPerSecond is USER_HZ, the unit of /proc's times on every architecture that Go runs on.
const ticksPerSecond = 100

// processCPUSeconds reads utime and stime, fields 14 and 15 of /proc/PID/stat (proc(5)).
func processCPUSeconds(pid int) (float64, bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	return parseStatCPU(stat)
}

// parseStatCPU skips the second field, a name in parentheses that may hold anything.
func parseStatCPU(stat []byte) (float64, bool) {
	const utime, stime = 14 - 3, 15 - 3 // of the fields after the name
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, false
	}
	fields := bytes.Fields(stat[end+1:])
	if len(fields) <= stime {
		return 0, false
	}
	user, err := strconv.ParseUint(string(fields[utime]), 10, 64)
	if err != nil {
		return 0, false
	}
	system, err := strconv.ParseUint(string(fields[stime]), 10, 64)
	if err != nil {
		return 0, false
	}
	return float64(user+system) / ticksPerSecond, true
}
