package search

import (
	"maps"
	"slices"
	"strings"

	"kaliper/internal/metric"
	"kaliper/internal/stats"
)

// Evidence is what one trial measured, as far as it matters here.
type Evidence struct {
	// Distrust is the code of what makes the trial untrusted; empty where it is TRUSTED.
	Distrust string
	// Trouble is the code of what the system did that no objective asks about: a trial that
	// ended early, for example.
	Trouble string
	// Throttled says that brokers asked the clients to slow down.
	Throttled bool
	// Achieved is the share of the offered rate that was acknowledged in the window.
	Achieved float64
	// EdgeShare is the share that records in flight at the window's edges may account for.
	EdgeShare float64
	// Metrics are values in base units by their names; what is absent was not measured.
	Metrics map[string]float64
	// Lag is the series of every consumer group's lag in records.
	Lag map[string]Series
	// Latency is the series of the mean response latency, at equal steps through the window.
	Latency []float64
}

// Series is a quantity over time.
type Series struct{ Seconds, Values []float64 }

// AchievedLeast is the share of the offered rate that must be acknowledged.
const AchievedLeast = 0.995

// lagLevel is the level of the interval of the lag's slope. A trial at a rate that holds is found
// to fall behind by chance in half of the rest, of which sets of holds must bear five.
const lagLevel = 0.99

// What a trial fails by, beside objectives.
const (
	ByThrottle   = "throttled"
	ByShortfall  = "overloaded"
	ByLag        = "lag_grows"
	ByNoSteady   = "no_steady_state"
	ByUnmeasured = "not_measured"
)

// Judge says what a trial shows, and by what it fails: throttling where there is any, for it
// explains the rest, else the first objective in order, the rate, the lag, the lack of a steady state.
func Judge(e Evidence, objectives []metric.Condition) (Finding, string) {
	if e.Distrust != "" {
		return Spoiled, e.Distrust
	}
	by := e.failsBy(objectives)
	switch {
	case by == "":
		return Passes, ""
	case e.Throttled:
		return Fails, ByThrottle
	}
	return Fails, by
}

func (e Evidence) failsBy(objectives []metric.Condition) string {
	if e.Trouble != "" {
		return e.Trouble
	}
	for _, objective := range objectives {
		value, measured := e.Metrics[objective.Ref.String()]
		if !measured {
			return ByUnmeasured
		}
		if holds, known := objective.Holds(value); !known || !holds {
			return objective.String()
		}
	}
	if e.Achieved+e.EdgeShare < AchievedLeast {
		return ByShortfall
	}
	for _, group := range slices.Sorted(maps.Keys(e.Lag)) {
		if e.Lag[group].grows() {
			return ByLag
		}
	}
	if steady := stats.SteadyState(e.Latency); steady.Known && !steady.Reached {
		return ByNoSteady
	}
	return ""
}

// MayEase says whether what an objective limits can fall while the rate rises: a record waits the
// less for its batch the sooner others fill it, and what a batch costs is shared by more of them.
func MayEase(objective metric.Condition) bool {
	d := objective.Ref.Definition
	return d.Unit == "s" || strings.HasSuffix(d.Unit, "/record") || d.Name == "compression.ratio"
}

// Easing are the objectives of which that is so, as Options.Eases has them.
func Easing(objectives []metric.Condition) []string {
	var texts []string
	for _, objective := range objectives {
		if MayEase(objective) {
			texts = append(texts, objective.String())
		}
	}
	return texts
}

// grows says whether the slope is positive: its interval, made for a series that wanders, lies
// above zero.
func (s Series) grows() bool {
	slope := stats.Trend(s.Seconds, s.Values, lagLevel)
	return slope.HasInterval && slope.Interval.Lo > 0
}
