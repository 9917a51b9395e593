package main

import (
	"math/rand/v2"

	"kaliper/internal/analysis/gate"
)

// point is where gates are simulated: a budget, one noise and one true change.
type point struct {
	noise  noise
	change float64 // of the candidate, for the worse
	pairs  int     // allowed
	metric gate.Metric
}

// characteristics are shares of gates.
type characteristics struct {
	pass, fail float64
	meanPairs  float64
	covered    float64 // true change within the interval at the end
}

// simulate runs gates at a point. The same seed gives the same gates.
func (p point) simulate(gates int, seed uint64) (characteristics, error) {
	random := rand.New(rand.NewPCG(seed, uint64(p.pairs)))
	var c characteristics
	for range gates {
		decision, err := p.gate(random)
		if err != nil {
			return c, err
		}
		switch decision.Verdict {
		case gate.Pass:
			c.pass++
		case gate.Fail:
			c.fail++
		}
		c.meanPairs += float64(decision.Decided)
		if m := decision.Metrics[0]; m.Lo <= p.change && p.change <= m.Hi {
			c.covered++
		}
	}
	for _, sum := range []*float64{&c.pass, &c.fail, &c.meanPairs, &c.covered} {
		*sum /= float64(gates)
	}
	return c, nil
}

// gate runs one: pairs of trials in order of time, a coin says which side begins.
func (p point) gate(random *rand.Rand) (gate.Decision, error) {
	g, err := gate.New(p.pairs, p.metric)
	if err != nil {
		return gate.Decision{}, err
	}
	values := p.noise.trials(random, 2*p.pairs)
	for i := range p.pairs {
		base, candidate := values[2*i], values[2*i+1]
		if random.IntN(2) == 0 {
			base, candidate = candidate, base
		}
		d, err := p.metric.Difference(base, candidate*(1+p.change))
		if err != nil {
			return gate.Decision{}, err
		}
		verdict, err := g.Add(d)
		if err != nil {
			return gate.Decision{}, err
		}
		if verdict != gate.Undecided {
			break
		}
	}
	return g.Decision(), nil
}
