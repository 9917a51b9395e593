// Command integrity measures what integrity: full costs in CPU of kaliper's process, beside the
// same load with integrity: off, on the simulated broker in a process of its own: no other
// broker is as cheap, so what it costs is largest there. Stamps are written on both sides,
// because the latencies of readers come from them.
//
// Every round runs both sides, in random order; the ratio is taken within a round.
package main

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"

	"kaliper/bench/internal/driver"
)

func main() { driver.Main(run) }

func run(ctx context.Context) error {
	rounds := flag.Int("rounds", 6, "pairs of runs")
	flag.Parse()
	sides := []string{"off", "full"}
	cost := map[string]driver.Sample{}
	for round := 1; round <= *rounds; round++ {
		for _, n := range rand.Perm(len(sides)) {
			seconds, verdict, err := measure(ctx, sides[n])
			if err != nil {
				return err
			}
			driver.Sayf("round %d of %d: integrity %-4s %.3f us a record; %s", round, *rounds, sides[n], 1e6*seconds, verdict)
			cost[sides[n]] = append(cost[sides[n]], seconds)
		}
	}
	driver.PrintMachine(os.Stdout)
	table := driver.Table{Title: "CPU a record of 100 B, produced and consumed, in the window (median [interval] level)"}
	table.Row("integrity", "us a record")
	for _, side := range sides {
		table.Row(side, cost[side].Times(1e6).Format("%.3f"))
	}
	table.Row("full / off within a round (aim <= 1.10)", driver.Ratios(cost["full"], cost["off"]).Format("%.3f"))
	return table.Print(os.Stdout)
}

// measure runs the load once and returns the CPU seconds of a record.
func measure(ctx context.Context, integrity string) (seconds float64, verdict string, err error) {
	err = driver.InFolder(func(folder string) error {
		measured, err := driver.Load{
			Scenario: "bench/scenarios/integrity.yaml", Results: folder,
			Set: map[string]string{"integrity": integrity},
		}.Run(ctx)
		if err != nil {
			return err
		}
		seconds, err = measured.Metric("cpu.seconds_per_record")
		verdict = measured.Verdict()
		return err
	})
	return seconds, verdict, err
}
