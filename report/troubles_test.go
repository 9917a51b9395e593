package report

import (
	"slices"
	"strings"
	"testing"

	"kaliper/results"
)

// A case of a scenario about consumers, with medians of its metrics.
func consumersCase(name, path string, metrics map[string]results.MetricValue) *subject {
	return &subject{name: name, summary: results.SummaryCase{
		Settings: []results.Setting{{Path: path, Label: "members", Value: name}}, Metrics: metrics,
	}}
}

func TestAReportOnConsumersBeginsWithTheirTrouble(t *testing.T) {
	metrics := func(slope, drain, processed float64) map[string]results.MetricValue {
		of := func(unit string, median float64) results.MetricValue {
			return results.MetricValue{Unit: unit, Median: results.Number(median), N: 1}
		}
		return map[string]results.MetricValue{
			"offered.records_per_second": of("records/s", 2000), "lag.slope": of("records/s", slope), "drain.seconds": of("s", drain),
			"processed.p99": of("s", processed), "ack.p99": of("s", 0.01),
		}
	}
	for _, c := range []struct {
		name, path string
		cured      map[string]results.MetricValue
		troubled   []string
		first      string
	}{
		{"the lag grows no more", "consumers.workers.members", metrics(2, 20, 5), []string{"lag.slope"}, "Growth of the lag: 1,000 records/s with members 1, 2 records/s with members 4."},
		{"a shorter drain and faster handling", "consumers.workers.members", metrics(1000, 5, 1), []string{"drain.seconds", "processed.p99"}, "Time until the backlog was gone: 20.0 s with members 1, 5.00 s with members 4."},
		{"nothing differs", "consumers.workers.members", metrics(900, 19, 4.9), nil, "An answer."},
		{"settings of producers", "producers.checkout.clients", metrics(2, 20, 5), []string{"lag.slope"}, "An answer."},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, other := consumersCase("members 1", c.path, metrics(1000, 20, 5)), consumersCase("members 4", c.path, c.cured)
			other.baseline = base
			s := &study{subjects: []*subject{base, other}}
			if got := s.troubled(); !slices.Equal(got, c.troubled) {
				t.Errorf("troubled by %v, want %v", got, c.troubled)
			}
			told := s.withTroubles([]Sentence{{{Text: "An answer."}}})
			var first strings.Builder
			for _, span := range told[0] {
				first.WriteString(span.Text)
			}
			if got := strings.ReplaceAll(first.String(), "\u00a0", " "); got != c.first || len(told) != 1+len(c.troubled) {
				t.Errorf("%q of %d sentences, want %q of %d", got, len(told), c.first, 1+len(c.troubled))
			}
		})
	}
}

// Medians far apart say nothing where the trials of each case differ as much.
func TestATroubleWithinTheNoiseIsNotTold(t *testing.T) {
	of := func(lo, median, hi float64) map[string]results.MetricValue {
		return map[string]results.MetricValue{"processed_twice": {
			Unit: "records", Median: results.Number(median), N: 6,
			Interval: &results.ConfidenceInterval{Lo: results.Number(lo), Hi: results.Number(hi), Level: 0.97},
		}}
	}
	for name, c := range map[string]struct {
		cured map[string]results.MetricValue
		told  bool
	}{"overlapping": {of(20, 100, 500), false}, "apart": {of(0, 0, 40), true}} {
		t.Run(name, func(t *testing.T) {
			base, other := consumersCase("none", "consumers.workers.dedup.mode", of(300, 900, 1000)), consumersCase("claim", "consumers.workers.dedup.mode", c.cured)
			other.baseline = base
			s := &study{subjects: []*subject{base, other}}
			if told := len(s.troublesTold()) > 0; told != c.told || len(s.troubled()) > 0 != c.told {
				t.Errorf("told: %v, troubled by %v", told, s.troubled())
			}
		})
	}
}
