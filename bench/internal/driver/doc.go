// Package driver is what the benchmarks share: a broker to load, child processes whose
// processor time and memory are metered by the kernel, kaliper's results, and tables of
// medians with intervals.
//
// It decides how a figure is taken: every side of a comparison is a process of its own and
// metered alike, sides take turns in random order, and a comparison is the median of the
// ratios within a round, with an order-statistic interval and the level that it really has.
// It refuses to decide whether a figure is good: the tables print the figure that was aimed
// at beside the one that was reached, and nobody fails.
package driver

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Main runs a benchmark and ends the process. The first interrupt cancels its context.
func Main(run func(ctx context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// Sayf tells a person on stderr how a benchmark goes; stdout is for its tables.
func Sayf(format string, arguments ...any) { fmt.Fprintf(os.Stderr, format+"\n", arguments...) }
