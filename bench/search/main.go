// Command search prints how well kaliper's search finds the capacity of simulated systems of
// which it is known: queues with exponential and with constant service, and a server that pauses.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"kaliper/internal/analysis/search"
)

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

// mode is a search as the command line offers it.
type mode struct {
	name    string
	options search.Options
	lengths lengths
}

// start is well off, as a person's first guess is.
const start = 600

func modes() []mode {
	return []mode{
		{"normal", search.Normal(start), lengths{warmup: 3, short: 10, hold: 25}},
		{"--quick", search.Quick(start), lengths{warmup: 2, short: 4, hold: 8}},
	}
}

func run(_ context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("search", flag.ContinueOnError)
	flags.SetOutput(stderr)
	seeds := flags.Int("seeds", 100, "searches of each system")
	first := flags.Uint64("first", 0, "the first seed; others than the tests' show what was not tuned for")
	if err := flags.Parse(args); err != nil {
		return 64
	}
	fmt.Fprintln(stdout, "| search | system | capacity | within 5% | mean error | two agree | bracket below / above | interval holds it | mean level | trials | median time |")
	fmt.Fprintln(stdout, "|---|---|---|---|---|---|---|---|---|---|---|")
	for _, m := range modes() {
		for _, s := range systems() {
			c, err := simulate(s, m.options, m.lengths, *first, *seeds)
			if err != nil {
				fmt.Fprintln(stderr, "search:", err)
				return 1
			}
			percent := func(n int) float64 { return 100 * float64(n) / float64(*seeds) }
			fmt.Fprintf(stdout, "| %s | %s | %.0f/s | %.0f%% | %+.1f%% | %d of %d | %.0f%% / %.0f%% | %.0f%% | %.0f%% | %.1f | %.1f min |\n",
				m.name, s.name, s.capacity, percent(c.within), 100*c.bias, c.agree, c.pairs, percent(c.falseLow), percent(c.falseTop),
				percent(c.covered), 100*c.level, c.trials, c.seconds/60)
		}
	}
	return 0
}
