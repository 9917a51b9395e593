package capacity

import (
	"fmt"
	"math"

	"kaliper/internal/stats"
)

// growth is a configuration that suffices, or where growing it came to an end.
type growth struct {
	c     Configuration
	stuck []Refusal
}

// grow adds one to the count of what binds until the configuration carries what is needed. Counts
// whose term is not identified do not grow: the model is not asked about them.
func (f *Fit) grow(c Configuration, d Demand, of func(Prediction) float64) growth {
	known := map[Term]bool{}
	for _, t := range Terms() {
		_, known[t] = f.Identified(t, c)
	}
	// What is not identified has what carried most, so that it does not stand in the way.
	for _, t := range Terms() {
		if !known[t] {
			c = f.withMost(c, t)
			continue
		}
		// Fewer than half of the fewest that were measured would be too far past them.
		for c.Value(t.dimension()) < f.Levels(t.dimension())[0]/farthest && (t != ConsumerTerm || c.Groups > 0) {
			c = c.oneMore(t)
		}
	}
	c.Partitions = multiple(max(c.Partitions, 1), c.Members)
	for of(f.Carries(c)) < d.Needed() {
		t := f.Throughput.Binding(c)
		if !known[t] {
			return growth{c, []Refusal{{"never_bound", fmt.Sprintf("%s bind at %s records/s, and too little was measured to know how many more would be needed: measure more of them",
				t, number(math.Round(f.Throughput.Ceiling(t, c))))}}}
		}
		next := c.oneMore(t)
		for _, dimension := range []Dimension{t.dimension(), Partitions} {
			if r, refused := f.Refuses(dimension, next.Value(dimension)); refused && next.Value(dimension) > c.Value(dimension) && next.Value(dimension) > f.Levels(dimension)[0] {
				return growth{c, []Refusal{r}}
			}
		}
		if f.Throughput.Ceiling(t, next) <= f.Throughput.Ceiling(t, c) {
			return growth{c, []Refusal{{"too_far", fmt.Sprintf("more than %s %s carry no more: what they have in common binds", number(c.Value(t.dimension())), t)}}}
		}
		c = next
	}
	return growth{c: c}
}

// withMost gives an unidentified term the count that carried most in a trial of such records.
func (f *Fit) withMost(c Configuration, t Term) Configuration {
	var best Group
	for _, g := range f.like(c) {
		if g.carriedAs(c.RecordBytes) > best.carriedAs(c.RecordBytes) {
			best = g
		}
	}
	switch t {
	case ProducerTerm:
		c.Producers = max(best.Producers, 1)
	case PartitionTerm:
		c.Partitions = max(best.Partitions, c.Partitions)
	case ConsumerTerm:
		if c.Groups > 0 {
			c.Members = max(best.Members, c.Members)
		}
	default:
		c.Brokers = best.Brokers
	}
	return c
}

// oneMore returns the configuration with one more of a term's count. Members bring partitions
// along, of which each needs one.
func (c Configuration) oneMore(t Term) Configuration {
	switch t {
	case ProducerTerm:
		c.Producers++
	case PartitionTerm:
		c.Partitions += max(c.Members, 1)
	case ConsumerTerm:
		c.Members++
		c.Partitions = multiple(c.Partitions, c.Members)
	default:
		c.Brokers++
	}
	return c
}

// brokers answers how many brokers are needed: from measured variation, from given limits, or
// from neither. Those that may be away come on top; replicas need as many brokers.
func (s *Sizing) brokers(f *Fit, sure growth, count func(Term) Count) Count {
	d := s.Demand
	byLimits := d.brokersByLimits(max(sure.c.Partitions, 1))
	_, varied := f.Identified(BrokerTerm, sure.c)
	switch {
	case varied:
		k := count(BrokerTerm)
		if !k.known() {
			return k
		}
		k.Value, k.Middle = k.Value+d.Survive, k.Middle+d.Survive
		k.Lo, k.Hi = k.Lo+float64(d.Survive), k.Hi+float64(d.Survive)
		return k.atLeast(max(d.ReplicationFactor, byLimits))
	case byLimits > 0:
		n := max(byLimits, d.ReplicationFactor)
		return Count{Value: n, Middle: n, Interval: stats.Interval{Lo: float64(n), Hi: float64(n)}}
	}
	return Count{Declined: []Refusal{{"few_levels", fmt.Sprintf("brokers: %s measured, and no limits of a broker were given: measure at least %d sizes of cluster, or say by --broker-limits what one broker may carry",
		listed(f.Levels(Brokers)), leastLevels)}}}
}

func (k Count) atLeast(n int) Count {
	k.Value, k.Middle = max(k.Value, n), max(k.Middle, n)
	k.Lo, k.Hi = max(k.Lo, float64(n)), max(k.Hi, float64(n))
	return k
}

// brokersByLimits returns how many brokers the limits ask for, with those that may be away; 0
// where there are none.
func (d Demand) brokersByLimits(partitions int) int {
	if !d.Limits.Known() {
		return 0
	}
	bytes := d.Bytes()
	free := 1 - d.Headroom
	brokers := 1
	for _, part := range []struct{ all, one float64 }{
		{bytes.In / free, d.Limits.NetworkIn},
		{bytes.Out / free, d.Limits.NetworkOut},
		{bytes.In / free, d.Limits.DiskWrite},
		{bytes.Disk, d.Limits.Disk},
		{float64(partitions * d.ReplicationFactor), float64(d.Limits.Partitions)},
	} {
		if part.one > 0 {
			brokers = max(brokers, int(math.Ceil(part.all/part.one-1e-9)))
		}
	}
	return brokers + d.Survive
}
