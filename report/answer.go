package report

import (
	"fmt"
	"math"

	"kaliper/results"
)

// answer says in two or three sentences what was found, with figures and their intervals.
func (s *study) answer() []Sentence {
	var sentences []Sentence
	switch len(s.subjects) {
	case 1:
		sentences = s.answerAlone(s.subjects[0])
	case 2:
		sentences = s.answerPair(s.subjects[0], s.subjects[1])
	default:
		sentences = s.answerMany()
		if s.variation != nil {
			sentences = s.answerMatrix()
		}
	}
	return append(s.withTroubles(sentences), s.books()...)
}

// figure returns a metric with its interval.
func figure(c *subject, metric string) []Span {
	q := quantityOf(c.summary.Metrics[metric])
	spans := []Span{{Text: q.String()}}
	if q.interval != "" {
		spans = append(spans, Span{Text: " "}, Span{Text: "(" + q.interval + ")", Role: AsInterval})
	}
	return spans
}

func (s *study) answerAlone(c *subject) []Sentence {
	var first Sentence
	say := func(text string) { first = append(first, Span{Text: text}) }
	offered := "the offered rate"
	if c.has("offered.records_per_second") {
		offered = metricText(c, "offered.records_per_second")
	}
	switch {
	case c.has("ack.p99") && c.has("ack.p50"):
		say("At " + offered + " an acknowledgement takes ")
		first = append(first, figure(c, "ack.p50")...)
		say(" at the median and ")
		first = append(first, Span{Text: metricText(c, "ack.p99"), Role: AboutPick})
		if q := quantityOf(c.summary.Metrics["ack.p99"]); q.interval != "" {
			first = append(first, Span{Text: " "}, Span{Text: "(" + q.interval + ")", Role: AsInterval})
		}
		say(" at p99, counted from the moment when the record was due.")
		if math.IsInf(c.median("ack.p99"), 1) {
			say(" ∞ stands for records that failed or stayed unresolved: more than one in a hundred.")
		}
	case c.has("acked.records_per_second"):
		say("As fast as it goes, ")
		first = append(first, Span{Text: metricText(c, "acked.records_per_second"), Role: AboutPick})
		if q := quantityOf(c.summary.Metrics["acked.records_per_second"]); q.interval != "" {
			first = append(first, Span{Text: " "}, Span{Text: "(" + q.interval + ")", Role: AsInterval})
		}
		say(" are acknowledged")
		if c.has("service.p99") {
			say(", each within ")
			first = append(first, figure(c, "service.p99")...)
			say(" of its hand-over at p99")
		}
		say(".")
	default:
		say("No record was acknowledged in a measured window.")
	}
	sentences := []Sentence{first}
	if hidden := c.hidden(); hidden > 0 {
		sentences = append(sentences, Sentence{{Text: fmt.Sprintf(
			"Service latency, what other tools print, is %s there: it leaves out %s of waiting.",
			metricText(c, "service.p99"), value(hidden, "s"))}})
	}
	var rest Sentence
	if c.has("e2e.p99") {
		rest = append(rest, Span{Text: "A consumer has the record within "})
		rest = append(rest, figure(c, "e2e.p99")...)
		rest = append(rest, Span{Text: " at p99"})
	}
	if c.has("cpu.seconds_per_record") {
		if len(rest) > 0 {
			rest = append(rest, Span{Text: "; "})
		} else {
			rest = append(rest, Span{Text: "It "})
		}
		if len(rest) > 1 {
			rest = append(rest, Span{Text: "the client "})
		}
		rest = append(rest, Span{Text: "spends "})
		rest = append(rest, Span{Text: quantityOf(results.MetricValue{Unit: "s", Median: c.summary.Metrics["cpu.seconds_per_record"].Median}).String() + " of CPU on a record"})
	}
	if len(rest) > 0 {
		sentences = append(sentences, append(rest, Span{Text: "."}))
	}
	return sentences
}

