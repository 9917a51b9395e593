package localkafka

import (
	"os/exec"
	"runtime"
)

// process is a child process with a group of its own.
type process struct {
	pid     int
	command *exec.Cmd
	done    chan struct{} // closed when it has ended
}

// startProcess starts a command in a process group of its own. Unless it is detached, the
// kernel (of Linux) kills it when this process dies, however that dies.
func startProcess(command *exec.Cmd, detached bool) (*process, error) {
	setAttributes(command, detached)
	p := &process{command: command, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// Linux sends the parent-death signal when the thread that forked ends, not the
		// process (golang.org/issue/27505), and Go ends threads: those of goroutines that
		// return locked, as a pacer's may. So a thread of its own waits for the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := command.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		_ = command.Wait() // how it ended stays in command.ProcessState
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = command.Process.Pid
	return p, nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// cpuSecondsAtEnd returns the processor time of a process that has ended; 0 before.
func (p *process) cpuSecondsAtEnd() float64 {
	if !p.ended() {
		return 0
	}
	return (p.command.ProcessState.UserTime() + p.command.ProcessState.SystemTime()).Seconds()
}
