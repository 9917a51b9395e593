package capacity

import (
	"math"
	"testing"
)

func TestSizesThatDifferByChanceAreOne(t *testing.T) {
	of := func(bytes float64, records int64) Observation {
		return Observation{Configuration: Configuration{RecordBytes: bytes}, Records: records}
	}
	for name, test := range map[string]struct {
		observations []Observation
		sizes        []float64
	}{
		"the same":                         {[]Observation{of(100, 10), of(100, 10)}, []float64{100}},
		"few per cent of many records":     {[]Observation{of(102, 1e6), of(98, 1e6)}, []float64{100}},
		"weighed by their records":         {[]Observation{of(100, 3000), of(104, 1000)}, []float64{101}},
		"a tenth of few records":           {[]Observation{of(97.1, 300), of(107, 300)}, []float64{102.05}},
		"a tenth of many records":          {[]Observation{of(97.1, 1e5), of(107, 1e5)}, []float64{97.1, 107}},
		"a tenth that is known exactly":    {[]Observation{of(100, 0), of(110, 0)}, []float64{100, 110}},
		"steps of 4% are not all one size": {[]Observation{of(100, 1e6), of(104, 1e6), of(108, 1e6), of(112, 1e6)}, []float64{102, 110}},
		"near the edge of a step":          {[]Observation{of(99.9, 1e6), of(100.1, 1e6), of(102.4, 1e6), of(102.6, 1e6)}, []float64{101.25}},
	} {
		t.Run(name, func(t *testing.T) {
			groups := Groups(test.observations)
			got := levels(groups, RecordBytes)
			if len(groups) != len(test.sizes) || len(got) != len(test.sizes) {
				t.Fatalf("%d groups, sizes %v, want %v", len(groups), got, test.sizes)
			}
			for i := range got {
				if math.Abs(got[i]-test.sizes[i]) > 1e-9 {
					t.Errorf("sizes %v, want %v", got, test.sizes)
				}
			}
		})
	}
}
