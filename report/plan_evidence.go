package report

import (
	"fmt"
	"math"

	"kaliper/internal/unit"
	"kaliper/report/plot"
	"kaliper/results"
)

func (p planPage) rulesSection() *Section {
	if len(p.plan.Rules) == 0 {
		return nil
	}
	t := &Table{ID: "rules", Caption: "Rules of thumb", Columns: []Column{{Name: "Rule", Text: true}, {Name: "says"}, {Name: "Why it differs", Text: true}}}
	for _, r := range p.plan.Rules {
		says := "–"
		if !math.IsNaN(float64(r.Value)) {
			says = unit.Number(float64(r.Value))
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: r.Name}, {Text: says}, {Text: r.Text}}})
	}
	return &Section{ID: "rules-of-thumb", Heading: "Beside the rules of thumb", See: "What the usual rules say of the same demand, with the rates that were measured here.", Table: t}
}

func (p planPage) nextSection() *Section {
	if len(p.plan.Next) == 0 {
		return nil
	}
	section := &Section{ID: "next", Heading: "What to measure next", See: "In this order: what lifts a refusal, then what narrows the interval."}
	t := &Table{ID: "next", Caption: "What to measure next", Columns: []Column{{Name: "", Text: true}, {Name: "Measure", Text: true}}}
	for i, text := range p.plan.Next {
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: unit.Number(float64(i + 1))}, {Text: text}}})
	}
	section.Table = t
	return section
}

// bandPoint turns a prediction into a point of a figure, its values multiplied.
func bandPoint(x float64, v results.PlanPrediction, scale float64, text ...string) plot.BandPoint {
	point := plot.BandPoint{X: x, Y: float64(v.Value) * scale, Low: math.NaN(), High: math.NaN(), Text: text}
	if v.Interval != nil {
		point.Low, point.High = float64(v.Interval.Lo)*scale, float64(v.Interval.Hi)*scale
	}
	return point
}

func (p planPage) curveSections() []Section {
	var sections []Section
	for _, curve := range p.plan.Curves {
		figure := plot.Band{}
		section := Section{ID: "curve-" + curve.Along, Folded: true}
		base, scale := "records/s", 1.0
		if curve.Along == "rate" {
			base, scale = "s", 1000
			figure.Heading, figure.Foot = "ack p99 in milliseconds, log scale", "records/s, log scale"
			figure.Mark, figure.MarkText = p.plan.Demand.RecordsPerSecond*p.plan.Demand.Growth, "planned"
			section.Heading = "Latency by rate"
			section.See = "Predicted ack p99 of the recommended configuration, up to 80% of what it carries and no more than twice past the rates and loads at which latencies were measured. While batches are not full by the end of linger.ms, a higher rate can shorten the wait."
		} else {
			figure.Heading, figure.Foot = "records/s carried, log scale", curve.Along+", log scale"
			figure.Limit, figure.LimitText = p.plan.Demand.NeededRecordsPerSecond, "needed"
			figure.Mark, figure.MarkText = float64(p.recommended(curve.Along)), "recommended"
			section.Heading = "Capacity by " + curve.Along
			section.See = "Predicted with all other counts as recommended, from half of the fewest to twice the most that were measured."
		}
		t := &Table{ID: "curve-" + curve.Along, Caption: section.Heading, Columns: []Column{{Name: curve.Along}, {Name: curve.Of}, {Name: "interval"}}}
		for i, at := range curve.At {
			v := curve.Values[i]
			if !finitePrediction(v) {
				continue
			}
			name := unit.Number(math.Round(at)) + " " + curve.Along
			if curve.Along == "rate" {
				name = unit.Format(math.Round(at), "records/s")
			}
			text := unit.Format(float64(v.Value), base) + p.interval(v, base)
			figure.Line = append(figure.Line, bandPoint(at, v, scale, name, text))
			t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: unit.Number(math.Round(at)), Sort: at}, {Text: unit.Format(float64(v.Value), base)}, {Text: p.interval(v, base)}}})
		}
		figure.Head = plot.Head{Name: "plan-" + curve.Along, Title: section.Heading, Description: section.See}
		section.Figure, section.Table = figure, t
		sections = append(sections, section)
	}
	return sections
}

