package report

import (
	"fmt"
	"math"

	"kaliper/internal/stats"
	"kaliper/report/plot"
	"kaliper/results"
)

// fewestForInterval is the number of trials of each side below which no interval of a difference
// is shown: with less, none reaches 90%.
const fewestForInterval = 5

// effect is how a metric of one case differs from that of another.
type effect struct {
	metric    string
	ratio     float64 // 1 for no change; NaN where there is none (zero or unknown)
	low, high float64 // NaN without an interval
	level     float64
	trials    int // of the side that has fewer
	paired    bool
}

// clear says whether the interval excludes no change.
func (e effect) clear() bool { return e.low > 1 || e.high < 1 }

// known says whether there is a ratio at all.
func (e effect) known() bool { return !math.IsNaN(e.ratio) }

// measured says whether there is an interval.
func (e effect) measured() bool { return !math.IsNaN(e.low) && !math.IsNaN(e.high) }

// interval formats the interval of a change: "+46.5 to +52.2%".
func (e effect) interval() string {
	if !e.measured() {
		return ""
	}
	low, high := change(e.low), change(e.high)
	if math.IsInf(e.high, 1) {
		return low + " to " + high
	}
	return low[:len(low)-1] + " to " + high
}

// effectOn compares a metric of a case with that of its baseline: within a run in pairs, round by
// round, because a pair shares the hour; across runs by the medians of independent trials.
// Ratios are compared on the logarithmic scale, where a half and a double are equally far.
func (c *subject) effectOn(metric string) effect {
	e := effect{metric: metric, ratio: math.NaN(), low: math.NaN(), high: math.NaN()}
	base := c.baseline
	if base == nil || !c.has(metric) || !base.has(metric) {
		return e
	}
	e.ratio = ratioOf(base.median(metric), c.median(metric))
	own, others := c.values(metric), base.values(metric)
	var estimate stats.Estimate
	if c.run == base.run {
		e.paired = true
		var differences []float64
		for round, v := range own {
			if other, ok := others[round]; ok && !math.IsNaN(ratioOf(other, v)) {
				differences = append(differences, stats.Difference(math.Log(other), math.Log(v)))
			}
		}
		e.trials = len(differences)
		if e.trials >= fewestForInterval {
			estimate = stats.PairedShift(differences, 0.95)
		}
	} else {
		a, b := logarithms(others), logarithms(own)
		e.trials = min(len(a), len(b))
		if e.trials >= fewestForInterval {
			estimate = stats.Shift(a, b, 0.95)
		}
	}
	if estimate.HasInterval {
		e.ratio = math.Exp(estimate.Value)
		e.low, e.high, e.level = math.Exp(estimate.Interval.Lo), math.Exp(estimate.Interval.Hi), estimate.Interval.Level
	}
	return e
}

// ratioOf returns after/before: 1 where both are equal, infinities included.
func ratioOf(before, after float64) float64 {
	switch {
	case before == after:
		return 1
	case before <= 0 || after < 0:
		return math.NaN()
	case math.IsInf(before, 1):
		return 0
	}
	return after / before
}

// values returns a metric of every trial that is complete, by round.
func (c *subject) values(metric string) map[int]float64 {
	values := map[int]float64{}
	for i, trial := range c.summary.Trials {
		v, ok := trial.Metrics[metric]
		if !ok || math.IsNaN(float64(v.Value)) || trial.State != results.Complete {
			continue
		}
		round := trial.Round
		if round == 0 {
			round = i + 1
		}
		values[round] = float64(v.Value)
	}
	return values
}

func logarithms(values map[int]float64) []float64 {
	var logs []float64
	for _, v := range values {
		if v > 0 {
			logs = append(logs, math.Log(v))
		}
	}
	return logs
}

