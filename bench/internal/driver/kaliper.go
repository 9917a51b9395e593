package driver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"kaliper/results"
)

// Binary is kaliper's, as `make build` leaves it.
const Binary = "bin/kaliper"

// Load is one run of kaliper.
type Load struct {
	Scenario  string            // a file, or a built-in one's name
	Bootstrap string            // empty: the scenario's own target
	Set       map[string]string // --set path=value
	Results   string            // --results; an empty folder of this run's own
}

// Measured is what a run of kaliper told.
type Measured struct {
	Summary   results.Summary
	Directory string
	Usage     Usage
}

// Command returns the command that executes the load.
func (l Load) Command(ctx context.Context) *exec.Cmd {
	arguments := []string{"run", l.Scenario, "--json", "--quiet", "--results", l.Results, "--allow", "untrusted,inconclusive"}
	if l.Bootstrap != "" {
		arguments = append(arguments, "--bootstrap-server", l.Bootstrap)
	}
	for path, value := range l.Set {
		arguments = append(arguments, "--set", path+"="+value)
	}
	return exec.CommandContext(ctx, Binary, arguments...)
}

// Run executes the load. An expectation that failed is no error: the summary is there.
func (l Load) Run(ctx context.Context) (Measured, error) {
	usage, output, err := Meter(l.Command(ctx))
	return l.measured(usage, output, err)
}

// ErrEnded is the cause for which the context of an act ends: its load has ended.
var ErrEnded = errors.New("the load has ended")

// RunDuring executes the load and acts on it meanwhile. The context of act ends with the load,
// for ErrEnded where nothing went wrong; what act does must be over when it returns. An error
// of it ends the load.
func (l Load) RunDuring(ctx context.Context, act func(ctx context.Context, process *os.Process) error) (Measured, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var acting sync.WaitGroup
	var acted error
	command := l.Command(ctx)
	usage, output, err := meter(command, func() {
		acting.Go(func() {
			if acted = act(ctx, command.Process); acted != nil {
				cancel(acted)
			}
		})
	})
	measured, err := l.measured(usage, output, err)
	cancel(cmp.Or(err, ErrEnded))
	acting.Wait()
	return measured, errors.Join(acted, err)
}

// measured reads what a run printed.
func (l Load) measured(usage Usage, output []byte, err error) (Measured, error) {
	var exit *exec.ExitError
	const expectationFailed = 4
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != expectationFailed) {
		return Measured{}, err
	}
	measured := Measured{Usage: usage}
	if err := json.Unmarshal(output, &measured.Summary); err != nil {
		return Measured{}, fmt.Errorf("read kaliper's summary from its stdout: %w", err)
	}
	measured.Directory = filepath.Join(l.Results, measured.Summary.Run.ID)
	return measured, nil
}

// Metric returns a metric of a run's only trial.
func (m Measured) Metric(name string) (float64, error) {
	if len(m.Summary.Cases) != 1 || len(m.Summary.Cases[0].Trials) != 1 {
		return 0, fmt.Errorf("run %s: metric %s of one trial was asked for, and there is not one case with one trial", m.Summary.Run.ID, name)
	}
	value, ok := m.Summary.Cases[0].Trials[0].Metrics[name]
	if !ok {
		return 0, fmt.Errorf("run %s has no metric %s", m.Summary.Run.ID, name)
	}
	return float64(value.Value), nil
}

// Verdict returns trust, outcome and the reasons of a run's trials in one line.
func (m Measured) Verdict() string {
	text := fmt.Sprintf("%s, %s", m.Summary.Run.Trust, m.Summary.Run.Outcome)
	for _, c := range m.Summary.Cases {
		for _, trial := range c.Trials {
			for _, reason := range trial.Reasons {
				text += "; " + reason.Text
			}
		}
	}
	return text
}

// Journal reads the journal of a run's only trial.
func (m Measured) Journal() (results.Trial, error) {
	run, err := results.OpenRun(m.Directory)
	if err != nil {
		return results.Trial{}, err
	}
	if len(run.Trials) != 1 {
		return results.Trial{}, fmt.Errorf("run %s has %d trials, want one", run.Manifest.ID, len(run.Trials))
	}
	return run.Trials[0], nil
}

// Version returns which kaliper made the run.
func (m Measured) Version() (string, error) {
	manifest, err := results.ReadManifest(m.Directory)
	return manifest.Versions["kaliper"], err
}

// Acknowledged returns the acknowledged records of a whole trial, warm-up and drain included.
func Acknowledged(trial results.Trial) (int64, error) {
	if trial.End == nil {
		return 0, errors.New("the journal has no end")
	}
	var acknowledged int64
	for _, producer := range trial.End.Producers {
		acknowledged += producer.Whole.Acked
	}
	return acknowledged, nil
}

// AwaitStart returns the first frame of the journal of a run that was started a moment ago
// with a results folder of its own: that trial's intended time zero is in it. It gives up
// when ctx ends.
func AwaitStart(ctx context.Context, folder string) (results.Begin, error) {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		// Errors only mean that it is not there yet.
		if run, err := results.Find(folder, results.Latest); err == nil {
			if opened, err := results.OpenRun(run); err == nil && len(opened.Trials) > 0 && !opened.Trials[0].Begin.Started.IsZero() {
				return opened.Trials[0].Begin, nil
			}
		}
		select {
		case <-ctx.Done():
			return results.Begin{}, fmt.Errorf("wait for a journal in %s: %w", folder, context.Cause(ctx))
		case <-poll.C:
		}
	}
}

// WaitUntil returns at a time, or with the context's cause.
func WaitUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// InFolder calls do with a temporary folder for results.
func InFolder(do func(folder string) error) error {
	folder, err := os.MkdirTemp("", "kaliper-bench-results-")
	if err != nil {
		return err
	}
	return errors.Join(do(folder), os.RemoveAll(folder))
}
