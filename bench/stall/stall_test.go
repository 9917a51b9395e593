package main

import (
	"math"
	"testing"
)

func TestTheTruthAboutAStall(t *testing.T) {
	tests := []struct {
		name                          string
		stall, window, rate, capacity float64
		want                          float64
	}{
		{"with capacity without end the backlog goes at once", 3, 20, 20_000, math.Inf(1), 2.8},
		{"at capacity the backlog never goes", 3, 20, 20_000, 20_000, 3},
		{"at twice the rate", 3, 20, 20_000, 40_000, 2.9},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := expectedP99(test.stall, test.window, test.rate, test.capacity); math.Abs(got-test.want) > 1e-9 {
				t.Errorf("%g s, want %g s", got, test.want)
			}
		})
	}
}
