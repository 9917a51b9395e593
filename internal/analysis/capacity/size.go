package capacity

import (
	"fmt"
	"math"

	"kaliper/internal/stats"
)

// Count is how many of something a demand needs.
type Count struct {
	// Value is the smallest number that suffices by the lower end of the prediction: the one to
	// take. 0 where it was declined.
	Value int
	// Middle is the smallest number that suffices by the prediction itself.
	Middle int
	// Interval holds the number that really suffices; its Hi is Value.
	stats.Interval
	// AtMost says that fewer may do: the term never bound, and so many carried the demand.
	AtMost bool
	// Declined is why there is no number; empty where there is.
	Declined []Refusal
}

func (k Count) known() bool { return len(k.Declined) == 0 }

// Sizing is the answer to a demand.
type Sizing struct {
	Demand                                  Demand
	Needed                                  float64 // records/s
	Partitions, Producers, Members, Brokers Count
	// Configuration is the recommended one; of what was declined it has what was measured.
	Configuration Configuration
	Capacity      Prediction // of it, records/s
	Binding       Term       // what it runs into first
	P50, P99      Forecast   // of the response latency at the grown rate
	LingerWait    float64    // the part of P99 that linger and batch size make
	// Declined is what keeps the whole from being answered.
	Declined []Refusal
}

// Complete says whether everything was answered.
func (s *Sizing) Complete() bool {
	return len(s.Declined) == 0 && s.uncounted() == nil && s.Brokers.known() && s.P50.known() && s.P99.known()
}

// uncounted returns why a count of the configuration is not known, but for the brokers'; nil where
// all are.
func (s *Sizing) uncounted() []Refusal {
	for _, k := range []Count{s.Partitions, s.Producers, s.Members} {
		if !k.known() {
			return k.Declined
		}
	}
	return nil
}

// Counted says whether there is a configuration to recommend.
func (s *Sizing) Counted() bool { return len(s.Declined) == 0 && s.uncounted() == nil }

// Size answers a demand.
func (f *Fit) Size(d Demand) *Sizing {
	s := &Sizing{Demand: d, Needed: d.Needed()}
	start := d.Configuration()
	start.Brokers = f.fewest(Brokers)
	if highest := f.HighestMeasured(start); s.Needed > farthest*highest {
		s.Declined = append(s.Declined, Refusal{"too_far", fmt.Sprintf("%s records/s must be carried (after growth, with the headroom free), and no trial carried more than %s of such records (by their bytes, with the same compression.type, replicas and consumer groups): nothing is said beyond %d times that; measure at higher rates",
			number(math.Round(s.Needed)), number(math.Round(highest)), farthest)})
	}
	for _, dimension := range []Dimension{RecordBytes, ReplicationFactor, ConsumerGroups} {
		if r, refused := f.Refuses(dimension, start.Value(dimension)); refused {
			s.Declined = append(s.Declined, r)
		}
	}
	if _, known := f.Identified(ConsumerTerm, start); known && d.Members > 0 {
		if r, refused := f.Refuses(Members, float64(d.Members)); refused {
			s.Declined = append(s.Declined, r)
		}
	}
	for _, r := range f.RefusesConfiguration(start) {
		if r.Code == "compression" {
			s.Declined = append(s.Declined, r)
		}
	}
	if len(s.Declined) > 0 {
		all := Count{Declined: s.Declined}
		s.Partitions, s.Producers, s.Members, s.Brokers = all, all, all, all
		s.P50, s.P99 = Forecast{Declined: s.Declined}, Forecast{Declined: s.Declined}
		return s
	}
	s.counts(f, start)
	f.outlook(s)
	return s
}

func (f *Fit) fewest(d Dimension) int {
	if l := f.Levels(d); len(l) > 0 {
		return int(l[0])
	}
	return 0
}

