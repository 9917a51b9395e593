package report

import (
	"slices"
	"strings"

	"kaliper/internal/analysis"
)

// mostLeftOut are the cases of which the answer says one by one why they are left out; the table of
// all cases marks each, and has the metrics.
const mostLeftOut = 4

// harmOf returns why a case is left out of the best ones; nil where it is not.
func (s *study) harmOf(c *subject) *analysis.Harm {
	if s.variation == nil {
		return nil
	}
	at := slices.IndexFunc(s.variation.harms, func(h analysis.Harm) bool { return s.subjects[h.Case] == c })
	if at < 0 {
		return nil
	}
	return &s.variation.harms[at]
}

// leftOutTold says in a line which case is left out of the best ones, and why.
func (s *study) leftOutTold() (sentences []Sentence) {
	harms := s.variation.harms
	for _, h := range harms[:min(len(harms), mostLeftOut)] {
		c, least := s.subjects[h.Case], s.subjects[h.Least]
		told := Sentence{{Text: "Left out: ", Role: AsTrouble}, {Text: c.name, Role: roleOr(c, AsTrouble)}, {Text: ", with "}}
		told = append(told, harmFigure(c, h.Metric)...)
		told = append(told, Span{Text: " " + harmName(h.Metric) + ", against "})
		told = append(told, harmFigure(least, h.Metric)...)
		sentences = append(sentences, append(told, Span{Text: " with "}, Span{Text: least.name, Role: roleOf(least)}, Span{Text: "."}))
	}
	if more := len(harms) - mostLeftOut; more > 0 {
		verb := " are"
		if more == 1 {
			verb = " is"
		}
		sentences = append(sentences, Sentence{{Text: plural(more, "more case") + verb + " left out for the like", Role: AsTrouble}, {Text: "; the table of all cases has their figures."}})
	}
	return sentences
}

// toldOfHarm says whether the answer gives a metric as the reason for which a case is left out.
func (s *study) toldOfHarm(metric string) bool {
	if s.variation == nil {
		return false
	}
	told := s.variation.harms[:min(len(s.variation.harms), mostLeftOut)]
	return slices.ContainsFunc(told, func(h analysis.Harm) bool { return h.Metric == metric })
}

// harmFigure is a count with its interval, without its unit: the name of the harm has it.
func harmFigure(c *subject, metric string) []Span {
	q := quantityOf(c.summary.Metrics[metric])
	spans := []Span{{Text: q.number}}
	if q.interval != "" {
		spans = append(spans, Span{Text: " "}, Span{Text: "(" + q.interval + ")", Role: AsInterval})
	}
	return spans
}

// harmName says what a metric of integrity counts: "records processed twice".
func harmName(metric string) string {
	group, name, found := cutLast(metric, ".")
	if !found {
		group, name = "", metric
	}
	of := ""
	if group != "" {
		of = " by " + group
	}
	switch name {
	case "aborted_read":
		return "aborted records read" + of
	case "torn":
		return "transactions torn" + of
	}
	return "records " + strings.ReplaceAll(name, "_", " ") + of
}

// harmColumns are the metrics for which cases are left out, in the order of the cases.
func (s *study) harmColumns() (metrics []string) {
	if s.variation == nil {
		return nil
	}
	for _, h := range s.variation.harms {
		if !slices.Contains(metrics, h.Metric) {
			metrics = append(metrics, h.Metric)
		}
	}
	return metrics
}
