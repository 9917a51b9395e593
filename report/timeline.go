package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kaliper/report/plot"
	"kaliper/results"
)

// mostMarks is how many events a timeline marks; the others are counted in a note.
const mostMarks = 12

// timelineSection shows the trial with the highest headline latency, second by second: where
// something went wrong, it is there.
func (s *study) timelineSection() *Section {
	c, trial, value := s.worstTrial()
	if trial == nil || len(trial.Intervals) < 2 {
		return nil
	}
	seconds := trial.Intervals[len(trial.Intervals)-1].End
	figure := plot.Timeline{
		Head:    plot.Head{Name: "timeline", Title: "One trial over time"},
		Seconds: seconds, WindowFrom: trial.Begin.WarmupSeconds, WindowTo: min(trial.Begin.WarmupSeconds+trial.Begin.DurationSeconds, seconds),
	}
	if trial.End != nil {
		figure.WindowFrom, figure.WindowTo = trial.End.WindowStart, min(trial.End.WindowEnd, seconds)
	}
	figure.WindowLabel = fmt.Sprintf("measured window, %s%ss", number(figure.WindowTo-figure.WindowFrom), noBreakSpace)
	t := timeline{trial: trial, from: figure.WindowFrom, to: figure.WindowTo}
	figure.Panels = t.panels()
	var marks int
	figure.Events, marks = t.events()

	section := &Section{ID: "timeline", Heading: "One trial, second by second"}
	which := fmt.Sprintf("trial %s of %s", trial.Begin.Ref().Number(), c.name)
	if len(s.subjects) == 1 {
		which = "trial " + trial.Begin.Ref().Number()
	}
	if len(s.subjects) > 1 || len(c.trials) > 1 {
		section.Notes = append(section.Notes, fmt.Sprintf("Shown is %s, of all trials the one with the highest %s: %s.", which, metricName(s.headline()), value))
	}
	section.See = t.see(figure)
	if marks > len(figure.Events) {
		section.Notes = append(section.Notes, fmt.Sprintf("%s more events are not marked.", count(int64(marks-len(figure.Events)))))
	}
	section.Notes = append(section.Notes, "Washed: warm-up and drain, which enter no figure of this page.")
	if len(trial.Begin.Producers) > 1 {
		section.Notes = append(section.Notes, "Percentiles of a second are those of the worst producer group: percentiles of groups cannot be averaged.")
	}
	figure.Description = section.See
	section.Figure = figure
	return section
}

// worstTrial returns the trial with the highest headline, and that value in words.
func (s *study) worstTrial() (*subject, *results.Trial, string) {
	var worstCase *subject
	var worst *results.Trial
	highest, text := math.Inf(-1), ""
	for _, c := range s.subjects {
		for _, trial := range c.trials {
			v, unit := math.Inf(-1), ""
			for _, summary := range c.summary.Trials {
				if summary.ID == trial.Begin.Ref().String() {
					if metric, ok := summary.Metrics[s.headline()]; ok && !math.IsNaN(float64(metric.Value)) {
						v, unit = float64(metric.Value), metric.Unit
					}
				}
			}
			if worst == nil || v > highest {
				worstCase, worst, highest = c, trial, v
				if unit != "" {
					text = value(v, unit)
				}
			}
		}
	}
	return worstCase, worst, text
}

// timeline reads the series of one trial without decoding any histogram.
type timeline struct {
	trial    *results.Trial
	from, to float64 // the measured window
}

// inWindow returns the values of a series without those of warm-up and drain.
func (t timeline) inWindow(s plot.Series) []float64 {
	values := slices.Clone(s.Values)
	for i, at := range s.Seconds {
		if at < t.from || at > t.to {
			values[i] = math.NaN()
		}
	}
	return values
}

func (t timeline) panels() []plot.Panel {
	middles := make([]float64, len(t.trial.Intervals))
	for i, interval := range t.trial.Intervals {
		middles[i] = (interval.Start + interval.End) / 2
	}
	series := func(name string, tone plot.Tone, of func(results.Interval) float64) plot.Series {
		s := plot.Series{Name: name, Tone: tone, Seconds: middles}
		for _, interval := range t.trial.Intervals {
			s.Values = append(s.Values, of(interval))
		}
		return s
	}
	rate := plot.Panel{Heading: "records/s", Unit: "/s", Series: []plot.Series{
		series("acknowledged", plot.Ink, perSecond(func(p results.ProducerInterval) int64 { return p.Acked })),
		series("offered", plot.Dim, perSecond(func(p results.ProducerInterval) int64 { return p.Offered })),
	}}
	rate.Series[1].Wide = true
	panels := []plot.Panel{rate}

	latency, name := func(p results.ProducerInterval) results.Latency { return p.Ack }, "ack p99"
	if !t.hasAck() {
		latency, name = func(p results.ProducerInterval) results.Latency { return p.Service }, "service p99"
	}
	seconds := series(name, plot.Pick, func(i results.Interval) float64 { return worstP99(i, latency) })
	if peak(seconds.Values) >= 0 {
		unit := axisUnitFor(medianOf(seconds.Values))
		if highest := peak(t.inWindow(seconds)); highest >= 0 {
			seconds.Peak, seconds.PeakAt = value(seconds.Values[highest], "s"), highest
		}
		for i := range seconds.Values {
			seconds.Values[i] *= unit.factor
		}
		panels = append(panels, plot.Panel{Heading: name + ", " + unit.symbol, Unit: unit.symbol, Log: true, Tall: true, Series: []plot.Series{seconds}})
	}
	for _, panel := range []*plot.Panel{t.lag(series), t.throttling(series), t.health(series)} {
		if panel != nil {
			panels = append(panels, *panel)
		}
	}
	return panels
}

