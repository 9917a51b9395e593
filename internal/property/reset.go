package property

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	offsetReset     = "auto.offset.reset"
	resetByDuration = "by_duration:"
)

// isoDuration is PnDTnHnMn.nS, as Java's Duration.parse reads it but for signs: a negative
// duration is an error there too (KIP-1106), unless its parts make up for each other.
var isoDuration = regexp.MustCompile(`^(?i:P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:[.,][0-9]{0,9})?)S)?)?)$`)

// ResetDuration returns how far back a value of auto.offset.reset goes that is by_duration, and
// false where it is not. The error says what is wrong.
func ResetDuration(value string) (ago time.Duration, by bool, err error) {
	text, by := strings.CutPrefix(value, resetByDuration)
	if !by {
		return 0, false, nil
	}
	const legal = "write for example by_duration:P1D, by_duration:PT1H30M or by_duration:PT90S"
	parts := isoDuration.FindStringSubmatch(text)
	if parts == nil || strings.HasSuffix(strings.ToUpper(text), "T") || strings.Join(parts[1:], "") == "" {
		return 0, true, fmt.Errorf("%q is no duration; %s", text, legal)
	}
	var seconds float64
	for i, unit := range []float64{24 * 3600, 3600, 60, 1} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.ParseFloat(strings.ReplaceAll(parts[i+1], ",", "."), 64)
		if err != nil {
			return 0, true, fmt.Errorf("%q is no duration; %s", text, legal)
		}
		seconds += n * unit
	}
	if seconds >= math.MaxInt64/1e9 {
		return 0, true, fmt.Errorf("%q is longer than 292 years; use earliest", text)
	}
	return time.Duration(math.Round(seconds*1e3)) * time.Millisecond, true, nil // offsets are looked up by the millisecond
}
