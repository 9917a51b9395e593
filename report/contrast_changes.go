package report

import (
	"math"

	"kaliper/internal/analysis"
	"kaliper/report/plot"
)

// mostContrasted is how many cases the picture of a contrast holds; the tables hold all.
const mostContrasted = 8

// changesSection draws the changes of the deciding metrics, a group for each case.
func (c *Contrast) changesSection() *Section {
	figure := plot.Effects{
		Head: plot.Head{Name: "changes", Title: "The candidate against the base, in per cent"},
		Foot: "change of the candidate against the base, ratio scale (log)",
	}
	for _, contrasted := range c.Cases[:min(len(c.Cases), mostContrasted)] {
		group := plot.EffectGroup{}
		if len(c.Cases) > 1 {
			group.Name = contrasted.Name
		}
		for _, name := range c.Deciding {
			if x, ok := contrasted.comparison(name); ok && x.Relative {
				group.Rows = append(group.Rows, c.changeRow(x))
			}
		}
		if len(group.Rows) > 0 {
			figure.Groups = append(figure.Groups, group)
		}
	}
	if len(figure.Groups) == 0 {
		return nil
	}
	section := &Section{ID: "changes", Heading: "What changed",
		Notes: []string{"Filled: better or worse by more than can be put down to noise, and not within the margin. Grey band: ±5%. Jaws: the interval of that one metric."}}
	figure.Description = c.answer()
	section.Figure = figure
	return section
}

func (c *Contrast) changeRow(x analysis.Comparison) plot.Effect {
	verdict := x.Judge(c.Margin)
	row := plot.Effect{
		Name: metricName(x.Metric), Ratio: ratioOf(x.Base, x.Candidate), Low: math.NaN(), High: math.NaN(), Tone: plot.Ink,
		Interval: c.judgement(x), Clear: verdict == analysis.Better || verdict == analysis.Worse || verdict == analysis.Different,
	}
	if x.HasInterval && !math.IsNaN(x.Shift) {
		row.Ratio, row.Low, row.High = 1+x.Shift, 1+x.Interval.Lo, 1+x.Interval.Hi
		if text := (effect{low: row.Low, high: row.High}).interval(); text != "" {
			row.Interval = text + ", " + row.Interval
		}
	}
	if verdict == analysis.Worse {
		row.Tone = plot.Alert
	}
	row.Estimate = change(row.Ratio)
	return row
}