func (s *study) answerPair(base, other *subject) []Sentence {
	metric := s.headline()
	e := other.effectOn(metric)
	first := Sentence{{Text: "Against "}, {Text: base.name, Role: AboutBase}, {Text: ", "}, {Text: other.name, Role: AboutPick}}
	switch {
	case !e.known():
		first = append(first, Span{Text: " cannot be compared in " + metricName(metric) + "."})
	case e.measured() && !e.clear():
		first = append(first, Span{Text: " " + e.without() + " in " + metricName(metric) + " "},
			Span{Text: "(" + e.size() + ")", Role: AsInterval}, Span{Text: ": "})
		first = append(first, figure(other, metric)...)
		first = append(first, Span{Text: " against "})
		first = append(first, figure(base, metric)...)
		first = append(first, Span{Text: "."})
	case !e.measured() && e.ratio == 1:
		first = append(first, Span{Text: " has the same " + metricName(metric) + ": "})
		first = append(first, figure(other, metric)...)
		first = append(first, Span{Text: "."})
	default:
		first = append(first, Span{Text: " has " + sized(e)})
		if e.measured() {
			first = append(first, Span{Text: " "}, Span{Text: "(" + e.size() + ")", Role: AsInterval})
		}
		first = append(first, Span{Text: ": "})
		first = append(first, figure(other, metric)...)
		first = append(first, Span{Text: " against "})
		first = append(first, figure(base, metric)...)
		first = append(first, Span{Text: "."})
	}
	sentences := []Sentence{first}
	var costs Sentence
	for _, cost := range []string{"cpu.seconds_per_record", "wire.bytes_per_record"} {
		e := other.effectOn(cost)
		if !e.known() || math.Abs(e.ratio-1) < 0.0005 {
			continue
		}
		if len(costs) > 0 {
			costs = append(costs, Span{Text: ", and "})
		} else {
			costs = append(costs, Span{Text: "It has "})
		}
		if e.measured() && !e.clear() {
			costs = append(costs, Span{Text: "no detectable difference in " + metricName(cost)})
		} else {
			costs = append(costs, Span{Text: sized(e)})
		}
		if e.measured() {
			costs = append(costs, Span{Text: " "}, Span{Text: "(" + e.size() + ")", Role: AsInterval})
		}
	}
	if len(costs) > 0 {
		sentences = append(sentences, append(costs, Span{Text: "."}))
	}
	return append(sentences, s.caveat(e.trials)...)
}

// sized returns "67% less client CPU per record", "397 times the ack p99".
func sized(e effect) string {
	words := comparative(e.metric, e.ratio > 1) + " " + metricName(e.metric)
	switch {
	case math.IsInf(e.ratio, 1) || e.ratio == 0:
		return "an unboundedly " + words
	case e.ratio >= manyTimes:
		return split(e.ratio, "1").number + " times the " + metricName(e.metric)
	}
	return percentDigits(100*(e.ratio-1)) + "% " + words
}

// caveat says what a difference from too few trials is worth.
func (s *study) caveat(trials int) []Sentence {
	if trials >= fewestForInterval {
		return nil
	}
	text := fmt.Sprintf("These are differences between medians of %s a side, without a measure of their error.", plural(trials, "trial"))
	if trials == 1 {
		text = "These are differences between single trials: they prove nothing."
	}
	return []Sentence{{{Text: text}}}
}

