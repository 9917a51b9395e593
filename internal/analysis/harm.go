package analysis

import (
	"math"
	"slices"
	"strings"

	"kaliper/results"
)

// Harm is what a case does to records that another case spares them: it is never the best, however
// fast or cheap it is, for the harm may be how it became so.
type Harm struct {
	Case   int    // index in the summary's cases
	Metric string // by which the harm shows, with a group's name in front where it is of that group
	Least  int    // the case that does the least of it
}

// harmful are the metrics of integrity that count harm, the worst first. redelivered is not among
// them: what is delivered again does no harm until it is processed again.
func harmful() []string {
	return []string{"lost", "missed", "corrupted", "torn", "aborted_read", "duplicated", twice, "reordered"}
}

const twice = "processed_twice"

// Harms returns the cases that do harm which another one does not: the median of what they do is
// above zero, and its interval lies above that of the case that does the least. Too few trials for
// an interval excuse nothing. Of a case it is the worst harm; only cases that could be the best
// otherwise are asked, and compared with.
func Harms(summary results.Summary) []Harm {
	candidates := eligible(summary)
	var all []Harm
	for _, name := range harmfulIn(summary.Cases) {
		least := -1
		for _, i := range candidates {
			v := medianIn(summary.Cases[i], name)
			if !math.IsNaN(v) && (least < 0 || milder(summary.Cases[i].Metrics[name], summary.Cases[least].Metrics[name])) {
				least = i
			}
		}
		for _, i := range candidates {
			told := slices.ContainsFunc(all, func(h Harm) bool { return h.Case == i })
			if !told && medianIn(summary.Cases[i], name) > 0 && above(summary.Cases[i].Metrics[name], summary.Cases[least].Metrics[name]) {
				all = append(all, Harm{Case: i, Metric: name, Least: least})
			}
		}
	}
	slices.SortFunc(all, func(a, b Harm) int { return a.Case - b.Case })
	return all
}

// harmfulIn names the metrics to look at. What a pipeline processed twice has done no harm yet: its
// transaction may have been aborted, or its output recognized. What is twice behind it counts as
// duplicated; so processed_twice is asked of each other group.
func harmfulIn(cases []results.SummaryCase) []string {
	var pipelines, groups []string
	for _, c := range cases {
		for name := range c.Metrics {
			if group, found := strings.CutSuffix(name, ".produced.records_per_second"); found && !slices.Contains(pipelines, group) {
				pipelines = append(pipelines, group)
			}
			if group, found := strings.CutSuffix(name, "."+twice); found && !slices.Contains(groups, group) {
				groups = append(groups, group)
			}
		}
	}
	if len(pipelines) == 0 {
		return harmful()
	}
	slices.Sort(groups)
	var names []string
	for _, name := range harmful() {
		if name != twice {
			names = append(names, name)
			continue
		}
		for _, group := range groups {
			if !slices.Contains(pipelines, group) {
				names = append(names, group+"."+twice)
			}
		}
	}
	return names
}

// milder says whether a case does less harm than another: at the median, and of equals at the upper
// end of its interval.
func milder(v, than results.MetricValue) bool {
	if v.Median == than.Median && v.Interval != nil && than.Interval != nil {
		return v.Interval.Hi < than.Interval.Hi
	}
	return v.Median < than.Median
}

// above says whether a median lies above another one, by their intervals where both have one.
func above(v, least results.MetricValue) bool {
	if v.Interval == nil || least.Interval == nil {
		return v.Median > least.Median
	}
	return v.Interval.Lo > least.Interval.Hi
}
