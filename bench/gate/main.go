// Command gate prints the operating characteristics of kaliper's gate: how often it passes and
// fails, and after how many pairs, over simulated trials of many kinds of noise and true
// changes.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"kaliper/bench/internal/driver"
	"kaliper/internal/analysis/gate"
)

func main() { driver.Main(run) }

// watched is what the simulated gates watch.
func watched() gate.Metric { return gate.Metric{Name: "metric", Tolerate: 0.05, Detect: 0.10} }

func run(ctx context.Context) error {
	gates := flag.Int("gates", 10000, "gates per point")
	seed := flag.Uint64("seed", 5, "of the simulated noise")
	flag.Parse()
	return printAll(ctx, os.Stdout, *gates, *seed)
}

func printAll(ctx context.Context, w io.Writer, gates int, seed uint64) error {
	m := watched()
	changes := []float64{0, m.Tolerate, m.Detect, 2 * m.Detect}
	fmt.Fprintf(w, "%d gates a point, tolerate 5%%, detect 10%%: PASS/FAIL in %% and mean pairs, by the true change for the worse.\n", gates)
	fmt.Fprintf(w, "Last column: intervals that hold the true change, in %%, worst of the four.\n")
	for _, pairs := range []int{30, 20, 16, 12, 8} {
		fmt.Fprintf(w, "\nAt most %d pairs:\n\n| noise of a trial | 0 | 5%% | 10%% | 20%% | covered |\n|---|---|---|---|---|---|\n", pairs)
		for i, n := range noises() {
			fmt.Fprintf(w, "| %s |", n.name)
			covered := 1.0
			for _, change := range changes {
				if err := ctx.Err(); err != nil {
					return err
				}
				c, err := point{n, change, pairs, m}.simulate(gates, seed+uint64(i)<<8)
				if err != nil {
					return err
				}
				covered = min(covered, c.covered)
				fmt.Fprintf(w, " %s/%s %.1f |", percent(c.pass), percent(c.fail), c.meanPairs)
			}
			fmt.Fprintf(w, " %s |\n", percent(covered))
		}
	}
	return nil
}

// percent keeps a decimal where it says something.
func percent(share float64) string {
	if share == 0 || share == 1 || share >= 0.10 && share <= 0.90 {
		return fmt.Sprintf("%.0f", 100*share)
	}
	return fmt.Sprintf("%.1f", 100*share)
}
