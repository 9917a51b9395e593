package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"kaliper/internal/analysis/search"
	"kaliper/internal/metric"
	"kaliper/internal/stats"
	"kaliper/report/plot"
	"kaliper/results"
)

// curveMetric is the latency that a search's curves show: that of its first objective over one,
// else the p99 of the response.
func (s *Search) curveMetric() (name string, limit float64, text string) {
	var groups []string
	if plan := s.Run.Manifest.Search; plan != nil {
		groups = plan.Groups
	}
	for _, objective := range s.Result.Objectives {
		c, err := metric.ParseCondition(objective, groups)
		if err == nil && c.Ref.Definition.Unit == "s" {
			return c.Ref.String(), c.Value, c.String()
		}
	}
	return "ack.p99", 0, ""
}

// curve shows the latency over the load of one case.
func (s *Search) curve(index int, c results.SearchCase) *Section {
	name, limit, text := s.curveMetric()
	medians := loadMedians(c, name)
	if len(medians) == 0 {
		return nil
	}
	axis := axisUnitFor(medians[len(medians)/2].Value)
	f := plot.Load{
		Head:    plot.Head{Name: fmt.Sprintf("load-%d", index+1), Title: "Latency over the offered rate"},
		Heading: fmt.Sprintf("%s, %s, log scale", metricName(name), axis.name), Foot: "offered records/s, log scale",
		Limit: limit * axis.factor, LimitText: text,
		Low: float64(c.Interval.Lo), High: float64(c.Interval.Hi),
	}
	for i, t := range c.Trials {
		v, known := t.Metrics[name]
		if !known {
			continue
		}
		f.Trials = append(f.Trials, plot.LoadTrial{
			Rate: t.RecordsPerSecond, Value: float64(v.Value) * axis.factor, Standing: loadStanding(t), Row: trialRow(index, i),
			Text: []string{rate(t.RecordsPerSecond), metricName(name) + " " + value(float64(v.Value), v.Unit), findingText(t)},
		})
	}
	for _, m := range medians {
		f.Line = append(f.Line, plot.LoadMedian{Rate: m.Rate, Value: m.Value * axis.factor})
	}
	knee := 0.0
	if c.Contradiction == "" { // else it is no curve
		knee = kneeOf(medians)
	}
	section := &Section{ID: fmt.Sprintf("load-%d", index+1), Heading: "Latency over the load"}
	if named := s.caseName(c); named != "" {
		section.Heading += ": " + named
	}
	section.See = "Each dot is a trial: filled ones pass, rings fail, small grey ones were spoiled by the instrument. The line joins the medians of trials at one rate."
	if knee > 0 {
		f.Knee = knee
		section.Notes = append(section.Notes, fmt.Sprintf("The knee, from which on the curve is steep, is at %s.", rate(knee)))
	} else {
		section.Notes = append(section.Notes, "The curve has no knee: it rises evenly, or too few rates were tried.")
	}
	f.Description = section.See
	section.Figure = f
	section.Table, section.Folded = s.curveTable(index, c, name, knee), true
	return section
}

// searchCurveTable begins the ids of the tables that say the curves in figures, which a terminal
// shows in their place.
const searchCurveTable = "load-table-"

