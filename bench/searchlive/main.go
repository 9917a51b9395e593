// Command searchlive runs kaliper's search many times on a real broker whose limit is known: a
// quota well below what the machine does. It prints how near the searches come to it and to each
// other, and how long they take. What was measured is kept in a file, a line for each search, so
// that a command that was interrupted goes on where it was.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"

	"kaliper/bench/internal/driver"
	"kaliper/results"
)

func main() { driver.Main(run) }

const (
	scenario = "bench/scenarios/search.yaml"
	quota    = 5_000_000 // bytes/s
)

// line is one search in the file.
type line struct {
	Kind    string         `json:"kind"`
	Seconds float64        `json:"seconds"`
	Search  results.Search `json:"search"`
}

// kind is a way of searching, and how often.
type kind struct {
	name     string
	flag     string
	searches int
}

func run(ctx context.Context) error {
	quick := flag.Int("quick", 20, "searches with --quick, of which two after each other are a pair")
	normal := flag.Int("normal", 4, "normal searches")
	allow := flag.String("allow", "", "what searches may be in spite of, as for kaliper search; for a trial on a busy machine")
	path := flag.String("file", "results/bench-search.ndjson", "keep what was measured in this file, and go on with it")
	flag.Parse()
	kinds := []kind{{"--quick", "--quick", *quick}, {"normal", "", *normal}}
	done, err := driver.ReadLines[line](*path)
	if err != nil {
		return err
	}
	// Windows of two seconds: with Kafka's eleven a quota lends for longer than a short trial.
	broker, err := driver.StartBrokerWith(ctx, map[string]string{"quota.window.num": "2", "quota.window.size.seconds": "1"})
	if err != nil {
		return err
	}
	defer broker.Close()
	if err := broker.LimitProducers(ctx, quota); err != nil {
		return err
	}
	for _, k := range kinds {
		for n := len(ofKind(done, k.name)); n < k.searches; n++ {
			driver.Sayf("%s: search %d of %d", k.name, n+1, k.searches)
			one, err := k.search(ctx, broker.Bootstrap(), *allow)
			if err != nil {
				return err
			}
			driver.Sayf("  %.0f records/s, limited by %s, %.0f s", float64(one.Search.Cases[0].RecordsPerSecond), one.Search.Cases[0].LimitedBy, one.Seconds)
			if err := driver.AppendLine(*path, one); err != nil {
				return err
			}
			done = append(done, one)
		}
	}
	return printTable(os.Stdout, done, kinds)
}

// search runs one.
func (k kind) search(ctx context.Context, bootstrap, allow string) (line, error) {
	one := line{Kind: k.name}
	err := driver.InFolder(func(folder string) error {
		arguments := []string{"search", scenario, "--json", "--quiet", "--results", folder, "--bootstrap-server", bootstrap}
		if k.flag != "" {
			arguments = append(arguments, k.flag)
		}
		if allow != "" {
			arguments = append(arguments, "--allow", allow)
		}
		command := exec.CommandContext(ctx, driver.Binary, arguments...)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		started := time.Now()
		output, err := command.Output() // no rate that qualifies is an answer, too
		one.Seconds = time.Since(started).Seconds()
		if jsonErr := json.Unmarshal(output, &one.Search); jsonErr != nil {
			return fmt.Errorf("%w: %w: %s", err, jsonErr, stderr.String())
		}
		if len(one.Search.Cases) != 1 || !one.Search.Cases[0].Ended {
			return fmt.Errorf("the search did not come to its end: %s", stderr.String())
		}
		return nil
	})
	return one, err
}

func ofKind(done []line, name string) []line {
	var own []line
	for _, one := range done {
		if one.Kind == name {
			own = append(own, one)
		}
	}
	return own
}
