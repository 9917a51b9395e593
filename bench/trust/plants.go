package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"time"

	"kaliper/bench/internal/driver"
	"kaliper/internal/analysis"
)

// plant is one fault of the machine that kaliper runs on.
type plant struct {
	name string
	// set is what the scenario has otherwise; nil: nothing.
	set func(rate int) map[string]string
	// sow acts while kaliper runs; nil: nothing is done.
	sow func(ctx context.Context, v *victim) error
}

// victim is the run of kaliper in whose machine a fault is planted.
type victim struct {
	process *os.Process
	folder  string // of its results
	rate    int
}

// plants are all of them; the first is none.
var plants = []plant{
	{name: analysis.Clean},
	{name: "hogs", sow: hogs},
	{name: "stop", sow: stop},
	{name: "quota", sow: squeeze},
	{name: "slow-sink", set: slowSink},
}

func names() []string {
	var all []string
	for _, p := range plants {
		all = append(all, p.name)
	}
	return all
}

// window waits for the trial's begin and returns when its window begins and ends.
func (v *victim) window(ctx context.Context) (start, end time.Time, err error) {
	begin, err := driver.AwaitStart(ctx, v.folder)
	if err != nil {
		return start, end, err
	}
	after := func(seconds float64) time.Time {
		return begin.Started.Add(time.Duration(seconds * float64(time.Second)))
	}
	return after(begin.WarmupSeconds), after(begin.WarmupSeconds + begin.DurationSeconds), nil
}

// hogArgument makes this program a hog.
const hogArgument = "hog"

// hog works until its standard input ends, as it does with the parent.
func hog() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for sum := 0; ; sum++ {
	}
}

// hogs takes as many processors as there are, from the load's start to the window's end, with
// the priority of an ordinary process.
func hogs(ctx context.Context, v *victim) error {
	_, end, err := v.window(ctx)
	if err != nil {
		return err
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	for range runtime.NumCPU() {
		command := exec.CommandContext(ctx, executable, hogArgument)
		command.Env = append(os.Environ(), "GOMAXPROCS=1")
		input, err := command.StdinPipe()
		if err != nil {
			return err
		}
		if err := command.Start(); err != nil {
			return err
		}
		defer func() {
			input.Close()
			_ = command.Wait() // how it ended does not matter
		}()
	}
	return driver.WaitUntil(ctx, end)
}

// stop stops kaliper for a second, somewhere within its window.
func stop(ctx context.Context, v *victim) error {
	const length, margin = time.Second, 100 * time.Millisecond
	start, end, err := v.window(ctx)
	if err != nil {
		return err
	}
	room := end.Sub(start) - length - 2*margin
	if err := driver.WaitUntil(ctx, start.Add(margin+rand.N(room))); err != nil {
		return err
	}
	if err := pause(v.process); err != nil {
		return err
	}
	waited := driver.WaitUntil(ctx, time.Now().Add(length))
	return errors.Join(waited, resume(v.process))
}

// squeeze gives kaliper less processor time than it takes without a limit, about half, from
// the load's start to the window's end.
func squeeze(ctx context.Context, v *victim) error {
	_, end, err := v.window(ctx)
	if err != nil {
		return err
	}
	limit, err := newQuota(map[int]float64{2_000: 0.04, 20_000: 0.1}[v.rate])
	if err != nil {
		return err
	}
	if err := limit.hold(v.process.Pid); err != nil {
		return errors.Join(err, limit.release())
	}
	err = driver.WaitUntil(ctx, end)
	if err == nil {
		err = limit.lift()
	}
	// A process that leaves its group would see the throttled time of another one.
	<-ctx.Done()
	return errors.Join(err, limit.release())
}

// slowSink makes every record expensive: kaliper alone cannot compress as fast as the rate asks.
func slowSink(rate int) map[string]string {
	return map[string]string{
		"producers.load.value.size":                    map[int]string{2_000: "200000", 20_000: "5000"}[rate],
		"producers.load.value.compressibility":         "0.6",
		"producers.load.config.compression.type":       "zstd",
		"producers.load.config.compression.zstd.level": "22",
		"producers.load.config.max.block.ms":           "1000",
	}
}

// measureTrial runs kaliper once, with the plant.
func measureTrial(ctx context.Context, broker *driver.Broker, v visit) (trial analysis.PlantedTrial, err error) {
	trial = analysis.PlantedTrial{Plant: v.plant.name, Rate: v.rate, Number: v.number, Measured: time.Now().UTC().Truncate(time.Second)}
	err = driver.InFolder(func(folder string) error {
		set := map[string]string{"producers.load.rate": fmt.Sprintf("%d/s", v.rate)}
		if v.plant.set != nil {
			for path, value := range v.plant.set(v.rate) {
				set[path] = value
			}
		}
		load := driver.Load{Scenario: "bench/scenarios/trust.yaml", Bootstrap: broker.Bootstrap(), Results: folder, Set: set}
		ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
		defer cancel()
		measured, err := load.RunDuring(ctx, func(ctx context.Context, process *os.Process) error {
			if v.plant.sow == nil {
				return nil
			}
			return v.plant.sow(ctx, &victim{process: process, folder: folder, rate: v.rate})
		})
		if err != nil {
			return err
		}
		journal, err := measured.Journal()
		if err != nil {
			return err
		}
		if trial.Kaliper, err = measured.Version(); err != nil {
			return err
		}
		for _, reason := range analysis.Judge(journal).Reasons {
			trial.Codes = append(trial.Codes, reason.Code)
		}
		trial.Strain = analysis.StrainOf(&journal)
		return nil
	})
	return trial, err
}
