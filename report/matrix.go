package report

import (
	"fmt"
	"math"
	"strings"

	"kaliper/internal/analysis"
	"kaliper/internal/metric"
	"kaliper/results"
)

// variation is what a run with a matrix tells beyond its single cases.
type variation struct {
	dimensions []analysis.Dimension
	best       []analysis.Best
	harms      []analysis.Harm // of the cases that are left out for them
	influences []analysis.Influence
	focus      int // index of the case in question: the best under the expectations for the objective
}

// vary fills in what only a run with a matrix of more than two cases has.
func (s *study) vary() {
	if s.comparesRuns() || len(s.subjects) < 3 {
		return
	}
	summary := s.runs[0].Summary
	dimensions := analysis.Dimensions(summary.Cases)
	if len(dimensions) == 0 {
		return
	}
	v := &variation{dimensions: dimensions, harms: analysis.Harms(summary), focus: -1}
	v.best = analysis.BestFor(summary, s.columns([]string{"acked.records_per_second", s.headline(), "cpu.seconds_per_record", "wire.bytes_per_record"}))
	v.influences = analysis.Influences(summary.Cases, s.influenced())
	for _, b := range v.best {
		if b.Metric == s.objective() {
			v.focus = b.Case
		}
	}
	s.variation = v
}

// influenced are the metrics whose dependence on the settings is asked for.
func (s *study) influenced() []string {
	names := []string{s.headline()}
	for _, name := range []string{"acked.records_per_second", "cpu.seconds_per_record", "wire.bytes_per_record"} {
		if name != s.headline() && (name != "acked.records_per_second" || !s.openLoop()) {
			names = append(names, name)
		}
	}
	return s.columns(names)
}

// openLoop says whether the offered rate was given: then the acknowledged one tells of the
// schedule, not of the settings, as long as it is sustained.
func (s *study) openLoop() bool { return s.anyMetric("ack.p99") }

func (s *study) anyMetric(name string) bool { return len(s.columns([]string{name})) > 0 }

// objective is the metric by which the case in question is chosen: with an expectation that says
// which p99 is good enough, the cheapest that is; without, the fastest.
func (s *study) objective() string {
	if _, limited := s.limit(); limited && s.anyMetric("cpu.seconds_per_record") {
		return "cpu.seconds_per_record"
	}
	return s.headline()
}

// superlative returns "Lowest ack p99", "Highest acknowledged rate".
func superlative(name string) string {
	switch {
	case strings.HasPrefix(name, "cpu."):
		return "Least " + metricName(name)
	case strings.HasPrefix(name, "wire."):
		return "Fewest " + metricName(name)
	case directionOf(name) == metric.HigherBetter:
		return "Highest " + metricName(name)
	}
	return "Lowest " + metricName(name)
}

func directionOf(name string) metric.Direction {
	for _, d := range metric.All() {
		if d.Name == name {
			return d.Direction
		}
	}
	return metric.Neither
}

// answerMatrix names the best case for each objective, and what matters most.
func (s *study) answerMatrix() []Sentence {
	v := s.variation
	var sentences []Sentence
	all, qualified := len(s.subjects), len(v.best[0].Qualified)
	met := qualified + len(v.harms)
	switch {
	case met == 0:
		sentences = append(sentences, Sentence{{Text: "No case meets every expectation", Role: AsTrouble}, {Text: "; there is no best one."}})
	case met < all:
		verb := "meet"
		if met == 1 {
			verb = "meets"
		}
		sentences = append(sentences, Sentence{{Text: fmt.Sprintf("%d of %d cases %s every expectation.", met, all, verb)}})
	}
	sentences = append(sentences, s.leftOutTold()...)
	if qualified == 0 && met > 0 {
		sentences = append(sentences, Sentence{{Text: "Every case does harm that another does not", Role: AsTrouble}, {Text: "; there is no best one."}})
	}
	known := false
	for _, b := range v.best {
		if b.Case >= 0 {
			sentences = append(sentences, s.bestSentence(b))
			known = known || b.Known
		}
	}
	if !known && qualified > 1 {
		return append(sentences, Sentence{{Text: s.tooFew()}})
	}
	return append(sentences, s.strongest()...)
}

// tooFew says why nothing can be told apart.
func (s *study) tooFew() string {
	rounds := s.trialCount(s.subjects[0])
	if rounds <= 1 {
		return "With one trial per case it cannot be known whether these are differences of the settings or of the moment: ask for more repeats."
	}
	return fmt.Sprintf("%s per case are too few to tell cases apart: ask for more repeats.", capital(plural(rounds, "trial")))
}

// bestSentence names a best case with its figure, and those that cannot be told from it.
func (s *study) bestSentence(b analysis.Best) Sentence {
	best := s.subjects[b.Case]
	if s.given(b) {
		return Sentence{{Text: fmt.Sprintf("The offered rate was acknowledged in %s: it was given, so none is best for throughput.", s.everyText(b))}}
	}
	if b.Nobody() {
		return Sentence{{Text: fmt.Sprintf("No difference in %s could be detected between %s; %s would have shown.",
			metricName(b.Metric), s.qualifiedText(b), shareText(b.Detectable))}}
	}
	sentence := Sentence{{Text: s.superlativeOf(b) + ": "}, {Text: best.name, Role: roleOr(best, AboutPick)}, {Text: ", "}}
	sentence = append(sentence, figure(best, b.Metric)...)
	if !b.Known || len(b.Ties) == 0 {
		return append(sentence, Span{Text: "."})
	}
	const most = 2
	var names []string
	for _, i := range b.Ties {
		names = append(names, s.subjects[i].name)
	}
	text := enumerate(names, "and")
	if len(names) > most {
		text = plural(len(names), "other case")
	}
	return append(sentence, Span{Text: fmt.Sprintf("; %s cannot be told from it (%s would have shown).", text, shareText(b.Detectable))})
}