func (s *study) answerMany() []Sentence {
	metric := s.headline()
	lowest, highest := s.focus(), s.focus()
	trials := math.MaxInt
	for _, c := range s.subjects {
		if !c.has(metric) {
			continue
		}
		if c.median(metric) > highest.median(metric) || !highest.has(metric) {
			highest = c
		}
		if c.median(metric) < lowest.median(metric) || !lowest.has(metric) {
			lowest = c
		}
		trials = min(trials, s.trialCount(c))
	}
	span := Sentence{{Text: capital(metricName(metric)) + " goes from "}}
	span = append(span, figure(lowest, metric)...)
	span = append(span, Span{Text: " with "}, Span{Text: lowest.name, Role: roleOf(lowest)}, Span{Text: " to "})
	span = append(span, figure(highest, metric)...)
	span = append(span, Span{Text: " with "}, Span{Text: highest.name, Role: roleOf(highest)}, Span{Text: "."})
	sentences := []Sentence{span}
	if focus := s.focus(); focus.has(metric) {
		e := focus.effectOn(metric)
		against := Sentence{{Text: "Against "}, {Text: e.baselineName(focus), Role: AboutBase}, {Text: ", "}, {Text: focus.name, Role: AboutPick}}
		switch {
		case !e.known():
			return append(sentences, s.caveat(trials)...)
		case e.measured() && !e.clear():
			against = append(against, Span{Text: " " + e.without() + " in " + metricName(metric)})
		default:
			against = append(against, Span{Text: " has " + sized(e)})
		}
		if e.measured() {
			against = append(against, Span{Text: " "}, Span{Text: "(" + e.size() + ")", Role: AsInterval})
		}
		if cost := focus.effectOn("cpu.seconds_per_record"); cost.known() && (cost.clear() || !cost.measured()) {
			against = append(against, Span{Text: " and " + sized(cost)})
			if cost.measured() {
				against = append(against, Span{Text: " "}, Span{Text: "(" + cost.size() + ")", Role: AsInterval})
			}
		}
		sentences = append(sentences, append(against, Span{Text: "."}))
	}
	return append(sentences, s.caveat(trials)...)
}

func (e effect) baselineName(c *subject) string {
	return c.baseline.name + ", the first case"
}

func roleOf(c *subject) Role {
	switch c.tone.Name() {
	case "pick":
		return AboutPick
	case "base":
		return AboutBase
	}
	return Plain
}

// books say whether every record is accounted for.
func (s *study) books() []Sentence {
	var intended, acked, failed, unresolved int64
	whole := true
	for _, c := range s.subjects {
		for _, trial := range c.trials {
			if trial.End == nil {
				whole = false
				continue
			}
			if trial.State != results.Complete {
				whole = false
			}
			for _, p := range trial.End.Producers {
				intended += p.Window.Intended
				acked += p.Window.Acked
				unresolved += p.Window.Unresolved
				for _, n := range p.Window.Failed {
					failed += n
				}
			}
		}
	}
	if intended == 0 || !whole {
		return nil
	}
	if failed+unresolved > 0 {
		return []Sentence{{
			{Text: "Of " + count(intended) + " records in the measured windows "},
			{Text: fmt.Sprintf("%s failed and %s stayed unresolved", count(failed), count(unresolved)), Role: AsTrouble},
			{Text: "; they rank as infinitely late."},
		}}
	}
	text := fmt.Sprintf("All %s records of the measured windows were acknowledged", count(intended))
	if lost, known := s.total("lost"); known {
		if lost > 0 {
			return []Sentence{{{Text: text + "; "}, {Text: count(int64(lost)) + " of them were lost", Role: AsTrouble}, {Text: "."}}}
		}
		text += ", and none was lost"
	}
	return []Sentence{{{Text: text + "."}}}
}

// answerNotes say what the figures are.
func (s *study) answerNotes() []string {
	c := s.focus()
	n := s.trialCount(c)
	var notes []string
	switch v, ok := c.summary.Metrics[s.headline()]; {
	case n == 1:
		notes = append(notes, "Figures are those of one trial. How far another trial would differ is not known.")
	case ok && v.Interval != nil && v.Interval.Level >= leastLevel:
		notes = append(notes, fmt.Sprintf("Figures are medians over %s. Ranges hold the true median at %s, the level that so many trials can give.",
			plural(n, "trial"), levelText(v.Interval.Level)))
	default:
		notes = append(notes, fmt.Sprintf("Figures are medians over %s: too few for an interval.", plural(n, "trial")))
	}
	switch {
	case s.comparesRuns():
		notes = append(notes, "Each case is compared with the same case of the first run.")
	case len(s.subjects) > 1 && n >= fewestForInterval:
		notes = append(notes, "Changes are paired by round.")
	}
	if s.variation != nil {
		notes = append(notes, s.matrixNotes()...)
	} else if len(s.subjects) > 2 {
		notes = append(notes, "No case was chosen: the report describes the differences and ranks nothing.")
	}
	return notes
}
