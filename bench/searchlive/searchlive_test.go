package main

import (
	"strings"
	"testing"

	"kaliper/results"
)

func found(rate float64, bound bool, by string) line {
	return line{Kind: "--quick", Seconds: 180, Search: results.Search{Cases: []results.SearchCase{{RecordsPerSecond: results.Number(rate), Bound: bound, LimitedBy: by}}}}
}

func TestPairsAgreeWithinFivePerCentAndLowerBoundsNever(t *testing.T) {
	lines := []line{found(1000, false, "throttled"), found(1049, false, "throttled"), found(1000, false, "throttled"), found(1060, false, "throttled"),
		found(1000, true, "generator"), found(1000, true, "generator"), found(1000, false, "throttled")}
	f := figuresOf(lines)
	if f.pairs != 3 || f.agree != 1 || f.bounds != 2 || f.median != 1000 || f.high != 1060 || f.minutes != 3 {
		t.Errorf("%+v", f)
	}
	var out strings.Builder
	if err := printTable(&out, lines, []kind{{name: "--quick"}, {name: "normal"}}); err != nil || !strings.Contains(out.String(), "| 1 of 3 | 2 | generator (2), throttled (5) | 3.0 min |") {
		t.Errorf("%v: %s", err, out.String())
	}
}