// given says whether the metric is a rate that the schedule set and that every qualified case
// sustained: it tells of the schedule.
func (s *study) given(b analysis.Best) bool {
	if b.Metric != "acked.records_per_second" || !s.openLoop() || len(b.Qualified) == 0 {
		return false
	}
	for _, i := range b.Qualified {
		for _, t := range s.subjects[i].summary.Trials {
			if t.State == results.Complete && t.Outcome != results.Sustained {
				return false
			}
		}
	}
	return true
}

func (s *study) everyText(b analysis.Best) string {
	if len(b.Qualified) == 1 {
		return "the one case that qualifies"
	}
	return "all of " + s.qualifiedText(b)
}

// superlativeOf says that a best case is merely what was seen where nothing can be told.
func (s *study) superlativeOf(b analysis.Best) string {
	if b.Known || len(b.Qualified) == 1 {
		return superlative(b.Metric)
	}
	return superlative(b.Metric) + " seen"
}

func (s *study) qualifiedText(b analysis.Best) string {
	if len(b.Qualified) == len(s.subjects) {
		return "the " + plural(len(b.Qualified), "case")
	}
	if len(s.variation.harms) > 0 {
		return "the " + plural(len(b.Qualified), "other case")
	}
	return "those " + plural(len(b.Qualified), "case")
}

// roleOr is the role of a case, or the given one for a case without one of its own.
func roleOr(c *subject, role Role) Role {
	if own := roleOf(c); own != Plain {
		return own
	}
	return role
}

// shareText formats a detectable change, "2.6%", never as zero.
func shareText(share float64) string {
	if math.IsInf(share, 1) {
		return "only one without bound"
	}
	return percentDigits(max(100*share, 0.1)) + "%"
}

// strongest says which setting matters most for the headline metric, and which not at all.
func (s *study) strongest() []Sentence {
	var widest *analysis.Influence
	clear := map[string]bool{}
	detectable := map[string]float64{}
	for k := range s.variation.influences {
		i := &s.variation.influences[k]
		if i.Metric != s.headline() {
			continue
		}
		for _, name := range []string{i.Setting, i.Other} {
			clear[name] = clear[name] || i.Clear()
		}
		if i.Interacts() {
			continue
		}
		detectable[i.Setting] = max(detectable[i.Setting], i.Detectable)
		if i.Clear() && (widest == nil || math.Abs(math.Log(i.Ratio)) > math.Abs(math.Log(widest.Ratio))) {
			widest = i
		}
	}
	var sentences []Sentence
	if widest != nil {
		sentences = append(sentences, Sentence{
			{Text: fmt.Sprintf("What matters most for %s is %s: at %s instead of %s it is multiplied by %s ", metricName(s.headline()), widest.Setting, widest.To, widest.From, split(widest.Ratio, "1").number)},
			{Text: "(" + split(widest.Interval.Lo, "1").number + "–" + split(widest.Interval.Hi, "1").number + ")", Role: AsInterval}, {Text: "."},
		})
	}
	for _, d := range s.variation.dimensions {
		if limit, measured := detectable[d.Name]; measured && !clear[d.Name] && !math.IsInf(limit, 1) {
			on := "it"
			if widest == nil {
				on = metricName(s.headline())
			}
			sentences = append(sentences, Sentence{{Text: fmt.Sprintf("%s has no detectable effect on %s; %s would have shown.", capital(d.Name), on, shareText(limit))}})
		}
	}
	return sentences
}

// matrixNotes say how the best was chosen and what the claims mean.
func (s *study) matrixNotes() []string {
	if s.variation.best[0].Case < 0 {
		return nil
	}
	var notes []string
	if s.variation.best[0].Known {
		notes = append(notes, "“Cannot be told” takes trials of the same round, Student’s interval of their log-ratios, and Holm’s correction over all the other cases; differences under 1% count as none.")
	}
	notes = append(notes, "The best of many flatters: measured again it would do a little worse. Confirm it in fresh rounds.")
	harmless := ""
	if len(s.variation.harms) > 0 {
		notes = append(notes, "A case is left out where the median of what it loses, misses, corrupts, tears, reads although it was aborted, doubles or reorders is above zero and its interval above that of the case which does the least of it.")
		harmless = " and are not left out"
	}
	switch {
	case s.objective() == "cpu.seconds_per_record":
		notes = append(notes, "The case in question has the least CPU per record among the cases that meet every expectation"+harmless+".")
	case harmless != "":
		notes = append(notes, "The case in question is the one with the lowest "+metricName(s.headline())+" among the cases that are not left out.")
	default:
		notes = append(notes, "The case in question is the one with the lowest "+metricName(s.headline())+".")
	}
	return notes
}
