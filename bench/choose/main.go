// Command choose prints how often kaliper's choice of the best case is right, and how often it
// is certified, over simulated trials of many kinds of noise and true differences.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"kaliper/bench/internal/driver"
	"kaliper/internal/analysis/choose"
)

func main() { driver.Main(run) }

func run(ctx context.Context) error {
	choices := flag.Int("choices", 4000, "choices per point")
	seed := flag.Uint64("seed", 5, "of the simulated noise")
	flag.Parse()
	return printAll(ctx, os.Stdout, *choices, *seed)
}

func printAll(ctx context.Context, w io.Writer, choices int, seed uint64) error {
	fmt.Fprintf(w, "%d choices a point; %d rounds of screening. Right: the pick is within %.0f%% of the best of all cases.\n",
		choices, choose.ScreeningRounds, 100*choose.Margin)
	for _, truth := range truths() {
		fmt.Fprintf(w, "\n%s:\n\n| cases | noise of a trial | right | certified | wrong certificates | cases kept | rounds of confirmation | trials in all |\n|---|---|---|---|---|---|---|---|\n", truth.name)
		for _, cases := range []int{4, 12, 24} {
			for i, n := range noises() {
				if err := ctx.Err(); err != nil {
					return err
				}
				c := point{cases, truth, n}.simulate(choices, seed+uint64(i)<<8+uint64(cases)<<16)
				fmt.Fprintf(w, "| %d | %s | %.1f%% | %.0f%% | %.1f%% | %.1f | %.1f | %.0f |\n",
					cases, n.name, 100*c.right, 100*c.certified, 100*c.wrong, c.kept, c.rounds, c.trials)
			}
		}
	}
	return nil
}
