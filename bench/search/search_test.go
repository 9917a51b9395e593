package main

import (
	"math"
	"testing"
)

// The truth of M/D/1 against a value that is known otherwise: P(wait = 0) = 1 - load, and
// P(wait <= 1/speed) = (1 - load) e^load.
func TestTheCapacityOfTheConstantServer(t *testing.T) {
	if got, want := constantWait(speed/2, 0), 0.5; math.Abs(got-want) > 1e-12 {
		t.Errorf("got %g, want %g", got, want)
	}
	if got, want := constantWait(speed/2, 1.0/speed-1e-12), 0.5*math.Exp(0.5); math.Abs(got-want) > 1e-6 {
		t.Errorf("got %g, want %g", got, want)
	}
}

// The promises of docs/search.md; make search-characteristics has more seeds.
func TestInFullSearchesFindTheCapacityOfSimulatedSystems(t *testing.T) {
	seeds := 100
	if testing.Short() {
		seeds = 20
	}
	normal := modes()[0]
	for _, s := range systems() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c, err := simulate(s, normal.options, normal.lengths, 0, seeds)
			if err != nil {
				t.Fatal(err)
			}
			if c.within*100 < 95*seeds {
				t.Errorf("%d of %d searches are within 5%% of the truth", c.within, seeds)
			}
			if c.agree*10 < 9*c.pairs {
				t.Errorf("%d of %d pairs of searches agree within 5%%", c.agree, c.pairs)
			}
			if float64(c.covered) < (c.level-0.1)*float64(seeds) {
				t.Errorf("%d of %d intervals hold the truth, at a mean level of %.2f", c.covered, seeds, c.level)
			}
		})
	}
}
