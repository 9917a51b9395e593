package gate

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
)

const (
	// firstLook is the first pair after which a bound is taken: five signs alike happen by
	// chance in 3% of gates.
	firstLook = 6
	// LeastPairs and MostPairs bound the budget: a gate of fewer pairs was never characterised,
	// and one of more takes hours.
	LeastPairs, MostPairs = 8, 60
	// simulatedRows makes the error of a look's share of alpha 0.01 points.
	simulatedRows = 3_000_000
)

// Table says which Walsh average bounds the change at each look of a gate of N pairs, so that
// over all looks the bound is wrong with probability alpha at most.
type Table struct {
	Pairs int
	Alpha float64
	ranks []int // of the looks firstLook, firstLook+1, ..., Pairs
}

// Rank returns q_n: the q_n-th smallest Walsh average after n pairs is a lower bound, the
// q_n-th largest an upper one. 0 says that this look has no bound.
func (t Table) Rank(n int) int {
	if n < firstLook || n > t.Pairs {
		return 0
	}
	return t.ranks[n-firstLook]
}

// decides says whether any look has a bound.
func (t Table) decides() bool {
	for _, rank := range t.ranks {
		if rank > 0 {
			return true
		}
	}
	return false
}

// NewTable returns the table of a budget: a known one, or else one that is simulated, which
// takes half a second. The same arguments give the same table.
func NewTable(pairs int, alpha float64) (Table, error) {
	if pairs < LeastPairs || pairs > MostPairs {
		return Table{}, fmt.Errorf("a gate of %d pairs: a budget holds %d to %d", pairs, LeastPairs, MostPairs)
	}
	if !(alpha > 0 && alpha < 0.5) {
		return Table{}, fmt.Errorf("a gate with alpha %v: it lies between 0 and 0.5", alpha)
	}
	for _, known := range knownTables() {
		if known.Pairs == pairs && known.Alpha == alpha {
			return known, nil
		}
	}
	return simulateTable(pairs, alpha, simulatedRows), nil
}

// gateInProgress is a simulated gate without any change.
type gateInProgress struct {
	// signs of the differences in ascending order of their size: bit i is set where the i-th
	// smallest is positive.
	signs uint64
	// positive counts the positive Walsh averages; -1 once the bound was crossed.
	positive int16
}

// simulateTable spends alpha over the looks: of all gates without a change, alpha n/N may have
// crossed after n pairs.
//
// Under the null hypothesis the sign of a difference is a fair coin and its size has any rank
// among the sizes so far with equal probability, so that no normal number need be drawn. A new
// difference of rank r makes a positive average with r of them (itself and all smaller ones)
// if it is positive, and either way with all positive ones that are larger.
func simulateTable(pairs int, alpha float64, rows int) Table {
	random := rand.New(rand.NewPCG(20261118, uint64(pairs)))
	gates := make([]gateInProgress, rows)
	table := Table{Pairs: pairs, Alpha: alpha}
	crossed := 0
	for n := 1; n <= pairs; n++ {
		averages := n * (n + 1) / 2
		counts := make([]int, averages+1) // of live gates, by positive averages
		for i := range gates {
			g := &gates[i]
			if g.positive < 0 {
				continue
			}
			draw := random.Uint64()
			rank := int(draw >> 32 * uint64(n) >> 32) // of 0..n-1; the bias is below 1e-8
			larger := g.signs >> rank
			coin := draw & 1
			g.positive += int16(bits.OnesCount64(larger)) + int16(coin)*int16(rank+1)
			g.signs = g.signs&(1<<rank-1) | coin<<rank | larger<<(rank+1)
			counts[g.positive]++
		}
		if n < firstLook {
			continue
		}
		// The slack keeps a share that is met exactly from being missed by the simulation's error.
		allowed := 1.002*(float64(rows)*alpha*float64(n)/float64(pairs)-float64(crossed)) + 1
		least, crossing := averages+1, 0
		for least > 0 && float64(crossing+counts[least-1]) <= allowed {
			least--
			crossing += counts[least]
		}
		if crossing == 0 {
			least = averages + 1
		}
		table.ranks = append(table.ranks, averages-least+1)
		crossed += crossing
		for i := range gates {
			if int(gates[i].positive) >= least {
				gates[i].positive = -1
			}
		}
	}
	return table
}
