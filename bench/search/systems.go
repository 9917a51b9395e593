package main

import (
	"math"
	"math/rand/v2"
)

// system is a server of which is known at what rate the objective stops to hold.
type system struct {
	name     string
	capacity float64 // records/s, with the latency's limit
	limit    float64 // seconds that the p99 of the response latency must stay below
	// next returns the gap to the next arrival at a rate, and finish when a record that arrives
	// at a time is done, given when the one before was.
	gap    func(random *rand.Rand, rate float64) float64
	finish func(random *rand.Rand, arrival, last float64) float64
	// batch is how many records are sent together, and linger how many seconds the first of them
	// waits for the others at the most; 0: each record is sent when it arrives.
	batch  int
	linger float64
	// reading is how many seconds a group takes to read a record that is done; 0: none.
	reading float64
}

// The servers' speed, in records/s.
const speed = 5000

func poisson(random *rand.Rand, rate float64) float64 { return random.ExpFloat64() / rate }

// exponentialServer is M/M/1: the response is exponential with mean 1/(speed - rate), so that its
// p99 is ln 100 / (speed - rate).
func exponentialServer() system {
	const limit = 10e-3
	return system{
		name: "M/M/1, p99 < 10 ms", limit: limit, capacity: speed - math.Log(100)/limit,
		gap: poisson,
		finish: func(random *rand.Rand, arrival, last float64) float64 {
			return max(arrival, last) + random.ExpFloat64()/speed
		},
	}
}

// constantServer is M/D/1.
func constantServer() system {
	const limit = 3e-3
	return system{
		name: "M/D/1, p99 < 3 ms", limit: limit, capacity: constantCapacity(limit),
		gap: poisson,
		finish: func(_ *rand.Rand, arrival, last float64) float64 {
			return max(arrival, last) + 1.0/speed
		},
	}
}

// constantCapacity solves P(wait + 1/speed <= limit) = 0.99 for the rate of M/D/1.
func constantCapacity(limit float64) float64 {
	low, high := 0.0, float64(speed)
	for range 60 {
		rate := (low + high) / 2
		if constantWait(rate, limit-1.0/speed) >= 0.99 {
			low = rate
		} else {
			high = rate
		}
	}
	return low
}

// constantWait is the probability that the wait in M/D/1 is at most t (Erlang 1909; Gross, Harris:
// Fundamentals of Queueing Theory, section 5.1).
func constantWait(rate, t float64) float64 {
	const d = 1.0 / speed
	sum := 0.0
	for k := 0; float64(k)*d <= t; k++ {
		x := rate * (float64(k)*d - t)
		term := math.Exp(-x)
		for i := 1; i <= k; i++ {
			term *= x / float64(i)
		}
		sum += term
	}
	return (1 - rate*d) * sum
}

// pausingServer stops for pause seconds in every period. Arrivals are constant, and the first one
// comes at any time within 1/rate after the pause began, so that one that comes u after it finds
// rate u - 1/2 before it in the mean, and is done pause - u + (rate u + 1/2)/speed later. A share
// (pause + 1/(2 speed) - limit) / ((1 - rate/speed) period) takes longer than the limit.
func pausingServer() system {
	const period, pause, limit = 1.0, 25e-3, 20e-3
	return system{
		name: "pauses of 25 ms a second, p99 < 20 ms", limit: limit,
		capacity: speed * (1 - (pause+0.5/speed-limit)/(0.01*period)),
		gap:      func(_ *rand.Rand, rate float64) float64 { return 1 / rate },
		finish: func(_ *rand.Rand, arrival, last float64) float64 {
			start := max(arrival, last)
			if into := math.Mod(start, period); into < pause {
				start += pause - into
			}
			return start + 1.0/speed
		},
	}
}

// batchingServer is sent batches of 20, at the latest when the first of their records has waited
// 50 ms. Arrivals and service are constant. The first record of a batch that fills is done
// 19/rate + 1/speed after it arrived and the last one 20/speed, so that the objective fails below
// about 1,940/s because batches fill slowly, and holds above that up to the server's speed, beyond which
// the queue grows.
func batchingServer() system {
	const limit = 10e-3
	return system{
		name: "batches of 20 or 50 ms, p99 < 10 ms", limit: limit, capacity: speed, batch: 20, linger: 50e-3,
		gap: func(_ *rand.Rand, rate float64) float64 { return 1 / rate },
		finish: func(_ *rand.Rand, arrival, last float64) float64 {
			return max(arrival, last) + 1.0/speed
		},
	}
}

// systems are those of the table. The batching server is for tests alone.
func systems() []system { return []system{exponentialServer(), constantServer(), pausingServer()} }
