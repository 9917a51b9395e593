package kafka

import (
	"math"
	"time"
)

// Trend says where a lag is going.
type Trend string

// The trends of a lag.
const (
	CaughtUp      Trend = "caught_up"       // nothing is left to read
	CatchingUp    Trend = "catching_up"     // more is read than comes
	NotCatchingUp Trend = "not_catching_up" // as much as comes is read, or less
	Unknown       Trend = "unknown"
)

// Lag is how far behind a reader is, and where that is going. What is not known is nil.
type Lag struct {
	Records *int64   `json:"lag_records"`
	Seconds *float64 `json:"lag_seconds"` // now minus the time of the first unconsumed record
	// Both rates are means over up to 30 s: of committed offsets, and of the logs' ends.
	ConsumedPerSecond *float64 `json:"consumed_records_per_second"`
	ProducedPerSecond *float64 `json:"produced_records_per_second"`
	Trend             Trend    `json:"trend"`
	// CatchUpSeconds is the time until nothing is left, if both rates stay as they are; nil
	// where the trend is neither caught_up nor catching_up.
	CatchUpSeconds *float64 `json:"catch_up_seconds"`
}

// PartitionLag is a group's lag in one partition.
type PartitionLag struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Committed int64  `json:"committed"` // the next offset to read
	End       *int64 `json:"end"`       // of the log
	Lag
}

// GroupLag is a group's lag: records and rates are sums over its partitions, seconds and the
// time to catch up are those of its worst one. Where one partition's are unknown, so is the
// group's.
type GroupLag struct {
	Group string `json:"group"`
	State string `json:"state"` // Stable, Empty, ...; empty where the user may not see it
	Type  string `json:"type"`  // classic, consumer; empty where brokers do not tell
	Lag
	Partitions []PartitionLag `json:"partitions"` // those with committed offsets
	// Problem is why nothing is known; empty where something is.
	Problem string `json:"problem,omitempty"`

	Err error `json:"-"` // of Problem
}

// LagSample is what was seen of all groups at one time.
type LagSample struct {
	At          time.Time  `json:"at"`           // when the answers were there
	TookSeconds float64    `json:"took_seconds"` // from the first request on
	Groups      []GroupLag `json:"groups"`       // by name
}

// conclude fills in trend and time to catch up from the lag and the two rates.
func (l *Lag) conclude() {
	l.Trend, l.CatchUpSeconds = Unknown, nil
	if l.Records == nil {
		return
	}
	if *l.Records == 0 {
		l.Trend, l.CatchUpSeconds = CaughtUp, new(float64)
		return
	}
	if l.ConsumedPerSecond == nil || l.ProducedPerSecond == nil {
		return
	}
	gained := *l.ConsumedPerSecond - *l.ProducedPerSecond
	// A steady reader that keeps up is always a little behind: within a hundredth the two
	// rates are the same, and a prediction would be of noise.
	if gained <= *l.ConsumedPerSecond/100 {
		l.Trend = NotCatchingUp
		return
	}
	seconds := float64(*l.Records) / gained
	l.Trend, l.CatchUpSeconds = CatchingUp, &seconds
}

// CatchUp returns the time until nothing is left as one number: infinite where the reader does
// not catch up, nil where nothing is known.
func (l *Lag) CatchUp() *float64 {
	if l.Trend == NotCatchingUp {
		never := math.Inf(1)
		return &never
	}
	return l.CatchUpSeconds
}

// sum makes the group's lag from its partitions'.
func (g *GroupLag) sum() {
	g.Lag = Lag{Trend: Unknown}
	if len(g.Partitions) == 0 {
		return
	}
	g.Records, g.Seconds = new(int64), new(float64)
	g.ConsumedPerSecond, g.ProducedPerSecond = new(float64), new(float64)
	g.Trend, g.CatchUpSeconds = CaughtUp, new(float64)
	for _, p := range g.Partitions {
		g.Records = both(g.Records, p.Records, func(a, b int64) int64 { return a + b })
		g.Seconds = both(g.Seconds, p.Seconds, math.Max)
		g.ConsumedPerSecond = both(g.ConsumedPerSecond, p.ConsumedPerSecond, add)
		g.ProducedPerSecond = both(g.ProducedPerSecond, p.ProducedPerSecond, add)
		g.CatchUpSeconds = both(g.CatchUpSeconds, p.CatchUpSeconds, math.Max)
		g.Trend = worse(g.Trend, p.Trend)
	}
}

func add(a, b float64) float64 { return a + b }

// both joins two values, of which both must be known.
func both[T any](a, b *T, join func(T, T) T) *T {
	if a == nil || b == nil {
		return nil
	}
	joined := join(*a, *b)
	return &joined
}

// worse returns the trend of a group of which two partitions have these: one that does not
// catch up is certain, whatever is unknown of the others.
func worse(a, b Trend) Trend {
	for _, t := range []Trend{NotCatchingUp, Unknown, CatchingUp} {
		if a == t || b == t {
			return t
		}
	}
	return CaughtUp
}
