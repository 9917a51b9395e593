//go:build unix

package localkafka

import (
	"errors"
	"os"
	"syscall"
)

const (
	supported       = true
	syscallStop     = syscall.SIGSTOP
	syscallContinue = syscall.SIGCONT
)

// signal signals the whole process group.
func (p *process) signal(signal syscall.Signal) error {
	err := syscall.Kill(-p.pid, signal)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
