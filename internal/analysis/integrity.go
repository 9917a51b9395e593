package analysis

import (
	"math"

	"kaliper/results"
)

// integrity are the counts of one group, or summed over groups; NaN where not known.
type integrity struct {
	checked                                             bool
	unordered                                           bool // a share group, which promises no order
	ofLog                                               bool // what was read back: there is no delivery and no handler
	lost, duplicated, redelivered, reordered, corrupted float64
	abortedRead, torn                                   float64
	processedTwice, missed                              float64
}

// newIntegrity reads a group's counts. Where a bound was hit they are lower bounds: one above
// zero is still a finding, but zero is not known to be zero.
func newIntegrity(i results.Integrity) integrity {
	count := func(n int64) float64 {
		if i.Unknown != "" && n == 0 {
			return math.NaN()
		}
		return float64(n)
	}
	return integrity{
		checked: i.Checked,
		lost:    count(i.Lost), duplicated: count(i.Duplicated), redelivered: count(i.Redelivered),
		reordered: count(i.Reordered), corrupted: count(i.Corrupted),
		abortedRead: count(i.AbortedRead), torn: count(i.Torn),
		processedTwice: count(i.ProcessedTwice), missed: count(i.Missed),
	}
}

// add sums over groups. A group that was not checked adds nothing; what one group does not
// know is known of the sum only where another has a finding.
func (i *integrity) add(other integrity) {
	if !other.checked {
		return
	}
	if !i.checked {
		*i = other
		return
	}
	i.ofLog = i.ofLog && other.ofLog
	sum := func(a, b float64) float64 {
		switch {
		case math.IsNaN(a) && b > 0:
			return b
		case math.IsNaN(b) && a > 0:
			return a
		}
		return a + b
	}
	if i.unordered {
		i.reordered, i.unordered = other.reordered, other.unordered
	} else if !other.unordered {
		i.reordered = sum(i.reordered, other.reordered)
	}
	i.lost = sum(i.lost, other.lost)
	i.duplicated = sum(i.duplicated, other.duplicated)
	i.redelivered = sum(i.redelivered, other.redelivered)
	i.corrupted = sum(i.corrupted, other.corrupted)
	i.abortedRead = sum(i.abortedRead, other.abortedRead)
	i.torn = sum(i.torn, other.torn)
	i.processedTwice = sum(i.processedTwice, other.processedTwice)
	i.missed = sum(i.missed, other.missed)
}

func (i integrity) set(t *table, group string) {
	if !i.checked {
		return
	}
	counts := map[string]float64{
		"lost": i.lost, "duplicated": i.duplicated, "redelivered": i.redelivered,
		"reordered": i.reordered, "corrupted": i.corrupted,
		"aborted_read": i.abortedRead, "torn": i.torn,
		"processed_twice": i.processedTwice, "missed": i.missed,
	}
	if i.ofLog {
		for _, name := range []string{"redelivered", "processed_twice", "missed"} {
			delete(counts, name)
		}
	}
	for name, count := range counts {
		if name == "reordered" && i.unordered {
			continue
		}
		t.put(group, name, results.TrialValue{Value: results.Number(count)})
	}
}
