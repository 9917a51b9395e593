package scenarios

import (
	"math"
	"slices"
	"time"

	"kaliper/internal/metric"
)

// Gate is how a gate compares two sides of this scenario. A scenario without the block has the
// defaults.
type Gate struct {
	// Warmup and Duration are those of a gate's trials, which are short and many.
	Warmup, Duration time.Duration
	// Budget is the time for which pairs of trials are planned.
	Budget  time.Duration
	Metrics []GateMetric // at least one
	// Before are commands for the shell, run one after the other before each trial; each may
	// take BeforeTimeout.
	Before        []string
	BeforeTimeout time.Duration
}

// GateMetric is a metric that a gate watches. Margins are shares of the base: 0.05 is 5%.
type GateMetric struct {
	Ref      metric.Ref
	Tolerate float64 // the change for the worse that may be
	Detect   float64 // the one that must be found
}

// What fills the gaps of the gate block: 15 pairs of trials on a real broker.
const (
	defaultGateWarmup    = 3 * time.Second
	defaultGateDuration  = 12 * time.Second
	defaultGateBudget    = 9 * time.Minute
	defaultBeforeTimeout = time.Minute
	defaultTolerate      = 0.05
	defaultDetect        = 0.10
)

// gate reads the gate block.
func (d *decoder) gate(root fields, load Load) Gate {
	f := d.fields(root.child("gate"), "gate", []string{"warmup", "duration", "budget", "metrics", "before", "before_timeout"}, nil)
	g := Gate{
		Warmup:        f.duration("warmup", defaultGateWarmup),
		Duration:      f.duration("duration", defaultGateDuration),
		Budget:        f.duration("budget", defaultGateBudget),
		BeforeTimeout: f.duration("before_timeout", defaultBeforeTimeout),
	}
	if g.Duration == 0 {
		f.wrong("duration", "is 0; nothing would be measured")
	}
	if g.BeforeTimeout == 0 {
		f.wrong("before_timeout", "is 0; give the commands some time, such as 60s")
	}
	for _, n := range f.words("before") {
		g.Before = append(g.Before, n.text)
	}
	g.Metrics = d.gateMetrics(f, load)
	if len(g.Metrics) == 0 {
		g.Metrics = []GateMetric{usualGateMetric(load)}
	}
	return g
}

// usualGateMetric is what a gate watches where nobody says: what a caller waits, or, where
// there is no schedule, what gets through.
func usualGateMetric(load Load) GateMetric {
	name := "ack.p50"
	switch {
	case len(load.Producers) == 0:
		name = "consumed.records_per_second"
	case slices.ContainsFunc(load.Producers, func(g ProducerGroup) bool { return len(g.Rate) > 0 && g.Rate[0].Max() }):
		name = "acked.records_per_second"
	}
	definition, _ := metric.Lookup(name)
	return GateMetric{metric.Ref{Definition: definition}, defaultTolerate, defaultDetect}
}

func (d *decoder) gateMetrics(f fields, load Load) []GateMetric {
	n := f.child("metrics")
	if n == nil {
		return nil
	}
	if n.kind != mapping {
		f.wrong("metrics", "is %s; write a map such as {ack.p50: {tolerate: 5%%, detect: 10%%}}", n.kind)
		return nil
	}
	var all []GateMetric
	for _, e := range n.entries {
		path := "gate.metrics." + e.key
		ref, err := metric.Parse(e.key, load.Groups())
		if err != nil {
			d.wrong(e.at, "gate.metrics", "%v", err)
			continue
		}
		if text := unknowable(ref, load); text != "" {
			d.wrong(e.at, path, "%s", text)
			continue
		}
		if ref.Definition.Direction == metric.Neither || ref.Definition.Name == "lag.slope" {
			d.wrong(e.at, path, "is neither better high nor low, or can be negative, so no share of it is worse; use a latency, a rate or a cost")
			continue
		}
		m := d.fields(e.value, path, []string{"tolerate", "detect"}, nil)
		one := GateMetric{ref, m.number("tolerate", defaultTolerate, 0, math.MaxFloat64), m.number("detect", defaultDetect, 0, math.MaxFloat64)}
		switch {
		case one.Detect <= one.Tolerate:
			m.wrong("detect", "must be more than tolerate: between the two lies what the gate may decide either way")
		case ref.Definition.Direction == metric.HigherBetter && one.Detect >= 1:
			m.wrong("detect", "must be less than 100%%: nothing falls by more than all of it")
		}
		all = append(all, one)
	}
	return all
}
