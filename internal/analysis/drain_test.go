package analysis

import (
	"math"
	"testing"
)

// falling is a lag that rises to peak at 10 s, then falls by so many records a second.
func falling(peak, perSecond float64, seconds int) (points []lagPoint) {
	for at := 1; at <= 10; at++ {
		points = append(points, lagPoint{float64(at), peak * float64(at) / 10})
	}
	for after := 1; after <= seconds; after++ {
		points = append(points, lagPoint{float64(10 + after), max(peak-perSecond*float64(after), 0)})
	}
	return points
}

func TestADrainLastsFromTheLargestLagUntilItIsNormal(t *testing.T) {
	for _, c := range []struct {
		name                 string
		points               []lagPoint
		normal, read         float64
		seconds, asPredicted float64
	}{
		{"a steady drain", falling(100_000, 10_000, 15), 1_000, 0, 9.9, 9.9},
		{"never more than normal", falling(1_500, 500, 5), 1_000, 0, 0, 0},
		{"it does not come back", falling(100_000, 1_000, 15), 1_000, 0, math.Inf(1), 99},
		{"it grows on", falling(100_000, -1_000, 15), 1_000, 0, math.Inf(1), math.Inf(1)},
		{"read to the end after the last reading", falling(100_000, 10_000, 5), 1_000, 16, 5.98, 9.9},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := drained(c.points, c.normal, c.read)
			if !about(got.seconds, c.seconds) || !about(got.predicted, c.asPredicted) {
				t.Errorf("%+v, want %v and %v", got, c.seconds, c.asPredicted)
			}
		})
	}
	if got := drained(nil, 1_000, 0); !math.IsNaN(got.seconds) {
		t.Errorf("without any reading: %+v", got)
	}
}

func about(a, b float64) bool { return a == b || math.Abs(a-b) < 0.01 }
