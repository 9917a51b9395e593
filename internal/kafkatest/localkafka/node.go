package localkafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// clusterID is the same for all clusters: each is alone in its directory and on its ports.
const clusterID = "a2FsaXBlci1sb2NhbC0wMQ"

// stopLimit bounds how long a node may take to shut down in good order.
const stopLimit = 30 * time.Second

// chattyLoggers print every property of every component of the broker: two thousand lines
// that hide the few that tell why a node does not start.
var chattyLoggers = []string{
	"kafka.server.KafkaConfig",
	"org.apache.kafka.common.config.AbstractConfig",
	"org.apache.kafka.common.config.internals",
	"org.apache.kafka.server.config",
	"org.apache.kafka.storage.internals.log.LogConfig",
	"org.apache.kafka.raft.QuorumConfig",
}

// errPortTaken says that another process bound a port between its drawing and its use.
var errPortTaken = errors.New("a port was taken meanwhile")

// Node is one node of a cluster, running or not.
type Node struct {
	ID           int // from 1, as node.id
	port         int
	more         []int // ports of config.Listeners
	directory    string
	config       Config
	installation *Installation

	mu         sync.Mutex
	process    *process // nil before the first launch
	launches   int
	spentInAll float64 // seconds of processor time of earlier processes
}

// Address returns host:port of the node's listener for clients.
func (n *Node) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(n.port)) }

// addressOf returns host:port of one of config.Listeners.
func (n *Node) addressOf(listener string) string {
	for i, l := range n.config.Listeners {
		if l.Name == listener {
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(n.more[i]))
		}
	}
	panic("localkafka: there is no listener " + listener)
}

// PID returns the process id of the node's JVM, 0 if it does not run.
func (n *Node) PID() int {
	if p := n.running(); p != nil {
		return p.pid
	}
	return 0
}

func (n *Node) propertiesPath() string { return filepath.Join(n.directory, "server.properties") }

// logPath is that of the last launch; each has a file of its own.
func (n *Node) logPath() string {
	return filepath.Join(n.directory, fmt.Sprintf("log-%d.txt", n.launches))
}

// log returns the node's log, or why there is none.
func (n *Node) log() []byte {
	text, err := os.ReadFile(n.logPath())
	if err != nil {
		return []byte(err.Error())
	}
	return text
}

// Pause stops the node as SIGSTOP does: connections stay, nothing is answered. On Linux it
// returns when the last thread has stopped.
func (n *Node) Pause() error {
	p := n.running()
	if p == nil {
		return fmt.Errorf("pause node %d: it does not run", n.ID)
	}
	if err := p.signal(syscallStop); err != nil {
		return fmt.Errorf("pause node %d: %w", n.ID, err)
	}
	if err := p.awaitStopped(); err != nil {
		return fmt.Errorf("pause node %d: wait until it has stopped: %w", n.ID, err)
	}
	return nil
}

// Resume lets a paused node go on.
func (n *Node) Resume() error {
	p := n.running()
	if p == nil {
		return fmt.Errorf("resume node %d: it does not run", n.ID)
	}
	if err := p.signal(syscallContinue); err != nil {
		return fmt.Errorf("resume node %d: %w", n.ID, err)
	}
	return nil
}

// Kill ends the node as kill -9 does and returns when it is gone. To kill a node that does
// not run is no error.
func (n *Node) Kill() error {
	p := n.running()
	if p == nil {
		return nil
	}
	if err := p.signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill node %d: %w", n.ID, err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopLimit):
		return fmt.Errorf("kill node %d: process %d did not end within %v of SIGKILL", n.ID, p.pid, stopLimit)
	}
}

// terminate ends the node in good order, be it paused.
func (n *Node) terminate(ctx context.Context) error {
	p := n.running()
	if p == nil {
		return nil
	}
	if err := errors.Join(p.signal(syscall.SIGTERM), p.signal(syscallContinue)); err != nil {
		return fmt.Errorf("terminate node %d: %w", n.ID, err)
	}
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("terminate node %d: %w\n%s", n.ID, ctx.Err(), lastLines(n.log(), 15))
	}
}

// Restart starts the node again on its port and its data, after SIGTERM if it still runs,
// and returns when it has joined the cluster. After Kill that takes until the controller has
// missed the dead one for broker.session.timeout.ms, 9 s if Config.Properties do not say less.
func (n *Node) Restart(ctx context.Context) error {
	if err := n.terminate(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := n.launch(); err != nil {
		return err
	}
	return n.awaitReady(ctx, 1)
}

// format writes the storage's meta.properties and first metadata.
func (n *Node) format(ctx context.Context) error {
	_, err := n.installation.Tool(ctx, "kafka.tools.StorageTool", "format", "-t", clusterID, "-c", n.propertiesPath())
	if err != nil {
		return fmt.Errorf("format node %d: %w", n.ID, err)
	}
	return nil
}

// launch starts the node's JVM.
func (n *Node) launch() error {
	flags := []string{"-Xms" + n.config.Heap, "-Xmx" + n.config.Heap, "-XX:+UseSerialGC",
		"-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"}
	for _, class := range chattyLoggers {
		flags = append(flags, "-Dorg.slf4j.simpleLogger.log."+class+"=warn")
	}
	if n.config.Fast {
		flags = append(flags, "-XX:TieredStopAtLevel=1")
	}
	// No context: the node lives until it is stopped, not until Start's caller is done.
	command := n.installation.Command(context.Background(), append(flags, n.config.jvmFlags...), "kafka.Kafka", n.propertiesPath())
	command.Dir = n.directory
	n.mu.Lock()
	defer n.mu.Unlock()
	n.launches++
	log, err := os.Create(n.logPath())
	if err != nil {
		return fmt.Errorf("launch node %d: %w", n.ID, err)
	}
	defer log.Close() // the child has its own
	command.Stdout, command.Stderr = log, log
	p, err := startProcess(command, n.config.Detached)
	if err != nil {
		return fmt.Errorf("launch node %d: %w", n.ID, err)
	}
	if n.process != nil {
		n.spentInAll += n.process.cpuSecondsAtEnd()
	}
	n.process = p
	return nil
}

// running returns the node's process, nil if it does not run.
func (n *Node) running() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.process == nil || n.process.ended() {
		return nil
	}
	return n.process
}

func (n *Node) cpuSeconds() (float64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.process == nil {
		return 0, nil
	}
	if n.process.ended() {
		return n.spentInAll + n.process.cpuSecondsAtEnd(), nil
	}
	seconds, err := processCPUSeconds(n.process.pid)
	return n.spentInAll + seconds, err
}
