package report

import (
	"fmt"
	"math"
	"slices"

	"kaliper/internal/measure"
	"kaliper/internal/stats"
	"kaliper/report/plot"
	"kaliper/results"
)

// latencyKind is one of the latencies that are drawn.
type latencyKind string

const (
	ack      latencyKind = "ack"
	service  latencyKind = "service"
	endToEnd latencyKind = "e2e"
)

func latencyKinds() []latencyKind { return []latencyKind{ack, service, endToEnd} }

// distribution is one latency of one case over its trials.
type distribution struct {
	trials   [][]float64        // seconds at every place of percentileGrid
	merged   *measure.Histogram // over all trials
	infinite int64              // failed, unresolved or unread, over all trials
	fewest   int64              // records of the smallest trial
}

// percentileGrid returns the places on the percentile axis at which curves are evaluated: p50 to
// p99.999, with p90, p99, ... among them.
func percentileGrid() []float64 {
	grid := []float64{plot.Nines(0.5)}
	for i := 4; i <= 50; i++ {
		grid = append(grid, float64(i)/10)
	}
	return grid
}

// decode merges the latencies of every trial over the groups and reads off its percentiles. A
// histogram that cannot be decoded draws no line; internal/analysis has named it among the
// reasons not to trust its trial.
func (c *subject) decode() {
	c.latency = map[latencyKind]*distribution{}
	for _, trial := range c.trials {
		if trial.State != results.Complete && !c.cut {
			continue // enters no figure over trials
		}
		for _, kind := range latencyKinds() {
			histogram, infinite, err := pooled(trial, kind)
			if err != nil || histogram.Count()+infinite == 0 {
				continue
			}
			d := c.latency[kind]
			if d == nil {
				d = &distribution{merged: measure.NewHistogram(), fewest: math.MaxInt64}
				c.latency[kind] = d
			}
			d.trials = append(d.trials, quantiles(histogram, infinite, percentileGrid()))
			d.merged.Merge(histogram)
			d.infinite += infinite
			d.fewest = min(d.fewest, histogram.Count()+infinite)
		}
	}
}

// pooled returns a latency over all groups of a trial, and how many records have no end to it.
// Where the journal ends early, what its intervals kept stands in for the end frame.
func pooled(trial *results.Trial, kind latencyKind) (*measure.Histogram, int64, error) {
	p := pool{trial: trial, kind: kind, histogram: measure.NewHistogram()}
	if trial.End != nil {
		p.readEnd(trial.End)
	} else {
		p.readIntervals()
	}
	return p.histogram, p.infinite, p.err
}

// pool gathers one latency of one trial.
type pool struct {
	trial     *results.Trial
	kind      latencyKind
	histogram *measure.Histogram
	infinite  int64
	err       error // the first
}

func (p *pool) readEnd(end *results.End) {
	for name, totals := range end.Producers {
		if p.wants(name) {
			p.merge(map[latencyKind]measure.Encoded{ack: totals.Ack, service: totals.Service}[p.kind])
			p.infinite += totals.Window.Unresolved + sum(totals.Window.Failed)
		}
	}
	for _, totals := range end.Consumers {
		if p.kind == endToEnd {
			p.merge(totals.EndToEnd)
			p.infinite += totals.Unread
		}
	}
}

// readIntervals takes what was under way in the last interval for unresolved, as
// internal/analysis does.
func (p *pool) readIntervals() {
	begin := p.trial.Begin
	unresolved := map[string]int64{}
	for _, interval := range p.trial.Intervals {
		middle := (interval.Start + interval.End) / 2
		inWindow := middle > begin.WarmupSeconds && middle < begin.WarmupSeconds+begin.DurationSeconds
		for name, producer := range interval.Producers {
			if !p.wants(name) {
				continue
			}
			p.merge(map[latencyKind]results.Latency{ack: producer.Ack, service: producer.Service}[p.kind].Window)
			unresolved[name] = producer.InFlight + producer.Backlog
			if inWindow {
				p.infinite += sum(producer.Failed)
			}
		}
		for _, consumer := range interval.Consumers {
			if p.kind == endToEnd {
				p.merge(consumer.EndToEnd.Window)
			}
		}
	}
	p.infinite += sum(unresolved)
}

// wants says whether a producer group has this latency: a closed loop has no response latency.
func (p *pool) wants(name string) bool {
	if p.kind == endToEnd {
		return false
	}
	closed := slices.ContainsFunc(p.trial.Begin.Producers, func(g results.ProducerInfo) bool { return g.Name == name && !g.OpenLoop })
	return p.kind == service || !closed
}

