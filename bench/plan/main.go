// Command plan holds kaliper's capacity model against real measurements that it did not see.
//
//  1. Configurations vary record size, codec, members, producers, partitions and linger.ms, on one
//     real broker whose producers have a quota of bytes, and with handlers that take time: the two
//     ceilings are known to lie far below what the machine can do, which client and broker share.
//  2. Of each configuration the highest rate is measured twice in the closed loop, then latencies
//     at 40%, 60% and 80% of it.
//  3. What a configuration told is a line in the results file as soon as it is measured; what is
//     there is not measured again.
//  4. Every configuration is predicted by the model of all others. The table of docs/plan.md is
//     made from that.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"kaliper/bench/internal/driver"
	"kaliper/internal/analysis/capacity"
)

func main() { driver.Main(run) }

func run(ctx context.Context) error {
	file := flag.String("file", ".cache/plan.ndjson", "what was measured, a line for each configuration; those in it are not measured again")
	most := flag.Int("most", len(configurations()), "measure no more than the first of the configurations")
	page := flag.String("page", "", "page whose table is replaced; empty: print it")
	measure := flag.Bool("measure", true, "false: only make the table from the file")
	untrusted := flag.Bool("untrusted", false, "use trials that kaliper does not trust too, where client and broker share few processors: misses are then the model's and the instrument's together, which a page with such a table must say")
	flag.Parse()

	measured, err := driver.ReadLines[measurement](*file)
	if err != nil {
		return err
	}
	if *measure {
		chosen := configurations()
		if measured, err = measureMissing(ctx, chosen[:min(max(*most, 0), len(chosen))], measured, *file, *untrusted); err != nil {
			return err
		}
	}
	var observations []capacity.Observation
	for _, m := range measured {
		observations = append(observations, m.Observations...)
	}
	misses, err := capacity.LeaveOneOut(observations)
	if err != nil {
		return fmt.Errorf("judge %d configurations of %s: %w", len(measured), *file, err)
	}
	if *page != "" {
		return replaceTable(*page, misses)
	}
	return writeTable(os.Stdout, misses)
}

// measureMissing measures the configurations that are not in the file yet.
func measureMissing(ctx context.Context, all []configuration, measured []measurement, file string, untrusted bool) (_ []measurement, err error) {
	done := map[string]bool{}
	for _, m := range measured {
		done[m.Configuration] = true
	}
	var missing []configuration
	for _, c := range all {
		if !done[c.String()] {
			missing = append(missing, c)
		}
	}
	if len(missing) == 0 {
		return measured, nil
	}
	bench, err := startBench(ctx, untrusted)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bench.close()) }()
	for i, c := range missing {
		m, err := bench.measure(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c, err)
		}
		if err := driver.AppendLine(file, m); err != nil {
			return nil, err
		}
		measured = append(measured, m)
		driver.Sayf("%d of %d: %s: %s", i+1, len(missing), c, m)
	}
	return measured, nil
}
