package gate

import (
	"fmt"
	"math"
)

// Prospect is what a budget can show of a metric, given its noise.
type Prospect struct {
	// SmallestDetectable is the smallest change for the worse that fails in 90% of gates, as a
	// share of the base, above what is tolerated.
	SmallestDetectable float64
	// PairsNeeded is the budget in which a change of `detect` fails in 90% of gates: 0 where
	// more than MostPairs are needed.
	PairsNeeded int
	// Decidable is false where the metric would only advise.
	Decidable bool
}

// NewProspect says what a budget of pairs, shared by so many metrics, can show of a metric
// whose differences have the given standard deviation. Its figures are of normal noise; the
// guard and the giving up cost a few points of the 90%: the power is 86-89% at 30 pairs, 77-89%
// at 16 and 57-86% at 8.
func NewProspect(m Metric, spread float64, pairs, metrics int) (Prospect, error) {
	if err := m.check(); err != nil {
		return Prospect{}, err
	}
	if !(spread >= 0) || pairs < 1 || metrics < 1 {
		return Prospect{}, fmt.Errorf("metric %s: a prospect needs a spread, pairs and metrics, not %v, %d and %d", m.Name, spread, pairs, metrics)
	}
	return newProspect(m, spread, pairs, metrics), nil
}

func newProspect(m Metric, spread float64, pairs, metrics int) Prospect {
	tolerate, detect := m.margin(m.Tolerate), m.margin(m.Detect)
	shown := tolerate + standardErrors(pairs, metrics)*spread/math.Sqrt(float64(pairs))
	p := Prospect{
		SmallestDetectable: math.Abs(m.Change(shown)),
		Decidable:          pairs >= LeastPairs && reach(detect, spread, pairs) >= advisoryReach,
	}
	for n := LeastPairs; n <= MostPairs; n++ {
		if tolerate+standardErrors(n, metrics)*spread/math.Sqrt(float64(n)) <= detect {
			p.PairsNeeded = n
			break
		}
	}
	return p
}

// standardErrors is the distance above T, in standard errors of N pairs, of a change that 90%
// of gates fail, simulated for normal noise. Between the simulated budgets and shares of alpha
// it is interpolated, in 1/N and in the logarithm of the number of metrics; beyond 30 pairs it
// stays, which is a little more than needed.
func standardErrors(pairs, metrics int) float64 {
	budgets := [...]float64{8, 12, 16, 20, 30}
	rows := [...][5]float64{ // 1, 2 and 4 metrics: alpha 0.05, 0.025, 0.0125
		{3.68, 3.55, 3.49, 3.45, 3.41},
		{4.50, 4.02, 4.00, 3.92, 3.82},
		{4.96, 4.73, 4.41, 4.35, 4.19},
	}
	n := math.Min(math.Max(float64(pairs), budgets[0]), budgets[len(budgets)-1])
	i := 0
	for i < len(budgets)-2 && n > budgets[i+1] {
		i++
	}
	share := (1/budgets[i] - 1/n) / (1/budgets[i] - 1/budgets[i+1])
	at := func(row int) float64 { return rows[row][i] + share*(rows[row][i+1]-rows[row][i]) }
	doublings := math.Log2(float64(metrics))
	row := min(int(doublings), len(rows)-2) // more than four metrics go on along the last line
	return at(row) + (doublings-float64(row))*(at(row+1)-at(row))
}
