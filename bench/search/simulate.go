package main

import (
	"fmt"
	"math/rand/v2"

	"kaliper/internal/analysis/search"
	"kaliper/internal/metric"
	"kaliper/internal/stats"
)

// lengths are those of trials, in seconds of the simulated system.
type lengths struct{ warmup, short, hold float64 }

func objective(limit float64) (metric.Condition, error) {
	return metric.ParseCondition(fmt.Sprintf("ack.p99 < %gms", limit*1e3), nil)
}

// steps is how many values the series of a second have.
const steps = 10

// trial lets the system work at a rate and returns what kaliper would measure.
func (s system) trial(random *rand.Rand, rate, warmup, window float64) search.Evidence {
	n := int(window * steps)
	sums, counts := make([]float64, n), make([]int, n)
	arrived, left := make([]float64, n), make([]float64, n) // by the end of each step, once summed up
	var latencies []float64
	completed := 0
	arrival := random.Float64() / rate
	start := random.Float64() // of the trial within the system's period
	last := 0.0
	for {
		arrival += s.gap(random, rate)
		if arrival >= warmup+window {
			break
		}
		last = s.finish(random, start+arrival, last)
		done := last - start
		if done >= warmup && done < warmup+window {
			completed++
			left[int((done-warmup)*steps)]++
		} else if done < warmup {
			left[0]++
		}
		if arrival < warmup {
			arrived[0]++
			continue
		}
		at := int((arrival - warmup) * steps)
		arrived[at]++
		sums[at] += done - arrival
		counts[at]++
		latencies = append(latencies, done-arrival)
	}
	e := search.Evidence{
		Achieved:  float64(completed) / float64(max(len(latencies), 1)),
		EdgeShare: 25e-3 / window, // as internal/analysis allows
		Metrics:   map[string]float64{"ack.p99": stats.Quantile(latencies, 0.99)},
	}
	behind := 0.0
	var lag search.Series
	for i := range n {
		behind += arrived[i] - left[i]
		if counts[i] > 0 {
			e.Latency = append(e.Latency, sums[i]/float64(counts[i]))
		}
		if (i+1)%steps == 0 {
			lag.Seconds = append(lag.Seconds, float64(i+1)/steps)
			lag.Values = append(lag.Values, behind)
		}
	}
	e.Lag = map[string]search.Series{"readers": lag}
	return e
}

// find searches for the system's capacity.
func (s system) find(options search.Options, l lengths, seed uint64) (search.Result, []search.Trial, error) {
	random := rand.New(rand.NewPCG(seed, 99))
	condition, err := objective(s.limit)
	if err != nil {
		return search.Result{}, nil, err
	}
	one, err := search.New(options)
	if err != nil {
		return search.Result{}, nil, err
	}
	for {
		step, more := one.Next()
		if !more {
			return one.Result(), one.Trials(), nil
		}
		window := l.short
		if step.Hold {
			window = l.hold
		}
		finding, by := search.Judge(s.trial(random, step.Rate, l.warmup, window), []metric.Condition{condition})
		one.Observe(finding, by)
	}
}

// characteristics are what many searches of one system come to.
type characteristics struct {
	within   int // found within 5% of the truth
	covered  int // the interval holds the truth
	falseLow int // the short trials' bracket was wholly below the truth: a wrong fail
	falseTop int // wholly above it: a wrong pass
	agree    int // pairs of searches that agree within 5%
	pairs    int
	trials   float64 // mean
	seconds  float64 // median, with 2.5 s around each trial
	level    float64 // mean
	bias     float64 // mean relative error
}

// around is what set-up, drain and tear-down of a trial take on a real cluster, about.
const around = 2.5

func simulate(s system, options search.Options, l lengths, first uint64, seeds int) (characteristics, error) {
	var c characteristics
	var durations []float64
	last := 0.0
	for seed := range seeds {
		r, trials, err := s.find(options, l, first+uint64(seed))
		if err != nil {
			return c, err
		}
		if within(r.Rate, s.capacity) {
			c.within++
		}
		if !r.Interval.Excludes(s.capacity) {
			c.covered++
		}
		seconds, low, high := 0.0, 0.0, 2.0*speed
		for _, t := range trials {
			seconds += l.warmup + around + l.short
			if t.Hold {
				seconds += l.hold - l.short
				continue
			}
			if t.Finding == search.Passes {
				low = max(low, t.Rate)
			} else {
				high = min(high, t.Rate)
			}
		}
		if high < s.capacity {
			c.falseLow++
		}
		if low > s.capacity {
			c.falseTop++
		}
		if seed%2 == 1 {
			c.pairs++
			if within(r.Rate, last) {
				c.agree++
			}
		}
		last = r.Rate
		durations = append(durations, seconds)
		c.trials += float64(len(trials)) / float64(seeds)
		c.level += r.Interval.Level / float64(seeds)
		c.bias += (r.Rate/s.capacity - 1) / float64(seeds)
	}
	c.seconds = stats.Median(durations)
	return c, nil
}

func within(found, truth float64) bool { return found >= 0.95*truth && found <= 1.05*truth }
