package report

import (
	"fmt"
	"math"
	"strings"

	"kaliper/internal/analysis"
	"kaliper/internal/metric"
	"kaliper/report/plot"
	"kaliper/results"
)

// frontSection shows what a lower latency costs: CPU and bytes on the wire where the rate was
// given, the rate itself where clients were let go as fast as they can.
func (s *study) frontSection() *Section {
	if s.variation == nil || !strings.HasSuffix(s.headline(), ".p99") {
		return nil
	}
	costs := []string{"cpu.seconds_per_record", "wire.bytes_per_record"}
	if !s.openLoop() {
		costs = []string{"acked.records_per_second", "cpu.seconds_per_record"}
	}
	costs = s.columns(costs)
	if len(costs) == 0 {
		return nil
	}
	axis := axisUnitFor(s.typicalLatency())
	figure := plot.Front{
		Head: plot.Head{Name: "front", Title: "Cost against latency"},
		Foot: fmt.Sprintf("%s, %s, log scale", metricName(s.headline()), axis.name), Symbol: axis.symbol,
	}
	if limit, ok := s.limit(); ok {
		figure.Limit, figure.LimitText = limit*axis.factor, "over "+value(limit, "s")
	}
	for _, cost := range costs {
		figure.Panels = append(figure.Panels, s.frontPanel(cost, axis))
	}
	section := &Section{ID: "front", Heading: "Cost against latency", See: s.frontSee(figure.Panels[0], costs[0])}
	section.Notes = []string{"Filled: no case is better in both. Ring: one is, but that is not proven. Grey: one is, proven by rounds in one of the two. The line is a staircase because nothing between the points was measured."}
	if level, ok := s.levelOf(s.headline()); ok {
		section.Notes = append(section.Notes, fmt.Sprintf("Jaws: %s intervals.", levelText(level)))
	}
	figure.Description = section.See
	section.Figure = figure
	return section
}

// levelOf returns the level of a metric's intervals, where any is worth showing.
func (s *study) levelOf(name string) (float64, bool) {
	for _, c := range s.subjects {
		if v := c.summary.Metrics[name]; v.Interval != nil && v.Interval.Level >= leastLevel {
			return v.Interval.Level, true
		}
	}
	return 0, false
}

// limit returns the smallest upper bound that was expected of the headline, in seconds.
func (s *study) limit() (float64, bool) {
	least, found := math.Inf(1), false
	for _, e := range s.runs[0].Summary.Run.Expectations {
		condition, err := metric.ParseCondition(e.Condition, nil)
		if err != nil || condition.Ref.String() != s.headline() || !strings.HasPrefix(string(condition.Op), "<") {
			continue
		}
		least, found = min(least, condition.Value), true
	}
	return least, found
}

func (s *study) frontPanel(cost string, axis axisUnit) plot.FrontPanel {
	factor, name := costUnit(cost, s)
	panel := plot.FrontPanel{Heading: name, Higher: directionOf(cost) == metric.HigherBetter}
	for i, c := range s.subjects {
		p := plot.FrontPoint{Name: c.name, Tone: plot.Ink, Row: fmt.Sprintf("case-%d", i+1), Standing: s.standing(i, s.headline(), cost)}
		if c.tone == plot.Pick || c.tone == plot.Base {
			p.Tone = c.tone
		}
		p.X, p.XLow, p.XHi = inUnit(c.summary.Metrics[s.headline()], axis.factor)
		p.Y, p.YLow, p.YHi = inUnit(c.summary.Metrics[cost], factor)
		if !c.has(s.headline()) || !c.has(cost) {
			p.X = math.NaN()
		}
		for _, m := range s.columns([]string{s.headline(), "acked.records_per_second", "cpu.seconds_per_record", "wire.bytes_per_record"}) {
			q := quantityOf(c.summary.Metrics[m])
			text := metricName(m) + " " + q.String()
			if q.interval != "" {
				text += " (" + q.interval + ")"
			}
			p.Text = append(p.Text, text)
		}
		panel.Points = append(panel.Points, p)
	}
	return panel
}

// costUnit returns the factor of a cost's axis, and its heading with the unit.
func costUnit(cost string, s *study) (factor float64, heading string) {
	switch cost {
	case "cpu.seconds_per_record":
		return 1e6, "client CPU per record, µs"
	case "wire.bytes_per_record":
		return 1, "wire bytes per record"
	}
	return 1, metricName(cost) + ", records/s"
}

func inUnit(v results.MetricValue, factor float64) (median, low, high float64) {
	median, low, high = float64(v.Median)*factor, math.NaN(), math.NaN()
	if v.Interval != nil && v.Interval.Level >= leastLevel {
		low, high = float64(v.Interval.Lo)*factor, float64(v.Interval.Hi)*factor
	}
	return median, low, high
}

// standing says whether another case beats case i in both metrics, and whether rounds prove it
// in one of them.
func (s *study) standing(i int, latency, cost string) plot.Standing {
	c := s.subjects[i]
	standing := plot.OnFront
	better := func(name string, a, b *subject) bool {
		x, y := a.median(name), b.median(name)
		if directionOf(name) == metric.HigherBetter {
			return x > y
		}
		return x < y
	}
	for _, other := range s.subjects {
		if other == c || !better(latency, other, c) || !better(cost, other, c) {
			continue
		}
		standing = max(standing, plot.NotProven)
		for _, name := range []string{latency, cost} {
			if analysis.Versus(other.summary, c.summary, name).Worse(directionOf(name)) {
				return plot.Dominated
			}
		}
	}
	return standing
}

// frontSee names the cases on the front.
func (s *study) frontSee(panel plot.FrontPanel, cost string) string {
	var names []string
	for i, p := range panel.Points {
		if p.Standing == plot.OnFront && !math.IsNaN(p.X) && !math.IsInf(p.X, 0) {
			name := p.Name
			if s.harmOf(s.subjects[i]) != nil {
				name += " (left out)"
			}
			names = append(names, name)
		}
	}
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return fmt.Sprintf("%s has both the lowest %s and the best %s.", names[0], metricName(s.headline()), metricName(cost))
	case n <= 4:
		return fmt.Sprintf("No case is better in both %s and %s than %s.", metricName(s.headline()), metricName(cost), enumerate(names, "or"))
	default:
		return fmt.Sprintf("%d of %d cases make the front of %s and %s.", n, len(panel.Points), metricName(s.headline()), metricName(cost))
	}
}