// merge adds what an encoded histogram holds; one whose data were pruned away adds nothing.
func (p *pool) merge(encoded measure.Encoded) {
	if encoded.Data == "" {
		return
	}
	if err := encoded.MergeInto(p.histogram); err != nil && p.err == nil {
		p.err = err
	}
}

func sum(counts map[string]int64) int64 {
	var total int64
	for _, n := range counts {
		total += n
	}
	return total
}

// quantiles returns the latency at every place of a rising grid in one pass over the histogram,
// with the ranks of measure.Histogram.QuantileSeconds, which would make one pass for each.
func quantiles(h *measure.Histogram, infinite int64, grid []float64) []float64 {
	total := h.Count() + infinite
	values := make([]float64, len(grid))
	bars := h.Bars()
	bar, below := -1, int64(0) // records in bars[0..bar]
	for i, nines := range grid {
		q := 1 - math.Pow(10, -nines)
		rank := max(int64(math.Ceil(q*float64(total)-1e-9*float64(total))), 1)
		for below < rank && bar+1 < len(bars) {
			bar++
			below += bars[bar].Count
		}
		switch {
		case total == 0:
			values[i] = math.NaN()
		case rank > h.Count():
			values[i] = math.Inf(1)
		case rank == h.Count():
			values[i] = h.MaxSeconds()
		default:
			values[i] = min(bars[bar].ToSeconds, h.MaxSeconds())
		}
	}
	return values
}

// curve returns the median over trials at every percentile that the smallest trial has, with
// intervals where there are enough trials.
func (d *distribution) curve(unit axisUnit) []plot.CurvePoint {
	var points []plot.CurvePoint
	last := lastNines(d.fewest)
	for i, nines := range percentileGrid() {
		if nines > last+1e-9 {
			break
		}
		sample := make([]float64, len(d.trials))
		for k, trial := range d.trials {
			sample[k] = trial[i]
		}
		pt := plot.CurvePoint{Nines: nines, Value: stats.Median(sample) * unit.factor, Low: math.NaN(), High: math.NaN()}
		if len(sample) >= fewestForInterval {
			if interval, ok := stats.MedianInterval(sample, 0.95); ok {
				pt.Low, pt.High = interval.Lo*unit.factor, interval.Hi*unit.factor
			}
		}
		points = append(points, pt)
	}
	return points
}

// lastNines returns how far the percentile axis reaches for so many records: p99 for 100,
// p99.9 for 1,000, never beyond p99.999.
func lastNines(records int64) float64 {
	return min(max(math.Floor(math.Log10(float64(records))+1e-9), 1), 5)
}

// fewNines returns beyond which percentile fewer than 20 records lie.
func fewNines(records int64) float64 {
	return math.Log10(max(float64(records), 20) / 20)
}

