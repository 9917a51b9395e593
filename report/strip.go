package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"kaliper/report/plot"
	"kaliper/results"
)

// fewestForStrip is the number of trials below which their order in time shows nothing.
const fewestForStrip = 4

// placedTrial is a trial in the order of execution.
type placedTrial struct {
	subject *subject
	trial   results.SummaryTrial
	started time.Time
}

// inOrder returns all trials of all runs in the order of their execution.
func (s *study) inOrder() []placedTrial {
	var placed []placedTrial
	for _, c := range s.subjects {
		for _, trial := range c.summary.Trials {
			p := placedTrial{subject: c, trial: trial}
			for _, journal := range c.trials {
				if trial.ID == journal.Begin.Ref().String() {
					p.started = journal.Begin.Started
				}
			}
			placed = append(placed, p)
		}
	}
	slices.SortStableFunc(placed, func(a, b placedTrial) int {
		return cmp.Or(a.started.Compare(b.started), cmp.Compare(a.trial.Round, b.trial.Round))
	})
	return placed
}

// stripSection shows every trial against its own case's median, in the order of execution.
func (s *study) stripSection() *Section {
	metric := s.headline()
	placed := s.inOrder()
	if len(placed) < fewestForStrip {
		return nil
	}
	figure := plot.Strip{
		Head:    plot.Head{Name: "trials-in-order", Title: "All trials in the order of their execution"},
		Heading: metricName(metric) + " against the case’s own median",
	}
	for i, p := range placed {
		dot := plot.Dot{Percent: math.NaN(), Tone: p.subject.tone}
		if len(s.subjects) == 1 {
			dot.Tone = plot.Ink
		}
		text := fmt.Sprintf("%s, round %d: unknown", p.subject.name, p.trial.Round)
		if v, ok := p.trial.Metrics[metric]; ok {
			dot.Percent = 100 * (ratioOf(p.subject.median(metric), float64(v.Value)) - 1)
			text = fmt.Sprintf("%s, round %d: %s %s", p.subject.name, p.trial.Round, metricName(metric), value(float64(v.Value), v.Unit))
			if !math.IsNaN(dot.Percent) && !math.IsInf(dot.Percent, 0) {
				text += ", " + change(dot.Percent/100+1)
			}
		}
		dot.Text = text
		figure.Dots = append(figure.Dots, dot)
		last := len(figure.Rounds) - 1
		name := strconv.Itoa(p.trial.Round)
		if s.comparesRuns() {
			continue // rounds of different runs are different things
		}
		if last < 0 || figure.Rounds[last].Name != name {
			figure.Rounds = append(figure.Rounds, plot.StripRound{Name: name, From: i, To: i + 1})
		} else {
			figure.Rounds[last].To = i + 1
		}
	}
	for i := range figure.Rounds {
		round := &figure.Rounds[i]
		var values []float64
		for _, dot := range figure.Dots[round.From:round.To] {
			values = append(values, dot.Percent)
		}
		round.Median = medianOf(values)
	}
	section := &Section{ID: "trials-in-order", Heading: "All trials in time order", See: stripSee(figure)}
	note := "Each dot is a trial, against its own case’s median"
	if len(figure.Rounds) > 1 && figure.Rounds[0].To >= 4 {
		note += "; jaws span a round at its median"
	}
	section.Notes = []string{note + ". What lies off the scale is pinned to its edge with its value."}
	figure.Description = section.See
	section.Figure = figure
	return section
}

// stripSee says how far trials lie from the median of their case.
func stripSee(figure plot.Strip) string {
	within, known, farthest := 0, 0, -1
	for i, dot := range figure.Dots {
		if math.IsNaN(dot.Percent) {
			continue
		}
		known++
		if math.Abs(dot.Percent) <= 5 {
			within++
		}
		if farthest < 0 || math.Abs(dot.Percent) > math.Abs(figure.Dots[farthest].Percent) {
			farthest = i
		}
	}
	if farthest < 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %d trials lie within 5%% of their case’s median", within, known)
	if within == known {
		text = fmt.Sprintf("All %d trials lie within 5%% of their case’s median", known)
	}
	if figure.Dots[farthest].Percent > 10 {
		text += "; the farthest is " + figure.Dots[farthest].Text
	}
	return text + "."
}
