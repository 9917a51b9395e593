package unit

import (
	"fmt"
	"strconv"
	"strings"
)

// Rate is how fast records or bytes are offered. Its zero value offers nothing.
type Rate struct {
	PerSecond float64 // records, or bytes of key and value where Bytes; 0 where Max
	Bytes     bool
	Max       bool // as fast as the system takes them: the closed loop
}

// rateKilo are the multipliers of a record rate.
var rateKilo = map[string]float64{"": 1, "k": 1e3, "M": 1e6, "records": 1}

// perSeconds are the seconds of a rate's denominator.
var perSeconds = map[string]float64{
	"s": 1, "sec": 1, "second": 1,
	"min": 60, "minute": 60,
	"h": 3600, "hour": 3600,
}

const rateHint = "write a rate such as 20000/s, 20k/s, 1200/min, 20MB/s (bytes of key and value) or max"

// ParseRate reads a rate: 20000/s, 20k/s, 1200/min, 20MB/s, 1.5MiB/s, max.
func ParseRate(text string) (Rate, error) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "max" {
		return Rate{Max: true}, nil
	}
	amount, per, found := strings.Cut(trimmed, "/")
	if !found {
		if _, err := strconv.ParseFloat(trimmed, 64); err == nil {
			return Rate{}, fmt.Errorf("rate %q does not say per what: write %s/s", text, trimmed)
		}
		return Rate{}, fmt.Errorf("rate %q: %s", text, rateHint)
	}
	seconds, ok := perSeconds[strings.TrimSpace(per)]
	if !ok {
		return Rate{}, fmt.Errorf("rate %q: %q is no unit of time for a rate; use /s, /min or /h", text, per)
	}
	value, suffix, err := splitNumber(amount)
	if err != nil {
		return Rate{}, fmt.Errorf("rate %q: %s", text, rateHint)
	}
	if factor, ok := rateKilo[suffix]; ok {
		return Rate{PerSecond: value * factor / seconds}, nil
	}
	if factor, ok := bytesOf(suffix); ok {
		return Rate{PerSecond: value * factor / seconds, Bytes: true}, nil
	}
	return Rate{}, fmt.Errorf("rate %q: unknown unit %q; %s", text, suffix, rateHint)
}

// String returns the rate as ParseRate reads it.
func (r Rate) String() string {
	if r.Max {
		return "max"
	}
	if !r.Bytes {
		return plain(r.PerSecond) + "/s"
	}
	for _, u := range byteUnits {
		if scaled := r.PerSecond / u.bytes; scaled >= 1 && scaled < 10_000 && len(plain(scaled)) <= 6 {
			return plain(scaled) + u.name + "/s"
		}
	}
	return plain(r.PerSecond) + "B/s"
}

// plain prints a number without an exponent and without trailing zeros.
func plain(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
