package plot

import (
	"math"
	"strconv"
	"strings"

	gonum "gonum.org/v1/plot"
)

// fromZero is a gonum Ticker for a linear axis from 0 whose steps are 1, 2 or 5 times a power
// of ten.
type fromZero struct {
	steps int // about as many
}

// Ticks implements gonum's Ticker.
func (f fromZero) Ticks(_, highest float64) []gonum.Tick {
	step := niceStep(highest / float64(f.steps))
	var ticks []gonum.Tick
	for i := 0; float64(i)*step <= highest*(1+1e-9); i++ {
		ticks = append(ticks, gonum.Tick{Value: float64(i) * step, Label: number(float64(i) * step)})
	}
	return ticks
}

// ceiling returns the end of a linear axis from 0 that ends on a tick.
func (f fromZero) ceiling(highest float64) float64 {
	if !(highest > 0) {
		return 1
	}
	step := niceStep(highest / float64(f.steps))
	return math.Ceil(highest/step-1e-9) * step
}

func niceStep(rough float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{1, 2, 5} {
		if rough <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// logSteps is a gonum Ticker for a logarithmic axis: 1, 2 and 5 in every decade while that is at
// most count ticks, and the powers of ten, or of a hundred, beyond.
type logSteps struct {
	count int
}

// Ticks implements gonum's Ticker.
func (l logSteps) Ticks(lowest, highest float64) []gonum.Tick {
	var ticks []gonum.Tick
	for _, mantissas := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
		ticks = nil
		for e := int(math.Floor(math.Log10(lowest))); e <= int(math.Ceil(math.Log10(highest))); e++ {
			for _, m := range mantissas {
				v := m * math.Pow(10, float64(e))
				if v >= lowest*(1-1e-9) && v <= highest*(1+1e-9) {
					ticks = append(ticks, gonum.Tick{Value: v, Label: number(v)})
				}
			}
		}
		if len(ticks) <= l.count {
			break
		}
	}
	return ticks
}

// logRange returns an axis that holds the values and ends on 1, 2 or 5 times powers of ten.
func logRange(lowest, highest float64) (from, to float64) {
	if !(lowest > 0) || !(highest >= lowest) {
		return 1, 10
	}
	from, to = logStepBelow(lowest), niceStep(highest)
	if to <= from*1.5 {
		to = niceStep(to * 1.01)
	}
	return from, to
}

func logStepBelow(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{5, 2} {
		if v >= m*power*(1-1e-9) {
			return m * power
		}
	}
	return power
}

// number prints a tick's value: thousands grouped, no idle decimals, a true minus.
func number(v float64) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', -1, 64)
	if rounded := strconv.FormatFloat(math.Abs(v), 'g', 6, 64); !strings.Contains(rounded, "e") {
		s = rounded
	}
	whole, fraction, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if v < 0 {
		whole = "−" + whole
	}
	return whole
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
