package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kaliper/internal/analysis"
	"kaliper/internal/metric"
	"kaliper/internal/unit"
	"kaliper/results"
)

// Contrast is a candidate held against a base: case by case, metric by metric, with what else
// differs between the two.
type Contrast struct {
	Base, Candidate *results.Run // of a side that is one case, only that one is in the run
	Margin          float64      // changes of less do not matter: 0.05 is 5%
	Deciding        []string     // the metrics that Verdict is about
	Cases           []ContrastCase
	// Unmatched are cases of either side that have no counterpart with the same settings.
	Unmatched  []string
	Mismatches []analysis.Mismatch
	Untrusted  []string // sides whose measurement the instrument spoiled
}

// ContrastCase is a case of the candidate and its counterpart.
type ContrastCase struct {
	Name            string
	Base, Candidate results.SummaryCase
	Paired          bool // of one run: trials of the same round are compared
	Comparisons     []analysis.Comparison
}

// ContrastVerdict is what a contrast comes to.
type ContrastVerdict string

// The verdicts of a contrast, over all cases and deciding metrics.
const (
	ContrastUnsound  ContrastVerdict = "unsound"     // whatever the figures say
	ContrastWorse    ContrastVerdict = "worse"       // in at least one
	ContrastUnknown  ContrastVerdict = "cannot tell" // in at least one, and none is worse
	ContrastNotWorse ContrastVerdict = "not worse"   // better, or equivalent, in all
)

// deciding are the metrics that decide where nobody says which: what a caller waits, what gets
// through, what it costs, and what goes wrong.
func deciding() []string {
	return []string{"ack.p50", "ack.p99", "service.p50", "service.p99", "e2e.p99", "acked.records_per_second", "cpu.seconds_per_record", "errors.ratio", "lost"}
}

// NewContrast compares two sides, each a run or one case of it, with their summaries. Runs of
// one case each are held against each other whatever their settings; of more, each case against
// the one with the same settings. Metrics says which ones decide; none means the usual.
func NewContrast(base, candidate *results.Run, margin float64, metrics []string) (*Contrast, error) {
	if !(margin >= analysis.LeastMargin && margin < 1) {
		return nil, fmt.Errorf("a margin of %s: write one from %s to 100%%", unit.Format(margin, "ratio"), unit.Format(analysis.LeastMargin, "ratio"))
	}
	c := &Contrast{Base: base, Candidate: candidate, Margin: margin}
	for _, run := range []*results.Run{base, candidate} {
		if len(run.Summary.Cases) == 0 {
			return nil, fmt.Errorf("run %s has no summary of any case: no trial got as far as its first second", run.Manifest.ID)
		}
	}
	if err := c.match(); err != nil {
		return nil, err
	}
	if err := c.decideBy(metrics); err != nil {
		return nil, err
	}
	c.Mismatches = analysis.Mismatches(base, candidate)
	for _, run := range []*results.Run{base, candidate} {
		if run.Summary.Run.Trust == results.Untrusted {
			c.Untrusted = append(c.Untrusted, run.Manifest.ID)
		}
	}
	c.Untrusted = slices.Compact(c.Untrusted)
	return c, nil
}

// match finds the counterparts.
func (c *Contrast) match() error {
	sameRun := c.Base.Manifest.ID == c.Candidate.Manifest.ID
	add := func(b, d results.SummaryCase) {
		c.Cases = append(c.Cases, ContrastCase{Name: caseName(c.Candidate, d), Base: b, Candidate: d, Paired: sameRun,
			Comparisons: analysis.Compare(b, d, sameRun)})
	}
	bases, candidates := c.Base.Summary.Cases, c.Candidate.Summary.Cases
	if len(bases) == 1 && len(candidates) == 1 {
		if sameRun && bases[0].ID == candidates[0].ID {
			return errors.New("both sides are the same case of the same run: name two different ones as RUN#CASE")
		}
		add(bases[0], candidates[0])
		return nil
	}
	if sameRun {
		return fmt.Errorf("both sides are of run %s: name one case for each as RUN#CASE; it has %s", c.Base.Manifest.ID, caseList(c.Base, c.Candidate))
	}
	matched := map[string]bool{}
	for _, d := range candidates {
		at := slices.IndexFunc(bases, func(b results.SummaryCase) bool { return sameSettings(b.Settings, d.Settings) })
		if at < 0 {
			c.Unmatched = append(c.Unmatched, "candidate: "+caseName(c.Candidate, d))
			continue
		}
		matched[bases[at].ID] = true
		add(bases[at], d)
	}
	for _, b := range bases {
		if !matched[b.ID] {
			c.Unmatched = append(c.Unmatched, "base: "+caseName(c.Base, b))
		}
	}
	if len(c.Cases) == 0 {
		return fmt.Errorf("no case of %s has the settings of a case of %s: name one for each as RUN#CASE; the base has %s, the candidate %s",
			c.Candidate.Manifest.ID, c.Base.Manifest.ID, caseList(c.Base), caseList(c.Candidate))
	}
	return nil
}

