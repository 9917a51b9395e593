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

// books are what is noted while the system works: counts by the ends of steps of the window, what
// happens before the window in the first of them.
type books struct {
	warmup, window float64
	latencies      []float64 // of the records that arrived in the window
	sums, counts   []float64 // of the same, by the step in which they arrived
	completed      int       // within the window
	arrived, read  []float64
}

func newBooks(warmup, window float64) *books {
	n := int(window * steps)
	return &books{
		warmup: warmup, window: window, sums: make([]float64, n), counts: make([]float64, n),
		arrived: make([]float64, n), read: make([]float64, n),
	}
}

// count adds what happened at a time to the step in which it did, unless the window was over.
func (b *books) count(into []float64, at float64) {
	if at < b.warmup+b.window {
		into[max(0, int((at-b.warmup)*steps))]++
	}
}

// note takes a record that arrived at a time and was done and read at others.
func (b *books) note(arrival, done, read float64) {
	b.count(b.arrived, arrival)
	b.count(b.read, read)
	if done >= b.warmup && done < b.warmup+b.window {
		b.completed++
	}
	if arrival >= b.warmup {
		b.latencies = append(b.latencies, done-arrival)
		at := int((arrival - b.warmup) * steps)
		b.sums[at] += done - arrival
		b.counts[at]++
	}
}

// evidence is what kaliper would measure of that, but for the series of the latency: its mean in every
// step, where a live trial has the median of every second. So these trials are long enough for the
// test of the steady state, which can do no more than fail them.
func (b *books) evidence() search.Evidence {
	e := search.Evidence{
		Achieved:  float64(b.completed) / float64(max(len(b.latencies), 1)),
		EdgeShare: 25e-3 / b.window, // as internal/analysis allows
		Metrics:   map[string]float64{"ack.p99": stats.Quantile(b.latencies, 0.99)},
	}
	behind := 0.0
	var lag search.Series
	for i := range b.arrived {
		behind += b.arrived[i] - b.read[i]
		if b.counts[i] > 0 {
			e.Latency = append(e.Latency, b.sums[i]/b.counts[i])
		}
		if (i+1)%steps == 0 {
			lag.Seconds = append(lag.Seconds, float64(i+1)/steps)
			lag.Values = append(lag.Values, behind)
		}
	}
	e.Lag = map[string]search.Series{"readers": lag}
	return e
}

// trial lets the system work at a rate and returns what kaliper would measure.
func (s system) trial(random *rand.Rand, rate, warmup, window float64) search.Evidence {
	b := newBooks(warmup, window)
	arrival := random.Float64() / rate
	start := random.Float64() // of the trial within the system's period
	var waiting []float64     // arrivals of the batch that is not sent yet
	served, read := 0.0, 0.0
	send := func(at float64) {
		for _, arrived := range waiting {
			served = s.finish(random, start+at, served)
			read = max(served, read+s.reading)
			b.note(arrived, served-start, read-start)
		}
		waiting = waiting[:0]
	}
	for {
		arrival += s.gap(random, rate)
		if len(waiting) > 0 && arrival > waiting[0]+s.linger {
			send(waiting[0] + s.linger)
		}
		if arrival >= warmup+window {
			send(arrival) // what would have filled the batch is no part of the trial
			return b.evidence()
		}
		if waiting = append(waiting, arrival); len(waiting) >= s.batch {
			send(arrival)
		}
	}
}

// find searches for the system's capacity.
func (s system) find(options search.Options, l lengths, seed uint64) (search.Result, []search.Trial, error) {
	random := rand.New(rand.NewPCG(seed, 99))
	condition, err := objective(s.limit)
	if err != nil {
		return search.Result{}, nil, err
	}
	conditions := []metric.Condition{condition}
	options.Eases = search.Easing(conditions)
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
		finding, by := search.Judge(s.trial(random, step.Rate, l.warmup, window), conditions)
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
