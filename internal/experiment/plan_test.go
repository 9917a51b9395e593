package experiment

import (
	"fmt"
	"slices"
	"testing"
)

func TestPlanInterleavesEveryCaseInEveryRound(t *testing.T) {
	cases := []string{"a", "b", "c", "d"}
	order := Plan(cases, 5, 42)
	if len(order) != 20 {
		t.Fatalf("%d trials, want 20", len(order))
	}
	for round := 1; round <= 5; round++ {
		var names []string
		for _, ref := range order[4*(round-1) : 4*round] {
			if ref.Round != round || ref.Trial != round {
				t.Errorf("%+v is in round %d", ref, round)
			}
			names = append(names, ref.Case)
		}
		slices.Sort(names)
		if !slices.Equal(names, cases) {
			t.Errorf("round %d has %v", round, names)
		}
	}
}

func TestPlanIsTheSeeds(t *testing.T) {
	cases := []string{"a", "b", "c", "d", "e", "f"}
	if !slices.Equal(Plan(cases, 4, 1), Plan(cases, 4, 1)) {
		t.Error("the same seed gives two orders")
	}
	if slices.Equal(Plan(cases, 4, 1), Plan(cases, 4, 2)) {
		t.Error("two seeds give the same order")
	}
	if !slices.Equal(Plan(cases, 4, 1), Plan(cases, 9, 1)[:24]) {
		t.Error("more rounds change the earlier ones")
	}
	if order := Plan(nil, 3, 1); len(order) != 0 {
		t.Errorf("no cases give %v", order)
	}
	if order := Plan(cases, 0, 1); len(order) != 0 {
		t.Errorf("no repeats give %v", order)
	}
}

// No case is favoured: each is first in a round as often as any other.
func TestPlanGivesEveryCaseEveryPlace(t *testing.T) {
	cases := []string{"a", "b", "c"}
	const rounds = 6000
	count := map[string]int{}
	for i, ref := range Plan(cases, rounds, 7) {
		count[fmt.Sprint(ref.Case, i%3)]++
	}
	for place, n := range count {
		if n < rounds/3-150 || n > rounds/3+150 { // 4 standard deviations
			t.Errorf("%s occurs %d times in %d rounds, want about %d", place, n, rounds, rounds/3)
		}
	}
	if len(count) != 9 {
		t.Errorf("%d of 9 places occur", len(count))
	}
}