// counts finds the configurations that suffice by the two ends and the middle of the prediction,
// and says of each count what is known.
func (s *Sizing) counts(f *Fit, start Configuration) {
	grown := map[string]growth{}
	for name, of := range map[string]func(Prediction) float64{
		"sure":   func(p Prediction) float64 { return p.Lo },
		"middle": func(p Prediction) float64 { return p.Value },
		"lucky":  func(p Prediction) float64 { return p.Hi },
	} {
		grown[name] = f.grow(start, s.Demand, of)
	}
	sure, middle, lucky := grown["sure"], grown["middle"], grown["lucky"]
	level := f.Carries(sure.c).Level
	count := func(t Term) Count {
		if r, known := f.Identified(t, start); !known {
			return f.fallback(t, r, start, s.Needed)
		}
		if len(sure.stuck) > 0 {
			return Count{Declined: sure.stuck}
		}
		d := t.dimension()
		k := Count{Value: int(sure.c.Value(d)), Middle: int(middle.c.Value(d))}
		k.Interval = stats.Interval{Lo: min(lucky.c.Value(d), sure.c.Value(d)), Hi: sure.c.Value(d), Level: level}
		return k
	}
	s.Partitions, s.Producers, s.Brokers = count(PartitionTerm), count(ProducerTerm), s.brokers(f, sure, count)
	if s.Demand.Groups == 0 {
		s.Members = Count{Interval: stats.Interval{Level: level}}
	} else {
		s.Members = count(ConsumerTerm)
	}
	s.settle(sure.c)
	if s.Counted() && !f.suffices(s.Configuration, s.Needed) {
		s.together(sure.c)
		s.settle(sure.c)
	}
}

// together takes the counts that are known by trials alone from a configuration that suffices. Each
// carried what is needed in a trial of its own, with more of all the others.
func (s *Sizing) together(c Configuration) {
	for t, k := range map[Term]*Count{PartitionTerm: &s.Partitions, ProducerTerm: &s.Producers, ConsumerTerm: &s.Members} {
		if k.AtMost {
			k.Value = int(c.Value(t.dimension()))
			k.Middle, k.Hi = k.Value, float64(k.Value)
		}
	}
}

// fallback is what is said of a count whose term was not identified: the fewest that carried what
// is needed in a trial of such records, where there is one.
func (f *Fit) fallback(t Term, why Refusal, c Configuration, needed float64) Count {
	fewest := 0
	for _, g := range f.showing(c, needed) {
		if n := int(g.Value(t.dimension())); n > 0 && (fewest == 0 || n < fewest) {
			fewest = n
		}
	}
	if fewest == 0 || why.Code == "together" {
		return Count{Declined: []Refusal{why}}
	}
	n := float64(fewest)
	return Count{Value: fewest, Middle: fewest, AtMost: true, Interval: stats.Interval{Lo: 1, Hi: n}}
}

// settle puts counts that are known by trials alone into the recommended configuration, which has
// all else of the given one, and makes the partitions a multiple of the members.
func (s *Sizing) settle(grown Configuration) {
	s.Configuration = grown
	c := &s.Configuration
	if s.Producers.AtMost {
		c.Producers = s.Producers.Value
	}
	if s.Members.AtMost {
		s.Members.Value = max(s.Members.Value, s.Demand.Members)
		c.Members = s.Members.Value
	}
	if s.Partitions.AtMost {
		c.Partitions = s.Partitions.Value
	}
	if !s.Members.known() && s.Demand.Members > 0 {
		c.Members = s.Demand.Members
	}
	c.Partitions = multiple(c.Partitions, c.Members)
	if s.Partitions.known() {
		s.Partitions.Value = c.Partitions
		s.Partitions.Hi = max(s.Partitions.Hi, float64(c.Partitions))
	}
}

// multiple returns the smallest multiple of m that is at least n.
func multiple(n, m int) int {
	if m < 1 {
		return n
	}
	return (n + m - 1) / m * m
}

// outlook predicts what the recommended configuration does at the grown rate.
func (f *Fit) outlook(s *Sizing) {
	c := s.Configuration
	if s.Demand.Keyed {
		c.Spread = c.Partitions
	}
	s.Configuration = c
	s.Capacity = f.Carries(c)
	s.Binding = f.Throughput.Binding(c)
	s.P50, s.P99 = s.forecast(f, Median), s.forecast(f, P99)
	if s.P99.known() {
		s.LingerWait = f.Latencies[P99].LingerWait(c, s.Demand.Grown())
	}
}

// forecast predicts a quantile of the recommended configuration's latency at the grown rate.
func (s *Sizing) forecast(f *Fit, q Quantile) Forecast {
	if why := s.uncounted(); why != nil {
		return Forecast{Declined: why}
	}
	if why := f.RefusesWait(q, s.Configuration, s.Demand.Grown()); len(why) > 0 {
		return Forecast{Declined: why}
	}
	wait, _ := f.Wait(q, s.Configuration, s.Demand.Grown())
	return Forecast{Prediction: wait}
}
