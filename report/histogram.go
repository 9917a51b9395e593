package report

import (
	"fmt"
	"math"

	"kaliper/internal/measure"
	"kaliper/report/plot"
)

// binsPerDecade is how finely a histogram's logarithmic axis is cut.
const binsPerDecade = 12

// histogramSection shows how the latencies are spread, of the case in question and the first.
func (s *study) histogramSection() *Section {
	kind := ack
	if !s.anyLatency(ack) {
		kind = service
	}
	focus, first := s.focus(), s.subjects[0]
	d := focus.latency[kind]
	if d == nil || d.merged.Count() == 0 {
		return nil
	}
	compared := []*subject{focus}
	if first != focus && first.latency[kind] != nil && first.latency[kind].merged.Count() > 0 {
		compared = append(compared, first)
	}
	unit := axisUnitFor(s.typicalLatency())
	edges := binEdges(compared, kind)
	figure := plot.Histogram{
		Head: plot.Head{Name: "histogram", Title: "Histogram of " + kind.words() + " latency"},
		Unit: unit.name,
	}
	for _, edge := range edges {
		figure.Edges = append(figure.Edges, edge*unit.factor)
	}
	for _, c := range compared {
		figure.Sets = append(figure.Sets, plot.Shares{Name: c.name, Tone: c.tone, Percent: c.latency[kind].shares(edges)})
	}
	if len(compared) == 1 {
		figure.Sets[0].Name = kind.words() + " latency:"
	}
	for _, percentile := range []string{"p99", "p50", "p99_9"} {
		metric := string(kind) + "." + percentile
		if v := focus.median(metric); focus.has(metric) && !math.IsInf(v, 1) {
			tone := focus.tone
			if tone == plot.Dim {
				tone = plot.Ink
			}
			figure.Marks = append(figure.Marks, plot.Mark{At: v * unit.factor, Name: percentileOf(metric), Text: metricText(focus, metric), Tone: tone})
		}
	}
	section := &Section{ID: "histogram", Heading: "Latency histogram"}
	mode := busiest(figure.Sets[0].Percent)
	section.See = fmt.Sprintf("Most often the %s took %s to %s.", kind.noun(), value(edges[mode], "s"), value(edges[mode+1], "s"))
	if len(compared) == 2 {
		section.See = fmt.Sprintf("Most often the %s took %s to %s with %s.", kind.noun(), value(edges[mode], "s"), value(edges[mode+1], "s"), focus.name)
	}
	note := fmt.Sprintf("All %s records of %s", count(d.merged.Count()), plural(len(d.trials), "trial"))
	if len(compared) == 2 {
		note += " a case"
	}
	section.Notes = append(section.Notes, note+", in bins of equal width on the log axis.")
	if d.infinite > 0 {
		section.Notes = append(section.Notes, fmt.Sprintf("%s failed or stayed unresolved and have no place on this axis.", plural(int(d.infinite), "record")))
	}
	figure.Description = section.See
	section.Figure = figure
	return section
}

func (k latencyKind) noun() string {
	if k == endToEnd {
		return "way from end to end"
	}
	return "acknowledgement"
}

// binEdges returns the edges, in seconds, of bins that hold all latencies of the cases.
func binEdges(cases []*subject, kind latencyKind) []float64 {
	lowest, highest := math.Inf(1), 0.0
	for _, c := range cases {
		bars := c.latency[kind].merged.Bars()
		lowest = min(lowest, max(bars[0].FromSeconds, 1e-6))
		highest = max(highest, bars[len(bars)-1].ToSeconds)
	}
	from := int(math.Floor(math.Log10(lowest) * binsPerDecade))
	to := max(int(math.Ceil(math.Log10(highest)*binsPerDecade)), from+1)
	var edges []float64
	for i := from; i <= to; i++ {
		edges = append(edges, math.Pow(10, float64(i)/binsPerDecade))
	}
	return edges
}

// shares returns the per cent of the records in every bin; those that never resolved count in
// the whole.
func (d *distribution) shares(edges []float64) []float64 {
	shares := make([]float64, len(edges)-1)
	total := float64(d.merged.Count() + d.infinite)
	for _, bar := range d.merged.Bars() {
		shares[binOf(edges, bar)] += 100 * float64(bar.Count) / total
	}
	return shares
}

func binOf(edges []float64, bar measure.Bar) int {
	middle := max((bar.FromSeconds+bar.ToSeconds)/2, 1e-6)
	place := int(math.Floor(math.Log10(middle/edges[0]) * binsPerDecade))
	return min(max(place, 0), len(edges)-2)
}

func busiest(shares []float64) int {
	best := 0
	for i, share := range shares {
		if share > shares[best] {
			best = i
		}
	}
	return best
}
