package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"kaliper/bench/internal/driver"
	"kaliper/internal/stats"
	"kaliper/results"
)

// Two rates agree when they differ by no more than this share of the lower.
const (
	near  = 0.05
	wider = 0.10 // what is asked of --quick
)

// figures are what the searches of one kind came to.
type figures struct {
	searches, bounds int     // of which lower bounds: limited by the generator
	median           float64 // records/s of those that are none
	low, high        float64
	after            agreement // of two searches that ended after each other
	all              agreement // of any two
	minutes          float64
	limits           map[string]int
}

// agreement counts pairs; a lower bound agrees with nothing.
type agreement struct{ pairs, near, wider int }

func (a *agreement) add(one, other results.SearchCase) {
	a.pairs++
	if one.Bound || other.Bound {
		return
	}
	x, y := float64(one.RecordsPerSecond), float64(other.RecordsPerSecond)
	apart := math.Abs(x-y) / min(x, y)
	if apart <= near {
		a.near++
	}
	if apart <= wider {
		a.wider++
	}
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
		for _, before := range lines[:i] {
			f.all.add(before.Search.Cases[0], c)
		}
		if i%2 == 1 {
			f.after.add(lines[i-1].Search.Cases[0], c)
		}
	}
	f.median, f.minutes = stats.Median(rates), stats.Median(minutes)
	return f
}

func printTable(w io.Writer, done []line, kinds []kind) error {
	driver.PrintMachine(w)
	fmt.Fprintf(w, "\nQuota: %d bytes/s of one client, windows of 2 s; records of 1,000 bytes; %s searches beside each other, each on a broker of its own.\n\n", quota, besideText(done))
	fmt.Fprintln(w, "| search | searches | median | lowest to highest | pairs within 5% | within 10% | of all pairs within 5% | within 10% | lower bounds | limited by | median time |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|")
	for _, k := range kinds {
		lines := ofKind(done, k.name)
		if len(lines) == 0 {
			continue
		}
		f := figuresOf(lines)
		found := "none | none"
		if f.bounds < f.searches {
			found = fmt.Sprintf("%.0f/s | %.0f to %.0f/s", f.median, f.low, f.high)
		}
		fmt.Fprintf(w, "| %s | %d | %s | %d of %d | %d | %d of %d | %d | %d | %s | %.1f min |\n",
			k.name, f.searches, found, f.after.near, f.after.pairs, f.after.wider, f.all.near, f.all.pairs, f.all.wider, f.bounds, limitsText(f.limits), f.minutes)
	}
	return nil
}

// besideText says how many searches ran at a time; a series that was resumed may have several.
func besideText(done []line) string {
	var numbers []int
	for _, one := range done {
		numbers = append(numbers, one.Beside)
	}
	slices.Sort(numbers)
	var parts []string
	for _, n := range slices.Compact(numbers) {
		parts = append(parts, strconv.Itoa(n))
	}
	return strings.Join(parts, " or ")
}

// limitsText says what limited how many searches.
func limitsText(limits map[string]int) string {
	var parts []string
	for _, by := range slices.Sorted(maps.Keys(limits)) {
		parts = append(parts, fmt.Sprintf("%s (%d)", by, limits[by]))
	}
	return strings.Join(parts, ", ")
}
