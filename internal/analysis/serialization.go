package analysis

import (
	"kaliper/internal/measure"
	"kaliper/results"
)

// serializationFigures are what serializing, or the other way round, took; the zero value where
// no values have a schema.
type serializationFigures struct {
	took    *measure.Histogram
	seconds float64 // exact, where the histogram has a grain of half a microsecond
}

func (s *serializationFigures) add(other serializationFigures) {
	if other.took == nil {
		return
	}
	if s.took == nil {
		s.took = measure.NewHistogram()
	}
	s.took.Merge(other.took)
	s.seconds += other.seconds
}

// set adds the metrics; the mean is that of the sum.
func (s serializationFigures) set(t *table, group, name string) {
	if s.took == nil || s.took.Count() == 0 {
		return
	}
	t.latency(group, name, s.took, 0)
	t.set(group, name+".mean", s.seconds/float64(s.took.Count()))
}

func (f *figures) serialization(where string, totals *results.SerializationTotals) serializationFigures {
	if totals == nil {
		return serializationFigures{}
	}
	return serializationFigures{f.decode(where, totals.Took), totals.Seconds}
}

// mergeSerialization adds an interval of a trial that was killed.
func (f *figures) mergeSerialization(where string, s *results.Serialization, to *serializationFigures) {
	if s == nil {
		return
	}
	if to.took == nil {
		to.took = measure.NewHistogram()
	}
	f.merge(where, s.Took.Window, to.took)
	to.seconds += s.WindowSeconds
}
