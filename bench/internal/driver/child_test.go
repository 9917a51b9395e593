package driver

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// childVariable makes TestChildThatWorks the child of the test below.
const childVariable = "KALIPER_DRIVER_CHILD"

func TestTheKernelMetersAChild(t *testing.T) {
	tests := []struct {
		name, variable string
		fails          bool
	}{
		{"one that ends well", "work", false},
		{"one that fails shows its stderr", "fail", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			command := exec.Command(os.Args[0], "-test.run=^TestChildThatWorks$")
			command.Env = append(os.Environ(), childVariable+"="+test.variable)
			usage, output, err := Meter(command)
			if (err != nil) != test.fails || test.fails && !strings.Contains(err.Error(), "why it failed") {
				t.Fatalf("error %v", err)
			}
			if usage.CPUSeconds <= 0 || usage.Wall <= 0 || !strings.Contains(string(output), "output") {
				t.Errorf("usage %+v, output %q", usage, output)
			}
		})
	}
}

func TestChildThatWorks(t *testing.T) {
	switch os.Getenv(childVariable) {
	case "":
		t.Skip("only as another test's child")
	case "fail":
		defer os.Exit(1)
		defer os.Stderr.WriteString("why it failed")
	}
	// 10 ms of work, so that even a clock of 100 Hz sees some.
	sum := 0
	for i := range 50_000_000 {
		sum ^= i
	}
	os.Stdout.WriteString("output " + strings.Repeat("x", sum&1))
}