// percentilesSection draws response latency solid, service latency dashed, of the first case and
// the one in question; other cases thin, the response alone. A run of one case shows its
// end-to-end latency too.
func (s *study) percentilesSection() *Section {
	unit := axisUnitFor(s.typicalLatency())
	focus, first := s.focus(), s.subjects[0]
	figure := plot.Percentiles{
		Head: plot.Head{Name: "percentiles", Title: "Latency by percentile"},
		Unit: unit.name, Symbol: unit.symbol, Few: math.Inf(1),
	}
	records := int64(math.MaxInt64)
	add := func(c *subject, kind latencyKind, thin bool) {
		d := c.latency[kind]
		if d == nil {
			return
		}
		records = min(records, d.fewest)
		curve := plot.Curve{Name: c.name + ", " + kind.words(), Tone: c.tone, Dashed: kind == service, Thin: thin, Points: d.curve(unit)}
		curve.Short = c.name
		if kind == service {
			curve.Short = kind.words()
		}
		if len(s.subjects) == 1 {
			curve.Name, curve.Short = kind.words(), kind.words()
			if kind != ack {
				curve.Tone = plot.SecondInk
			}
			if kind == endToEnd {
				curve.Tone = plot.Dim
			}
		}
		const mostNamed = 8 // more thin lines are a background, which the table names
		if thin && len(s.subjects) > mostNamed {
			curve.Name, curve.Short = "", ""
		} else if thin {
			curve.Name = c.name
		} else if v, ok := c.summary.Metrics[string(kind)+".p99"]; ok {
			curve.Detail = quantityOf(v).String() + " at p99"
		}
		figure.Curves = append(figure.Curves, curve)
	}
	drawn := []*subject{focus}
	if first != focus {
		drawn = append(drawn, first)
	}
	for _, c := range drawn {
		add(c, ack, false)
		if len(s.subjects) == 1 {
			add(c, endToEnd, false)
		}
	}
	for _, c := range drawn {
		add(c, service, false)
	}
	for _, c := range s.subjects {
		if !slices.Contains(drawn, c) {
			add(c, ack, true)
		}
	}
	if len(figure.Curves) == 0 {
		return nil
	}
	if few := fewNines(records); few < lastNines(records) {
		figure.Few = few
	}
	figure.Foot = fmt.Sprintf("percentile of %s records a trial, log scale", count(records))
	section := &Section{ID: "percentiles", Heading: "Latency by percentile", See: s.percentilesSee(focus, first)}
	if s.anyLatency(ack) && s.anyLatency(service) {
		section.Notes = append(section.Notes, "Solid: response latency, what a caller waits. Dashed: service latency, what other tools print.")
	} else if s.anyLatency(service) {
		section.Notes = append(section.Notes, "Dashed: service latency. A closed loop has no intended times, so there is no response latency.")
	}
	if n := len(first.trialsOf()); n > 1 {
		note := fmt.Sprintf("Lines: medians over %s at every percentile.", plural(n, "trial"))
		if n >= fewestForInterval {
			if interval, ok := stats.MedianInterval(make([]float64, n), 0.95); ok {
				note += " Bands: " + levelText(interval.Level) + " intervals."
			}
		}
		section.Notes = append(section.Notes, note)
	}
	if len(s.subjects) > 2 {
		section.Notes = append(section.Notes, "Thin: the other cases, response latency.")
	}
	figure.Description = section.See
	section.Figure = figure
	return section
}

// trialsOf returns the percentiles of the trials of the case's headline latency.
func (c *subject) trialsOf() [][]float64 {
	for _, kind := range latencyKinds() {
		if d := c.latency[kind]; d != nil {
			return d.trials
		}
	}
	return nil
}

func (k latencyKind) words() string {
	switch k {
	case ack:
		return "response"
	case endToEnd:
		return "end to end"
	}
	return "service"
}

func (s *study) anyLatency(kind latencyKind) bool {
	return slices.ContainsFunc(s.subjects, func(c *subject) bool { return c.latency[kind] != nil })
}

// typicalLatency returns the geometric mean of what the subjects' headline spans.
func (s *study) typicalLatency() float64 {
	lowest, highest := math.Inf(1), 0.0
	for _, c := range s.subjects {
		for _, name := range []string{"ack.p50", "ack.p99", "service.p50", "service.p99", "e2e.p50", "e2e.p99"} {
			if v := c.median(name); v > 0 && !math.IsInf(v, 1) {
				lowest, highest = min(lowest, v), max(highest, v)
			}
		}
	}
	if highest == 0 {
		return 1e-3
	}
	return math.Sqrt(lowest * highest)
}

// percentilesSee says what the curves show, as far as they do.
func (s *study) percentilesSee(focus, first *subject) string {
	if hidden := focus.hidden(); len(s.subjects) == 1 {
		if hidden > 0 {
			return fmt.Sprintf("Service latency leaves out %s of what a caller waits at p99.", value(hidden, "s"))
		}
		if focus.has("ack.p50") && focus.has("ack.p99") {
			return fmt.Sprintf("From %s at p50 to %s at p99.", metricText(focus, "ack.p50"), metricText(focus, "ack.p99"))
		}
		return ""
	}
	for _, metric := range []string{"ack.p99_9", "ack.p99", "service.p99"} {
		if focus.has(metric) && first.has(metric) {
			return fmt.Sprintf("At %s: %s with %s, %s with %s.", percentileOf(metric),
				metricText(focus, metric), focus.name, metricText(first, metric), first.name)
		}
	}
	return ""
}

func percentileOf(metric string) string {
	name := metricName(metric)
	_, percentile, _ := cutLast(name, " ")
	return percentile
}

// hidden returns the seconds at p99 that service latency leaves out, 0 where they hardly matter.
func (c *subject) hidden() float64 {
	response, served := c.median("ack.p99"), c.median("service.p99")
	if math.IsNaN(response) || math.IsNaN(served) || math.IsInf(response, 1) || response < 1.2*served {
		return 0
	}
	return response - served
}

func metricText(c *subject, metric string) string {
	return quantityOf(c.summary.Metrics[metric]).String()
}
