package gate

import (
	"fmt"
	"slices"
	"testing"
)

func TestInFullKnownTablesAreThoseThatAreSimulated(t *testing.T) {
	for _, known := range knownTables() {
		if testing.Short() && known.Pairs > 10 {
			continue
		}
		t.Run(fmt.Sprintf("%d pairs at %v", known.Pairs, known.Alpha), func(t *testing.T) {
			t.Parallel()
			if drawn := simulateTable(known.Pairs, known.Alpha, simulatedRows); !slices.Equal(drawn.ranks, known.ranks) {
				t.Errorf("simulated %v, known %v", drawn.ranks, known.ranks)
			}
		})
	}
}

// Up to here all sequences of signs can be counted: every one is equally likely, and a new
// difference takes every rank with equal probability.
func TestATableSpendsNoMoreThanItsAlpha(t *testing.T) {
	for _, known := range knownTables() {
		if known.Pairs > 12 {
			continue
		}
		live := map[uint64]float64{0: 1} // signs in order of size -> probability
		crossed := 0.0
		for n := 1; n <= known.Pairs; n++ {
			next := map[uint64]float64{}
			for signs, p := range live {
				for rank := range n {
					for coin := range uint64(2) {
						next[signs&(1<<rank-1)|coin<<rank|signs>>rank<<(rank+1)] += p / float64(2*n)
					}
				}
			}
			live = next
			rank := known.Rank(n)
			for signs, p := range live {
				positive := 0 // positive Walsh averages: the sum of the ranks of the positive ones
				for i := range n {
					positive += int(signs>>i&1) * (i + 1)
				}
				if rank > 0 && positive >= n*(n+1)/2-rank+1 {
					crossed += p
					delete(live, signs)
				}
			}
			if spent := known.Alpha * float64(n) / float64(known.Pairs); crossed > 1.003*spent+1e-5 {
				t.Errorf("%d pairs at %v: after %d pairs %.5f are spent, %.5f may be", known.Pairs, known.Alpha, n, crossed, spent)
			}
		}
		if crossed < 0.6*known.Alpha {
			t.Errorf("%d pairs at %v: only %.4f is spent", known.Pairs, known.Alpha, crossed)
		}
	}
}

func TestABudgetHasLimits(t *testing.T) {
	for _, test := range []struct {
		name  string
		pairs int
		alpha float64
	}{
		{"too few pairs", LeastPairs - 1, 0.05},
		{"too many pairs", MostPairs + 1, 0.05},
		{"no alpha", 30, 0},
		{"an alpha of a coin", 30, 0.5},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := NewTable(test.pairs, test.alpha); err == nil {
				t.Error("no error")
			}
		})
	}
}
