package unit

import (
	"math"
	"strconv"
	"strings"
)

// scale is one printed unit of a base unit.
type scale struct {
	name   string
	factor float64 // base units
}

var (
	// Latencies stay in seconds up to two minutes: "90.0 s" compares with "4.2 s" at a glance,
	// "1.5 min" does not.
	secondScales = []scale{{"ns", 1e-9}, {"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}}
	byteScales   = []scale{{"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}}
)

// Format prints a value in a base unit for people: three significant digits, a prefix that
// keeps them short, a no-break space before the unit (none before %), a true minus, "∞" and "unknown" (NaN).
//
// Base units are "s", "bytes", "bytes/s", "records", "records/s", "ratio", "1" (a plain
// number), and compounds such as "bytes/record" and "s/record"; others are printed as they are.
func Format(value float64, unit string) string {
	switch {
	case math.IsNaN(value):
		return "unknown"
	case math.IsInf(value, 1):
		return "∞"
	case math.IsInf(value, -1):
		return minus + "∞"
	case value < 0:
		return minus + Format(-value, unit)
	}
	switch unit {
	case "1", "":
		return Number(value)
	case "ratio":
		return percent(value)
	case "s":
		return scaled(value, secondScales, 120, "")
	}
	base, per, compound := strings.Cut(unit, "/")
	if compound {
		per = "/" + per
	}
	switch base {
	case "s": // s/record: never minutes per record
		return scaled(value, secondScales[:4], math.Inf(1), per)
	case "bytes":
		return scaled(value, byteScales, 0, per)
	default:
		return Number(value) + noBreakSpace + unit
	}
}

// scaled prints value in the largest scale that leaves at least one before the point. Scales
// above the base unit are used from floor base units on.
func scaled(value float64, scales []scale, floor float64, per string) string {
	chosen := scales[0]
	for _, s := range scales {
		if s.factor > 1 && value < floor {
			break
		}
		// 999.6 µs rounds to 1,000 µs with three digits: that is 1.00 ms.
		if roundSignificant(value) >= s.factor*(1-1e-12) {
			chosen = s
		}
	}
	if value == 0 {
		for _, s := range scales {
			if s.factor == 1 {
				chosen = s
			}
		}
		return "0" + noBreakSpace + chosen.name + per
	}
	if chosen.factor == 1 && chosen.name == "B" && value == math.Trunc(value) {
		return Number(value) + noBreakSpace + chosen.name + per
	}
	return Number(roundSignificant(roundSignificant(value)/chosen.factor)) + noBreakSpace + chosen.name + per
}

// percent prints a ratio as a percentage.
func percent(value float64) string { return Number(roundSignificant(value*100)) + "%" }

// Number prints a plain number with three significant digits, but whole numbers of 100 and
// more with all their digits in groups of three ("20,000").
func Number(value float64) string {
	switch {
	case math.IsNaN(value):
		return "unknown"
	case math.IsInf(value, 1):
		return "∞"
	case value < 0:
		return minus + Number(-value)
	case value == 0:
		return "0"
	case value >= 1e15 || value < 1e-6:
		return strconv.FormatFloat(value, 'e', 2, 64)
	}
	if value == math.Trunc(value) || value >= 100 {
		return groupThousands(strconv.FormatFloat(math.Round(value), 'f', 0, 64))
	}
	digits := max(0, 2-int(math.Floor(math.Log10(roundSignificant(value)))))
	return strconv.FormatFloat(value, 'f', digits, 64)
}

// roundSignificant rounds to three significant digits.
func roundSignificant(value float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(value, 'e', 2, 64), 64)
	if err != nil {
		return value
	}
	return rounded
}

func groupThousands(digits string) string {
	if len(digits) <= 3 {
		return digits
	}
	return groupThousands(digits[:len(digits)-3]) + "," + digits[len(digits)-3:]
}
