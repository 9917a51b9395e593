package stats

import (
	"math"
	"testing"
)

func TestTheKneeIsWhereACurveGetsSteep(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	for _, test := range []struct {
		name string
		y    []float64
		want int // -1 for none
	}{
		{"a hockey stick", []float64{1, 1, 1, 1, 1, 1, 5, 9}, 5},
		{"one that bends early", []float64{1, 1, 1, 3, 5, 7, 9, 11}, 2},
		{"a straight line", []float64{1, 2, 3, 4, 5, 6, 7, 8}, -1},
		{"one that falls", []float64{9, 8, 7, 6, 5, 4, 3, 2}, -1},
		{"one that bends the other way", []float64{1, 6, 7, 8, 8, 8, 8, 8}, -1},
		{"too few points", []float64{1, 1, 9}, -1},
		{"unknown values", []float64{math.NaN(), 1, 1, 1, 1, 1, 5, 9}, -1},
	} {
		index, ok := Knee(x[:len(test.y)], test.y)
		if ok != (test.want >= 0) || ok && index != test.want {
			t.Errorf("%s: %d, %v; want %d", test.name, index, ok, test.want)
		}
	}
}
