package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// splitNumber cuts a quantity into its leading decimal number and the rest, without the
// blanks between them.
func splitNumber(text string) (value float64, suffix string, err error) {
	text = strings.TrimSpace(text)
	end := 0
	for end < len(text) && strings.IndexByte("0123456789._", text[end]) >= 0 {
		end++
	}
	digits := strings.ReplaceAll(text[:end], "_", "")
	// An exponent belongs to the number only where digits follow: "1e3/s", but not "1eggs".
	if exponent := exponentLength(text[end:]); exponent > 0 {
		digits += text[end : end+exponent]
		end += exponent
	}
	value, err = strconv.ParseFloat(digits, 64)
	if err != nil || math.IsInf(value, 0) {
		return 0, "", fmt.Errorf("%q does not start with a number", text)
	}
	return value, strings.TrimSpace(text[end:]), nil
}

func exponentLength(text string) int {
	if text == "" || text[0] != 'e' && text[0] != 'E' {
		return 0
	}
	i := 1
	if i < len(text) && (text[i] == '+' || text[i] == '-') {
		i++
	}
	start := i
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	if i == start {
		return 0
	}
	return i
}
