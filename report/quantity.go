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
	if v.Interval != nil && v.Interval.Level >= leastLevel && split(float64(v.Interval.Lo), v.Unit) != split(float64(v.Interval.Hi), v.Unit) {
		q.interval = between(float64(v.Interval.Lo), float64(v.Interval.Hi), v.Unit, q.unit)
	}
	return q
}

// split formats a measured value in a base unit and takes number and unit apart. What is measured
// keeps its three digits (16.0 ms beside 15.9 ms), and bytes of a record stay bytes.
func split(value float64, base string) quantity {
	if base == "bytes/record" && value < 1e6 {
		return quantity{number: unit.Format(value, "1"), unit: "B/record"}
	}
	text := unit.Format(value, base)
	number, suffix, found := strings.Cut(text, noBreakSpace)
	if !found {
		return quantity{number: text}
	}
	if base == "s" || base == "s/record" {
		number = threeDigits(number)
	}
	return quantity{number: number, unit: suffix}
}

// threeDigits appends the zeros that a whole number of one or two digits lacks.
func threeDigits(number string) string {
	switch {
	case number == "0" || strings.Trim(number, "0123456789") != "":
		return number
	case len(number) == 1:
		return number + ".00"
	case len(number) == 2:
		return number + ".0"
	}
	return number
}

// between formats an interval, without the unit where that is the one of the value.
func between(lo, hi float64, base, suffix string) string {
	low, high := split(lo, base), split(hi, base)
	text := low.number
	if strings.HasSuffix(high.number, "%") {
		text = strings.TrimSuffix(text, "%")
	}
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

// manyTimes is the ratio from which on "397 times" is clearer than "39,600% more".
const manyTimes = 10

// change formats a ratio as a change in per cent with its sign, +47.9% or −66.9%, and one of ten
// times or more as that: ×397.
func change(ratio float64) string {
	switch {
	case math.IsNaN(ratio):
		return "unknown"
	case math.IsInf(ratio, 1):
		return "+∞"
	}
	if ratio >= manyTimes {
		return "×" + split(ratio, "1").number
	}
	percent := 100 * (ratio - 1)
	sign := "+"
	switch {
	case math.Abs(percent) < 0.05:
		sign = "±"
	case percent < 0:
		sign = "−"
	}
	return sign + percentDigits(percent) + "%"
}

// percentDigits prints the size of a percentage: 0.4, 47.9, 204, 1,240.
func percentDigits(percent float64) string {
	size := math.Abs(percent)
	if size >= 99.95 {
		return count(int64(math.Round(size)))
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