// effectsSection shows all differences on one ratio axis.
func (s *study) effectsSection() *Section {
	if len(s.subjects) < 2 {
		return nil
	}
	figure := plot.Effects{Head: plot.Head{Name: "effects", Title: "Differences against the baseline, in per cent"}}
	metrics := compared()
	if len(s.subjects) > 5 {
		metrics = []string{s.headline(), "cpu.seconds_per_record", "wire.bytes_per_record"}
	}
	level, trials, paired := 1.0, math.MaxInt, true
	var widest *effect
	var widestCase *subject
	for _, metric := range metrics {
		group := plot.EffectGroup{Name: metricName(metric)}
		for _, subject := range s.subjects {
			e := subject.effectOn(metric)
			if !e.known() {
				continue
			}
			group.Rows = append(group.Rows, s.effectRow(subject, e))
			trials = min(trials, e.trials)
			paired = paired && e.paired
			if e.measured() {
				level = min(level, e.level)
			}
			if e.clear() && (widest == nil || math.Abs(math.Log(e.ratio)) > math.Abs(math.Log(widest.ratio))) {
				widest, widestCase = &e, subject
			}
		}
		if len(group.Rows) > 0 {
			figure.Groups = append(figure.Groups, group)
		}
	}
	if len(figure.Groups) == 0 {
		return nil
	}
	figure.Foot = "change against the baseline, ratio scale (log)"
	section := &Section{ID: "effects", Heading: "What differs"}
	switch {
	case widest != nil:
		section.See = fmt.Sprintf("The largest difference that stands out from the noise: %s has %s%% %s %s than %s.",
			widestCase.name, percentDigits(100*(widest.ratio-1)), comparative(widest.metric, widest.ratio > 1), metricName(widest.metric), widestCase.baseline.name)
		if math.IsInf(widest.ratio, 1) || widest.ratio == 0 {
			section.See = fmt.Sprintf("%s and %s differ without bound in %s.", widestCase.name, widestCase.baseline.name, metricName(widest.metric))
		}
	case trials >= fewestForInterval:
		section.See = "No difference stands out from the noise between trials."
	case s.comparesRuns():
		section.See = fmt.Sprintf("Differences between runs of %s prove nothing: each may be the hour's, not the setting's.", plural(trials, "trial"))
	default:
		section.See = fmt.Sprintf("%s a side: the differences are what was seen, without a measure of their error.", capital(plural(trials, "trial")))
	}
	section.Notes = append(section.Notes, "All metrics share one ratio axis: halved and doubled are equally far from no change. Grey band: ±5%.")
	if trials >= fewestForInterval {
		how := "trials of different runs are compared as independent samples"
		if paired {
			how = "trials are paired by round"
		}
		section.Notes = append(section.Notes, fmt.Sprintf("Jaws: at least %s intervals over %s; %s. Rings: the interval contains no change.",
			levelText(level), plural(trials, "trial"), how))
	} else {
		section.Notes = append(section.Notes, fmt.Sprintf("There is no interval from %s: %d a side are the least.", plural(trials, "trial"), fewestForInterval))
	}
	figure.Description = section.See
	section.Figure = figure
	return section
}

func (s *study) effectRow(c *subject, e effect) plot.Effect {
	row := plot.Effect{
		Name: c.name, Ratio: e.ratio, Low: e.low, High: e.high,
		Estimate: change(e.ratio), Interval: e.interval(), Clear: e.clear(), Tone: plot.Ink,
	}
	if len(s.subjects) > 2 || s.comparesRuns() {
		row.Name = c.name + " against " + c.baseline.name
	}
	if c.tone == plot.Pick {
		row.Tone = plot.Pick
	}
	if !e.measured() {
		row.Interval = "no interval from " + plural(e.trials, "trial")
	} else if !e.clear() {
		// The interval's half-width is the change that would have been told from none.
		row.Interval += fmt.Sprintf("; %s%% would have shown", percentDigits(100*(math.Sqrt(e.high/e.low)-1)))
	}
	return row
}

func levelText(level float64) string { return fmt.Sprintf("%.1f%%", 100*level) }
