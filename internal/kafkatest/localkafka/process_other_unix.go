//go:build unix && !linux

package localkafka

import (
	"errors"
	"os/exec"
	"syscall"
)

func setAttributes(command *exec.Cmd, detached bool) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: !detached, Setsid: detached}
}

func (p *process) awaitStopped() error { return nil }

func processCPUSeconds(int) (float64, error) {
	return 0, errors.New("the processor time of another process is read on Linux alone")
}
