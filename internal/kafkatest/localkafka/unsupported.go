//go:build !unix

package localkafka

import (
	"context"
	"os/exec"
	"syscall"
)

// Provision refuses before any of these is called.
const (
	supported       = false
	syscallStop     = syscall.Signal(0)
	syscallContinue = syscall.Signal(0)
)

func setAttributes(*exec.Cmd, bool) {}

func (p *process) signal(syscall.Signal) error { return p.command.Process.Kill() }

func (p *process) awaitStopped() error { return nil }

func processCPUSeconds(int) (float64, error) { return 0, ErrUnavailable }

func lock(context.Context, string) (unlock func(), err error) { return nil, ErrUnavailable }

func commandLine(int) string { return "" }
