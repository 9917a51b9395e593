//go:build unix

package driver

import (
	"os"
	"runtime"
	"syscall"
)

// maxRSS reads ru_maxrss: KiB, but bytes on macOS (getrusage(2)).
func maxRSS(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) * 1024
}
