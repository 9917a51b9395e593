package capacity

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Configuration is all that a prediction depends on, but for the rate.
type Configuration struct {
	Partitions        int `json:"partitions"` // of all topics that are written
	Producers         int `json:"producers"`  // independent clients
	Members           int `json:"members"`    // of the smallest consumer group; 0: nobody reads
	Groups            int `json:"groups"`     // of consumers
	ReplicationFactor int `json:"replication_factor"`
	Brokers           int `json:"brokers"`
	// RecordBytes are key and value of a record; WireBytes are what is left of them after
	// compression, with a record's share of its batch's overhead.
	RecordBytes float64 `json:"record_bytes"`
	WireBytes   float64 `json:"wire_bytes"`
	Compression string  `json:"compression"`

	LingerSeconds float64 `json:"linger_seconds"`
	BatchBytes    float64 `json:"batch_bytes"` // batch.size
	// Spread is how many batches a producer fills at the same time: 1 where records have no
	// keys and stick to a partition, else the number of partitions.
	Spread int `json:"spread"`
}

// group is what makes two trials trials of the same configuration. Record sizes are compared after
// poolSizes.
func (c Configuration) group() string {
	return fmt.Sprintf("%d partitions, %d producers, %d members, %d groups, RF %d, %d brokers, %g, %s, %g s, %g B, %d",
		c.Partitions, c.Producers, c.Members, c.Groups, c.ReplicationFactor, c.Brokers, c.RecordBytes, c.Compression,
		c.LingerSeconds, c.BatchBytes, c.Spread)
}

// Observation is one trial.
type Observation struct {
	Name string `json:"name"` // for people: RUN#CASE/N
	Configuration
	// Offered is the scheduled rate, records/s; 0 in the closed loop.
	Offered float64 `json:"offered"`
	// Through is what came through to the slowest of acknowledgements and consumer groups.
	Through float64 `json:"through"`
	// Saturated says that Through is what the system can do, and not what it was asked for.
	Saturated bool `json:"saturated"`
	// P50 and P99 are of the response latency in seconds; 0 where not measured, or infinite.
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	// Records is how many records RecordBytes is the mean of; 0 where it is known exactly.
	Records int64 `json:"records,omitempty"`
	// Seconds and BytesWritten (to all replicas) are how long and how much the trial loaded.
	Seconds      float64 `json:"seconds"`
	BytesWritten float64 `json:"bytes_written"`
}

// Group is the observations of one configuration.
type Group struct {
	Configuration
	Observations []Observation
}

// Groups gathers observations by configuration, in the order in which they first appear. Batches
// are fuller at a higher rate, so that a group's bytes on the wire are those of its saturated trials.
func Groups(observations []Observation) []Group {
	observations = poolSizes(observations)
	var groups []Group
	at := map[string]int{}
	for _, o := range observations {
		key := o.Configuration.group()
		i, known := at[key]
		if !known {
			i = len(groups)
			at[key] = i
			groups = append(groups, Group{Configuration: o.Configuration})
		}
		groups[i].Observations = append(groups[i].Observations, o)
	}
	for i := range groups {
		groups[i].settle()
		sum, n := 0.0, 0
		for _, o := range groups[i].Observations {
			if o.Saturated {
				sum += o.WireBytes
				n++
			}
		}
		if n > 0 {
			groups[i].WireBytes = sum / float64(n)
		}
	}
	return groups
}

// disturbed is the share of what a configuration carried in another trial below which a rate that a
// trial did not reach says nothing about what the system can do: something else was in its way.
const disturbed = 0.9

// settle takes trials at a rate that they did not reach, though another trial carried clearly more,
// for what they are worth: they carried what they carried.
func (g *Group) settle() {
	carried := g.Carried()
	for i := range g.Observations {
		if o := &g.Observations[i]; o.Saturated && o.Offered > 0 && o.Through < disturbed*carried {
			o.Saturated, o.P50, o.P99 = false, 0, 0
		}
	}
}

