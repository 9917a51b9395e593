package main

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"

	"kaliper/internal/pace"
	"kaliper/results"
)

// describeMachine says where the instrument runs; what a system does not tell stays empty.
func describeMachine() results.Machine {
	hostname, _ := os.Hostname() // empty if unknown
	m := results.Machine{
		Hostname: hostname, OS: runtime.GOOS, Arch: runtime.GOARCH,
		Processors: runtime.NumCPU(), Pacer: pace.WaiterName,
		Kernel: firstLine("/proc/sys/kernel/osrelease"),
		CPU:    valueOf("/proc/cpuinfo", "model name", ":"),
	}
	memory := strings.TrimSuffix(valueOf("/proc/meminfo", "MemTotal", ":"), " kB")
	if kibibytes, err := strconv.ParseInt(memory, 10, 64); err == nil {
		m.MemoryBytes = kibibytes << 10
	}
	return m
}

func firstLine(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimSpace(line)
}

// valueOf returns the value of the first line of a file that starts with name.
func valueOf(path, name, separator string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), separator)
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