func caseList(runs ...*results.Run) string {
	var names []string
	for _, run := range runs {
		for _, s := range run.Summary.Cases {
			if name := fmt.Sprintf("%s (%s)", s.ID, caseName(run, s)); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}

// decideBy chooses the deciding metrics. The ones that were asked for must be there in every
// case; of the usual ones, service latency decides only where there is no response latency.
func (c *Contrast) decideBy(metrics []string) error {
	for _, name := range metrics {
		for i := range c.Cases {
			if _, ok := c.Cases[i].comparison(name); !ok {
				return fmt.Errorf("metric %s was not measured on both sides of %s: there are %s", name, c.Cases[i].Name, strings.Join(c.Cases[i].names(), ", "))
			}
		}
	}
	c.Deciding = slices.Clone(metrics)
	if len(metrics) > 0 {
		return nil
	}
	has := func(name string) bool {
		return slices.ContainsFunc(c.Cases, func(contrasted ContrastCase) bool { _, ok := contrasted.comparison(name); return ok })
	}
	for _, name := range deciding() {
		if has(name) && !(strings.HasPrefix(name, "service.") && has("ack"+strings.TrimPrefix(name, "service"))) {
			c.Deciding = append(c.Deciding, name)
		}
	}
	if len(c.Deciding) == 0 {
		return errors.New("the two sides have none of the usual metrics in common: name some by --metric")
	}
	return nil
}

func (c ContrastCase) comparison(name string) (analysis.Comparison, bool) {
	at := slices.IndexFunc(c.Comparisons, func(x analysis.Comparison) bool { return x.Metric == name })
	if at < 0 {
		return analysis.Comparison{}, false
	}
	return c.Comparisons[at], true
}

func (c ContrastCase) names() []string {
	var names []string
	for _, x := range c.Comparisons {
		names = append(names, x.Metric)
	}
	return names
}

// Unsound says why no verdict may be drawn from the figures; empty where one may.
func (c *Contrast) Unsound() []string {
	var why []string
	for _, id := range c.Untrusted {
		why = append(why, fmt.Sprintf("run %s is untrusted: the instrument or its machine spoiled the measurement", id))
	}
	for _, m := range c.Mismatches {
		if m.Unsound {
			why = append(why, fmt.Sprintf("%s: %s and %s; %s", m.What, m.Base, m.Candidate, m.Why))
		}
	}
	return why
}

// judged counts the deciding metrics by what they show: one per case that has it.
func (c *Contrast) judged() map[analysis.Change][]string {
	found := map[analysis.Change][]string{}
	for _, contrasted := range c.Cases {
		for _, name := range c.Deciding {
			comparison, ok := contrasted.comparison(name)
			if !ok {
				continue
			}
			text := metricName(name)
			if len(c.Cases) > 1 {
				text += " of " + contrasted.Name
			}
			change := comparison.Judge(c.Margin)
			found[change] = append(found[change], text)
		}
	}
	return found
}

// Verdict is the answer over all cases and deciding metrics.
func (c *Contrast) Verdict() ContrastVerdict {
	judged := c.judged()
	switch {
	case len(c.Unsound()) > 0:
		return ContrastUnsound
	case len(judged[analysis.Worse]) > 0:
		return ContrastWorse
	case len(judged[analysis.CannotTell]) > 0:
		return ContrastUnknown
	}
	return ContrastNotWorse
}

// judgement is a comparison's verdict in a cell.
func (c *Contrast) judgement(x analysis.Comparison) string {
	change := x.Judge(c.Margin)
	if change == analysis.Equivalent {
		return "equivalent (" + unit.Format(c.Margin, "ratio") + ")"
	}
	if change == analysis.Different && x.Direction == metric.Neither {
		return "different"
	}
	return string(change)
}
