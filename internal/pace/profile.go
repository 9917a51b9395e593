package pace

import (
	"math"
	"time"
)

// Segment is a part of a Profile: the rate goes linearly from From to To (records per second)
// within For. For is 0 in the last segment: it lasts to the end of the load.
type Segment struct {
	Name     string
	For      time.Duration
	From, To float64
}

// Profile is an offered rate over time: the integral of its segments. Times are nanoseconds
// since the start of the load. A Profile is immutable and safe for concurrent use.
type Profile struct {
	pieces []piece
	end    int64
}

type piece struct {
	name      string
	start     int64   // nanoseconds
	end       int64   // nanoseconds
	due       float64 // records due before start
	rate      float64 // per nanosecond, at start
	slope     float64 // per nanosecond squared
	recordsIn float64 // records due within
}

// NewProfile returns the profile of segments, cut at end.
func NewProfile(segments []Segment, end time.Duration) *Profile {
	p := &Profile{end: int64(end)}
	start, due := int64(0), 0.0
	for _, s := range segments {
		length := int64(s.For)
		if length == 0 {
			length = p.end - start
		}
		if length <= 0 {
			continue
		}
		from, to := s.From/1e9, s.To/1e9
		if s.For == 0 {
			to = from
		}
		piece := piece{
			name: s.Name, start: start, end: start + length,
			due: due, rate: from, slope: (to - from) / float64(length),
		}
		if piece.end > p.end {
			piece.end = p.end
		}
		if piece.end <= piece.start {
			break
		}
		piece.recordsIn = piece.dueAfter(float64(piece.end - piece.start))
		p.pieces = append(p.pieces, piece)
		start, due = piece.end, due+piece.recordsIn
	}
	return p
}

// dueAfter returns the records due within the first t nanoseconds of the piece.
func (p *piece) dueAfter(t float64) float64 {
	return p.rate*t + p.slope*t*t/2
}

// timeOf is dueAfter's inverse: the positive root of slope/2 t^2 + rate t - n = 0, in the form
// that stays exact when the slope is small or zero.
func (p *piece) timeOf(n float64) float64 {
	if p.slope == 0 {
		return n / p.rate
	}
	return 2 * n / (p.rate + math.Sqrt(math.Max(p.rate*p.rate+2*p.slope*n, 0)))
}

// End returns when the load ends, in nanoseconds.
func (p *Profile) End() int64 { return p.end }

// Due returns how many records the schedule wants sent before t.
func (p *Profile) Due(t int64) float64 {
	due := 0.0
	for i := range p.pieces {
		piece := &p.pieces[i]
		if t <= piece.start {
			break
		}
		due = piece.due + piece.dueAfter(float64(min(t, piece.end)-piece.start))
	}
	return due
}

// Total returns how many records the schedule wants sent in all.
func (p *Profile) Total() float64 { return p.Due(p.end) }

// Peak returns the highest rate of the profile in records per second.
func (p *Profile) Peak() float64 {
	peak := 0.0
	for _, piece := range p.pieces {
		peak = max(peak, piece.rate, piece.rate+piece.slope*float64(piece.end-piece.start))
	}
	return peak * 1e9
}

// Mark is the start of a segment.
type Mark struct {
	Name string
	At   int64 // nanoseconds
}

// Marks returns the starts of all segments but the first one.
func (p *Profile) Marks() []Mark {
	var marks []Mark
	for _, piece := range p.pieces[min(1, len(p.pieces)):] {
		marks = append(marks, Mark{piece.name, piece.start})
	}
	return marks
}
