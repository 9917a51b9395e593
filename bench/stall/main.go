// Command stall stops a broker for three seconds under a constant load, and compares what
// kaliper says with what must be true. Of the records that were due in a window of T seconds
// at a constant rate r, those that were due during a stall of S seconds waited for its end
// and for the backlog's drain at capacity C, whatever buffer the client has:
//
//	ack p99 = S - 0.01 T (1 - r/C)
//
// Service latency, which starts when the client took the record, is shown beside it: that is
// what other tools print, and with a small buffer it hides the stall.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"

	"kaliper/bench/internal/driver"
)

const (
	scenario = "bench/scenarios/stall.yaml"
	window   = 20 * time.Second // of the scenario
	rate     = 20_000           // records/s, of the scenario
)

func main() { driver.Main(run) }

func run(ctx context.Context) (err error) {
	repeats := flag.Int("repeats", 1, "stalls per buffer size")
	stall := flag.Duration("stall", 3*time.Second, "how long the broker stands still")
	flag.Parse()
	broker, err := driver.StartBroker(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, broker.Close()) }()

	capacity, err := measureCapacity(ctx, broker)
	if err != nil {
		return fmt.Errorf("measure the capacity: %w", err)
	}
	driver.Sayf("capacity with these records: %.0f records/s", capacity)

	driver.PrintMachine(os.Stdout)
	table := driver.Table{Title: fmt.Sprintf("A broker stopped in a window of %v at %d records/s of 1 KiB; capacity %.0f records/s", window, rate, capacity)}
	table.Row("buffer", "stall", "ack p99 must be", "ack p99", "off by (aim: within 5%)", "service p99", "kaliper's verdict")
	for _, buffer := range []int64{1 << 20, 32 << 20} {
		for range *repeats {
			stalled, measured, err := runThroughStall(ctx, broker, buffer, *stall)
			if err != nil {
				return err
			}
			ack, err := measured.Metric("ack.p99")
			if err != nil {
				return err
			}
			service, err := measured.Metric("service.p99")
			if err != nil {
				return err
			}
			truth := expectedP99(stalled.Seconds(), window.Seconds(), rate, capacity)
			table.Row(fmt.Sprintf("%d MiB", buffer>>20), stalled.Round(time.Millisecond), seconds(truth), seconds(ack),
				fmt.Sprintf("%+.1f%%", 100*(ack/truth-1)), seconds(service), measured.Verdict())
		}
	}
	return table.Print(os.Stdout)
}

func seconds(s float64) string { return fmt.Sprintf("%.3f s", s) }

// expectedP99 is the formula above; all times in seconds.
func expectedP99(stall, window, rate, capacity float64) float64 {
	return stall - 0.01*window*(1-rate/capacity)
}

// measureCapacity returns what the broker takes of these records as fast as it can.
func measureCapacity(ctx context.Context, broker *driver.Broker) (capacity float64, err error) {
	err = driver.InFolder(func(folder string) error {
		measured, err := driver.Load{Scenario: scenario, Bootstrap: broker.Bootstrap(), Results: folder,
			Set: map[string]string{"producers.load.rate": "max", "duration": "8s"}}.Run(ctx)
		if err != nil {
			return err
		}
		capacity, err = measured.Metric("acked.records_per_second")
		return err
	})
	return capacity, err
}

// runThroughStall runs the load and stops the broker in the middle of its window. It returns
// how long the broker really stood still.
func runThroughStall(ctx context.Context, broker *driver.Broker, buffer int64, stall time.Duration) (stalled time.Duration, measured driver.Measured, err error) {
	driver.Sayf("a stall with a buffer of %d MiB", buffer>>20)
	err = driver.InFolder(func(folder string) error {
		load := driver.Load{Scenario: scenario, Bootstrap: broker.Bootstrap(), Results: folder,
			Set: map[string]string{"producers.load.config.buffer.memory": strconv.FormatInt(buffer, 10)}}
		measured, err = load.RunDuring(ctx, func(ctx context.Context, _ *os.Process) (err error) {
			stalled, err = stallInTheMiddle(ctx, broker, folder, stall)
			return err
		})
		return err
	})
	return stalled, measured, err
}

// stallInTheMiddle waits for the middle of the window of the run in a results folder, and
// pauses the broker around it.
func stallInTheMiddle(ctx context.Context, broker *driver.Broker, folder string, stall time.Duration) (time.Duration, error) {
	begin, err := driver.AwaitStart(ctx, folder)
	if err != nil {
		return 0, err
	}
	offset := begin.WarmupSeconds + begin.DurationSeconds/2 - stall.Seconds()/2
	at := begin.Started.Add(time.Duration(offset * float64(time.Second)))
	if err := driver.WaitUntil(ctx, at); err != nil {
		return 0, err
	}
	if err := broker.Nodes[0].Pause(); err != nil {
		return 0, err
	}
	paused := time.Now()
	waitErr := driver.WaitUntil(ctx, paused.Add(stall))
	if err := broker.Nodes[0].Resume(); err != nil {
		return 0, err
	}
	return time.Since(paused), waitErr
}
