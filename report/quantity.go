package report

import (
	"math"
	"strconv"
	"strings"

	"kaliper/internal/unit"
	"kaliper/results"
)

const noBreakSpace = "\u00a0"

// quantity is a metric's value as people read it, with its interval in the same unit.
type quantity struct {
	number   string // 14.7
	unit     string // ms
	interval string // 14.4–15.1; empty where there is none
}

func (q quantity) String() string {
	if q.unit == "" {
		return q.number
	}
	if q.unit == "%" {
		return q.number + q.unit
	}
	return q.number + noBreakSpace + q.unit
}

// quantityOf formats a metric of a case.
func quantityOf(v results.MetricValue) quantity {
	q := split(float64(v.Median), v.Unit)
	if v.Interval != nil {
		q.interval = between(float64(v.Interval.Lo), float64(v.Interval.Hi), v.Unit, q.unit)
	}
	return q
}

// split formats a value in a base unit and takes number and unit apart.
func split(value float64, base string) quantity {
	text := unit.Format(value, base)
	number, suffix, found := strings.Cut(text, noBreakSpace)
	if !found {
		return quantity{number: text}
	}
	return quantity{number: number, unit: suffix}
}

// between formats an interval, without the unit where that is the one of the value.
func between(lo, hi float64, base, suffix string) string {
	low, high := split(lo, base), split(hi, base)
	text := low.number
	if low.unit != high.unit && low.unit != "" && high.unit != "" {
		text = low.String()
	}
	text += "–"
	if high.unit == suffix || high.unit == "" {
		return text + high.number
	}
	return text + high.String()
}

// value formats a single value.
func value(v float64, base string) string { return split(v, base).String() }

// count prints a whole number with its thousands grouped.
func count(n int64) string { return unit.Format(float64(n), "1") }

// change formats a ratio as a change in per cent with its sign: +47.9%, −66.9%.
func change(ratio float64) string {
	switch {
	case math.IsNaN(ratio):
		return "unknown"
	case math.IsInf(ratio, 1):
		return "+∞"
	}
	percent := 100 * (ratio - 1)
	sign := "+"
	if percent < 0 {
		sign = "−"
	}
	return sign + percentDigits(percent) + "%"
}

// percentDigits prints the size of a percentage: 0.35, 3.5, 47.9, 204, 1,240.
func percentDigits(percent float64) string {
	size := math.Abs(percent)
	switch {
	case size >= 99.95:
		return count(int64(math.Round(size)))
	case size < 0.995 && size > 0:
		return strconv.FormatFloat(size, 'f', 2, 64)
	}
	return strconv.FormatFloat(size, 'f', 1, 64)
}

// axisUnit is the unit in which a chart of latencies is drawn.
type axisUnit struct {
	name   string  // milliseconds
	symbol string  // ms
	factor float64 // units in a second
}

// axisUnitFor returns the unit in which the typical latency has one to four digits.
func axisUnitFor(typicalSeconds float64) axisUnit {
	switch {
	case typicalSeconds >= 20:
		return axisUnit{"seconds", "s", 1}
	case typicalSeconds < 0.2e-3:
		return axisUnit{"microseconds", "µs", 1e6}
	}
	return axisUnit{"milliseconds", "ms", 1e3}
}