func (p planPage) recommended(along string) int {
	switch along {
	case "partitions":
		return p.plan.Partitions.Value
	case "producers":
		return p.plan.Producers.Value
	case "members":
		return p.plan.Members.Value
	}
	return p.plan.Brokers.Value
}

// residualsSection draws every configuration's prediction, by the model of all others, against
// what was measured.
func (p planPage) residualsSection() *Section {
	if len(p.plan.Points) == 0 {
		return nil
	}
	see := "Each point is a configuration that the model did not know when it predicted it, with the interval; on the line measured and predicted are equal."
	figure := plot.Band{Head: plot.Head{Name: "plan-residuals", Title: "Predicted against measured", Description: see},
		Heading: "records/s predicted without it, log scale", Foot: "records/s measured, log scale"}
	lowest, highest, missed := math.Inf(1), 0.0, 0.0
	for _, pt := range p.plan.Points {
		lowest, highest = min(lowest, pt.Measured), max(highest, pt.Measured)
		missed += math.Abs(float64(pt.Predicted.Value)-pt.Measured) / pt.Measured
		figure.Points = append(figure.Points, bandPoint(pt.Measured, pt.Predicted, 1, planPointName(pt),
			"measured "+unit.Format(pt.Measured, "records/s"), "predicted "+unit.Format(float64(pt.Predicted.Value), "records/s")+p.interval(pt.Predicted, "records/s")))
	}
	for _, at := range []float64{lowest, highest} {
		figure.Line = append(figure.Line, plot.BandPoint{X: at, Y: at, Low: math.NaN(), High: math.NaN()})
	}
	see += fmt.Sprintf(" The mean miss is %s.", unit.Format(missed/float64(len(p.plan.Points)), "ratio"))
	return &Section{ID: "residuals", Heading: "How far predictions miss", See: see, Figure: figure}
}

func planPointName(pt results.PlanPoint) string {
	return fmt.Sprintf("%s, %s, %s, %s, RF %d", plural(pt.Partitions, "partition"), plural(pt.Producers, "producer"), plural(pt.Members, "member"),
		unit.Format(math.Round(pt.RecordBytes), "bytes"), pt.ReplicationFactor)
}

func (p planPage) termsSection() *Section {
	if len(p.plan.Terms) == 0 {
		return nil
	}
	t := &Table{ID: "ceilings", Caption: "What bounds", Columns: []Column{{Name: "Ceiling", Text: true}, {Name: "bound in"}, {Name: "one carries"}, {Name: "What is known", Text: true}}}
	for _, term := range p.plan.Terms {
		known := "its number can be planned"
		if term.Refusal != nil {
			known = term.Refusal.Text
		}
		each := "–"
		if v := float64(term.RecordsPerSecondEach); !math.IsNaN(v) {
			each = unit.Format(v, "records/s")
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: term.Name}, {Text: plural(term.Bound, "configuration")}, {Text: each}, {Text: known}}})
	}
	return &Section{ID: "ceilings", Heading: "What bounds", See: "The model takes the soft minimum of four ceilings. A count can be planned where its ceiling bound.", Table: t}
}

func (p planPage) pointsSection() *Section {
	if len(p.plan.Points) == 0 {
		return nil
	}
	t := &Table{ID: "measured", Caption: "What was measured", Sorts: true, Columns: []Column{
		{Name: "Configuration", Text: true}, {Name: "measured", Unit: "records/s"}, {Name: "predicted", Unit: "records/s"}, {Name: "interval"}, {Name: "Runs into", Text: true},
	}}
	for _, pt := range p.plan.Points {
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: planPointName(pt)}, {Text: unit.Number(math.Round(pt.Measured)), Sort: pt.Measured},
			{Text: unit.Number(math.Round(float64(pt.Predicted.Value))), Sort: float64(pt.Predicted.Value)},
			{Text: p.interval(pt.Predicted, "records/s")}, {Text: pt.Bottleneck},
		}})
	}
	return &Section{ID: "measured", Heading: "What was measured", See: "Highest rates, each beside its prediction by the model that does not know it.", Table: t}
}
