// Command steady watches kaliper's memory over ten minutes at 100,000 records/s: it must be
// flat, and not above 200 MiB.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"kaliper/bench/internal/driver"
	"kaliper/internal/stats"
	"kaliper/results"
)

func main() { driver.Main(run) }

func run(ctx context.Context) error {
	duration := flag.Duration("duration", 10*time.Minute, "length of the window")
	embedded := flag.Bool("embedded", false, "load the simulated broker rather than a real one")
	flag.Parse()
	return driver.InFolder(func(folder string) (err error) {
		load := driver.Load{Scenario: "bench/scenarios/steady.yaml", Results: folder, Set: map[string]string{"duration": duration.String()}}
		target := "a real broker on the same machine"
		if *embedded {
			load.Set["target"], target = "embedded", "the simulated broker"
		} else {
			broker, err := driver.StartBroker(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, broker.Close()) }()
			load.Bootstrap = broker.Bootstrap()
		}
		driver.Sayf("%v at 100,000 records/s against %s", *duration, target)
		measured, err := load.Run(ctx)
		if err != nil {
			return err
		}
		trial, err := measured.Journal()
		if err != nil {
			return err
		}
		return printMemory(measured, trial, target)
	})
}

// printMemory writes the largest memory and its trend over the window.
func printMemory(measured driver.Measured, trial results.Trial, target string) error {
	minutes, mebibytes := memory(trial)
	rate, err := measured.Metric("acked.records_per_second")
	if err != nil {
		return err
	}
	trend := stats.Slope(minutes, mebibytes, 0.95)
	slope := fmt.Sprintf("%+.3f", trend.Value)
	if trend.HasInterval {
		slope += fmt.Sprintf(" [%+.3f, %+.3f] %.0f%%", trend.Interval.Lo, trend.Interval.Hi, 100*trend.Interval.Level)
	}
	driver.PrintMachine(os.Stdout)
	table := driver.Table{Title: fmt.Sprintf("Memory (RSS) over %.1f minutes against %s", trial.Begin.DurationSeconds/60, target)}
	table.Row("acked records/s", "median in MiB", "largest in MiB (aim: <= 200)", "trend in MiB per minute (aim: flat)", "kaliper's verdict")
	table.Row(fmt.Sprintf("%.0f", rate), fmt.Sprintf("%.0f", stats.Median(mebibytes)),
		fmt.Sprintf("%.0f", stats.Quantile(mebibytes, 1)), slope, measured.Verdict())
	return table.Print(os.Stdout)
}

// memory returns the RSS at the end of the intervals of the window, thinned to a few hundred
// points: the slope's work grows with their square.
func memory(trial results.Trial) (minutes, mebibytes []float64) {
	const most = 300
	var inside []results.Interval
	for _, interval := range trial.Intervals {
		if interval.Start >= trial.Begin.WarmupSeconds && interval.End <= trial.Begin.WarmupSeconds+trial.Begin.DurationSeconds {
			inside = append(inside, interval)
		}
	}
	every := max(len(inside)/most, 1)
	for i := 0; i < len(inside); i += every {
		minutes = append(minutes, inside[i].End/60)
		mebibytes = append(mebibytes, float64(inside[i].Process.RSSBytes)/(1<<20))
	}
	return minutes, mebibytes
}
