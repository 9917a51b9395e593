package capacity

import (
	"math"
	"slices"
)

// sizeStep is the share by which two record sizes must differ at the least to be different ones.
const sizeStep = 0.05

// poolSizes gives observations whose record sizes differ by no more than chance can do one size,
// their mean over all records. Sizes that are drawn have another mean in every trial, though the
// settings are the same.
func poolSizes(observations []Observation) []Observation {
	pooled := slices.Clone(observations)
	order := make([]int, len(pooled))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case pooled[a].RecordBytes < pooled[b].RecordBytes:
			return -1
		case pooled[a].RecordBytes > pooled[b].RecordBytes:
			return 1
		}
		return 0
	})
	for begin := 0; begin < len(order); {
		// Each is held against the smallest of its pool, so that a row of small steps does not
		// become one size.
		end := begin + 1
		for end < len(order) && sameSize(observations[order[begin]], observations[order[end]]) {
			end++
		}
		sum, weights := 0.0, 0.0
		for _, i := range order[begin:end] {
			weight := float64(max(observations[i].Records, 1))
			sum, weights = sum+weight*observations[i].RecordBytes, weights+weight
		}
		for _, i := range order[begin:end] {
			if observations[order[begin]].RecordBytes < observations[order[end-1]].RecordBytes {
				pooled[i].RecordBytes = sum / weights
			}
		}
		begin = end
	}
	return pooled
}

// sameSize says whether two trials' mean record sizes may be one. With drawn sizes a mean of n
// records errs by its spread over the root of n; the spread is not known, and taken to be half of
// the mean, as between 15% and 185% of it drawn evenly. Three standard errors of the difference
// are chance: 15% for two trials of 200 records, under the step of 5% from 1,800 on.
func sameSize(a, b Observation) bool {
	if a.RecordBytes == b.RecordBytes {
		return true
	}
	const spread, errors = 0.5, 3
	tolerance := sizeStep
	if a.Records > 0 && b.Records > 0 {
		tolerance = max(tolerance, spread*errors*math.Sqrt(1/float64(a.Records)+1/float64(b.Records)))
	}
	return math.Abs(a.RecordBytes-b.RecordBytes) <= tolerance*max(a.RecordBytes, b.RecordBytes)
}
