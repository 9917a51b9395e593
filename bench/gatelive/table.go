package main

import (
	"fmt"
	"os"

	"kaliper/bench/internal/driver"
	"kaliper/internal/stats"
	"kaliper/results"
)

// printTable prints a row for each kind. The planted change is the median of the ratios of all
// pairs of its gates: what a gate estimates when it stops with FAIL is too large in the mean.
func printTable(done []line, kinds []kind) error {
	driver.PrintMachine(os.Stdout)
	fmt.Println("\n| planted | measured change | gates | PASS | FAIL | INCONCLUSIVE | UNTRUSTED | pairs, mean | s, mean |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, k := range kinds {
		verdicts := map[results.GateVerdict]int{}
		var changes []float64 // of pairs
		pairs, seconds, n := 0, 0.0, 0
		for _, one := range done {
			if one.Kind != k.name {
				continue
			}
			n++
			verdicts[one.Gate.Verdict]++
			pairs, seconds = pairs+one.Gate.Pairs, seconds+one.Seconds
			for i, m := range one.Gate.Metrics {
				if m.Metric != k.metric {
					continue
				}
				for _, pair := range one.Gate.Played {
					if pair.Counts {
						changes = append(changes, float64(pair.Candidate[i]/pair.Base[i])-1)
					}
				}
			}
		}
		if n == 0 {
			continue
		}
		change := "none"
		if interval, ok := stats.MedianInterval(changes, 0.95); ok {
			change = fmt.Sprintf("%+.1f%% (%.0f%%: %.1f%% to %.1f%%) of %s", 100*stats.Median(changes), 100*interval.Level, 100*interval.Lo, 100*interval.Hi, k.metric)
		}
		fmt.Printf("| %s | %s | %d | %d | %d | %d | %d | %.1f | %.0f |\n", k.name, change, n, verdicts[results.GatePass], verdicts[results.GateFail],
			verdicts[results.GateInconclusive], verdicts[results.GateUntrusted], float64(pairs)/float64(n), seconds/float64(n))
	}
	return nil
}
