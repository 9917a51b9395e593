package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaliper/internal/analysis/capacity"
	"kaliper/scenarios"
)

func TestEveryConfigurationIsALegalScenarioAndThereAreEnoughOfThem(t *testing.T) {
	data, err := os.ReadFile("../scenarios/plan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range configurations() {
		if seen[c.String()] {
			t.Errorf("%s is there twice", c)
		}
		seen[c.String()] = true
		var sets []string
		for path, value := range c.set() {
			sets = append(sets, path+"="+value)
		}
		if _, err := scenarios.Parse(scenarios.Source{Name: "plan.yaml", Data: data}, scenarios.Options{Sets: sets}); err != nil {
			t.Errorf("%s: %v", c, err)
		}
	}
	const fewest = 12
	if len(seen) < fewest {
		t.Errorf("%d configurations, want at least %d", len(seen), fewest)
	}
}

func TestTheTableHasTheScoresAndEveryConfiguration(t *testing.T) {
	var misses []capacity.Miss
	for i := range 3 {
		c := capacity.Configuration{Partitions: 8, Producers: 2, Members: i + 1, RecordBytes: 200, Compression: "none", LingerSeconds: 5e-3}
		misses = append(misses, capacity.Miss{Configuration: c, Quantity: capacity.OfThroughput, Measured: 100, Predicted: capacity.Prediction{Value: 105}},
			capacity.Miss{Configuration: c, Quantity: capacity.OfP99, Measured: 10e-3, Predicted: capacity.Prediction{Value: 12e-3}})
	}
	page := filepath.Join(t.TempDir(), "plan.md")
	if err := os.WriteFile(page, []byte("before\n"+tableBegins+"\nold\n"+tableEnds+"\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceTable(page, misses); err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"before\n", "| throughput | 3 | 3 | 5.0% | 10% |", "| ack.p99 | 3 | 3 | 20.0% | 25% |", fmt.Sprintf("| 200 B, none, %d members", 3), "\nafter\n"} {
		if !strings.Contains(string(made), want) {
			t.Errorf("the page lacks %q:\n%s", want, made)
		}
	}
	if bytes.Contains(made, []byte("\nold\n")) {
		t.Error("the old table is still there")
	}
}
