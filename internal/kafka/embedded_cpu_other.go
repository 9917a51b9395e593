//go:build !linux

package kafka

// processCPUSeconds of a running process cannot be had without cgo or another process.
func processCPUSeconds(int) (float64, bool) { return 0, false }
