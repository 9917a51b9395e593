package localkafka

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// processState returns the letter of proc(5): R, S, T, Z, ...
func processState(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])[0])
}

// childVariable makes TestChildThatStartsAProcess the child of the test below.
const childVariable = "KALIPER_LOCALKAFKA_CHILD"

// A killed test binary must not leave brokers behind.
func TestAProcessDiesWithTheOneThatStartedIt(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	child := exec.Command(os.Args[0], "-test.run=^TestChildThatStartsAProcess$")
	child.Env = append(os.Environ(), childVariable+"=1")
	child.ExtraFiles = []*os.File{writer} // the grandchild's stdout
	ready, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	if _, err := io.ReadFull(ready, make([]byte, 1)); err != nil {
		t.Fatalf("the child did not start its process: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	// The pipe ends when the last process that has it is gone.
	if _, err := io.Copy(io.Discard, reader); err != nil {
		t.Fatal(err)
	}
}

func TestChildThatStartsAProcess(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		t.Skip("only as another test's child")
	}
	command := exec.Command("sleep", "1000")
	command.Stdout = os.NewFile(3, "pipe")
	p, err := startProcess(command, false)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Print("started")
	<-p.done
}

func TestProcessorTimeIsReadFromTheLineOfProc(t *testing.T) {
	tests := []struct {
		name, line string
		want       float64
	}{
		{"an ordinary name", "7 (java) S 1 7 7 0 -1 4194304 900 0 0 0 250 50 0 0 20 0 1 0 100", 3},
		{"a name with spaces and parentheses", "7 (a) b (c) S 1 7 7 0 -1 4194304 900 0 0 0 150 50 0 0 20 0 1 0 100", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseStat([]byte(test.line))
			if err != nil || got != test.want {
				t.Errorf("parseStat = %g, %v; want %g", got, err, test.want)
			}
		})
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("7 (java) S 1 7 7 0 -1 4194304 900 0 0 0 250 50 0 0 20 0 1 0 100"))
	f.Add([]byte(")"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if seconds, err := parseStat(line); err != nil && seconds != 0 {
			t.Errorf("%g seconds beside error %v", seconds, err)
		}
	})
}
