package metric

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kaliper/internal/unit"
)

// Op compares a metric with a value.
type Op string

// The comparisons.
const (
	Less           Op = "<"
	LessOrEqual    Op = "<="
	Greater        Op = ">"
	GreaterOrEqual Op = ">="
	Equal          Op = "=="
	NotEqual       Op = "!="
)

// Condition is a metric compared with a value.
type Condition struct {
	Ref   Ref
	Op    Op
	Value float64 // in the metric's base unit
	Text  string  // as it was written, blanks evened out
}

// String returns the condition as ParseCondition reads it.
func (c Condition) String() string { return c.Text }

// ParseCondition reads a condition such as "checkout.ack.p99 < 80ms" or "lost == 0". The
// value's unit must be the metric's.
func ParseCondition(text string, groups []string) (Condition, error) {
	at := strings.IndexAny(text, "<>=!≤≥")
	if at < 0 {
		return Condition{}, fmt.Errorf("condition %q has no comparison; write for example ack.p99 < 50ms", text)
	}
	name := strings.TrimSpace(text[:at])
	op, value, err := cutOp(text[at:])
	if err != nil {
		return Condition{}, fmt.Errorf("condition %q: %w", text, err)
	}
	if name == "" || value == "" {
		return Condition{}, fmt.Errorf("condition %q lacks one of its sides; write for example ack.p99 < 50ms", text)
	}
	ref, err := Parse(name, groups)
	if err != nil {
		return Condition{}, fmt.Errorf("condition %q: %w", text, err)
	}
	number, err := parseValue(value, ref.Definition)
	if err != nil {
		return Condition{}, fmt.Errorf("condition %q: %w", text, err)
	}
	return Condition{Ref: ref, Op: op, Value: number, Text: fmt.Sprintf("%s %s %s", ref, op, value)}, nil
}

// cutOp splits the comparison from what follows it.
func cutOp(text string) (Op, string, error) {
	for _, op := range []Op{LessOrEqual, GreaterOrEqual, Equal, NotEqual, Less, Greater} {
		if rest, found := strings.CutPrefix(text, string(op)); found {
			return op, strings.TrimSpace(rest), nil
		}
	}
	for wrong, right := range map[string]Op{"=": Equal, "!": NotEqual, "≤": LessOrEqual, "≥": GreaterOrEqual} {
		if strings.HasPrefix(text, wrong) {
			return "", "", fmt.Errorf("%q is no comparison; write %s", wrong, right)
		}
	}
	return "", "", fmt.Errorf("no comparison; use <, <=, >, >=, == or !=")
}

// parseValue reads a value in the unit of the metric.
func parseValue(text string, d Definition) (float64, error) {
	base, per, compound := strings.Cut(d.Unit, "/")
	amount := text
	if compound && per == "record" {
		amount = strings.TrimSuffix(text, "/record")
	}
	var value float64
	var err error
	switch {
	case compound && per == "s":
		value, err = parseRate(amount, base)
	case base == "s":
		value, err = parseSeconds(amount)
	case base == "bytes":
		var bytes int64
		bytes, err = unit.ParseSize(amount)
		value = float64(bytes)
	case base == "ratio":
		value, err = unit.ParseRatio(amount)
	default: // records, 1
		value, err = strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(amount, "records")), 64)
		if err != nil {
			err = fmt.Errorf("%q is not a number", text)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("%s is in %s: %w", d.Name, inWords(d.Unit), err)
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return 0, fmt.Errorf("%s is in %s: %q is not a number", d.Name, inWords(d.Unit), text)
	}
	return value, nil
}

// parseRate reads a rate; 0 and negative ones too, for lag.slope <= 0.
func parseRate(text, base string) (float64, error) {
	negative := strings.HasPrefix(text, "-")
	if text == "0" {
		return 0, nil
	}
	rate, err := unit.ParseRate(strings.TrimPrefix(text, "-"))
	switch {
	case err != nil:
		return 0, err
	case rate.Max:
		return 0, fmt.Errorf("max is no figure to compare with")
	case rate.Bytes && base != "bytes":
		return 0, fmt.Errorf("%q is in bytes per second", text)
	case !rate.Bytes && base == "bytes":
		return 0, fmt.Errorf("%q is in records per second; write for example 20MB/s", text)
	case negative:
		return -rate.PerSecond, nil
	}
	return rate.PerSecond, nil
}

func parseSeconds(text string) (float64, error) {
	d, err := unit.ParseDuration(text)
	return d.Seconds(), err
}

func inWords(unitName string) string {
	switch unitName {
	case "s":
		return "seconds"
	case "s/record":
		return "seconds per record"
	case "1":
		return "plain numbers"
	case "ratio":
		return "ratios"
	default:
		return strings.ReplaceAll(strings.ReplaceAll(unitName, "/s", " per second"), "/record", " per record")
	}
}

// Holds says whether the condition holds for a value in base units. NaN is unknown; +Inf, as
// the latency of a failed record, is compared as what it is.
func (c Condition) Holds(value float64) (holds, known bool) {
	if math.IsNaN(value) {
		return false, false
	}
	switch c.Op {
	case Less:
		return value < c.Value, true
	case LessOrEqual:
		return value <= c.Value, true
	case Greater:
		return value > c.Value, true
	case GreaterOrEqual:
		return value >= c.Value, true
	case Equal:
		return value == c.Value, true
	case NotEqual:
		return value != c.Value, true
	default:
		return false, false
	}
}
