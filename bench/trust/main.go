// Command trust plants faults in the machine that kaliper runs on, and counts how often kaliper
// says that its measurement is not to be trusted; and how often it says so when nothing is
// wrong.
//
//  1. Every trial is a run of kaliper of 5 s at 2,000 or 20,000 records/s, with a reader, beside
//     a real broker on the same machine. Plants and rates take turns in random order.
//  2. What the instrument suffered is written as a line as soon as it is measured; what is
//     there is not measured again, so that an interrupted series goes on where it was.
//  3. The table is made from these lines with the thresholds as they are now. The lines in
//     internal/analysis/testdata hold a test to it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"kaliper/bench/internal/driver"
	"kaliper/internal/analysis"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == hogArgument {
		hog()
	}
	driver.Main(run)
}

var rates = []int{2_000, 20_000}

func run(ctx context.Context) error {
	planted := flag.Int("planted", 10, "trials of each plant at each rate")
	clean := flag.Int("clean", 20, "trials without a plant at each rate")
	only := flag.String("only", "", "these plants alone, separated by commas: "+strings.Join(names(), ", "))
	file := flag.String("file", ".cache/trust.ndjson", "measured trials, a line each; those in it are not measured again")
	measure := flag.Bool("measure", true, "false: only make the table from the file")
	flag.Parse()
	chosen := names()
	if *only != "" {
		chosen = strings.Split(*only, ",")
	}
	for _, name := range chosen {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("-only %s: there are %s", name, strings.Join(names(), ", "))
		}
	}
	trials, err := driver.ReadLines[analysis.PlantedTrial](*file)
	if err != nil {
		return err
	}
	if *measure {
		counts := map[string]int{}
		for _, name := range chosen {
			counts[name] = *planted
		}
		if slices.Contains(chosen, analysis.Clean) {
			counts[analysis.Clean] = *clean
		}
		if trials, err = measureMissing(ctx, missing(counts, trials), trials, *file); err != nil {
			return err
		}
	}
	driver.PrintMachine(os.Stdout)
	return table(trials).Print(os.Stdout)
}

// visit is one trial to measure.
type visit struct {
	plant  plant
	rate   int
	number int
}

// missing returns what is left to measure: round by round, each in random order. Where there
// are more trials of one plant than of another, the others end earlier.
func missing(counts map[string]int, trials []analysis.PlantedTrial) []visit {
	type key struct {
		plant string
		rate  int
	}
	done := map[key]int{}
	for _, trial := range trials {
		done[key{trial.Plant, trial.Rate}]++
	}
	var visits []visit
	for number := 1; number <= slices.Max(append(values(counts), 0)); number++ {
		var round []visit
		for _, p := range plants {
			for _, rate := range rates {
				if number <= counts[p.name] && number > done[key{p.name, rate}] {
					round = append(round, visit{p, rate, number})
				}
			}
		}
		rand.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })
		visits = append(visits, round...)
	}
	return visits
}

func values(counts map[string]int) []int {
	var all []int
	for _, n := range counts {
		all = append(all, n)
	}
	return all
}

// warmUpTrials are measured and forgotten after a broker's start: for minutes it compiles
// what it runs often, which takes half of a small machine and delays kaliper's own threads.
const warmUpTrials = 20

func warmUp(ctx context.Context, broker *driver.Broker) error {
	for n := range warmUpTrials {
		driver.Sayf("the broker warms up: trial %d of %d", n+1, warmUpTrials)
		if _, err := measureTrial(ctx, broker, visit{plants[0], rates[n%len(rates)], 0}); err != nil {
			return err
		}
	}
	return nil
}

func measureMissing(ctx context.Context, visits []visit, trials []analysis.PlantedTrial, file string) (_ []analysis.PlantedTrial, err error) {
	if len(visits) == 0 {
		return trials, nil
	}
	broker, err := driver.StartBroker(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, broker.Close()) }()
	driver.Sayf("%d trials of about 9 s", len(visits))
	if err := warmUp(ctx, broker); err != nil {
		return nil, fmt.Errorf("warm the broker up: %w", err)
	}
	for i, v := range visits {
		trial, err := measureTrial(ctx, broker, v)
		if err != nil {
			return nil, fmt.Errorf("%s at %d/s, trial %d: %w", v.plant.name, v.rate, v.number, err)
		}
		if err := driver.AppendLine(file, trial); err != nil {
			return nil, err
		}
		trials = append(trials, trial)
		driver.Sayf("%d of %d: %s at %d/s: %s", i+1, len(visits), v.plant.name, v.rate, strings.Join(append(trial.Codes, ""), " "))
	}
	return trials, nil
}

// table counts by plant and rate.
func table(trials []analysis.PlantedTrial) *driver.Table {
	t := &driver.Table{Title: "Trials that are untrusted (aim: of the planted ones 95%, of the clean ones at most 5%)"}
	t.Row("plant", "records/s", "trials", "untrusted", "because of")
	for _, row := range analysis.Calibrate(trials) {
		t.Row(row.Plant, row.Rate, row.Trials, fmt.Sprintf("%d (%.0f%%)", row.Untrusted, 100*float64(row.Untrusted)/float64(row.Trials)), row.Reasons())
	}
	return t
}
