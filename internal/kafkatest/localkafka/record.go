package localkafka

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// Record is what a later process needs to know of a detached cluster, to stop it.
type Record struct {
	Version   string `json:"version"`
	Nodes     int    `json:"nodes"`
	Bootstrap string `json:"bootstrap_servers"`
	Directory string `json:"directory"` // of data and logs
	PIDs      []int  `json:"pids"`
}

// Record returns the cluster's record.
func (c *Cluster) Record() Record {
	record := Record{Version: c.installation.Version, Nodes: len(c.Nodes), Bootstrap: c.Bootstrap(), Directory: c.directory}
	for _, node := range c.Nodes {
		record.PIDs = append(record.PIDs, node.PID())
	}
	return record
}

// Running returns the processes that still run. A process id that meanwhile belongs to
// another program does not count: a node's command line names the cluster's directory.
func (r Record) Running() []int {
	var running []int
	for _, pid := range r.PIDs {
		if pid > 0 && r.Directory != "" && strings.Contains(commandLine(pid), r.Directory) {
			running = append(running, pid)
		}
	}
	return running
}

// Stop kills what still runs and removes the cluster's data. It returns when all are gone.
func (r Record) Stop(ctx context.Context) error {
	for _, pid := range r.Running() {
		if err := (&process{pid: pid}).signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("kill process %d: %w", pid, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	// They are not children of this process, so that nothing but asking tells when they end.
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for len(r.Running()) > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("processes %v did not end after SIGKILL: %w", r.Running(), ctx.Err())
		case <-poll.C:
		}
	}
	return os.RemoveAll(r.Directory)
}
