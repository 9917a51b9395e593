package kafka

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

const (
	// embeddedStartBound is how long a simulated broker may take to say that it is ready.
	embeddedStartBound = 10 * time.Second
	// embeddedStopBound is how long it may take to end by itself.
	embeddedStopBound = 5 * time.Second
)

// Embedded is a simulated broker in a child process, so that the client's CPU and memory are
// measured apart from the broker's.
//
// The child has a process group of its own, so a terminal's interrupt reaches kaliper alone,
// which drains while the broker still answers. It ends when its standard input does, hence
// also when kaliper is killed. (Linux' PR_SET_PDEATHSIG is no substitute: it fires when the
// thread ends that started the child, and Go ends threads at will.)
type Embedded struct {
	bootstrap string
	command   *exec.Cmd
	stdin     io.Closer
	stderr    *tail
	done      chan struct{} // closed when the child has ended and err is set
	err       error
}

// StartEmbedded runs executable with args, which must make it serve a broker until its
// standard input closes (kaliper broker --until-stdin-closes), and waits until it is ready.
// The caller must Stop it.
func StartEmbedded(ctx context.Context, executable string, args ...string) (*Embedded, error) {
	e := &Embedded{command: exec.Command(executable, args...), stderr: &tail{}, done: make(chan struct{})}
	e.command.Stderr = e.stderr
	e.command.SysProcAttr = ownProcessGroup()
	stdin, err := e.command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the simulated broker: %w", err)
	}
	e.stdin = stdin
	stdout, err := e.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the simulated broker: %w", err)
	}
	if err := e.command.Start(); err != nil {
		return nil, fmt.Errorf("start the simulated broker: %w", err)
	}
	line := make(chan []byte, 1)
	go e.follow(stdout, line)
	if err := e.awaitReady(ctx, line); err != nil {
		// What it wrote on its way out says more than that it is not ready. The error of Stop
		// would only say that once more.
		_ = e.Stop()
		return nil, fmt.Errorf("%w%s", err, e.stderr)
	}
	return e, nil
}

// follow reads the ready line and then all that the child writes, until it has ended.
func (e *Embedded) follow(stdout io.Reader, line chan<- []byte) {
	defer close(e.done)
	r := bufio.NewReader(stdout)
	first, _ := r.ReadBytes('\n')
	line <- first
	io.Copy(io.Discard, r)
	e.err = e.command.Wait()
}

func (e *Embedded) awaitReady(ctx context.Context, line <-chan []byte) error {
	timeout := time.NewTimer(embeddedStartBound)
	defer timeout.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("start the simulated broker: %w", context.Cause(ctx))
	case <-timeout.C:
		return fmt.Errorf("the simulated broker is not ready after %v", embeddedStartBound)
	case l := <-line:
		var ready Ready
		if err := json.Unmarshal(l, &ready); err != nil || ready.Bootstrap == "" {
			return fmt.Errorf("the simulated broker says %q instead of where it listens", bytes.TrimSpace(l))
		}
		e.bootstrap = ready.Bootstrap
		return nil
	}
}

// Bootstrap returns the brokers' addresses, as bootstrap.servers has them.
func (e *Embedded) Bootstrap() string { return e.bootstrap }

// Done is closed when the child has ended, by Stop or by itself.
func (e *Embedded) Done() <-chan struct{} { return e.done }

// CPUSeconds returns the processor time that the child has used so far, or in all once it has
// ended; false where the system does not tell while it runs.
func (e *Embedded) CPUSeconds() (float64, bool) {
	select {
	case <-e.done:
		if state := e.command.ProcessState; state != nil {
			return (state.UserTime() + state.SystemTime()).Seconds(), true
		}
		return 0, false
	default:
		return processCPUSeconds(e.command.Process.Pid)
	}
}

// Stop ends the child: it closes its standard input, and kills it after 5 s. An error says how
// a child ended that did not end well.
func (e *Embedded) Stop() error {
	e.stdin.Close()
	timeout := time.NewTimer(embeddedStopBound)
	defer timeout.Stop()
	select {
	case <-e.done:
	case <-timeout.C:
		e.kill()
		return fmt.Errorf("the simulated broker did not end within %v and was killed%s", embeddedStopBound, e.stderr)
	}
	if e.err != nil {
		return fmt.Errorf("the simulated broker ended badly: %w%s", e.err, e.stderr)
	}
	return nil
}

func (e *Embedded) kill() {
	e.stdin.Close()
	if err := e.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return // nothing is left to try; done closes when the child ends
	}
	<-e.done
}

// tail keeps the end of what is written to it.
type tail struct {
	mu    sync.Mutex
	bytes []byte
}

const tailBytes = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = append(t.bytes, p...)
	if excess := len(t.bytes) - tailBytes; excess > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[excess:]...)
	}
	return len(p), nil
}

// String returns what is kept, as the end of an error; empty where nothing is.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if text := bytes.TrimSpace(t.bytes); len(text) > 0 {
		return ": it wrote: " + string(text)
	}
	return ""
}
