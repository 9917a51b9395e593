package driver

import (
	"fmt"
	"math"

	"kaliper/internal/stats"
)

// level is what is asked of an interval; the tables print what it has.
const level = 0.95

// Sample is a figure, measured several times.
type Sample []float64

// String returns the median with its order-statistic interval and the interval's level, as
// far as there are enough values for one: 1.82 [1.74, 1.95] 97%.
func (s Sample) String() string { return s.Format("%.3g") }

// Format is String with another format for the figures.
func (s Sample) Format(format string) string {
	median := stats.Median(s)
	if math.IsNaN(median) {
		return "-"
	}
	text := fmt.Sprintf(format, median)
	if interval, ok := stats.MedianInterval(s, level); ok {
		text += fmt.Sprintf(" ["+format+", "+format+"] %.0f%%", interval.Lo, interval.Hi, 100*interval.Level)
	}
	return text
}

// Times returns the sample with every value multiplied.
func (s Sample) Times(factor float64) Sample {
	scaled := make(Sample, len(s))
	for i, value := range s {
		scaled[i] = value * factor
	}
	return scaled
}

// Ratios returns a over b, pair by pair: values of one round were measured beside each other.
func Ratios(a, b Sample) Sample {
	var ratios Sample
	for i := range min(len(a), len(b)) {
		ratios = append(ratios, a[i]/b[i])
	}
	return ratios
}
