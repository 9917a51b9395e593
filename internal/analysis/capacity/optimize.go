package capacity

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/optimize"
)

// parameter is a positive number that is looked for: on its logarithm, between two bounds.
type parameter struct {
	name          string
	least, most   float64
	usual, spread float64 // a weak prior: log-normal about usual; spread is that of the logarithm
}

// inside maps any real number into the bounds.
func (p parameter) inside(u float64) float64 {
	lo, hi := math.Log(p.least), math.Log(p.most)
	return math.Exp(lo + (hi-lo)/(1+math.Exp(-u)))
}

// slope is the derivative of the logarithm of inside.
func (p parameter) slope(u float64) float64 {
	share := 1 / (1 + math.Exp(-u))
	return (math.Log(p.most) - math.Log(p.least)) * share * (1 - share)
}

// outside is the inverse of inside.
func (p parameter) outside(value float64) float64 {
	lo, hi := math.Log(p.least), math.Log(p.most)
	share := (math.Log(value) - lo) / (hi - lo)
	share = min(max(share, 1e-4), 1-1e-4)
	return math.Log(share / (1 - share))
}

// stretch returns by how many of the prior's spreads a value is off.
func (p parameter) stretch(value float64) float64 { return math.Log(value/p.usual) / p.spread }

// huber is the loss of a residual in spreads of the noise: squared within about two, and linear
// beyond, so that a trial that a neighbour spoiled does not move the fit by much.
func huber(r float64) float64 {
	const knee = 2
	return 2 * knee * knee * (math.Sqrt(1+r*r/(knee*knee)) - 1)
}

// huberSlope is the derivative of huber.
func huberSlope(r float64) float64 {
	const knee = 2
	return 2 * r / math.Sqrt(1+r*r/(knee*knee))
}

// loss is what a fit makes least: of parameter values, with its derivatives by them added to the
// gradient, unless that is nil.
type loss func(values, gradient []float64) float64

// minimize looks for the parameters of the least loss from several starts: the given ones, and
// seeded draws within the priors. The same loss has the same answer.
func minimize(parameters []parameter, of loss, starts [][]float64, draws int) (values []float64, least float64) {
	random := rand.New(rand.NewPCG(1, uint64(len(parameters))))
	for range draws {
		start := make([]float64, len(parameters))
		for i, p := range parameters {
			drawn := p.usual * math.Exp(p.spread*(random.Float64()*2-1))
			start[i] = min(max(drawn, p.least), p.most)
		}
		starts = append(starts, start)
	}
	within := withPriors(parameters, of)
	least = math.Inf(1)
	for _, start := range starts {
		u := descend(parameters, within, start)
		if found := within(u, nil); found < least {
			least = found
			values = make([]float64, len(parameters))
			for i, p := range parameters {
				values[i] = p.inside(u[i])
			}
		}
	}
	return values, least
}

// withPriors returns a loss of unbounded parameters, to which the priors are added.
func withPriors(parameters []parameter, of loss) loss {
	values, slopes := make([]float64, len(parameters)), make([]float64, len(parameters))
	return func(u, gradient []float64) float64 {
		sum := 0.0
		for i, p := range parameters {
			values[i] = p.inside(u[i])
			off := p.stretch(values[i])
			sum += off * off
		}
		if gradient == nil {
			return of(values, nil) + sum
		}
		clear(slopes)
		sum += of(values, slopes)
		for i, p := range parameters {
			gradient[i] = (values[i]*slopes[i] + 2*p.stretch(values[i])/p.spread) * p.slope(u[i])
		}
		return sum
	}
}

// descend follows the gradient from one start. Where the optimizer gives up, what it had is used:
// the best of several starts is taken anyway.
func descend(parameters []parameter, of loss, start []float64) []float64 {
	u := make([]float64, len(start))
	for i, p := range parameters {
		u[i] = p.outside(start[i])
	}
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return of(x, nil) },
		Grad: func(gradient, x []float64) { of(x, gradient) },
	}
	settings := &optimize.Settings{MajorIterations: 150, GradientThreshold: 1e-3, Converger: &optimize.FunctionConverge{Absolute: 1e-4, Iterations: 5}}
	result, _ := optimize.Minimize(problem, u, settings, &optimize.BFGS{})
	if result == nil || result.X == nil {
		return u
	}
	return result.X
}
