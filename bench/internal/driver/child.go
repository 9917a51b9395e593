package driver

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"
)

// Usage is what a child process used from its start to its end, by the kernel's account: a
// JVM's start and its compiler threads included.
type Usage struct {
	Wall        time.Duration
	CPUSeconds  float64
	MaxRSSBytes int64 // 0 where the system does not tell
}

// Meter runs a command and returns what it used, and its stdout. A command that exits with
// anything but 0 is an error that holds the end of its stderr; usage and output are
// returned with it.
func Meter(command *exec.Cmd) (Usage, []byte, error) { return meter(command, func() {}) }

// meter is Meter; started is called as soon as the process is there, and should return soon.
func meter(command *exec.Cmd, started func()) (Usage, []byte, error) {
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	start := time.Now()
	err := command.Start()
	if err == nil {
		started()
		err = command.Wait()
	}
	usage := Usage{Wall: time.Since(start)}
	if state := command.ProcessState; state != nil {
		usage.CPUSeconds = (state.UserTime() + state.SystemTime()).Seconds()
		usage.MaxRSSBytes = maxRSS(state)
	}
	if err != nil {
		text := bytes.TrimSpace(stderr.Bytes())
		err = fmt.Errorf("%s: %w\n%s", command.Path, err, text[max(len(text)-2000, 0):])
	}
	return usage, stdout.Bytes(), err
}
