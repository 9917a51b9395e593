package main

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// noise is how trials of the same thing differ from each other.
type noise struct {
	name string
	// trials returns the values of the next trials in order of time, around 1.
	trials func(random *rand.Rand, count int) []float64
}

// leastValue keeps a value positive where noise takes it below; at 13% it happens once in 10^12.
const leastValue = 0.05

// independently makes trials of which none depends on another.
func independently(draw func(*rand.Rand) float64) func(*rand.Rand, int) []float64 {
	return func(random *rand.Rand, count int) []float64 {
		values := make([]float64, count)
		for i := range values {
			values[i] = math.Max(draw(random), leastValue)
		}
		return values
	}
}

func normal(name string, deviation float64) noise {
	return noise{name, independently(func(r *rand.Rand) float64 { return 1 + deviation*r.NormFloat64() })}
}

// outliers takes one trial in ten up by an exponential amount, 30% in the mean: another
// tenant's work.
func outliers(name string, deviation float64) noise {
	return noise{name, independently(func(r *rand.Rand) float64 {
		value := 1 + deviation*r.NormFloat64()
		if r.Float64() < 0.1 {
			value += 0.3 * r.ExpFloat64()
		}
		return value
	})}
}

// heavyTailed is Student's t with 3 degrees of freedom, scaled to the deviation.
func heavyTailed(name string, deviation float64) noise {
	return noise{name, independently(func(r *rand.Rand) float64 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 3, Src: r}
		return 1 + deviation/math.Sqrt(3)*t.Rand()
	})}
}

// drifting grows by 20% over the whole budget, with an autocorrelation of 0.3 besides.
func drifting(name string, deviation float64) noise {
	const correlation = 0.3
	return noise{name, func(r *rand.Rand, count int) []float64 {
		values := make([]float64, count)
		state := r.NormFloat64()
		for i := range values {
			values[i] = math.Max(1+deviation*state, leastValue) * (1 + 0.2*float64(i)/float64(count))
			state = correlation*state + math.Sqrt(1-correlation*correlation)*r.NormFloat64()
		}
		return values
	}}
}

func noises() []noise {
	return []noise{
		normal("normal 1%", 0.01),
		normal("normal 3%", 0.03),
		normal("normal 5%", 0.05),
		normal("normal 8%", 0.08),
		normal("normal 10%", 0.10),
		normal("normal 13%", 0.13),
		outliers("5%, and 10% of trials up by 30% in the mean", 0.05),
		heavyTailed("Student's t with 3 degrees, 5%", 0.05),
		drifting("5%, drift of 20%, autocorrelation 0.3", 0.05),
	}
}