// curveTable says the curve rate by rate.
func (s *Search) curveTable(index int, c results.SearchCase, name string, knee float64) *Table {
	type tally struct{ passes, fails, spoiled int }
	tallies := map[float64]*tally{}
	highest := 0.0
	for _, t := range c.Trials {
		one := tallies[t.RecordsPerSecond]
		if one == nil {
			one = &tally{}
			tallies[t.RecordsPerSecond] = one
		}
		switch loadStanding(t) {
		case plot.LoadPasses:
			one.passes++
		case plot.LoadFails:
			one.fails++
		default:
			one.spoiled++
		}
	}
	medians := loadMedians(c, name)
	for _, m := range medians {
		if !math.IsInf(m.Value, 0) {
			highest = max(highest, m.Value)
		}
	}
	t := &Table{ID: fmt.Sprintf("%s%d", searchCurveTable, index+1), Caption: "Latency over the load", Columns: []Column{
		{Name: "offered"}, {Name: metricName(name) + ", median"}, {Name: "pass"}, {Name: "fail"}, {Name: "spoiled"}, {Name: "Where", Text: true},
	}}
	for _, m := range medians {
		n := tallies[m.Rate]
		row := Row{Cells: []Cell{{Text: rate(m.Rate)}, {Text: value(m.Value, "s")}, {Text: fmt.Sprint(n.passes)}, {Text: fmt.Sprint(n.fails)}, {Text: fmt.Sprint(n.spoiled)}, {Text: where(c, m.Rate, knee)}}}
		if finiteBar := m.Value / highest; highest > 0 && finiteBar <= 1 {
			row.Cells[1].Bar = &Bar{Value: finiteBar, Low: math.NaN(), High: math.NaN()}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// where marks the ends of the answer and the knee among the rates.
func where(c results.SearchCase, rate, knee float64) string {
	var marks []string
	if c.Confirmed && rate == float64(c.Interval.Lo) {
		marks = append(marks, "holds")
	}
	if rate == float64(c.Interval.Hi) {
		marks = append(marks, "does not hold")
	}
	if knee > 0 && math.Abs(rate/knee-1) < 1e-9 {
		marks = append(marks, "knee")
	}
	return strings.Join(marks, ", ")
}

// loadMedians are the medians of the trials that are not spoiled, by rising rate.
func loadMedians(c results.SearchCase, name string) []plot.LoadMedian {
	values := map[float64][]float64{}
	for _, t := range c.Trials {
		if v, known := t.Metrics[name]; known && t.Finding != string(search.Spoiled) && !math.IsNaN(float64(v.Value)) {
			values[t.RecordsPerSecond] = append(values[t.RecordsPerSecond], float64(v.Value))
		}
	}
	var medians []plot.LoadMedian
	for rate, list := range values {
		medians = append(medians, plot.LoadMedian{Rate: rate, Value: stats.Median(list)})
	}
	slices.SortFunc(medians, func(a, b plot.LoadMedian) int { return cmp.Compare(a.Rate, b.Rate) })
	return medians
}

// kneeOf finds the knee on the axes that are drawn; 0 for none.
func kneeOf(medians []plot.LoadMedian) float64 {
	var x, y []float64
	for _, m := range medians {
		if m.Value > 0 && !math.IsInf(m.Value, 0) {
			x, y = append(x, math.Log(m.Rate)), append(y, math.Log(m.Value))
		}
	}
	if i, ok := stats.Knee(x, y); ok {
		return math.Exp(x[i])
	}
	return 0
}

func loadStanding(t results.SearchTrial) plot.LoadStanding {
	switch t.Finding {
	case string(search.Passes):
		return plot.LoadPasses
	case string(search.Fails):
		return plot.LoadFails
	}
	return plot.LoadSpoiled
}

func findingText(t results.SearchTrial) string {
	return strings.TrimSuffix(t.Finding+": "+t.By, ": ")
}

func trialRow(index, trial int) string { return fmt.Sprintf("search-%d-%d", index+1, trial+1) }

// trials lists the trials of a case in the order of time.
func (s *Search) trials(index int, c results.SearchCase) Section {
	name, _, _ := s.curveMetric()
	t := &Table{ID: fmt.Sprintf("search-trials-%d", index+1), Caption: "Trials", Sorts: true, Columns: []Column{
		{Name: "Trial"}, {Name: "offered"}, {Name: "Kind", Text: true}, {Name: "acknowledged"}, {Name: metricName(name)}, {Name: "Finding", Text: true}, {Name: "Why", Text: true},
	}}
	for i, trial := range c.Trials {
		kind := "short"
		if trial.Hold {
			kind = "hold"
		}
		finding := Cell{Text: trial.Finding}
		if trial.Finding != string(search.Passes) {
			finding.Tone = AsTrouble
		}
		why := trial.By
		if trial.Text != "" {
			why = trial.Text
		}
		t.Rows = append(t.Rows, Row{ID: trialRow(index, i), Cells: []Cell{
			{Text: fmt.Sprint(i + 1), Sort: float64(i + 1)}, {Text: rate(trial.RecordsPerSecond), Sort: trial.RecordsPerSecond}, {Text: kind, Sort: math.NaN()},
			searchCell(trial, "acked.records_per_second"), searchCell(trial, name), finding, {Text: why},
		}})
	}
	section := Section{ID: t.ID, Heading: "Trial by trial", Table: t, See: capital(plural(len(t.Rows), "trial")) + " in the order of time."}
	if named := s.caseName(c); named != "" {
		section.Heading += ": " + named
	}
	return section
}

func searchCell(trial results.SearchTrial, name string) Cell {
	v, known := trial.Metrics[name]
	if !known {
		return Cell{Text: "unknown", Sort: math.NaN()}
	}
	return Cell{Text: value(float64(v.Value), v.Unit), Sort: float64(v.Value), Few: v.Few}
}
