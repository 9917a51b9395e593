package analysis

import (
	"math"

	"kaliper/results"
)

// A group's lag is normal as long as it is less than it reads in normalLagSeconds, and there is
// a backlog to drain where the largest lag is more than twice that. A prediction looks at the
// predictedFromSeconds after the largest lag.
const (
	normalLagSeconds     = 1.0
	backlogOverNormal    = 2.0
	predictedFromSeconds = 3.0
)

// drain is how a group got rid of its largest backlog; NaN where not known.
type drain struct {
	seconds   float64 // infinite where it did not
	predicted float64
}

// lagPoint is a group's lag at one time.
type lagPoint struct{ at, records float64 }

// drains finds every group's largest backlog, from the window's start to the drain's end.
func (f *figures) drains() map[string]drain {
	all := map[string]drain{}
	for _, name := range f.consumerNames() {
		var points []lagPoint
		for _, interval := range f.trial.Intervals {
			if interval.End <= f.trial.Begin.WarmupSeconds {
				continue
			}
			if records, _ := lagOf(interval.Consumers[name]); !math.IsNaN(records) {
				points = append(points, lagPoint{interval.End, records})
			}
		}
		normal := normalLagSeconds * float64(f.consumers[name].totals.ConsumedInWindow) / f.seconds()
		all[name] = drained(points, normal, f.endOfReading(name))
	}
	return all
}

// endOfReading returns when a group had read everything; 0 where it had not, or where that is
// not known. The last interval of a trial has no lag.
func (f *figures) endOfReading(name string) float64 {
	if f.trial.End == nil || f.consumers[name].totals.Unread > 0 {
		return 0
	}
	return f.trial.End.Seconds
}

// drained measures the drain of the largest backlog. read is when everything had been read, or 0.
func drained(points []lagPoint, normal, read float64) drain {
	if len(points) == 0 || !(normal > 0) {
		return drain{seconds: math.NaN(), predicted: math.NaN()}
	}
	top := 0
	for i, p := range points {
		if p.records > points[top].records {
			top = i
		}
	}
	peak := points[top]
	if peak.records <= backlogOverNormal*normal {
		return drain{}
	}
	if read > points[len(points)-1].at {
		points = append(points, lagPoint{read, 0})
	}
	return drain{
		seconds:   backToNormal(points[top:], normal) - peak.at,
		predicted: predictedDrain(points[top:], normal),
	}
}

// backToNormal returns when a lag came down to normal, by a line between the two readings
// around it; infinite where it did not.
func backToNormal(points []lagPoint, normal float64) float64 {
	for i, p := range points {
		if p.records > normal {
			continue
		}
		before := points[i-1]
		return before.at + (p.at-before.at)*(before.records-normal)/(before.records-p.records)
	}
	return math.Inf(1)
}

// predictedDrain extends the first seconds of a drain to its end: what one who looks on then
// would expect.
func predictedDrain(points []lagPoint, normal float64) float64 {
	last := 0
	for i, p := range points {
		if p.at-points[0].at <= predictedFromSeconds {
			last = i
		}
	}
	peak, then := points[0], points[last]
	if last == 0 || then.records >= peak.records {
		return math.Inf(1)
	}
	return (peak.records - normal) * (then.at - peak.at) / (peak.records - then.records)
}

// worstDrain returns the longest drain of all groups.
func worstDrain(drains map[string]drain) drain {
	worst := drain{seconds: math.NaN(), predicted: math.NaN()}
	for _, d := range drains {
		worst.seconds = larger(worst.seconds, d.seconds)
		worst.predicted = larger(worst.predicted, d.predicted)
	}
	return worst
}

func (d drain) set(t *table, group string) {
	for name, seconds := range map[string]float64{"drain.seconds": d.seconds, "drain.predicted.seconds": d.predicted} {
		if !math.IsNaN(seconds) {
			t.put(group, name, results.TrialValue{Value: results.Number(seconds)})
		}
	}
}
