// Command fidelity sends the same records by the same schedule through Kafka's own producer
// and through kaliper, with the same properties, and compares what reaches the broker.
//
//  1. Cells are all combinations of rate, linger.ms, batch.size, compression.type and keys.
//  2. A round visits every cell once, in random order; within a cell the two clients take
//     turns in random order, each with a topic of its own.
//  3. Records per batch and bytes per record are read from the batches in the broker's log,
//     for both alike; requests/s are the client's own count, service p50 is hand-over to
//     acknowledgement on the client's clock.
//  4. Every pair is a line in the results file as soon as it is measured; what is there is
//     not measured again, so that an interrupted series goes on where it was.
//  5. The table in docs/java-fidelity.md is made from that file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"

	"kaliper/bench/internal/driver"
)

func main() { driver.Main(run) }

func run(ctx context.Context) error {
	rounds := flag.Int("rounds", 3, "pairs per cell")
	file := flag.String("file", ".cache/fidelity.ndjson", "measured pairs, a line each; those in it are not measured again")
	only := flag.String("only", "", "a single cell, by its name as the table prints it")
	page := flag.String("page", "", "page whose table is replaced; empty: print it")
	measure := flag.Bool("measure", true, "false: only make the table from the file")
	flag.Parse()

	cells, err := chosen(*only)
	if err != nil {
		return err
	}
	pairs, err := driver.ReadLines[pair](*file)
	if err != nil {
		return err
	}
	if *measure {
		if pairs, err = measureMissing(ctx, cells, *rounds, pairs, *file); err != nil {
			return err
		}
	}
	if *page != "" {
		return replaceTable(*page, cells, pairs)
	}
	return writeTable(os.Stdout, cells, pairs)
}

// measureMissing measures the pairs of the rounds that are not there yet.
func measureMissing(ctx context.Context, cells []cell, rounds int, pairs []pair, file string) (_ []pair, err error) {
	missing := missingVisits(cells, rounds, pairs)
	if len(missing) == 0 {
		return pairs, nil
	}
	broker, err := driver.StartBroker(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, broker.Close()) }()
	folder, err := os.MkdirTemp("", "kaliper-fidelity-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	bench, err := newBench(ctx, broker, folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bench.close()) }()

	// The JVM's first job is slow, and belongs to no cell.
	if _, err := bench.java(ctx, cells[0], "warm"); err != nil {
		return nil, fmt.Errorf("warm the JVM up: %w", err)
	}
	for i, visit := range missing {
		measured, err := bench.pair(ctx, visit)
		if err != nil {
			return nil, fmt.Errorf("%s, round %d: %w", visit.cell, visit.round, err)
		}
		if err := driver.AppendLine(file, measured); err != nil {
			return nil, err
		}
		pairs = append(pairs, measured)
		driver.Sayf("%d of %d: %s", i+1, len(missing), measured)
	}
	return pairs, nil
}

// visit is one cell in one round.
type visit struct {
	cell  cell
	round int
}

// missingVisits returns what is left to measure, round by round, each in an order of its own.
func missingVisits(cells []cell, rounds int, pairs []pair) []visit {
	done := map[string]int{}
	for _, p := range pairs {
		done[p.Cell]++
	}
	var missing []visit
	for round := range rounds {
		from := len(missing)
		for _, c := range cells {
			if done[c.String()] <= round {
				missing = append(missing, visit{c, round + 1})
			}
		}
		inRound := missing[from:]
		rand.Shuffle(len(inRound), func(i, j int) { inRound[i], inRound[j] = inRound[j], inRound[i] })
	}
	return missing
}
