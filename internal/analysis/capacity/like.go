package capacity

import "slices"

// Configuration returns the smallest configuration that could be asked for.
func (d Demand) Configuration() Configuration {
	c := Configuration{
		Partitions: max(d.Members, 1), Producers: 1, Members: d.Members, Groups: d.Groups,
		ReplicationFactor: d.ReplicationFactor, Brokers: 1,
		RecordBytes: d.RecordBytes, WireBytes: d.WireBytes, Compression: d.Compression,
		LingerSeconds: d.LingerSeconds, BatchBytes: d.BatchBytes, Spread: 1,
	}
	if d.Groups > 0 {
		c.Members = max(c.Members, 1)
	}
	return c
}

// like returns the groups that a configuration is held against: those of its codec, its replicas
// and its number of consumer groups. Where such were not measured, the next more of them stand for
// them, else the most.
func (f *Fit) like(c Configuration) []Group {
	var found []Group
	for _, g := range f.Groups {
		if g.Compression == c.Compression {
			found = append(found, g)
		}
	}
	for _, d := range []Dimension{ReplicationFactor, ConsumerGroups} {
		found = nearest(found, d, c.Value(d))
	}
	return found
}

// nearest returns the groups with the smallest value of a dimension that is no less than asked for,
// else those with the largest.
func nearest(groups []Group, d Dimension, asked float64) []Group {
	best := -1.0
	for _, g := range groups {
		at := g.Value(d)
		if best < 0 || at >= asked && (at < best || best < asked) || at < asked && at > best {
			best = at
		}
	}
	return slices.DeleteFunc(slices.Clone(groups), func(g Group) bool { return g.Value(d) != best })
}

// carriedAs returns the highest rate of records of some size that the group shows to be possible:
// as many as it carried where its own are no smaller, else as many bytes.
func (g Group) carriedAs(recordBytes float64) float64 {
	if sameLevel(g.RecordBytes, recordBytes) {
		return g.Carried()
	}
	return g.Carried() * min(1, g.RecordBytes/recordBytes)
}

// HighestMeasured returns the highest rate of records like the configuration's that any trial shows
// to be possible, records/s.
func (f *Fit) HighestMeasured(c Configuration) float64 {
	highest := 0.0
	for _, g := range f.like(c) {
		highest = max(highest, g.carriedAs(c.RecordBytes))
	}
	return highest
}

// showing returns the groups that show a rate of records like the configuration's to be possible:
// they carried it, with no fewer replicas and consumer groups.
func (f *Fit) showing(c Configuration, rate float64) []Group {
	var found []Group
	for _, g := range f.like(c) {
		if g.ReplicationFactor >= c.ReplicationFactor && g.Groups >= c.Groups && g.carriedAs(c.RecordBytes) >= rate {
			found = append(found, g)
		}
	}
	return found
}

// suffices says whether a configuration carries a rate: by the lower end of its prediction, or
// because a trial with no more of anything did.
func (f *Fit) suffices(c Configuration, rate float64) bool {
	if f.Carries(c).Lo >= rate {
		return true
	}
	for _, g := range f.showing(c, rate) {
		if g.Partitions <= c.Partitions && g.Producers <= c.Producers && g.Brokers <= c.Brokers && (c.Groups == 0 || g.Members <= c.Members) {
			return true
		}
	}
	return false
}
