// Command drain has a group work off backlogs of several sizes beside loads of several rates on
// one broker, and prints how long each took beside what had been predicted 3 s after it began.
// What was measured is kept in a file, a line for each drain, so that a command that was
// interrupted goes on where it was.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"time"

	"kaliper/bench/internal/driver"
)

const (
	scenario = "bench/scenarios/drain.yaml"
	building = 3 * time.Second // the phase in which the backlog comes
	capacity = 2500            // records/s of the group, by the time of its handler
	slack    = 3 * time.Second // of the window beyond the phase and the drain: joining, and a slow machine
)

// backlogs are how many records wait when the group joins, rates how many come a second
// meanwhile.
func backlogs() []int { return []int{10_000, 15_000, 20_000} }
func rates() []int    { return []int{500, 1_000, 1_500} }

// line is one drain in the file.
type line struct {
	Backlog   int     `json:"backlog"`
	Rate      int     `json:"rate"`
	Measured  float64 `json:"measured_seconds"`
	Predicted float64 `json:"predicted_seconds"`
	Verdict   string  `json:"verdict"`
}

// off is by how much the prediction missed, as a share of what was measured.
func (l line) off() float64 { return (l.Predicted - l.Measured) / l.Measured }

func main() { driver.Main(run) }

func run(ctx context.Context) (err error) {
	rounds := flag.Int("rounds", 2, "drains of each backlog at each rate")
	path := flag.String("file", "results/bench-drain.ndjson", "keep what was measured in this file, and go on with it")
	flag.Parse()
	done, err := driver.ReadLines[line](*path)
	if err != nil {
		return err
	}
	wanted := *rounds * len(backlogs()) * len(rates())
	if len(done) < wanted {
		broker, err := driver.StartBroker(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, broker.Close()) }()
		for n := len(done); n < wanted; n++ {
			one := line{Backlog: backlogs()[n%len(backlogs())], Rate: rates()[n/len(backlogs())%len(rates())]}
			driver.Sayf("drain %d of %d: %d records at %d/s", n+1, wanted, one.Backlog, one.Rate)
			if err := one.measure(ctx, broker.Bootstrap()); err != nil {
				return err
			}
			driver.Sayf("  %.2f s, predicted %.2f s", one.Measured, one.Predicted)
			if err := driver.AppendLine(*path, one); err != nil {
				return err
			}
			done = append(done, one)
		}
	}
	return print(done)
}

// measure runs the load and reads what came of it.
func (l *line) measure(ctx context.Context, bootstrap string) error {
	expected := time.Duration(float64(l.Backlog) / float64(capacity-l.Rate) * float64(time.Second))
	return driver.InFolder(func(folder string) error {
		measured, err := driver.Load{Scenario: scenario, Bootstrap: bootstrap, Results: folder, Set: map[string]string{
			"duration":                        (building + expected + slack).Round(time.Second).String(),
			"producers.checkout.rate":         fmt.Sprintf("[{for: %v, at: %d/s}, {at: %d/s}]", building, l.Backlog*11/30, l.Rate),
			"consumers.workers.start.backlog": fmt.Sprint(l.Backlog),
		}}.Run(ctx)
		if err != nil {
			return err
		}
		if l.Measured, err = measured.Metric("workers.drain.seconds"); err != nil {
			return err
		}
		if l.Predicted, err = measured.Metric("workers.drain.predicted.seconds"); err != nil {
			return err
		}
		l.Verdict = measured.Verdict()
		if math.IsInf(l.Measured, 0) || math.IsNaN(l.Measured) || math.IsNaN(l.Predicted) {
			return fmt.Errorf("the drain took %v s, and %v s were predicted: %s", l.Measured, l.Predicted, l.Verdict)
		}
		return nil
	})
}

// print prints a row for each backlog and rate, and how far predictions were off.
func print(done []line) error {
	driver.PrintMachine(os.Stdout)
	table := driver.Table{Title: fmt.Sprintf("Drains of a group that is done with %d records/s: measured, and predicted 3 s after they began", capacity)}
	table.Row("backlog, records", "come meanwhile, records/s", "measured, s", "predicted, s", "off by")
	within, worst := 0, 0.0
	for _, rate := range rates() {
		for _, backlog := range backlogs() {
			for _, one := range done {
				if one.Backlog != backlog || one.Rate != rate {
					continue
				}
				table.Row(backlog, rate, fmt.Sprintf("%.2f", one.Measured), fmt.Sprintf("%.2f", one.Predicted), fmt.Sprintf("%+.1f%%", 100*one.off()))
				worst = math.Max(worst, math.Abs(one.off()))
				if math.Abs(one.off()) <= 0.2 {
					within++
				}
			}
		}
	}
	if err := table.Print(os.Stdout); err != nil {
		return err
	}
	_, err := fmt.Printf("\n%d of %d within 20%% (aim: all); the worst was off by %.1f%%\n", within, len(done), 100*worst)
	return err
}
