// Command peers measures kaliper beside a bare franz-go loop and beside
// kafka-producer-perf-test, on one broker, with the settings that everybody uses: 100 bytes,
// acks all, linger 5 ms, batches of 16 KiB, 6 partitions, no compression.
//
//  1. Every round runs every side once, in random order, each with a topic of its own.
//  2. Records per second are each side's own figure: kaliper's and the bare loop's over a
//     window after a warm-up, Java's over all of its records.
//  3. CPU per record is taken twice: within the window by the side itself (Java has no
//     window), and by the kernel over the whole life of the process. The first compares
//     clients, the second whole programs: kaliper's has its report in it, Java's its start.
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
)

func main() { driver.Main(run) }

// sample is one run of one side. CPU times are per record.
type sample struct {
	recordsPerSecond float64
	windowCPUSeconds float64 // 0 where the side has no window
	processCPU       float64 // seconds per record, of the whole process
	maxRSSBytes      float64
	remark           string
}

// side is one of those who are compared.
type side struct {
	name string
	run  func(ctx context.Context, round int) (sample, error)
}

func run(ctx context.Context) (err error) {
	rounds := flag.Int("rounds", 6, "how often every side runs")
	javaRecords := flag.Int64("java-records", 8_000_000, "records of one run of kafka-producer-perf-test")
	partitioner := flag.String("partitioner", defaultPartitioner, "of kaliper and of the bare loop: default (each its own) or round-robin")
	only := flag.String("only", "", "sides to run, with commas between; empty: all")
	flag.Parse()
	broker, err := driver.StartBroker(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, broker.Close()) }()

	sides := []side{
		{kaliperSide, func(ctx context.Context, _ int) (sample, error) { return runKaliper(ctx, broker, "off", *partitioner) }},
		{integritySide, func(ctx context.Context, _ int) (sample, error) { return runKaliper(ctx, broker, "full", *partitioner) }},
		{bareSide, func(ctx context.Context, round int) (sample, error) {
			return withTopic(ctx, broker, fmt.Sprintf("bare-%d", round), func(ctx context.Context, broker *driver.Broker, topic string) (sample, error) {
				return runBareFranz(ctx, broker, topic, *partitioner)
			})
		}},
		{javaSide, func(ctx context.Context, round int) (sample, error) {
			return withTopic(ctx, broker, fmt.Sprintf("java-%d", round), func(ctx context.Context, broker *driver.Broker, topic string) (sample, error) {
				return runJava(ctx, broker, topic, *javaRecords)
			})
		}},
	}
	if *only != "" {
		sides = slices.DeleteFunc(sides, func(s side) bool { return !slices.Contains(strings.Split(*only, ","), s.name) })
	}
	samples := make(map[string][]sample)
	for round := 1; round <= *rounds; round++ {
		for _, n := range rand.Perm(len(sides)) {
			s, err := sides[n].run(ctx, round)
			if err != nil {
				return fmt.Errorf("%s, round %d: %w", sides[n].name, round, err)
			}
			driver.Sayf("round %d of %d: %-26s %9.0f records/s  %.2f us in the window  %.2f us of the process  %s",
				round, *rounds, sides[n].name, s.recordsPerSecond, 1e6*s.windowCPUSeconds, 1e6*s.processCPU, s.remark)
			samples[sides[n].name] = append(samples[sides[n].name], s)
		}
	}
	return printTables(os.Stdout, samples)
}

// withTopic runs a side with a topic that is there for it alone.
func withTopic(ctx context.Context, broker *driver.Broker, topic string,
	do func(context.Context, *driver.Broker, string) (sample, error)) (sample, error) {
	const partitions = 6
	if err := broker.CreateTopic(ctx, topic, partitions); err != nil {
		return sample{}, err
	}
	s, err := do(ctx, broker, topic)
	return s, errors.Join(err, broker.DeleteTopic(ctx, topic))
}
