package report

import (
	"cmp"
	"slices"
	"strings"
)

// Latencies of producers say little where the trouble is that of consumers: a group that falls
// behind delays nobody's acknowledgement. So what differs there is told as well, and first where
// the cases differ in settings of consumers alone.

// troubles are the metrics in which consumers' troubles show, the worst first, each with the
// factor between two cases from which on it is worth telling, and the least that matters at all.
func troubles() []trouble {
	return []trouble{
		{"missed", 1.5, 0}, {"duplicated", 1.5, 0}, {"processed_twice", 1.5, 0}, {"lag.slope", 2, 0}, {"drain.seconds", 1.2, 1},
		{"rebalances.count", 1.5, 1}, {"processed.p99", 1.5, 0.01},
	}
}

type trouble struct {
	metric string
	factor float64
	least  float64 // in the metric's base unit; the largest of all cases must be above
}

// leastSlope is the share of the offered rate by which a lag must grow to be a trouble.
const leastSlope = 0.02

// troubled returns the metrics of troubles in which cases differ by what is worth telling, and by
// more than their trials do among themselves.
func (s *study) troubled() (metrics []string) {
	if len(s.subjects) < 2 {
		return nil
	}
	offered := 0.0
	for _, c := range s.subjects {
		if c.has("offered.records_per_second") {
			offered = max(offered, c.median("offered.records_per_second"))
		}
	}
	for _, t := range troubles() {
		lowest, highest := s.extremes(t.metric)
		if lowest == nil {
			continue
		}
		least := t.least
		if t.metric == "lag.slope" {
			least = leastSlope * offered
		}
		low, high := lowest.median(t.metric), highest.median(t.metric)
		if high > least && low*t.factor < high && apart(lowest, highest, t.metric) {
			metrics = append(metrics, t.metric)
		}
	}
	return metrics
}

// extremes returns the cases with the lowest and the highest median of a metric, the first ones
// of equals; nil where no case has it.
func (s *study) extremes(metric string) (lowest, highest *subject) {
	having := slices.DeleteFunc(slices.Clone(s.subjects), func(c *subject) bool { return !c.has(metric) })
	if len(having) == 0 {
		return nil, nil
	}
	byMedian := func(a, b *subject) int { return cmp.Compare(a.median(metric), b.median(metric)) }
	return slices.MinFunc(having, byMedian), slices.MaxFunc(having, byMedian)
}

// apart says whether the intervals of two medians have nothing in common. Too few trials for an
// interval decide nothing: what is told of them has none either, and the report says so.
func apart(a, b *subject, metric string) bool {
	one, other := a.summary.Metrics[metric].Interval, b.summary.Metrics[metric].Interval
	return one == nil || other == nil || one.Hi < other.Lo || other.Hi < one.Lo
}

// mostTroubles are told in the answer; the tables have all of them.
const mostTroubles = 3

// troublesTold says how the cases differ in consumers' troubles: the first case, and the one that
// differs most from it.
func (s *study) troublesTold() (sentences []Sentence) {
	metrics := s.troubled()
	if slices.Contains(metrics, "duplicated") {
		// Two effects are the trouble; that work was done twice is how it came, and may have none.
		metrics = slices.DeleteFunc(metrics, func(metric string) bool { return metric == "processed_twice" })
	}
	metrics = slices.DeleteFunc(metrics, s.toldOfHarm)
	for _, metric := range metrics[:min(len(metrics), mostTroubles)] {
		base := s.subjects[0]
		if !base.has(metric) {
			continue
		}
		other, highest := s.extremes(metric)
		if base.median(metric) == other.median(metric) {
			other = highest
		}
		if !apart(base, other, metric) {
			continue
		}
		told := Sentence{{Text: capital(metricName(metric)) + ": "}}
		told = append(told, figure(base, metric)...)
		told = append(told, Span{Text: " with "}, Span{Text: base.name, Role: roleOr(base, AboutBase)}, Span{Text: ", "})
		told = append(told, figure(other, metric)...)
		told = append(told, Span{Text: " with "}, Span{Text: other.name, Role: roleOr(other, AboutPick)}, Span{Text: "."})
		sentences = append(sentences, told)
	}
	return sentences
}

// variesConsumers says whether the cases differ in settings of consumers alone.
func (s *study) variesConsumers() bool {
	settings := 0
	for _, c := range s.subjects {
		for _, setting := range c.summary.Settings {
			settings++
			if !strings.HasPrefix(setting.Path, "consumers.") && !strings.HasPrefix(setting.Path, "pipelines.") {
				return false
			}
		}
	}
	return settings > 0
}

// withTroubles adds what differs at the consumers to the sentences of an answer.
func (s *study) withTroubles(sentences []Sentence) []Sentence {
	if s.variesConsumers() {
		return append(s.troublesTold(), sentences...)
	}
	return slices.Concat(sentences, s.troublesTold())
}
