package kafkatest

import (
	"runtime"
	"testing"
)

// recordingTB notes how a test would have ended, and ends only the goroutine.
type recordingTB struct {
	testing.TB
	skipped, failed bool
}

func (r *recordingTB) Skip(...any) {
	r.skipped = true
	runtime.Goexit()
}

func (r *recordingTB) Fatal(...any) {
	r.failed = true
	runtime.Goexit()
}
