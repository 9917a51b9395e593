package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"kaliper/internal/analysis"
	"kaliper/report/plot"
	"kaliper/results"
)

// study is the runs of a report, seen as subjects to compare.
type study struct {
	runs     []*results.Run
	subjects []*subject
	// variation is nil but for a run with a matrix of more than two cases.
	variation *variation
}

// subject is one case of one run.
type subject struct {
	name     string
	run      *results.Run
	info     results.CaseInfo
	summary  results.SummaryCase
	trials   []*results.Trial // its journals, in the order of execution
	tone     plot.Tone
	baseline *subject // nil for those that others are compared with
	// comparisons are those with the baseline, by metric.
	comparisons map[string]analysis.Comparison
	latency     map[latencyKind]*distribution
	cut         bool // no trial of the case is complete
}

// newStudy gathers the cases of all runs and decodes their latencies.
func newStudy(runs []*results.Run) *study {
	s := &study{runs: runs}
	for i, run := range runs {
		for _, summary := range run.Summary.Cases {
			subject := &subject{
				name:    caseName(run, summary),
				run:     run,
				summary: summary,
				tone:    plot.Dim,
			}
			if len(runs) > 1 {
				subject.name = runName(runs, i) + ", " + subject.name
				if len(run.Summary.Cases) == 1 {
					subject.name = runName(runs, i)
				}
			}
			for _, info := range run.Manifest.Cases {
				if info.ID == summary.ID {
					subject.info = info
				}
			}
			subject.gather()
			s.subjects = append(s.subjects, subject)
		}
	}
	s.vary()
	s.compare()
	for _, subject := range s.subjects {
		subject.compareWithBaseline()
		subject.decode()
	}
	return s
}

// gather finds the case's journals. Figures over trials are those of complete ones; where a case
// has none, it is shown by what its cut trials measured (warnings say so).
func (c *subject) gather() {
	for k := range c.run.Trials {
		if c.run.Trials[k].Begin.Case == c.summary.ID {
			c.trials = append(c.trials, &c.run.Trials[k])
		}
	}
	complete := slices.ContainsFunc(c.summary.Trials, func(t results.SummaryTrial) bool { return t.State == results.Complete })
	c.cut = !complete
	if complete || len(c.summary.Trials) == 0 {
		return
	}
	last := c.summary.Trials[len(c.summary.Trials)-1]
	metrics := map[string]results.MetricValue{}
	for name, v := range last.Metrics {
		metrics[name] = results.MetricValue{Unit: v.Unit, Median: v.Value, N: 1}
	}
	c.summary.Metrics = metrics
}

// compare says what each subject is compared with: the first case of its run; across runs, the
// same case of the first run.
func (s *study) compare() {
	first := s.subjects[0]
	if len(s.subjects) == 1 {
		first.tone = plot.Ink
		return
	}
	for _, subject := range s.subjects[1:] {
		subject.baseline = first
		if len(s.runs) == 1 || subject.run == s.runs[0] {
			continue
		}
		for _, candidate := range s.subjects {
			if candidate.run == s.runs[0] && sameSettings(candidate.summary.Settings, subject.summary.Settings) {
				subject.baseline = candidate
			}
		}
	}
	first.tone = plot.Base
	s.focus().tone = plot.Pick
}

// focus is the subject in question beside the first one: the second of two; of a matrix the best
// one under the expectations; else the one with the lowest ack p99 (service p99 in a closed loop); the first one is never it, unless alone.
func (s *study) focus() *subject {
	if len(s.subjects) == 1 {
		return s.subjects[0]
	}
	if s.variation != nil && s.variation.focus > 0 {
		return s.subjects[s.variation.focus]
	}
	best := s.subjects[1]
	for _, candidate := range s.subjects[2:] {
		better := candidate.median(s.headline()) < best.median(s.headline())
		if spared := s.harmOf(candidate) == nil; spared != (s.harmOf(best) == nil) {
			better = spared // what does harm is in question only where all the others do as well
		}
		if better {
			best = candidate
		}
	}
	return best
}

// headline is the metric that the report is about.
func (s *study) headline() string {
	for _, name := range []string{"ack.p99", "service.p99", "e2e.p99"} {
		for _, subject := range s.subjects {
			if subject.has(name) {
				return name
			}
		}
	}
	return "acked.records_per_second"
}

// has says whether a metric of the case is known.
func (c *subject) has(metric string) bool {
	v, ok := c.summary.Metrics[metric]
	return ok && !math.IsNaN(float64(v.Median))
}

// median returns a metric of the case, NaN where it is not known.
func (c *subject) median(metric string) float64 {
	v, ok := c.summary.Metrics[metric]
	if !ok {
		return math.NaN()
	}
	return float64(v.Median)
}

// trialCount returns over how many trials the case's headline was taken.
func (s *study) trialCount(c *subject) int {
	if v, ok := c.summary.Metrics[s.headline()]; ok {
		return v.N
	}
	return len(c.summary.Trials)
}

func (s *study) comparesRuns() bool { return len(s.runs) > 1 }

func (s *study) title() string {
	if s.comparesRuns() {
		names := make([]string, len(s.runs))
		for i := range s.runs {
			names[i] = runName(s.runs, i)
		}
		return "What differs between " + enumerate(names, "and") + "?"
	}
	m := s.runs[0].Manifest
	switch {
	case m.Description != "":
		return m.Description
	case m.Name != "":
		return m.Name
	}
	return m.ID
}

func (s *study) kind() string {
	if s.comparesRuns() {
		return fmt.Sprintf("comparison of %d runs", len(s.runs))
	}
	return "run report"
}

// caseName names a case by its varied settings: "lz4 · linger 10".
func caseName(run *results.Run, c results.SummaryCase) string {
	if len(c.Settings) == 0 {
		if len(run.Summary.Cases) == 1 && run.Manifest.Name != "" {
			return run.Manifest.Name
		}
		return c.ID
	}
	var parts []string
	for _, setting := range c.Settings {
		parts = append(parts, settingText(setting))
	}
	return strings.Join(parts, " · ")
}

// settingText is a setting's value, with its label where the value alone says nothing.
func settingText(s results.Setting) string {
	if s.Label == "" || (s.Value != "" && !startsWithDigit(s.Value) && s.Value != "true" && s.Value != "false") {
		return s.Value
	}
	return s.Label + "\u00a0" + s.Value
}

func startsWithDigit(text string) bool {
	return len(text) > 0 && (text[0] >= '0' && text[0] <= '9' || text[0] == '-')
}

// runName names a run among others: by its scenario, with its short id where that is not enough.
func runName(runs []*results.Run, i int) string {
	m := runs[i].Manifest
	name := m.Name
	unique := name != ""
	for k, other := range runs {
		unique = unique && (k == i || other.Manifest.Name != name)
	}
	if unique {
		return name
	}
	short := m.ID
	if at := strings.LastIndexByte(m.ID, '-'); at >= 0 && at < len(m.ID)-1 {
		short = m.ID[at+1:]
	}
	for k, other := range runs {
		if k != i && strings.HasSuffix(other.Manifest.ID, short) {
			return "run " + strconv.Itoa(i+1)
		}
	}
	return "run " + short
}

func sameSettings(a, b []results.Setting) bool {
	return slices.EqualFunc(a, b, func(x, y results.Setting) bool { return x.Path == y.Path && x.Value == y.Value })
}

// enumerate joins words as a sentence does: a, b and c.
func enumerate(words []string, last string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// plural returns "1 trial", "12 trials".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%s %ss", count(int64(n)), noun)
}
