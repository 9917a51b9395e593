// Command exactlyonce runs an exactly-once pipeline on three brokers, kills one of them in the
// middle of the load and starts it again, and prints what was lost and what was done twice
// behind the pipeline. What was measured is kept in a file, a line for each run, so that a
// command that was interrupted goes on where it was.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kaliper/bench/internal/driver"
	"kaliper/internal/kafkatest/localkafka"
)

const (
	scenario = "bench/scenarios/exactly-once.yaml"
	nodes    = 3
	// The broker is down from a quarter of the window for so long: longer than the session of
	// a broker (9 s), so that its partitions get other leaders.
	down = 12 * time.Second
)

// shown are the metrics of the table, in its order.
func shown() []string {
	return []string{
		"acked.records_per_second", "analytics.consumed.records_per_second", "analytics.lost", "analytics.duplicated",
		"analytics.aborted_read", "analytics.torn", "enrich.transactions.committed.count", "enrich.transactions.aborted.count",
		"enrich.transactions.fenced.count", "analytics.e2e.max",
	}
}

// line is one run in the file.
type line struct {
	Killed  int                `json:"killed"` // node
	Metrics map[string]float64 `json:"metrics"`
	Verdict string             `json:"verdict"`
}

func main() { driver.Main(run) }

func run(ctx context.Context) error {
	runs := flag.Int("runs", 10, "runs, each with another broker killed")
	path := flag.String("file", "results/bench-exactly-once.ndjson", "keep what was measured in this file, and go on with it")
	flag.Parse()
	done, err := driver.ReadLines[line](*path)
	if err != nil {
		return err
	}
	for n := len(done); n < *runs; n++ {
		driver.Sayf("run %d of %d", n+1, *runs)
		one, err := through(ctx, n%nodes)
		if err != nil {
			return err
		}
		driver.Sayf("  %v", one)
		if err := driver.AppendLine(*path, one); err != nil {
			return err
		}
		done = append(done, one)
	}
	return print(done)
}

// through runs the load on brokers of its own, and kills one of them.
func through(ctx context.Context, victim int) (one line, err error) {
	directory, err := os.MkdirTemp("", "kaliper-bench-")
	if err != nil {
		return one, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	cluster, err := localkafka.Start(ctx, localkafka.Config{Nodes: nodes, Fast: true, Directory: directory})
	if err != nil {
		return one, err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	folder := filepath.Join(directory, "results")
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() {
		killed := kill(ctx, cluster.Nodes[victim], folder)
		if killed != nil {
			cancel(killed)
		}
		ended <- killed
	}()
	measured, err := driver.Load{Scenario: scenario, Bootstrap: cluster.Bootstrap(), Results: folder}.Run(ctx)
	if err != nil {
		cancel(err)
	}
	if err = errors.Join(<-ended, err); err != nil {
		return one, err
	}
	one = line{Killed: victim + 1, Metrics: map[string]float64{}, Verdict: measured.Verdict()}
	for _, name := range shown() {
		if one.Metrics[name], err = measured.Metric(name); err != nil {
			return one, err
		}
	}
	return one, nil
}

// kill takes a broker away in the window of the run in a results folder, as a power cut does.
func kill(ctx context.Context, node *localkafka.Node, folder string) error {
	begin, err := driver.AwaitStart(ctx, folder)
	if err != nil {
		return err
	}
	at := begin.Started.Add(time.Duration((begin.WarmupSeconds + begin.DurationSeconds/4) * float64(time.Second)))
	if err := driver.WaitUntil(ctx, at); err != nil {
		return err
	}
	if err := node.Kill(); err != nil {
		return err
	}
	if err := driver.WaitUntil(ctx, time.Now().Add(down)); err != nil {
		return err
	}
	return node.Restart(ctx)
}

// print prints a row for each run.
func print(done []line) error {
	driver.PrintMachine(os.Stdout)
	table := driver.Table{Title: fmt.Sprintf("An exactly-once pipeline at 1,000 records/s on three brokers, one killed for %v", down)}
	table.Row("killed", "acknowledged/s", "read behind/s", "lost", "duplicated", "aborted and read", "torn", "committed", "aborted", "fenced", "e2e max")
	for _, one := range done {
		row := []any{one.Killed}
		for _, name := range shown() {
			row = append(row, fmt.Sprintf("%.4g", one.Metrics[name]))
		}
		table.Row(row...)
	}
	return table.Print(os.Stdout)
}
