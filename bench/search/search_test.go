package main

import (
	"math"
	"slices"
	"testing"

	"kaliper/internal/analysis/search"
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

// Records wait for their batch, so that the latency falls as the rate rises: from a start that is too
// low for the objective every halving makes it worse, and the rate that holds is above.
func TestALatencyThatFallsWhileTheRateRisesIsFollowedUpwards(t *testing.T) {
	quick := modes()[1]
	for seed := range uint64(3) {
		r, trials, err := batchingServer().find(quick.options, quick.lengths, seed)
		if err != nil {
			t.Fatal(err)
		}
		if !within(r.Rate, speed) || !r.Confirmed || r.LowerBound || r.LimitedBy != "ack.p99 < 10ms" || r.Interval.Excludes(speed) {
			t.Errorf("seed %d: %+v", seed, r)
		}
		var points []search.Trial
		for _, i := range r.Contradicting {
			points = append(points, trials[i])
		}
		for _, want := range []search.Trial{
			{Rate: start, Finding: search.Fails, By: "ack.p99 < 10ms"}, {Rate: 2 * start, Finding: search.Fails, By: "ack.p99 < 10ms"}, {Rate: 4 * start, Finding: search.Passes},
		} {
			if r.Contradiction == "" || !slices.Contains(points, want) {
				t.Errorf("seed %d: %+v is not among what contradicts: %+v", seed, want, points)
			}
		}
	}
}

// A latency that no rate meets costs three short trials above the start, and no more.
func TestALatencyThatNoRateMeetsIsLookedForAboveTheStartThreeTimes(t *testing.T) {
	quick := modes()[1]
	impatient := batchingServer()
	impatient.limit = 1e-3 // a full batch alone takes 4 ms to serve
	r, trials, err := impatient.find(quick.options, quick.lengths, 0)
	if err != nil {
		t.Fatal(err)
	}
	var above []float64
	for _, trial := range trials {
		if trial.Rate > start {
			above = append(above, trial.Rate)
		}
	}
	if r.Rate != 0 || r.LimitedBy != "ack.p99 < 1ms" || r.Contradiction != "" || !slices.Equal(above, []float64{2 * start, 4 * start, 8 * start}) {
		t.Errorf("%+v after trials at %v", r, above)
	}
}

// Producers and brokers would carry 4,539 records/s, and the group reads 3,000: what limits the rate is
// the slope of its lag alone.
func TestASearchIsLimitedByReadersThatFallBehind(t *testing.T) {
	const reading = 3000.0
	quick, slow := modes()[1], exponentialServer()
	slow.reading = 1 / reading
	for seed := range uint64(3) {
		r, trials, err := slow.find(quick.options, quick.lengths, seed)
		if err != nil {
			t.Fatal(err)
		}
		if r.LimitedBy != search.ByLag || !r.Confirmed || r.LowerBound || math.Abs(r.Rate/reading-1) > 0.1 {
			t.Errorf("seed %d: %+v of %+v", seed, r, trials)
		}
	}
}
