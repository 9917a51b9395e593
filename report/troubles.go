package report

import (
	"math"
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
		{"missed", 1.5, 0}, {"processed_twice", 1.5, 0}, {"lag.slope", 2, 0}, {"drain.seconds", 1.2, 1},
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

// troubled returns the metrics of troubles in which the cases differ.
func (s *study) troubled() (metrics []string) {
	if len(s.subjects) < 2 {
		return nil
	}
	for _, t := range troubles() {
		low, high, offered := math.Inf(1), math.Inf(-1), 0.0
		for _, c := range s.subjects {
			if c.has(t.metric) {
				low, high = min(low, c.median(t.metric)), max(high, c.median(t.metric))
			}
			if c.has("offered.records_per_second") {
				offered = max(offered, c.median("offered.records_per_second"))
			}
		}
		least := t.least
		if t.metric == "lag.slope" {
			least = leastSlope * offered
		}
		if high > least && low*t.factor < high {
			metrics = append(metrics, t.metric)
		}
	}
	return metrics
}

// mostTroubles are told in the answer; the tables have all of them.
const mostTroubles = 2

// troublesTold says how the cases differ in consumers' troubles: the first case, and the one that
// differs most from it.
func (s *study) troublesTold() (sentences []Sentence) {
	metrics := s.troubled()
	for _, metric := range metrics[:min(len(metrics), mostTroubles)] {
		base := s.subjects[0]
		if !base.has(metric) {
			continue
		}
		lowest, highest := base, base
		for _, c := range s.subjects {
			if c.has(metric) && c.median(metric) < lowest.median(metric) {
				lowest = c
			}
			if c.has(metric) && c.median(metric) > highest.median(metric) {
				highest = c
			}
		}
		other := lowest
		if base == lowest {
			other = highest
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
