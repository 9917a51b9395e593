// Package unit parses and prints the quantities that people write and read: durations, rates,
// sizes and ratios.
//
// It decides which spellings are legal (kB and MB are powers of ten, KiB and MiB powers of
// two; a rate is always per something) and how a figure in base units is printed with three
// significant digits. It refuses to guess: a number without its unit is accepted only where
// the base unit is beyond doubt (a size is in bytes, a ratio is a plain number).
package unit

const (
	// noBreakSpace stands between a value and its unit, so that no line breaks there.
	noBreakSpace = "\u00a0"
	// minus is the true minus sign, as wide as a digit.
	minus = "\u2212"
)
