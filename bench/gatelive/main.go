// Command gatelive runs kaliper's gate many times on a real broker: with equal sides, with a
// candidate that costs more CPU per record, and with one that waits longer. It prints how often
// each was found. What was measured is kept in a file, a line for each gate, so that a
// command that was interrupted goes on where it was.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"kaliper/bench/internal/driver"
	"kaliper/results"
)

func main() { driver.Main(run) }

// kind is what is planted, and how often.
type kind struct {
	name      string
	scenario  string
	candidate string // overlay; empty: equal sides
	metric    string // that it changes
	gates     int
}

// line is one gate in the file.
type line struct {
	Kind    string       `json:"kind"`
	Seconds float64      `json:"seconds"`
	Gate    results.Gate `json:"gate"`
}

const folder = "bench/scenarios/"

func run(ctx context.Context) error {
	aa := flag.Int("aa", 20, "gates with equal sides")
	cpu := flag.Int("cpu", 10, "gates whose candidate costs more CPU per record")
	latency := flag.Int("latency", 10, "gates whose candidate waits longer")
	allow := flag.String("allow", "", "what gates may be in spite of, as for kaliper gate; for a trial on a busy machine")
	path := flag.String("file", "results/bench-gate-live.ndjson", "keep what was measured in this file, and go on with it")
	flag.Parse()
	kinds := []kind{
		{"equal sides", "gate.yaml", "", "", *aa},
		{"more CPU per record", "gate-cpu.yaml", "gate-cpu-candidate.yaml", "cpu.seconds_per_record", *cpu},
		{"more latency", "gate.yaml", "gate-latency-candidate.yaml", "ack.p50", *latency},
	}
	done, err := driver.ReadLines[line](*path)
	if err != nil {
		return err
	}
	broker, err := driver.StartBroker(ctx)
	if err != nil {
		return err
	}
	defer broker.Close()
	for _, k := range kinds {
		for n := count(done, k.name); n < k.gates; n++ {
			driver.Sayf("%s: gate %d of %d", k.name, n+1, k.gates)
			one, err := k.gate(ctx, strings.Join(broker.Addresses(), ","), *allow)
			if err != nil {
				return err
			}
			driver.Sayf("  %s: %s", one.Gate.Verdict, one.Gate.Why)
			if err := driver.AppendLine(*path, one); err != nil {
				return err
			}
			done = append(done, one)
		}
	}
	return printTable(done, kinds)
}

// gate runs one.
func (k kind) gate(ctx context.Context, bootstrap, allow string) (line, error) {
	one := line{Kind: k.name}
	err := driver.InFolder(func(to string) error {
		arguments := []string{"gate", folder + k.scenario, "--json", "--quiet", "--results", to,
			"--bootstrap-server", bootstrap}
		if allow != "" {
			arguments = append(arguments, "--allow", allow)
		}
		if k.candidate == "" {
			arguments = append(arguments, "--aa")
		} else {
			arguments = append(arguments, "--candidate", folder+k.candidate)
		}
		command := exec.CommandContext(ctx, driver.Binary, arguments...)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		started := time.Now()
		output, err := command.Output()
		one.Seconds = time.Since(started).Seconds()
		if jsonErr := json.Unmarshal(output, &one.Gate); jsonErr != nil {
			return fmt.Errorf("%w: %w: %s", err, jsonErr, stderr.String())
		}
		if one.Gate.State != results.Complete {
			return fmt.Errorf("the gate is %s: %s: %s", one.Gate.State, one.Gate.Why, stderr.String())
		}
		return nil
	})
	return one, err
}

func count(done []line, name string) int {
	n := 0
	for _, one := range done {
		if one.Kind == name {
			n++
		}
	}
	return n
}
