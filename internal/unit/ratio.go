package unit

import "fmt"

// ParseRatio reads a share of one: 0.1%, 0.001. It does not limit its range.
func ParseRatio(text string) (float64, error) {
	value, suffix, err := splitNumber(text)
	if err != nil || suffix != "" && suffix != "%" {
		return 0, fmt.Errorf("ratio %q: write a share such as 0.001, or a percentage such as 0.1%%", text)
	}
	if suffix == "%" {
		value /= 100
	}
	return value, nil
}
