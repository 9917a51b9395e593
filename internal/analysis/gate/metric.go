package gate

import (
	"errors"
	"fmt"
	"math"
)

// Metric is what a gate watches: its direction and its margins.
type Metric struct {
	Name         string
	HigherBetter bool
	// Tolerate is the change for the worse that may be, Detect the one that must be found, as
	// shares of the base: 0.05 is 5%.
	Tolerate, Detect float64
}

// check says what is wrong with the margins.
func (m Metric) check() error {
	switch {
	case !(m.Tolerate >= 0) || math.IsInf(m.Tolerate, 0):
		return fmt.Errorf("metric %s: tolerate must be 0%% or more", m.Name)
	case !(m.Detect > m.Tolerate) || math.IsInf(m.Detect, 0):
		return fmt.Errorf("metric %s: detect must be more than tolerate: between the two lies what the gate may decide either way", m.Name)
	case m.HigherBetter && m.Detect >= 1:
		return fmt.Errorf("metric %s: detect must be less than 100%%: higher is better, and nothing falls by more than all of it", m.Name)
	}
	return nil
}

// margin returns a change for the worse on the scale of differences.
func (m Metric) margin(share float64) float64 {
	if m.HigherBetter {
		return -math.Log1p(-share)
	}
	return math.Log1p(share)
}

// Change turns a difference into the candidate's change against the base: 0.05 where it is 5%
// higher.
func (m Metric) Change(difference float64) float64 {
	if m.HigherBetter {
		difference = -difference
	}
	return math.Expm1(difference)
}

// errNoDifference is for pairs of which nothing can be said.
var errNoDifference = errors.New("a gate compares values from 0 to infinity")

// Difference returns by how much the candidate is worse, as the logarithm of a ratio. Both
// zero or both infinite differ by nothing, one of them alone without bound.
func (m Metric) Difference(base, candidate float64) (float64, error) {
	if !(base >= 0) || !(candidate >= 0) {
		return 0, fmt.Errorf("metric %s: base %v, candidate %v: %w", m.Name, base, candidate, errNoDifference)
	}
	if base == candidate {
		return 0, nil
	}
	d := math.Log(candidate) - math.Log(base)
	if m.HigherBetter {
		d = -d
	}
	return d, nil
}
