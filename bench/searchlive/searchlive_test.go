package main

import (
	"strings"
	"testing"

	"kaliper/results"
)

func found(rate float64, bound bool, by string) line {
	return line{Kind: "--quick", Beside: 4, Seconds: 180, Search: results.Search{Cases: []results.SearchCase{{RecordsPerSecond: results.Number(rate), Bound: bound, LimitedBy: by}}}}
}

func TestPairsAgreeWithinFivePerCentAndLowerBoundsNever(t *testing.T) {
	lines := []line{found(1000, false, "throttled"), found(1049, false, "throttled"), found(1000, false, "throttled"), found(1060, false, "throttled"),
		found(1000, true, "generator"), found(1000, true, "generator"), found(1000, false, "throttled")}
	f := figuresOf(lines)
	if f.after != (agreement{pairs: 3, near: 1, wider: 2}) || f.all != (agreement{pairs: 21, near: 7, wider: 10}) || f.bounds != 2 || f.median != 1000 || f.high != 1060 || f.minutes != 3 {
		t.Errorf("%+v", f)
	}
	var out strings.Builder
	if err := printTable(&out, lines, []kind{{name: "--quick"}, {name: "normal"}}); err != nil || !strings.Contains(out.String(), "| 1 of 3 | 2 | 7 of 21 | 10 | 2 | generator (2), throttled (5) | 3.0 min |") {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestSearchesThatAreAllLowerBoundsFoundNothing(t *testing.T) {
	var out strings.Builder
	if err := printTable(&out, []line{found(1000, true, "generator")}, []kind{{name: "--quick"}}); err != nil || !strings.Contains(out.String(), "| --quick | 1 | none | none |") {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestWhatIsInTheFileIsNotSearchedAgain(t *testing.T) {
	s := series{done: []line{found(1000, false, "throttled"), found(1000, false, "throttled")}}
	missing := s.missing([]kind{{"--quick", "--quick", 3}, {"normal", "", 2}})
	if len(missing) != 3 || missing[0].name != "--quick" || missing[1].name != "normal" {
		t.Errorf("%v", missing)
	}
	if more := s.missing([]kind{{"--quick", "--quick", 1}}); len(more) != 0 {
		t.Errorf("fewer were asked for than there are: %v", more)
	}
}
