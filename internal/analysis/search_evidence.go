package analysis

import (
	"math"

	"kaliper/internal/analysis/search"
	"kaliper/results"
)

// evidenceOf is what a trial tells a search.
func evidenceOf(trial *results.Trial) search.Evidence {
	f := readFigures(trial)
	e := search.Evidence{Metrics: map[string]float64{}, Lag: map[string]search.Series{}, Achieved: 1}
	if distrust := f.distrust(); len(distrust) > 0 {
		e.Distrust = distrust[0].Code
	}
	for name, value := range f.metrics() {
		if v := float64(value.Value); !math.IsNaN(v) {
			e.Metrics[name] = v
		}
	}
	e.Trouble = f.trouble()
	var ignored reasons
	e.Throttled = f.throttled(&ignored)
	f.achieved(&e)
	for _, name := range f.consumerNames() {
		var series search.Series
		for _, interval := range f.inWindow {
			if records, _ := lagOf(interval.Consumers[name]); !math.IsNaN(records) {
				series.Seconds = append(series.Seconds, interval.End)
				series.Values = append(series.Values, records)
			}
		}
		e.Lag[name] = search.Series{Seconds: thin(series.Seconds), Values: thin(series.Values)}
	}
	e.Latency = f.secondly()
	return e
}

// trouble is what the system did that no objective asks about: a trial that ended early, records
// that were acknowledged and never read, or read corrupted.
func (f *figures) trouble() string {
	var found reasons
	if f.failed(&found) {
		return found[0].Code
	}
	if f.lacking(&found); len(found) > 0 {
		return found[0].Code
	}
	for _, name := range f.consumerNames() {
		switch totals := f.consumers[name].totals; {
		case totals.Integrity.Lost > 0:
			return "lost"
		case totals.Integrity.Torn > 0:
			return "torn"
		case totals.Integrity.Corrupted > 0:
			return "corrupted"
		case totals.Unread > 0:
			return "unread"
		}
	}
	return ""
}

// The most that the edges may account for. A tenth of few records is what 20 are of 200; half of a
// handful is one or two, without which a record that is under way at each edge would be a shortfall.
const (
	edgeShareOfRecords = 0.10
	edgeShareMost      = 0.50
)

// edgeShare is the share of a group's records that may be missing because they were in flight at the
// window's edges, so that no trial passes of which little was acknowledged.
func edgeShare(intended, seconds float64) float64 {
	records := min(shortfallRecordsLeast, max(1, edgeShareOfRecords*intended))
	return min(edgeShareMost, max(records/intended, windowEdgeSeconds/seconds))
}

// achieved finds the group that reached the smallest share of its rate.
func (f *figures) achieved(e *search.Evidence) {
	for _, name := range f.producerNames() {
		p := f.producers[name]
		intended := float64(p.totals.Window.Intended)
		if !p.openLoop || intended == 0 || f.seconds() == 0 {
			continue
		}
		share := float64(p.totals.CompletedInWindow) / intended
		edge := edgeShare(intended, f.seconds())
		if share+edge < e.Achieved+e.EdgeShare || e.EdgeShare == 0 {
			e.Achieved, e.EdgeShare = share, edge
		}
	}
}

// secondly is the median response latency of each second of the window, of the group that has
// most records in it. Seconds in which nothing was resolved are left out: objectives on the
// latency and the achieved rate judge those.
func (f *figures) secondly() []float64 {
	var series []float64
	for _, interval := range f.inWindow {
		most, median := int64(0), 0.0
		for _, p := range interval.Producers {
			if p.Ack.Window.Count > most {
				most, median = p.Ack.Window.Count, p.Ack.Window.P50Seconds
			}
		}
		if most > 0 {
			series = append(series, median)
		}
	}
	return series
}
