package capacity

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
)

// sloped compares a loss's derivatives with its differences, at random values about the priors.
func sloped(t *testing.T, parameters []parameter, of loss, random *rand.Rand) {
	t.Helper()
	within := withPriors(parameters, of)
	for range 20 {
		u, got := make([]float64, len(parameters)), make([]float64, len(parameters))
		for i, p := range parameters {
			u[i] = p.outside(p.usual * math.Exp(p.spread*(random.Float64()-0.5)))
		}
		within(u, got)
		want := fd.Gradient(nil, func(u []float64) float64 { return within(u, nil) }, u, &fd.Settings{Formula: fd.Central, Step: 1e-5})
		most := floats.Norm(want, math.Inf(1))
		for i, p := range parameters {
			if math.Abs(got[i]-want[i]) > 1e-5*most {
				t.Fatalf("%s: the derivative is %g, differences say %g", p.name, got[i], want[i])
			}
		}
	}
}

func TestTheDerivativesOfALossAreThoseOfItsDifferences(t *testing.T) {
	random, system := rand.New(rand.NewPCG(1, 5)), knownSystem()
	observations := system.sweep(2, 0.03, 0.1)
	for i := range observations { // so that every term is modelled
		o := &observations[i]
		o.Brokers, o.ReplicationFactor, o.Groups = 1+i%3, 1+i/2%3, i/3%3
		if i%5 == 0 {
			o.Compression = "zstd"
		}
		if i%7 == 0 {
			o.Members = 0
		}
	}
	f := newThroughputFit(Groups(observations))
	if len(f.parameters) < 18 || f.replica == none || f.group == none {
		t.Fatalf("only %d parameters", len(f.parameters))
	}
	sloped(t, f.parameters, f.loss, random)
	for _, q := range []Quantile{Median, P99} {
		points := latencyPoints(f.groups, &system.throughput, q)
		if len(points) < 20 {
			t.Fatalf("only %d points", len(points))
		}
		sloped(t, latencyParameters(), latencyLoss(points, q), random)
	}
}
