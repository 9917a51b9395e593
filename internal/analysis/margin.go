package analysis

// The answers that need a margin: how much of a change does not matter.
const (
	Equivalent Change = "equivalent" // whatever the change is, it lies within the margin
	CannotTell Change = "cannot tell"
)

// LeastMargin is the smallest margin that Judge understands: under it nobody acts anyway.
const LeastMargin = materialShare

// Judge says what the comparison shows where changes of less than the margin (0.05 is 5%) do not
// matter. Equivalent needs the whole interval within the margin: not to see a difference is not
// to know that there is none. Better and worse are claims about the direction; their size is in
// the interval.
func (c Comparison) Judge(margin float64) Change {
	within := c.Relative && c.Interval.Lo >= -margin && c.Interval.Hi <= margin
	same := c.Interval.Lo == 0 && c.Interval.Hi == 0
	switch {
	case c.Change == NotKnown:
		return CannotTell
	case within || same:
		return Equivalent
	case c.Change == NoChange:
		return CannotTell
	}
	return c.Change
}
