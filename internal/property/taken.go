package property

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// takenRange is what the Go client takes of a number of which Java takes more.
type takenRange struct {
	least, most int64 // noLeast and noMost where Java's own end is the end
	nearest     bool  // a value beyond works as the nearest end; else it is refused
}

const noLeast, noMost = math.MinInt64, math.MaxInt64

// clientRanges are the ranges that are narrower in the Go client than in Java. A value beyond
// works as the nearest one where that changes little of what is measured, so that a Java
// service's file can be used as it is; where it would be another setting, it is refused.
func clientRanges() map[string]takenRange {
	const minute, hour = 60_000, 3_600_000
	return map[string]takenRange{
		"linger.ms":             {noLeast, minute, false},
		"request.timeout.ms":    {100, 15 * minute, false},
		"delivery.timeout.ms":   {1000, noMost, false},
		"max.request.size":      {1024, 1 << 29, false},
		"batch.size":            {noLeast, 1 << 29, false},
		"max.poll.interval.ms":  {100, noMost, false},
		"session.timeout.ms":    {100, noMost, false},
		"heartbeat.interval.ms": {1, noMost, false},

		"auto.commit.interval.ms": {100, noMost, true},
		"connections.max.idle.ms": {100, 15 * minute, true},
		"fetch.max.bytes":         {1, 1 << 29, true},
		"fetch.max.wait.ms":       {10, noMost, true},
		"metadata.max.age.ms":     {10, hour, true},
		// With 0 as with 1 a broker returns one batch, which it always does.
		"max.partition.fetch.bytes": {1, noMost, true},
	}
}

// how says the range, for the sentence that explains the property's class.
func (r takenRange) how(name string) string {
	spell := func(n int64) string {
		if strings.HasSuffix(name, ".ms") {
			return fmt.Sprintf("%d ms", n)
		}
		return strconv.FormatInt(n, 10)
	}
	var ends []string
	end := func(word string, n int64) {
		text := word + " than " + spell(n)
		switch {
		case !r.nearest:
		case len(ends) == 0:
			text += " works as " + spell(n)
		default:
			text += " as " + spell(n)
		}
		ends = append(ends, text)
	}
	if r.least != noLeast {
		end("less", r.least)
	}
	if r.most != noMost {
		end("more", r.most)
	}
	limits := ": the Go client's limit"
	if len(ends) > 1 {
		limits += "s"
	}
	switch text := strings.Join(ends, ", and "); {
	case r.nearest:
		return text + limits
	case len(ends) > 1:
		return strings.Join(ends, " and ") + " are refused" + limits
	default:
		return text + " is refused" + limits
	}
}

// ofValue returns the property as it is with a value. One that is approximated only because the
// Go client takes less than Java is honoured with what the client takes.
func (p Property) ofValue(text string) Property {
	if p.Name == offsetReset && !strings.HasPrefix(text, resetByDuration) {
		p.Class = Honoured
		p.How, _, _ = strings.Cut(p.How, "; by_duration")
		return p
	}
	if p.taken == nil || !p.taken.nearest || p.Class != Approximated {
		return p
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= p.taken.least && n <= p.taken.most {
		p.Class, p.How = Honoured, ""
	}
	return p
}
