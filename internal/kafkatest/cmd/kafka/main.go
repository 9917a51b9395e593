// Command kafka starts and stops real Apache Kafka on this machine for a person; `make
// kafka-up` and `make kafka-down` call it. The nodes outlive it: a record in the state
// directory says how to stop them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"kaliper/internal/kafkatest/localkafka"
)

const usage = `usage: kafka up [-version 4.3.1] [-nodes 3] [-port 9092] [-heap 1g] | kafka down

up    starts a cluster and prints its bootstrap servers; stdout has nothing else
down  stops it and removes its data`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "kafka:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	if len(arguments) == 0 {
		return fmt.Errorf("say what to do\n%s", usage)
	}
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, arguments[0]) {
		_, err := fmt.Fprintln(stdout, usage)
		return err
	}
	flags := flag.NewFlagSet("kafka "+arguments[0], flag.ContinueOnError)
	flags.SetOutput(stderr)
	state := flags.String("state", ".cache/kafka", "directory of the record, data and logs")
	config := localkafka.Config{Detached: true}
	flags.StringVar(&config.Version, "version", localkafka.DefaultVersion, "version of Apache Kafka")
	flags.IntVar(&config.Nodes, "nodes", 1, "number of nodes")
	flags.IntVar(&config.FirstPort, "port", 9092, "port of the first node; the others follow; 0: any free ones")
	flags.StringVar(&config.Heap, "heap", "1g", "heap of each node")
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not understood\n%s", flags.Args(), usage)
	}
	record, err := readRecord(*state)
	if err != nil {
		return err
	}
	switch arguments[0] {
	case "up":
		return up(ctx, config, *state, record, stdout, stderr)
	case "down":
		return down(ctx, *state, record, stderr)
	}
	return fmt.Errorf("%q is not understood\n%s", arguments[0], usage)
}

func up(ctx context.Context, config localkafka.Config, state string, old localkafka.Record, stdout, stderr io.Writer) error {
	if running := old.Running(); len(running) > 0 {
		if old.Version != config.Version || old.Nodes != config.Nodes || len(running) != old.Nodes {
			return fmt.Errorf("a cluster of Kafka %s with %d of %d nodes runs at %s: `make kafka-down` first", old.Version, len(running), old.Nodes, old.Bootstrap)
		}
		fmt.Fprintf(stderr, "Kafka %s with %d nodes runs already.\n", old.Version, old.Nodes)
		fmt.Fprintln(stdout, old.Bootstrap)
		return nil
	}
	if err := os.MkdirAll(state, 0o755); err != nil {
		return err
	}
	var err error
	if config.Directory, err = filepath.Abs(state); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "Starting Kafka %s with %d nodes; the first time, Maven downloads about 54 MB.\n", config.Version, config.Nodes)
	cluster, err := localkafka.Start(ctx, config)
	if err != nil {
		return err
	}
	record := cluster.Record()
	if err := writeRecord(state, record); err != nil {
		return errors.Join(err, cluster.Stop())
	}
	fmt.Fprintf(stderr, "Ready. Data and logs are in %s. `make kafka-down` stops it.\n", record.Directory)
	fmt.Fprintln(stdout, record.Bootstrap)
	return nil
}

func down(ctx context.Context, state string, record localkafka.Record, stderr io.Writer) error {
	if record.Bootstrap == "" {
		fmt.Fprintf(stderr, "Nothing runs: there is no record in %s.\n", state)
		return nil
	}
	if err := record.Stop(ctx); err != nil {
		return fmt.Errorf("stop Kafka %s: %w", record.Version, err)
	}
	fmt.Fprintf(stderr, "Stopped Kafka %s at %s.\n", record.Version, record.Bootstrap)
	return os.Remove(recordPath(state))
}

func recordPath(state string) string { return filepath.Join(state, "cluster.json") }

// readRecord returns the record of the cluster that was started last, an empty one if there
// is none.
func readRecord(state string) (record localkafka.Record, err error) {
	text, err := os.ReadFile(recordPath(state))
	if errors.Is(err, fs.ErrNotExist) {
		return record, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &record)
	}
	if err != nil {
		return record, fmt.Errorf("read the record of the running cluster %s: %w", recordPath(state), err)
	}
	return record, nil
}

func writeRecord(state string, record localkafka.Record) error {
	text, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(recordPath(state), append(text, '\n'), 0o644)
}
