package workload

import (
	"slices"
	"sync"
)

// span is the sequences from first to last, both included.
type span struct{ first, last int64 }

func (s span) length() int64 { return s.last - s.first + 1 }

// holds says whether a sequence is in one of the spans.
func (s spans) holds(sequence int64) bool {
	return slices.ContainsFunc(s, func(one span) bool { return sequence >= one.first && sequence <= one.last })
}

// spans are disjoint, rising spans of sequences.
type spans []span

// add puts in one sequence; it grows a neighbour where it can.
func (s *spans) add(sequence int64) {
	list := *s
	// Sequences mostly come in order: look at the end first.
	if n := len(list); n > 0 && list[n-1].last == sequence-1 {
		list[n-1].last = sequence
		return
	}
	i, found := slices.BinarySearchFunc(list, sequence, func(x span, at int64) int {
		switch {
		case x.last < at:
			return -1
		case x.first > at:
			return 1
		}
		return 0
	})
	if found {
		return
	}
	left, right := i > 0 && list[i-1].last == sequence-1, i < len(list) && list[i].first == sequence+1
	switch {
	case left && right:
		list[i-1].last = list[i].last
		*s = slices.Delete(list, i, i+1)
	case left:
		list[i-1].last = sequence
	case right:
		list[i].first = sequence
	default:
		*s = slices.Insert(list, i, span{sequence, sequence})
	}
}

// remove takes out one sequence; false if it was not in.
func (s *spans) remove(sequence int64) bool {
	list := *s
	for i, x := range list {
		if sequence < x.first || sequence > x.last {
			continue
		}
		switch {
		case x.first == x.last:
			*s = slices.Delete(list, i, i+1)
		case sequence == x.first:
			list[i].first++
		case sequence == x.last:
			list[i].last--
		default:
			list[i].last = sequence - 1
			*s = slices.Insert(list, i+1, span{sequence + 1, x.last})
		}
		return true
	}
	return false
}

// unacknowledged are the sequences of one client, by partition, that failed or stayed
// unresolved: whether they are in the log is unknown.
type unacknowledged struct {
	mu          sync.Mutex
	byPartition map[int32]*spans
}

func (u *unacknowledged) add(partition int32, sequence int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.byPartition == nil {
		u.byPartition = map[int32]*spans{}
	}
	if u.byPartition[partition] == nil {
		u.byPartition[partition] = &spans{}
	}
	u.byPartition[partition].add(sequence)
}

// addAll puts in the sequences from first on, below end.
func (u *unacknowledged) addAll(partition int32, first, end int64) {
	for sequence := first; sequence < end; sequence++ {
		u.add(partition, sequence)
	}
}

func (u *unacknowledged) of(partition int32) spans {
	u.mu.Lock()
	defer u.mu.Unlock()
	if s := u.byPartition[partition]; s != nil {
		return slices.Clone(*s)
	}
	return nil
}

// less returns the sequences of s that are not in other.
func (s spans) less(other spans) (rest spans) {
	for _, x := range s {
		at := x.first
		for _, y := range other {
			if y.last < at || y.first > x.last {
				continue
			}
			if y.first > at {
				rest = append(rest, span{at, y.first - 1})
			}
			at = y.last + 1
		}
		if at <= x.last {
			rest = append(rest, span{at, x.last})
		}
	}
	return rest
}
