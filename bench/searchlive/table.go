package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"kaliper/bench/internal/driver"
	"kaliper/internal/stats"
)

// figures are what the searches of one kind came to.
type figures struct {
	searches, bounds int     // of which lower bounds: limited by the generator
	median           float64 // records/s of those that are none
	low, high        float64
	pairs, agree     int // of two searches after each other: within 5%, neither a lower bound
	minutes          float64
	limits           map[string]int
}

func figuresOf(lines []line) figures {
	f := figures{searches: len(lines), low: math.Inf(1), limits: map[string]int{}}
	var rates, minutes []float64
	for i, one := range lines {
		c := one.Search.Cases[0]
		f.limits[c.LimitedBy]++
		minutes = append(minutes, one.Seconds/60)
		if c.Bound {
			f.bounds++
		} else {
			rate := float64(c.RecordsPerSecond)
			rates = append(rates, rate)
			f.low, f.high = min(f.low, rate), max(f.high, rate)
		}
		if i%2 == 1 {
			f.pairs++
			before := lines[i-1].Search.Cases[0]
			a, b := float64(before.RecordsPerSecond), float64(c.RecordsPerSecond)
			if !before.Bound && !c.Bound && math.Abs(a-b) <= 0.05*min(a, b) {
				f.agree++
			}
		}
	}
	f.median, f.minutes = stats.Median(rates), stats.Median(minutes)
	return f
}

func printTable(w io.Writer, done []line, kinds []kind) error {
	driver.PrintMachine(w)
	fmt.Fprintf(w, "\nQuota: %d bytes/s of one client, windows of 2 s; records of 1,000 bytes.\n\n", quota)
	fmt.Fprintln(w, "| search | searches | median | lowest to highest | pairs within 5% | lower bounds | limited by | median time |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|")
	for _, k := range kinds {
		lines := ofKind(done, k.name)
		if len(lines) == 0 {
			continue
		}
		f := figuresOf(lines)
		fmt.Fprintf(w, "| %s | %d | %.0f/s | %.0f to %.0f/s | %d of %d | %d | %s | %.1f min |\n",
			k.name, f.searches, f.median, f.low, f.high, f.agree, f.pairs, f.bounds, limitsText(f.limits), f.minutes)
	}
	return nil
}

// limitsText says what limited how many searches.
func limitsText(limits map[string]int) string {
	var parts []string
	for _, by := range slices.Sorted(maps.Keys(limits)) {
		parts = append(parts, fmt.Sprintf("%s (%d)", by, limits[by]))
	}
	return strings.Join(parts, ", ")
}
