package kafka

import "time"

// rateWindow is how far back rates look: several times Kafka's default interval between
// commits (auto.commit.interval.ms, 5 s), and short enough to follow a change.
const rateWindow = 30 * time.Second

// progress is how one offset moved over the last rateWindow, by samples in the order of time.
type progress struct {
	samples []endOffset
}

// add appends what was seen at a time. An offset that went back was set back by somebody: what
// was known of its rate is of another story, and forgotten.
func (p *progress) add(at time.Time, offset int64) {
	if n := len(p.samples); n > 0 && offset < p.samples[n-1].end {
		p.samples = p.samples[:0]
	}
	p.samples = append(p.samples, endOffset{at, offset})
	for len(p.samples) > 2 && at.Sub(p.samples[0].at) > rateWindow {
		p.samples = p.samples[1:]
	}
}

// perSecond returns the mean rate between the first sample and the last; false where there are
// not two of them.
func (p *progress) perSecond() (float64, bool) {
	n := len(p.samples)
	if n < 2 {
		return 0, false
	}
	return rateBetween(p.samples[0], p.samples[n-1])
}

// perSecondInSteps is perSecond of an offset that moves in steps, as commits do: a rate is
// taken from step to step, for between them nothing is known. A window that begins or ends
// within a step would count one too many or too few. False where the offset has not moved, in
// a time in which it may well move again.
//
// Where no step has come for twice the usual time, the standstill counts as well.
func (p *progress) perSecondInSteps() (float64, bool) {
	var steps []endOffset
	for i := 1; i < len(p.samples); i++ {
		if p.samples[i].end != p.samples[i-1].end {
			steps = append(steps, p.samples[i])
		}
	}
	if len(p.samples) == 0 {
		return 0, false
	}
	first, last := p.samples[0], p.samples[len(p.samples)-1]
	switch len(steps) {
	case 0:
		return 0, last.at.Sub(first.at) >= rateWindow/2
	case 1:
		return rateBetween(first, last)
	}
	begin, end := steps[0], steps[len(steps)-1]
	usual := end.at.Sub(begin.at) / time.Duration(len(steps)-1)
	if last.at.Sub(end.at) > 2*usual {
		end = last
	}
	return rateBetween(begin, end)
}

func rateBetween(a, b endOffset) (float64, bool) {
	seconds := b.at.Sub(a.at).Seconds()
	if seconds <= 0 {
		return 0, false
	}
	return float64(b.end-a.end) / seconds, true
}
