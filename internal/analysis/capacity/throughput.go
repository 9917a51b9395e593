package capacity

import "math"

// Term is one ceiling of the throughput.
type Term string

// The ceilings. The brokers' is also that of everything that no count scales: the instrument's
// machine, a network, a quota of the whole cluster.
const (
	ProducerTerm  Term = "producers"
	PartitionTerm Term = "partitions"
	BrokerTerm    Term = "brokers"
	ConsumerTerm  Term = "members"
)

// Terms returns all ceilings.
func Terms() []Term { return []Term{ProducerTerm, PartitionTerm, BrokerTerm, ConsumerTerm} }

// dimension is the count that scales a ceiling.
func (t Term) dimension() Dimension { return Dimension(t) }

// sharpness is the exponent of the soft minimum: where two ceilings are equal, both together
// carry 8% less than each. It is fixed, for data that would tell it from the ceilings' own heights
// are rare.
const sharpness = 8

// ceiling is one term's parameters. A unit of it spends RecordSeconds + ByteSeconds x bytes on a
// record; n units carry n / cost / (1 + Contention (n-1) + Coherency n (n-1)) records/s: Gunther's
// universal scalability law (Guerrilla Capacity Planning, 2007, chapter 4).
type ceiling struct {
	RecordSeconds float64
	ByteSeconds   float64
	Contention    float64
	Coherency     float64
}

func (k ceiling) carries(units, bytes float64) float64 {
	return units / (k.RecordSeconds + k.ByteSeconds*bytes) / (1 + k.Contention*(units-1) + k.Coherency*units*(units-1))
}

// Throughput is the model of what a configuration carries.
type Throughput struct {
	// Producers is by codec: what compressing costs.
	Producers  map[string]ceiling
	Partitions *ceiling // nil where too few levels were measured to tell
	Brokers    ceiling
	Members    *ceiling
	// ReplicaWeight and GroupWeight are the cost of one more replica, and of one group that
	// reads, against that of taking a record in.
	ReplicaWeight, GroupWeight float64
}

// Ceiling returns what one term alone would carry, records/s; +Inf for one that is not modelled.
func (m *Throughput) Ceiling(t Term, c Configuration) float64 {
	switch t {
	case ProducerTerm:
		if k, known := m.Producers[c.Compression]; known {
			return k.carries(float64(c.Producers), c.RecordBytes)
		}
	case PartitionTerm:
		if m.Partitions != nil {
			return m.Partitions.carries(float64(c.Partitions), c.WireBytes)
		}
	case BrokerTerm:
		return m.Brokers.carries(float64(c.Brokers), c.WireBytes) / m.work(c)
	case ConsumerTerm:
		if m.Members != nil && c.Members > 0 {
			return m.Members.carries(float64(min(c.Members, c.Partitions)), c.WireBytes)
		}
	}
	return math.Inf(1)
}

// work is what brokers do for a record, in units of taking it in.
func (m *Throughput) work(c Configuration) float64 {
	return 1 + m.ReplicaWeight*float64(c.ReplicationFactor-1) + m.GroupWeight*float64(c.Groups)
}

// Carries returns the highest rate that a configuration carries, records/s.
func (m *Throughput) Carries(c Configuration) float64 {
	ceilings := [...]float64{m.Ceiling(ProducerTerm, c), m.Ceiling(PartitionTerm, c), m.Ceiling(BrokerTerm, c), m.Ceiling(ConsumerTerm, c)}
	lowest := min(ceilings[0], ceilings[1], ceilings[2], ceilings[3])
	sum := 0.0
	for _, k := range ceilings {
		ratio := lowest / k
		ratio *= ratio
		ratio *= ratio
		sum += ratio * ratio // ratio^sharpness
	}
	return lowest * math.Pow(sum, -1.0/sharpness)
}

// Share returns how much of what keeps a configuration from carrying more is one term, in [0, 1].
func (m *Throughput) Share(t Term, c Configuration) float64 {
	return math.Pow(m.Ceiling(t, c)/m.Carries(c), -sharpness)
}

// Binding returns the term that bounds a configuration most.
func (m *Throughput) Binding(c Configuration) Term {
	best := BrokerTerm
	for _, t := range Terms() {
		if m.Ceiling(t, c) < m.Ceiling(best, c) {
			best = t
		}
	}
	return best
}
