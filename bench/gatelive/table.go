package main

import (
	"fmt"
	"os"
	"slices"

	"kaliper/bench/internal/driver"
	"kaliper/results"
)

// printTable prints a row for each kind. The planted change is the median over its gates of what
// each estimated: nobody else knows it.
func printTable(done []line, kinds []kind) error {
	driver.PrintMachine(os.Stdout)
	fmt.Println("\n| planted | measured change | gates | PASS | FAIL | INCONCLUSIVE | UNTRUSTED | pairs, mean | s, mean |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, k := range kinds {
		verdicts := map[results.GateVerdict]int{}
		var changes []float64
		pairs, seconds, n := 0, 0.0, 0
		for _, one := range done {
			if one.Kind != k.name {
				continue
			}
			n++
			verdicts[one.Gate.Verdict]++
			pairs, seconds = pairs+one.Gate.Pairs, seconds+one.Seconds
			for _, m := range one.Gate.Metrics {
				if m.Metric == k.metric && one.Gate.Pairs > 0 {
					changes = append(changes, float64(m.Change))
				}
			}
		}
		if n == 0 {
			continue
		}
		change := "none"
		if len(changes) > 0 {
			slices.Sort(changes)
			change = fmt.Sprintf("%+.1f%% of %s", 100*changes[len(changes)/2], k.metric)
		}
		fmt.Printf("| %s | %s | %d | %d | %d | %d | %d | %.1f | %.0f |\n", k.name, change, n, verdicts[results.GatePass], verdicts[results.GateFail],
			verdicts[results.GateInconclusive], verdicts[results.GateUntrusted], float64(pairs)/float64(n), seconds/float64(n))
	}
	return nil
}
