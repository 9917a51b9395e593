package scenarios

import (
	"fmt"
	"math"
	"time"

	"kaliper/internal/metric"
	"kaliper/internal/unit"
)

// Search is how `kaliper search` looks for the highest rate of this scenario. A scenario without
// the block has no objectives of its own and the lengths of the way of searching.
type Search struct {
	Objectives []metric.Condition
	// StartRecordsPerSecond is the first rate that is tried, over all groups; 0: the scenario's.
	StartRecordsPerSecond float64
	// Warmup, Trial and Hold are those of the search's trials; 0: those of the way of searching.
	Warmup, Trial, Hold time.Duration
}

// search reads the search block.
func (d *decoder) search(root fields, load Load) Search {
	f := d.fields(root.child("search"), "search", []string{"objectives", "start", "warmup", "trial", "hold"}, nil)
	s := Search{Warmup: f.duration("warmup", 0), Trial: f.duration("trial", 0), Hold: f.duration("hold", 0)}
	for _, key := range []string{"trial", "hold"} {
		if f.child(key) != nil && f.duration(key, time.Second) == 0 {
			f.wrong(key, "is 0; nothing would be measured")
		}
	}
	if text, ok := f.scalar("start", "a rate such as 5000/s"); ok {
		rate, err := unit.ParseRate(text)
		switch {
		case err != nil:
			f.wrong("start", "%v", err)
		case rate.Max || rate.Bytes || rate.PerSecond == 0:
			f.wrong("start", "%s is no rate to start from; write the records per second of all groups together, such as 5000/s", text)
		default:
			s.StartRecordsPerSecond = rate.PerSecond
		}
	}
	groups := load.Groups()
	for _, n := range f.words("objectives") {
		condition, err := parseObjective(n.text, groups, load)
		if err != nil {
			d.wrong(n.at, "search.objectives", "%v", err)
			continue
		}
		s.Objectives = append(s.Objectives, condition)
	}
	if err := contradiction(s.Objectives); err != nil {
		f.wrong("objectives", "%v", err)
	}
	return s
}

// parseObjective reads a condition that a rate can meet or fail.
func parseObjective(text string, groups []string, load Load) (metric.Condition, error) {
	c, err := metric.ParseCondition(text, groups)
	if err != nil {
		return c, err
	}
	if text := unknowable(c.Ref, load); text != "" {
		return c, fmt.Errorf("objective %q cannot be measured: %s", c, text)
	}
	d := c.Ref.Definition
	switch {
	case d.Direction == metric.HigherBetter || d.Direction == metric.Neither:
		return c, fmt.Errorf("objective %q: %s follows the rate, which the search varies; write what must not get worse with it, such as ack.p99 < 50ms", c, d.Name)
	case c.Op == metric.Greater || c.Op == metric.GreaterOrEqual || c.Op == metric.NotEqual:
		return c, fmt.Errorf("objective %q: %s is better when it is low, so that a lower rate would not help; write < or <=", c, d.Name)
	case c.Op == metric.Equal && c.Value != 0:
		return c, fmt.Errorf("objective %q: no rate makes %s exactly that; write < or <=", c, d.Name)
	case c.Op == metric.Less && c.Value <= 0 && d.Name != "lag.slope":
		return c, fmt.Errorf("objective %q: no rate can meet it, because %s is never below 0; write <= 0 or a larger limit", c, d.Name)
	}
	return c, nil
}

// contradiction finds the same metric with two limits: one of them says nothing, or is a slip.
func contradiction(objectives []metric.Condition) error {
	limits := map[string]metric.Condition{}
	for _, c := range objectives {
		if before, twice := limits[c.Ref.String()]; twice {
			return fmt.Errorf("objectives %q and %q contradict each other; leave one of them out", before, c)
		}
		limits[c.Ref.String()] = c
	}
	return nil
}

// Groups are the names that may stand before a metric of the load.
func (l Load) Groups() []string {
	var groups []string
	for _, g := range l.Producers {
		groups = append(groups, g.Name)
	}
	for _, g := range l.Consumers {
		groups = append(groups, g.Name)
	}
	for _, p := range l.Pipelines {
		groups = append(groups, p.Name)
	}
	groups = append(groups, l.retryGroups()...)
	if l.Verify.Readback {
		groups = append(groups, metric.ReadbackGroup)
	}
	return groups
}

// significant rounds to five digits, for names of rates.
func significant(rate float64) float64 {
	if !(rate > 0) {
		return rate
	}
	unit := math.Pow(10, math.Floor(math.Log10(rate))-4)
	return math.Round(rate/unit) * unit
}