func (t timeline) hasAck() bool {
	for _, interval := range t.trial.Intervals {
		for _, p := range interval.Producers {
			if p.Ack.Window.Count+p.Ack.Outside.Count > 0 {
				return true
			}
		}
	}
	return false
}

// lag is the panel of offset lags, one line for each of at most three groups; nil without any.
func (t timeline) lag(series func(string, plot.Tone, func(results.Interval) float64) plot.Series) *plot.Panel {
	groups := map[string]bool{}
	for _, interval := range t.trial.Intervals {
		for name, c := range interval.Consumers {
			if len(c.Lag) > 0 {
				groups[name] = true
			}
		}
	}
	if len(groups) == 0 {
		return nil
	}
	panel := &plot.Panel{Heading: "offset lag, records", Unit: "records"}
	names := slices.Sorted(maps.Keys(groups))
	for i, name := range names {
		if i == 3 {
			break
		}
		s := series("lag, "+name, []plot.Tone{plot.Ink, plot.ThirdInk, plot.Dim}[i], func(interval results.Interval) float64 {
			return lagOf(interval.Consumers[name])
		})
		if len(names) == 1 {
			s.Name = "lag"
		}
		if highest := peak(t.inWindow(s)); i == 0 && highest >= 0 && s.Values[highest] > 4*medianOf(s.Values) && s.Values[highest] > 100 {
			s.Peak, s.PeakAt = count(int64(s.Values[highest]))+" records", highest
		}
		panel.Series = append(panel.Series, s)
	}
	return panel
}

// lagOf sums the lag over topics and partitions; NaN where no partition is known.
func lagOf(c results.ConsumerInterval) float64 {
	sum, known := int64(0), false
	for _, topic := range c.Lag {
		for _, records := range topic.Records {
			if records >= 0 {
				sum, known = sum+records, true
			}
		}
	}
	if !known {
		return math.NaN()
	}
	return float64(sum)
}

// perSecond returns a count over all producer groups as a rate.
func perSecond(of func(results.ProducerInterval) int64) func(results.Interval) float64 {
	return func(i results.Interval) float64 {
		length := i.End - i.Start
		if length <= 0 {
			return math.NaN()
		}
		sum := int64(0)
		for _, p := range i.Producers {
			sum += of(p)
		}
		return float64(sum) / length
	}
}

// worstP99 returns the p99 of an interval in the group where it is highest, in seconds.
func worstP99(i results.Interval, latency func(results.ProducerInterval) results.Latency) float64 {
	worst := math.NaN()
	for _, p := range i.Producers {
		l := latency(p)
		encoded := l.Window
		if encoded.Count == 0 {
			encoded = l.Outside
		}
		if encoded.Count > 0 && !(encoded.P99Seconds <= worst) {
			worst = encoded.P99Seconds
		}
	}
	return worst
}

func peak(values []float64) int {
	best := -1
	for i, v := range values {
		if !math.IsNaN(v) && (best < 0 || v > values[best]) {
			best = i
		}
	}
	return best
}

func medianOf(values []float64) float64 {
	var known []float64
	for _, v := range values {
		if !math.IsNaN(v) {
			known = append(known, v)
		}
	}
	if len(known) == 0 {
		return math.NaN()
	}
	slices.Sort(known)
	return known[len(known)/2]
}

// events returns the marks of a trial, and how many events there were. Events of one kind within
// two seconds are one mark.
func (t timeline) events() ([]plot.Mark, int) {
	var marks []plot.Mark
	total := 0
	last := map[string]float64{}
	for _, interval := range t.trial.Intervals {
		for _, event := range interval.Events {
			total++
			if at, ok := last[event.Kind]; ok && event.Seconds-at < 2 {
				total--
				continue
			}
			last[event.Kind] = event.Seconds
			if len(marks) == mostMarks {
				continue
			}
			tone := plot.Alert
			if event.Kind == "phase" {
				tone = plot.ThirdInk
			}
			text := fmt.Sprintf("%s%ss", number(event.Seconds), noBreakSpace)
			if event.Text != "" {
				text += ": " + event.Text
			}
			marks = append(marks, plot.Mark{
				At: event.Seconds, Name: strings.ReplaceAll(event.Kind, "_", " "), Text: shorten(text, 44), Tone: tone,
			})
		}
	}
	slices.SortStableFunc(marks, func(a, b plot.Mark) int {
		if a.At < b.At {
			return -1
		}
		return 1
	})
	return marks, total
}

// see says what the series shows: its peak, where it stands out.
func (t timeline) see(figure plot.Timeline) string {
	for _, panel := range figure.Panels {
		if !panel.Log {
			continue
		}
		s := panel.Series[0]
		highest, usual := peak(t.inWindow(s)), medianOf(t.inWindow(s))
		if highest < 0 {
			return ""
		}
		if s.Values[highest] < 3*usual {
			return fmt.Sprintf("No second of the window stands out: %s is %s at most.", s.Name, s.Peak)
		}
		return fmt.Sprintf("%s peaks at %s in second %s; half of the window is below %s%s%s.",
			capital(s.Name), s.Peak, number(math.Floor(s.Seconds[highest])), number(usual), noBreakSpace, panel.Unit)
	}
	return ""
}

// number prints three significant digits.
func number(v float64) string { return split(v, "1").number }

func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// capital returns a sentence with a capital at its beginning, but for names in lower case that
// are code.
func capital(text string) string {
	if text == "" {
		return text
	}
	runes := []rune(text)
	return strings.ToUpper(string(runes[:1])) + string(runes[1:])
}
