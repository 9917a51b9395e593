package localkafka

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

func TestADetachedClusterIsStoppedByItsRecord(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "kafka-1")
	if err := os.Mkdir(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	// A shell whose command line names the directory, as a broker's names its properties.
	node, err := startProcess(exec.Command("sh", "-c", "sleep 1000; exit", directory+"/server.properties"), true)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := startProcess(exec.Command("sleep", "1000"), false)
	if err != nil {
		t.Fatal(err)
	}
	record := Record{Directory: directory, PIDs: []int{node.pid, stranger.pid}}
	if running := record.Running(); len(running) != 1 || running[0] != node.pid {
		t.Errorf("running: %v, want process %d alone", running, node.pid)
	}
	if err := record.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(directory); !os.IsNotExist(err) {
		t.Errorf("the data are still there: %v", err)
	}
	if stranger.ended() {
		t.Error("a process was killed that is none of the cluster's")
	}
	if err := stranger.signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-stranger.done
	<-node.done
}
