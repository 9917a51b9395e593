//go:build unix && !linux

package localkafka

import (
	"errors"
	"os/exec"
	"strconv"
	"syscall"
)

func setAttributes(command *exec.Cmd, detached bool) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: !detached, Setsid: detached}
}

func (p *process) awaitStopped() error { return nil }

func processCPUSeconds(int) (float64, error) {
	return 0, errors.New("the processor time of another process is read on Linux alone")
}

// commandLine returns the arguments of a process with spaces between, empty if there is none.
func commandLine(pid int) string {
	text, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return string(text)
}
