package unit

import (
	"fmt"
	"math"
)

// byteUnits are the legal units of a size, largest first within each family.
var byteUnits = []struct {
	name  string
	bytes float64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3},
	{"B", 1},
}

// bytesOf returns the bytes of one unit of a size. "KB" is read as kB, 1,000 bytes.
func bytesOf(name string) (float64, bool) {
	if name == "KB" {
		name = "kB"
	}
	for _, u := range byteUnits {
		if u.name == name {
			return u.bytes, true
		}
	}
	return 0, false
}

// ParseSize reads a number of bytes: 16384, 1KiB, 1.5MiB, 20MB (20,000,000).
func ParseSize(text string) (bytes int64, err error) {
	value, suffix, err := splitNumber(text)
	if err != nil {
		return 0, fmt.Errorf("size %q: write bytes, or a number with a unit such as 1KiB (1,024) or 20MB (20,000,000)", text)
	}
	if suffix == "" {
		suffix = "B"
	}
	factor, ok := bytesOf(suffix)
	if !ok {
		return 0, fmt.Errorf("size %q: unknown unit %q; use B, kB, MB, GB, TB (powers of 1,000) or KiB, MiB, GiB, TiB (powers of 1,024)", text, suffix)
	}
	value *= factor
	if value != math.Trunc(value) {
		return 0, fmt.Errorf("size %q is not a whole number of bytes", text)
	}
	if value > 1<<53 { // the integers that a float64 keeps
		return 0, fmt.Errorf("size %q is more than 8 PiB", text)
	}
	return int64(value), nil
}

// FormatSize returns a size as ParseSize reads it without loss: 16KiB, 20MB, 100.
func FormatSize(bytes int64) string {
	for _, u := range byteUnits[:len(byteUnits)-1] {
		factor := int64(u.bytes)
		if bytes >= factor && bytes%factor == 0 && bytes/factor < 10_000 {
			return fmt.Sprintf("%d%s", bytes/factor, u.name)
		}
	}
	return fmt.Sprintf("%d", bytes)
}