// Capacity returns the geometric mean of what the group's saturated trials carried, and false
// where there is none.
func (g Group) Capacity() (recordsPerSecond float64, measured bool) {
	sum, n := 0.0, 0
	for _, o := range g.Observations {
		if o.Saturated && o.Through > 0 {
			sum += math.Log(o.Through)
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	return math.Exp(sum / float64(n)), true
}

// WireBytes returns what a record of some size has on the wire with a codec: between two sizes that
// were measured on the line through both, else in proportion to the nearest; false for a codec
// that was not measured.
func WireBytes(groups []Group, codec string, recordBytes float64) (bytes float64, known bool) {
	var below, above Group
	for _, g := range groups {
		if g.Compression != codec {
			continue
		}
		if g.RecordBytes <= recordBytes && g.RecordBytes > below.RecordBytes {
			below = g
		}
		if g.RecordBytes >= recordBytes && (above.RecordBytes == 0 || g.RecordBytes < above.RecordBytes) {
			above = g
		}
	}
	switch {
	case below.RecordBytes == 0 && above.RecordBytes == 0:
		return 0, false
	case below.RecordBytes == 0:
		return above.WireBytes / above.RecordBytes * recordBytes, true
	case above.RecordBytes == 0 || above.RecordBytes == below.RecordBytes:
		return below.WireBytes / below.RecordBytes * recordBytes, true
	}
	share := (recordBytes - below.RecordBytes) / (above.RecordBytes - below.RecordBytes)
	return below.WireBytes + share*(above.WireBytes-below.WireBytes), true
}

// Carried returns the highest rate that came through in any trial of the group.
func (g Group) Carried() float64 {
	highest := 0.0
	for _, o := range g.Observations {
		highest = max(highest, o.Through)
	}
	return highest
}

// Dimension is one number of a configuration.
type Dimension string

// The dimensions.
const (
	Partitions        Dimension = "partitions"
	Producers         Dimension = "producers"
	Members           Dimension = "members"
	ConsumerGroups    Dimension = "groups"
	ReplicationFactor Dimension = "replication_factor"
	Brokers           Dimension = "brokers"
	RecordBytes       Dimension = "record_bytes"
)

// Dimensions returns all dimensions.
func Dimensions() []Dimension {
	return []Dimension{Partitions, Producers, Members, ConsumerGroups, ReplicationFactor, Brokers, RecordBytes}
}

// Value returns the configuration's place on a dimension.
func (c Configuration) Value(d Dimension) float64 {
	switch d {
	case Partitions:
		return float64(c.Partitions)
	case Producers:
		return float64(c.Producers)
	case Members:
		return float64(c.Members)
	case ConsumerGroups:
		return float64(c.Groups)
	case ReplicationFactor:
		return float64(c.ReplicationFactor)
	case Brokers:
		return float64(c.Brokers)
	default:
		return c.RecordBytes
	}
}

// With returns the configuration with another count.
func (c Configuration) With(d Dimension, n int) Configuration {
	switch d {
	case Partitions:
		c.Partitions = n
	case Producers:
		c.Producers = n
	case Members:
		// Members without a partition read nothing.
		c.Members, c.Partitions = n, max(c.Partitions, n)
	case ConsumerGroups:
		c.Groups = n
	case ReplicationFactor:
		c.ReplicationFactor = n
	case Brokers:
		c.Brokers = n
	}
	return c
}

// levels returns the values of a dimension that were measured, in rising order.
func levels(groups []Group, d Dimension) []float64 {
	var values []float64
	for _, g := range groups {
		if v := g.Value(d); v > 0 {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return slices.CompactFunc(values, func(a, b float64) bool { return sameLevel(a, b) })
}

// sameLevel compares counts exactly, and sizes of 64 bytes and more within 5%.
func sameLevel(a, b float64) bool {
	const exact = 64
	if max(a, b) < exact {
		return a == b
	}
	return math.Abs(a-b) <= 0.05*max(a, b)
}

// compressions returns the codecs that were measured, sorted.
func compressions(groups []Group) []string {
	var names []string
	for _, g := range groups {
		names = append(names, g.Compression)
	}
	slices.SortFunc(names, cmp.Compare[string])
	return slices.Compact(names)
}
