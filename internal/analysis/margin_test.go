package analysis

import (
	"math"
	"testing"
)

func TestAMarginTellsEquivalentFromUnknown(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		name            string
		base, candidate []float64
		want            Change
	}{
		{"sides that are surely within 5%", []float64{1, 1.01, 0.99, 1, 1.01, 0.99}, []float64{1.01, 1.01, 0.99, 1, 1, 1}, Equivalent},
		{"a sure difference that is surely within 5%", []float64{1, 1, 1, 1, 1, 1}, []float64{1.02, 1.021, 1.022, 1.023, 1.024, 1.025}, Equivalent},
		{"noise that hides any difference", []float64{1, 2, 0.5, 1.5, 0.7, 1.2}, []float64{2, 1, 1.5, 0.5, 1.2, 0.7}, CannotTell},
		{"20% more latency", []float64{1, 1, 1, 1, 1, 1}, []float64{1.2, 1.21, 1.19, 1.2, 1.22, 1.18}, Worse},
		{"20% less latency", []float64{1, 1, 1, 1, 1, 1}, []float64{0.8, 0.81, 0.79, 0.8, 0.82, 0.78}, Better},
		{"two infinite latencies", []float64{inf, inf, inf, inf, inf, inf}, []float64{inf, inf, inf, inf, inf, inf}, Equivalent},
		{"nothing on both sides", []float64{0, 0, 0, 0, 0, 0}, []float64{0, 0, 0, 0, 0, 0}, Equivalent},
		{"too few trials for any claim", []float64{1, 1, 1}, []float64{2, 2, 2}, CannotTell},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := Compare(caseOf("ack.p99", test.base...), caseOf("ack.p99", test.candidate...), true)[0]
			if got := c.Judge(0.05); got != test.want {
				t.Errorf("%s, want %s: %s", got, test.want, c.Text())
			}
		})
	}
}
