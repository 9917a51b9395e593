package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// mostBeforeOutput is how much of a failed command's output is shown.
const mostBeforeOutput = 4 << 10

// runBefore runs the commands of a side, one after the other, by the system's shell. Each may
// take as long as the bound; what a failed one printed is part of the error.
func runBefore(ctx context.Context, commands []string, bound time.Duration) error {
	for _, command := range commands {
		if err := runBeforeOne(ctx, command, bound); err != nil {
			return err
		}
	}
	return nil
}

func runBeforeOne(ctx context.Context, text string, bound time.Duration) error {
	bounded, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	command := exec.CommandContext(bounded, "sh", "-c", text)
	if runtime.GOOS == "windows" {
		command = exec.CommandContext(bounded, "cmd", "/C", text)
	}
	// A background process that the command leaves behind may hold its output open.
	command.WaitDelay = time.Second
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		return fmt.Errorf("gate.before: %q took longer than gate.before_timeout, %v%s", text, bound, shown(output.Bytes()))
	}
	return fmt.Errorf("gate.before: %q: %w%s", text, err, shown(output.Bytes()))
}

// shown is the end of an output, which is where errors are.
func shown(output []byte) string {
	cut := ""
	if len(output) > mostBeforeOutput {
		output, cut = output[len(output)-mostBeforeOutput:], "..."
	}
	if text := strings.TrimSpace(string(output)); text != "" {
		return "; it printed:\n" + cut + text
	}
	return "; it printed nothing"
}
