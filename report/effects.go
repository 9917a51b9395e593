package report

import (
	"fmt"
	"math"
	"strings"

	"kaliper/internal/analysis"
	"kaliper/report/plot"
)

// fewestForInterval is the number of trials of each side below which no interval of a difference
// is shown, and leastLevel the level below which no interval is.
const (
	fewestForInterval = 5
	leastLevel        = 0.90
)

// effect is how a metric of one case differs from that of another, as internal/analysis found it.
type effect struct {
	metric    string
	ratio     float64 // 1 for no change; NaN where there is none
	low, high float64 // NaN without an interval
	level     float64
	trials    int // pairs, or those of the side that has fewer
	paired    bool
	change    analysis.Change
}

// clear says whether the change can be told from none, and matters.
func (e effect) clear() bool {
	return e.change == analysis.Better || e.change == analysis.Worse || e.change == analysis.Different
}

// known says whether there is a ratio at all.
func (e effect) known() bool { return !math.IsNaN(e.ratio) }

// measured says whether there is an interval that is worth showing.
func (e effect) measured() bool { return !math.IsNaN(e.low) && !math.IsNaN(e.high) }

// without says in words that no change was found.
func (e effect) without() string {
	if e.low > 1 || e.high < 1 {
		return "differs too little to matter"
	}
	return "shows no detectable difference"
}

// interval formats the interval of a change: "+46.5 to +52.2%".
func (e effect) interval() string {
	if !e.measured() {
		return ""
	}
	low, high := change(e.low), change(e.high)
	if low == high {
		return ""
	}
	if strings.HasSuffix(high, "%") {
		low = strings.TrimSuffix(low, "%")
	}
	return low + " to " + high
}

// size formats the interval of a clear change without its sign, from the smaller to the larger:
// "66.5–67.5%", for sentences that say less or more.
func (e effect) size() string {
	if e.low <= 1 && e.high >= 1 || e.high >= manyTimes {
		return e.interval()
	}
	a, b := math.Abs(e.low-1), math.Abs(e.high-1)
	return percentDigits(100*min(a, b)) + "–" + percentDigits(100*max(a, b)) + "%"
}

// effectOn returns how a metric differs from that of the case's baseline. Without enough trials
// for an interval it is the ratio of the medians, which proves nothing.
func (c *subject) effectOn(metric string) effect {
	e := effect{metric: metric, ratio: math.NaN(), low: math.NaN(), high: math.NaN()}
	base := c.baseline
	if base == nil || !c.has(metric) || !base.has(metric) {
		return e
	}
	e.ratio = ratioOf(base.median(metric), c.median(metric))
	e.paired = c.run == base.run
	e.trials = min(c.summary.Metrics[metric].N, base.summary.Metrics[metric].N)
	comparison, ok := c.comparisons[metric]
	if !ok || !comparison.Relative {
		return e
	}
	e.change = comparison.Change
	if e.paired {
		e.trials = comparison.Pairs
	}
	if !comparison.HasInterval || comparison.Interval.Level < leastLevel || math.IsNaN(comparison.Shift) {
		return e
	}
	e.ratio = comparison.Shift + 1
	e.low, e.high, e.level = comparison.Interval.Lo+1, comparison.Interval.Hi+1, comparison.Interval.Level
	return e
}

// compareWithBaseline asks internal/analysis for the differences of a case: within a run trials
// are paired by round, across runs they are independent.
func (c *subject) compareWithBaseline() {
	c.comparisons = map[string]analysis.Comparison{}
	if c.baseline == nil {
		return
	}
	for _, comparison := range analysis.Compare(c.baseline.summary, c.summary, c.run == c.baseline.run) {
		c.comparisons[comparison.Metric] = comparison
	}
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

// effectsSection shows all differences on one ratio axis.
func (s *study) effectsSection() *Section {
	if len(s.subjects) < 2 {
		return nil
	}
	if section := s.influenceSection(); section != nil {
		return section
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
			if !e.known() || metric == "acked.records_per_second" && math.Abs(e.ratio-1) < 0.005 {
				continue // an open loop that is sustained acknowledges what is offered
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
	if len(s.subjects) == 2 {
		figure.Groups = []plot.EffectGroup{oneRowEach(figure.Groups)}
	}
	figure.Foot = "change against " + s.subjects[0].name + ", ratio scale (log)"
	if s.comparesRuns() {
		figure.Foot = "change against the baseline, ratio scale (log)"
	}
	section := &Section{ID: "effects", Heading: "What differs"}
	switch {
	case widest != nil:
		section.See = fmt.Sprintf("The largest difference that stands out from the noise: against %s, %s has %s.",
			widestCase.baseline.name, widestCase.name, sized(*widest))
		if math.IsInf(widest.ratio, 1) || widest.ratio == 0 {
			section.See = fmt.Sprintf("%s and %s differ without bound in %s.", widestCase.name, widestCase.baseline.name, metricName(widest.metric))
		}
	case trials >= fewestForInterval:
		section.See = "No difference stands out from the noise between trials."
	case s.comparesRuns():
		section.See = fmt.Sprintf("Differences between runs of %s prove nothing: each may be the hour’s, not the setting’s.", plural(trials, "trial"))
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

// oneRowEach makes metrics of a single difference the rows of one group.
func oneRowEach(groups []plot.EffectGroup) plot.EffectGroup {
	var all plot.EffectGroup
	for _, g := range groups {
		row := g.Rows[0]
		row.Name = g.Name
		all.Rows = append(all.Rows, row)
	}
	return all
}

func (s *study) effectRow(c *subject, e effect) plot.Effect {
	row := plot.Effect{
		Name: c.name, Ratio: e.ratio, Low: e.low, High: e.high,
		Estimate: change(e.ratio), Interval: e.interval(), Clear: e.clear(), Tone: plot.Ink,
	}
	if s.comparesRuns() {
		row.Name = c.name + " against " + c.baseline.name
	}
	if c.tone == plot.Pick {
		row.Tone = plot.Pick
	}
	if !e.measured() {
		row.Interval = "no interval from " + plural(e.trials, "trial")
	} else if e.low <= 1 && e.high >= 1 {
		// The interval's half-width is the change that would have been told from none.
		row.Interval += fmt.Sprintf("; %s%% would have shown", percentDigits(max(100*(math.Sqrt(e.high/e.low)-1), 0.1)))
	}
	return row
}

func levelText(level float64) string { return fmt.Sprintf("%.1f%%", 100*level) }
