package localkafka

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

func setAttributes(command *exec.Cmd, detached bool) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if detached {
		command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		return
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
}

// awaitStopped returns when all threads of a process that got SIGSTOP have stopped, or when
// it has ended (waitid(2); WNOWAIT, so that a process that was stopped before counts).
func (p *process) awaitStopped() error {
	for {
		err := unix.Waitid(unix.P_PID, p.pid, nil, unix.WSTOPPED|unix.WNOWAIT, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD):
			return os.ErrProcessDone
		}
		return err
	}
}

// ticksPerSecond is USER_HZ, which Linux fixes at 100 for user space on all architectures
// that Go runs on.
const ticksPerSecond = 100

// processCPUSeconds returns the user and system time of a running process (proc(5)).
func processCPUSeconds(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseStat(text)
}

// parseStat reads utime and stime, fields 14 and 15. Field 2 is the command's name in
// parentheses and may hold spaces and parentheses itself.
func parseStat(text []byte) (float64, error) {
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	const utime, stime = 14 - 3, 15 - 3
	if len(fields) <= stime {
		return 0, fmt.Errorf("%q is no line of /proc/PID/stat", text)
	}
	var ticks int64
	for _, field := range [][]byte{fields[utime], fields[stime]} {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/PID/stat: %w", err)
		}
		ticks += n
	}
	return float64(ticks) / ticksPerSecond, nil
}

// commandLine returns the arguments of a process with spaces between, empty if there is none.
func commandLine(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	return string(bytes.ReplaceAll(text, []byte{0}, []byte{' '}))
}
