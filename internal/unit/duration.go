package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a duration in Go's syntax, and days: 90s, 1m30s, 250ms, 50us, 7d, 1d12h.
// Negative durations and plain numbers other than 0 are errors.
func ParseDuration(text string) (time.Duration, error) {
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(trimmed, "-") {
		return 0, fmt.Errorf("duration %q is negative", text)
	}
	if _, err := strconv.ParseFloat(trimmed, 64); err == nil && strings.Trim(trimmed, "0.") != "" {
		return 0, fmt.Errorf("duration %q has no unit: write %ss, %sms or %sm", text, trimmed, trimmed, trimmed)
	}
	var days time.Duration
	rest := trimmed
	if head, tail, found := strings.Cut(trimmed, "d"); found {
		n, err := strconv.ParseFloat(head, 64)
		if err != nil || math.IsNaN(n) || n < 0 {
			return 0, notADuration(text)
		}
		if n > float64(math.MaxInt64/int64(24*time.Hour)) {
			return 0, fmt.Errorf("duration %q is longer than 292 years", text)
		}
		days = time.Duration(n * float64(24*time.Hour))
		if rest = tail; rest == "" {
			return days, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return 0, notADuration(text)
	}
	if days+d < days {
		return 0, fmt.Errorf("duration %q is longer than 292 years", text)
	}
	return days + d, nil
}

func notADuration(text string) error {
	return fmt.Errorf("duration %q: write a number with a unit such as 90s, 250ms, 50us, 1m30s, 2h or 7d", text)
}

// FormatDuration returns a duration in the way people write it in a scenario: 90s, 1m30s,
// 250ms, without the zero parts that time.Duration's String prints (10m0s).
func FormatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
