package analysis

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kaliper/results"
)

// NewBaseline takes a baseline from a run of one case that has its summary. Settings is the hash of
// its settings. A run that is not complete is none. Trials that are untrusted say so; whether they may
// be part of it Alone decides.
func NewBaseline(run *results.Run, settings string) (results.Baseline, error) {
	var none results.Baseline
	switch {
	case len(run.Summary.Cases) != 1:
		return none, fmt.Errorf("a baseline is of one case, and run %s has %d", run.Manifest.ID, len(run.Summary.Cases))
	case run.Manifest.State != results.Complete:
		return none, fmt.Errorf("run %s is %s: a baseline needs a complete one", run.Manifest.ID, run.Manifest.State)
	}
	begin, _ := firstBegin(run)
	b := results.Baseline{
		Schema: results.BaselineSchema, Run: run.Manifest.ID, Scenario: run.Manifest.Name, Started: run.Manifest.Started, Settings: settings,
		WarmupSeconds: begin.WarmupSeconds, DurationSeconds: begin.DurationSeconds, Machine: run.Manifest.Machine,
		Broker: results.BaselineBroker{
			Simulated: run.Manifest.Simulated, Version: begin.Cluster.Version, Brokers: len(begin.Cluster.Brokers), Security: security(run.Manifest),
		},
		Versions: run.Manifest.Versions, Client: run.Manifest.Client,
	}
	for _, trial := range run.Summary.Cases[0].Trials {
		one := results.BaselineTrial{Round: trial.Round, Metrics: trial.Metrics}
		if trial.Trust == results.Untrusted {
			one.Untrusted = texts(trial.Reasons)
		}
		b.Trials = append(b.Trials, one)
	}
	return b, nil
}

// security returns the security.protocol of a run's clients, which are those of one case.
func security(manifest results.Manifest) string {
	for _, c := range manifest.Cases {
		for _, p := range c.Effective {
			if p.Name == "security.protocol" {
				return p.Value
			}
		}
	}
	return ""
}

func texts(found []results.Reason) []string {
	var all []string
	for _, reason := range found {
		all = append(all, reason.Text)
	}
	return all
}

// BaselineMismatch says why a baseline and a later one must not be compared; empty where they may.
func BaselineMismatch(base, candidate results.Baseline) string {
	var why []string
	differ := func(what, b, c string) {
		if b != c {
			why = append(why, fmt.Sprintf("%s: %s and %s", what, b, c))
		}
	}
	machine := func(m results.Machine) string {
		return fmt.Sprintf("%s, %d processors, %s/%s", m.CPU, m.Processors, m.OS, m.Arch)
	}
	differ("settings", base.Settings, candidate.Settings)
	differ("window", fmt.Sprint(base.DurationSeconds), fmt.Sprint(candidate.DurationSeconds))
	differ("warm-up", fmt.Sprint(base.WarmupSeconds), fmt.Sprint(candidate.WarmupSeconds))
	differ("machine", machine(base.Machine), machine(candidate.Machine))
	differ("client", base.Client, candidate.Client)
	differ("simulated broker", fmt.Sprint(base.Broker.Simulated), fmt.Sprint(candidate.Broker.Simulated))
	differ("number of brokers", fmt.Sprint(base.Broker.Brokers), fmt.Sprint(candidate.Broker.Brokers))
	if base.Broker.Security != "" && candidate.Broker.Security != "" {
		differ("security.protocol", base.Broker.Security, candidate.Broker.Security)
	}
	return strings.Join(why, "; ")
}

// AgainstBaseline judges a candidate's trials against those of a baseline. They were of different
// times, so that whatever changed in between is part of the difference: the answer only advises, PASS
// or INCONCLUSIVE. It passes where no metric can have become worse by what must be detected.
func AgainstBaseline(base, candidate results.Baseline, margins []results.GateMargin) results.Gate {
	result := results.Gate{
		Schema: results.GateSchema, Run: candidate.Run, State: results.Complete, Verdict: results.GatePass, Simulated: candidate.Broker.Simulated,
		Why: "no metric became worse by what must be detected", Baseline: base.Run, Metrics: []results.GateMetric{}, Played: []results.GatePair{},
		Warnings: []string{"against a baseline, whose trials were of another time: this only advises"},
	}
	for _, name := range slices.Sorted(maps.Keys(candidate.Versions)) {
		if b, c := base.Versions[name], candidate.Versions[name]; b != c {
			result.Warnings = append(result.Warnings, fmt.Sprintf("%s was %s and is %s", name, b, c))
		}
	}
	if b, c := base.Broker.Version, candidate.Broker.Version; b != c {
		result.Warnings = append(result.Warnings, fmt.Sprintf("the broker's version was %q and is %q", b, c))
	}
	if n := base.UntrustedTrials(); n > 0 {
		result.Warnings = append(result.Warnings, fmt.Sprintf("%d of the baseline's %d trials are untrusted: it was written with --allow %s", n, len(base.Trials), AllowUntrusted))
	}
	comparisons := Compare(baselineCase(base), baselineCase(candidate), false)
	for _, margin := range margins {
		one := results.GateMetric{GateMargin: margin, Verdict: results.GateInconclusive, Why: "it was not measured on both sides"}
		if at := slices.IndexFunc(comparisons, func(c Comparison) bool { return c.Metric == margin.Metric }); at >= 0 {
			one = againstBaseline(margin, comparisons[at])
		}
		if one.Verdict != results.GatePass && result.Verdict == results.GatePass {
			result.Verdict, result.Why = results.GateInconclusive, one.Metric+": "+one.Why
		}
		result.Metrics = append(result.Metrics, one)
	}
	return result
}

// againstBaseline judges one metric.
func againstBaseline(margin results.GateMargin, c Comparison) results.GateMetric {
	m := results.GateMetric{
		GateMargin: margin, Verdict: results.GateInconclusive, Why: "these trials are too few or too noisy to tell",
		Base: results.Number(c.Base), Candidate: results.Number(c.Candidate), Change: results.Number(c.Shift),
		Interval: results.ConfidenceInterval{Lo: results.Number(c.Interval.Lo), Hi: results.Number(c.Interval.Hi), Level: c.Interval.Level},
	}
	if !c.HasInterval || c.Interval.Level < leastClaimLevel {
		m.Interval = results.ConfidenceInterval{Lo: -1, Hi: results.Number(math.Inf(1))}
		return m
	}
	if !c.Relative {
		m.Interval = results.ConfidenceInterval{Lo: -1, Hi: results.Number(math.Inf(1))}
		m.Change, m.Why = results.Number(math.NaN()), "its values can be below 0, and no margin is a share of such"
		return m
	}
	atLeast, atMost := c.Interval.Lo, c.Interval.Hi // for the worse
	if margin.HigherBetter {
		atLeast, atMost = -c.Interval.Hi, -c.Interval.Lo
	}
	switch {
	case atMost < margin.Detect:
		m.Verdict, m.Why = results.GatePass, "not worse by what must be detected"
	case atLeast > margin.Tolerate:
		m.Why = "it looks worse by more than what is tolerated: a gate of live pairs would tell"
	}
	return m
}

// baselineCase is a baseline as a case of a summary.
func baselineCase(b results.Baseline) results.SummaryCase {
	c := results.SummaryCase{Metrics: map[string]results.MetricValue{}}
	for _, trial := range b.Trials {
		c.Trials = append(c.Trials, results.SummaryTrial{Round: trial.Round, State: results.Complete, Metrics: trial.Metrics})
		for name, value := range trial.Metrics {
			c.Metrics[name] = results.MetricValue{Unit: value.Unit}
		}
	}
	return c
}
