package capacity

import (
	"math"
	"slices"
)

// noise is the spread that a trial's logarithmic residual is weighed by: about what two trials of
// one configuration differ by.
const noise = 0.04

// leastLevels is how many values of a dimension must have been measured before anything is said
// about others.
const leastLevels = 3

// throughputFit finds a Throughput.
type throughputFit struct {
	groups     []Group
	parameters []parameter
	// Places of the parameters; a term without any is not modelled.
	producers                    map[string]costs
	partitions, brokers, members *costs
	replica, group               place
}

// place is where a parameter stands; none where the data do not tell it.
type place int

const none place = -1

func (p place) of(values []float64) float64 {
	if p == none {
		return 0
	}
	return values[p]
}

// add adds to the derivative by a parameter.
func (p place) add(gradient []float64, slope float64) {
	if p != none {
		gradient[p] += slope
	}
}

// costs are the places of a ceiling's parameters.
type costs struct{ record, byte, contention, coherency place }

func (k costs) of(values []float64) ceiling {
	return ceiling{k.record.of(values), k.byte.of(values), k.contention.of(values), k.coherency.of(values)}
}

// add adds the derivatives of the logarithm of what a ceiling carries, times the weight.
func (k costs) add(gradient []float64, weight float64, at ceiling, units, bytes float64) {
	cost := at.RecordSeconds + at.ByteSeconds*bytes
	common := 1 + at.Contention*(units-1) + at.Coherency*units*(units-1)
	k.record.add(gradient, -weight/cost)
	k.byte.add(gradient, -weight*bytes/cost)
	k.contention.add(gradient, -weight*(units-1)/common)
	k.coherency.add(gradient, -weight*units*(units-1)/common)
}

// newThroughputFit says which parameters the measured levels can tell. A term whose count has too
// few levels is left out: it is part of the brokers' then.
func newThroughputFit(groups []Group) *throughputFit {
	f := &throughputFit{groups: groups, producers: map[string]costs{}, replica: none, group: none}
	highest, bytes := 0.0, 0.0
	for _, g := range groups {
		highest = max(highest, g.Carried())
		bytes = max(bytes, g.RecordBytes)
	}
	enough := func(d Dimension) bool { return len(levels(groups, d)) >= leastLevels }
	sizes := len(levels(groups, RecordBytes)) > 1
	term := func(name string, d Dimension) costs {
		// Usual is a ceiling that is too high to bind: what binds is pulled down by the data.
		usual := slices.Max(append(levels(groups, d), 1)) / (4 * highest)
		k := costs{record: f.add(name+".record_seconds", usual/1e4, usual*1e4, usual, 3), byte: none, contention: none, coherency: none}
		if sizes {
			usual /= bytes
			k.byte = f.add(name+".byte_seconds", usual/1e4, usual*1e4, usual, 3)
		}
		return k
	}
	scaled := func(name string, k costs) costs {
		k.contention = f.add(name+".contention", 1e-5, 1, 0.005, 2)
		k.coherency = f.add(name+".coherency", 1e-8, 0.1, 1e-5, 2)
		return k
	}
	codecs := compressions(groups)
	if enough(Producers) || len(codecs) > 1 {
		scale := costs{contention: none, coherency: none}
		if enough(Producers) {
			scale = scaled("producers", scale)
		}
		for _, codec := range codecs {
			k := term("producers."+codec, Producers)
			k.contention, k.coherency = scale.contention, scale.coherency
			f.producers[codec] = k
		}
	}
	if enough(Partitions) {
		k := scaled("partitions", term("partitions", Partitions))
		f.partitions = &k
	}
	if enough(Members) {
		k := scaled("members", term("members", Members))
		f.members = &k
	}
	k := term("brokers", Brokers)
	if enough(Brokers) {
		k = scaled("brokers", k)
	}
	f.brokers = &k
	if len(levels(groups, ReplicationFactor)) > 1 {
		f.replica = f.add("replica.weight", 1e-3, 10, 0.7, 1)
	}
	if len(levels(groups, ConsumerGroups)) > 1 {
		f.group = f.add("group.weight", 1e-4, 10, 0.2, 1.5)
	}
	return f
}

func (f *throughputFit) add(name string, least, most, usual, spread float64) place {
	f.parameters = append(f.parameters, parameter{name, least, most, usual, spread})
	return place(len(f.parameters) - 1)
}

// model makes the model of parameter values.
func (f *throughputFit) model(values []float64) *Throughput {
	m := &Throughput{Producers: map[string]ceiling{}}
	for codec, k := range f.producers {
		m.Producers[codec] = k.of(values)
	}
	if f.partitions != nil {
		k := f.partitions.of(values)
		m.Partitions = &k
	}
	if f.members != nil {
		k := f.members.of(values)
		m.Members = &k
	}
	m.Brokers = f.brokers.of(values)
	m.ReplicaWeight, m.GroupWeight = f.replica.of(values), f.group.of(values)
	return m
}

// loss is that of all observations. A rate that was merely sustained is a lower bound: it costs
// where the model lies below it alone.
func (f *throughputFit) loss(values, gradient []float64) float64 {
	m := f.model(values)
	sum := 0.0
	for _, g := range f.groups {
		predicted, slope := math.Log(m.Carries(g.Configuration)), 0.0
		for _, o := range g.Observations {
			if o.Through <= 0 {
				continue
			}
			off := (math.Log(o.Through) - predicted) / noise
			if o.Saturated || off > 0 {
				sum += huber(off)
				slope -= huberSlope(off) / noise
			}
		}
		if gradient != nil && slope != 0 {
			f.follow(gradient, slope, m, g.Configuration)
		}
	}
	if math.IsNaN(sum) {
		return math.Inf(1)
	}
	return sum
}

// follow adds the derivatives of the logarithm of what a configuration carries, times the weight:
// those of each ceiling count by its share.
func (f *throughputFit) follow(gradient []float64, weight float64, m *Throughput, c Configuration) {
	carries := m.Carries(c)
	share := func(t Term) float64 { return weight * math.Pow(m.Ceiling(t, c)/carries, -sharpness) }
	if k, known := f.producers[c.Compression]; known {
		k.add(gradient, share(ProducerTerm), m.Producers[c.Compression], float64(c.Producers), c.RecordBytes)
	}
	if f.partitions != nil {
		f.partitions.add(gradient, share(PartitionTerm), *m.Partitions, float64(c.Partitions), c.WireBytes)
	}
	if f.members != nil && c.Members > 0 {
		f.members.add(gradient, share(ConsumerTerm), *m.Members, float64(min(c.Members, c.Partitions)), c.WireBytes)
	}
	brokers := share(BrokerTerm)
	f.brokers.add(gradient, brokers, m.Brokers, float64(c.Brokers), c.WireBytes)
	f.replica.add(gradient, -brokers*float64(c.ReplicationFactor-1)/m.work(c))
	f.group.add(gradient, -brokers*float64(c.Groups)/m.work(c))
}

// fit finds the parameters, from the given ones or from scratch.
func (f *throughputFit) fit(from []float64) []float64 {
	if from != nil {
		values, _ := minimize(f.parameters, f.loss, [][]float64{from}, 1)
		return values
	}
	usual := make([]float64, len(f.parameters))
	for i, p := range f.parameters {
		usual[i] = p.usual
	}
	values, _ := minimize(f.parameters, f.loss, [][]float64{usual}, 12)
	return values
}
