package main

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"kaliper/internal/analysis/choose"
)

// truth is what the cases are really like.
type truth struct {
	name string
	// of returns the cases' true logarithms.
	of func(random *rand.Rand, cases int) []float64
}

func truths() []truth {
	return []truth{
		{"The worst case: all others just over 5% behind the best", func(_ *rand.Rand, cases int) []float64 {
			levels := make([]float64, cases)
			for i := 1; i < cases; i++ {
				levels[i] = math.Log1p(choose.Margin) + 1e-9
			}
			return levels
		}},
		{"An ordinary case: the others 0 to 60% behind, evenly", func(random *rand.Rand, cases int) []float64 {
			levels := make([]float64, cases)
			for i := 1; i < cases; i++ {
				levels[i] = math.Log1p(0.6 * random.Float64())
			}
			return levels
		}},
		{"No difference at all", func(_ *rand.Rand, cases int) []float64 { return make([]float64, cases) }},
	}
}

// noise is how trials of the same thing differ from each other.
type noise struct {
	name string
	// next returns the deviation of the next trial; at is its round.
	next func(random *rand.Rand, round int) float64
}

func normal(name string, deviation float64) noise {
	return noise{name, func(r *rand.Rand, _ int) float64 { return math.Log(math.Max(1+deviation*r.NormFloat64(), 0.05)) }}
}

func noises() []noise {
	return []noise{
		normal("normal 1%", 0.01),
		normal("normal 3%", 0.03),
		normal("normal 5%", 0.05),
		normal("normal 10%", 0.10),
		{"Student's t with 3 degrees, 5%", func(r *rand.Rand, _ int) float64 {
			t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 3, Src: r}
			return math.Log(math.Max(1+0.05/math.Sqrt(3)*t.Rand(), 0.05))
		}},
		{"3%, and 10% of trials up by 30% in the mean", func(r *rand.Rand, _ int) float64 {
			v := 1 + 0.03*r.NormFloat64()
			if r.Float64() < 0.1 {
				v += 0.3 * r.ExpFloat64()
			}
			return math.Log(v)
		}},
		{"5%, and 1% slower every round", func(r *rand.Rand, round int) float64 {
			return math.Log(math.Max(1+0.05*r.NormFloat64(), 0.05)) + 0.01*float64(round)
		}},
	}
}

// point is one kind of noise and truth.
type point struct {
	cases int
	truth truth
	noise noise
}

// characteristics are shares of all choices, and means over them.
type characteristics struct {
	right, certified, wrong float64 // wrong: certified, and more than the margin behind a kept case
	kept, rounds, trials    float64
}

func (p point) simulate(choices int, seed uint64) characteristics {
	random := rand.New(rand.NewPCG(seed, 0))
	var sum characteristics
	for range choices {
		one := p.once(random)
		sum.right += one.right
		sum.certified += one.certified
		sum.wrong += one.wrong
		sum.kept += one.kept
		sum.rounds += one.rounds
		sum.trials += one.trials
	}
	n := float64(choices)
	return characteristics{sum.right / n, sum.certified / n, sum.wrong / n, sum.kept / n, sum.rounds / n, sum.trials / n}
}

// once goes through one choice as internal/analysis does.
func (p point) once(random *rand.Rand) characteristics {
	levels := p.truth.of(random, p.cases)
	round := 0
	play := func(of []int) choose.Round {
		round++
		values := make(choose.Round, len(of))
		for i, c := range of {
			values[i] = levels[c] + p.noise.next(random, round)
		}
		return values
	}
	all := make([]int, p.cases)
	for i := range all {
		all[i] = i
	}
	var screening []choose.Round
	for range choose.ScreeningRounds {
		screening = append(screening, play(all))
	}
	kept := choose.Keep(screening)
	known := choose.Select(screening, kept)
	var confirmation []choose.Round
	for len(confirmation) < min(choose.Rounds(choose.Noise(known), len(kept)), choose.MostRounds) {
		next := play(kept)
		confirmation, known = append(confirmation, next), append(known, next)
	}
	answer := choose.Decide(confirmation)
	picked := levels[kept[answer.Pick]]
	c := characteristics{
		kept: float64(len(kept)), rounds: float64(len(confirmation)),
		trials: float64(choose.ScreeningRounds*p.cases + len(confirmation)*len(kept)),
	}
	within := func(level float64) bool { return picked-level < math.Log1p(choose.Margin) }
	c.right, c.wrong = 1, 0
	for _, level := range levels {
		if !within(level) {
			c.right = 0
		}
	}
	if !answer.Certified {
		return c
	}
	c.certified = 1
	for _, i := range kept {
		if !within(levels[i]) {
			c.wrong = 1
		}
	}
	return c
}
