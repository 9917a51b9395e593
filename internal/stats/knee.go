package stats

import "math"

// Knee returns the index of the point from which on a rising curve gets steep: the one that lies
// furthest below the straight line from its first point to its last, with both axes scaled to
// [0, 1]. X must ascend. False where there are fewer than five points, where the curve does not
// rise, or where no point lies further below than a tenth: a straight line has no knee.
//
// Satopaa et al.: Finding a "kneedle" in a haystack, 2011, without its smoothing.
func Knee(x, y []float64) (index int, ok bool) {
	const fewest, clear = 5, 0.1
	n := len(x)
	if n < fewest || n != len(y) || !(y[n-1] > y[0]) || !(x[n-1] > x[0]) {
		return 0, false
	}
	furthest := clear
	for i := range x {
		below := (x[i]-x[0])/(x[n-1]-x[0]) - (y[i]-y[0])/(y[n-1]-y[0])
		if !math.IsNaN(below) && below > furthest {
			furthest, index, ok = below, i, true
		}
	}
	return index, ok
}
