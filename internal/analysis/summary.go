package analysis

import (
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"kaliper/internal/metric"
	"kaliper/internal/stats"
	"kaliper/results"
)

// Summarize derives a run's summary from its journals. Medians and their intervals are over
// the complete trials, trusted or not: leaving out the untrusted ones would choose trials by
// their figures. The run is untrusted where any of its trials is, and its outcome is the worst.
// A trial that was made again counts once, by the attempt that stands for it, whatever the
// verdict about that one is; the other attempts are listed beside.
func Summarize(run *results.Run) (results.Summary, error) {
	manifest := run.Manifest
	trials, superseded := summarizeTrials(run.Trials), summarizeTrials(run.Superseded)
	for _, trial := range trials {
		countNoErrors(manifest.Show, groups(run), trial)
	}
	summary := results.Summary{
		Schema: results.SummarySchema,
		Run: results.SummaryRun{
			ID:          manifest.ID,
			State:       manifest.State,
			Trust:       results.Trusted,
			Environment: environment(run),
			Missing:     missing(run),
		},
	}
	for _, trial := range trials {
		if trial.Trust == results.Untrusted {
			summary.Run.Trust = results.Untrusted
		}
		if severity(trial.Outcome) > severity(summary.Run.Outcome) {
			summary.Run.Outcome = trial.Outcome
		}
	}
	for _, info := range cases(run) {
		own := ofCase(info.ID, run.Trials, trials)
		summary.Cases = append(summary.Cases, results.SummaryCase{
			ID: info.ID, Settings: listed(info.Settings), Metrics: overTrials(own), Trials: own,
			Superseded: ofCase(info.ID, run.Superseded, superseded),
		})
	}
	expectations, err := expect(manifest.Expect, groups(run), summary.Cases)
	if err != nil {
		return results.Summary{}, fmt.Errorf("summarize run %s: %w", manifest.ID, err)
	}
	summary.Run.Expectations = expectations
	return summary, nil
}

// countNoErrors gives a complete trial a 0 for each kind of error that the scenario asks for and that
// did not occur in it: the median of a kind is over all trials, and not over those that had it.
func countNoErrors(asked, groups []string, trial results.SummaryTrial) {
	if trial.State != results.Complete {
		return
	}
	for _, name := range asked {
		ref, err := metric.Parse(name, groups)
		if _, measured := trial.Metrics[name]; err != nil || measured || !isErrorCount(ref.Definition.Name) {
			continue
		}
		there := ref.Group == ""
		for other := range trial.Metrics {
			there = there || strings.HasPrefix(other, ref.Group+".")
		}
		if there {
			trial.Metrics[name] = results.TrialValue{Unit: ref.Definition.Unit, Value: 0}
		}
	}
}

// ofCase returns the summaries of a case's trials.
func ofCase(id string, trials []results.Trial, summaries []results.SummaryTrial) []results.SummaryTrial {
	var own []results.SummaryTrial
	for i, trial := range trials {
		if trial.Begin.Case == id {
			own = append(own, summaries[i])
		}
	}
	return own
}

// Untrusted says whether the instrument or its machine spoiled a complete trial, so that it is
// worth making it again. One that is not complete has reasons of its own.
func Untrusted(trial results.Trial) bool {
	return trial.State == results.Complete && summarizeTrial(&trial).Trust == results.Untrusted
}

// summarizeTrials works on as many trials at a time as there are processors: nearly all of it
// is decoding histograms.
func summarizeTrials(trials []results.Trial) []results.SummaryTrial {
	summaries := make([]results.SummaryTrial, len(trials))
	next := make(chan int)
	var group sync.WaitGroup
	for range min(len(trials), runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := range next {
				summaries[i] = summarizeTrial(&trials[i])
			}
		})
	}
	for i := range trials {
		next <- i
	}
	close(next)
	group.Wait()
	return summaries
}

// SummarizeTrial derives a trial's metrics and verdicts from its journal.
func SummarizeTrial(trial results.Trial) results.SummaryTrial { return summarizeTrial(&trial) }

func summarizeTrial(trial *results.Trial) results.SummaryTrial {
	figures := readFigures(trial)
	verdict := figures.judge()
	begin := trial.Begin
	return results.SummaryTrial{
		ID:      begin.Ref().String(),
		Round:   begin.Round,
		State:   trial.State,
		Trust:   verdict.Trust,
		Outcome: verdict.Outcome,
		Reasons: listed(verdict.Reasons),
		Metrics: figures.metrics(),
	}
}

// listed makes an empty list one that JSON writes as [].
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// cases returns the manifest's cases, and after them those that only journals know.
func cases(run *results.Run) []results.CaseInfo {
	all := slices.Clone(run.Manifest.Cases)
	for _, trial := range run.Trials {
		if !slices.ContainsFunc(all, func(c results.CaseInfo) bool { return c.ID == trial.Begin.Case }) {
			all = append(all, results.CaseInfo{ID: trial.Begin.Case})
		}
	}
	return all
}

// overTrials returns the median of every metric over the complete trials that know it.
func overTrials(trials []results.SummaryTrial) map[string]results.MetricValue {
	values := map[string][]float64{}
	units := map[string]string{}
	for _, trial := range trials {
		if trial.State != results.Complete {
			continue
		}
		for name, value := range trial.Metrics {
			units[name] = value.Unit
			if !math.IsNaN(float64(value.Value)) {
				values[name] = append(values[name], float64(value.Value))
			}
		}
	}
	over := map[string]results.MetricValue{}
	for name, unit := range units {
		value := results.MetricValue{
			Unit:   unit,
			Median: results.Number(stats.Median(values[name])),
			N:      len(values[name]),
		}
		if interval, ok := stats.MedianInterval(values[name], intervalLevel); ok {
			value.Interval = stored(interval)
		}
		over[name] = value
	}
	return over
}

func stored(interval stats.Interval) *results.ConfidenceInterval {
	return &results.ConfidenceInterval{
		Lo: results.Number(interval.Lo), Hi: results.Number(interval.Hi), Level: interval.Level,
	}
}

// groups returns the names of all groups of a run.
func groups(run *results.Run) []string {
	names := map[string]bool{}
	for _, trial := range run.Trials {
		for _, p := range trial.Begin.Producers {
			names[p.Name] = true
		}
		for _, c := range trial.Begin.Consumers {
			names[c.Name] = true
		}
		if slices.Contains(trial.Begin.Verify, "readback") {
			names[metric.ReadbackGroup] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// missing names the planned trials that are not there or not complete, and what the run lacks
// otherwise.
func missing(run *results.Run) []string {
	var lacking []string
	for _, ref := range run.Missing {
		lacking = append(lacking, fmt.Sprintf("trial %s was planned and has no journal", ref))
	}
	for _, trial := range run.Trials {
		ref := trial.Begin.Ref()
		switch {
		case trial.Damage != "":
			lacking = append(lacking, fmt.Sprintf("trial %s is %s: %s", ref, trial.State, trial.Damage))
		case trial.State != results.Complete:
			lacking = append(lacking, fmt.Sprintf("trial %s is %s", ref, trial.State))
		}
	}
	return append(lacking, run.Damage...)
}

// environment gathers the warnings about the cluster and the machine, each once.
func environment(run *results.Run) []results.Reason {
	warnings := []results.Reason{}
	add := func(reason results.Reason) {
		if !slices.Contains(warnings, reason) {
			warnings = append(warnings, reason)
		}
	}
	simulated := run.Manifest.Simulated
	for _, trial := range run.Trials {
		simulated = simulated || trial.Begin.Simulated
	}
	if simulated {
		add(results.Reason{Code: "simulated_broker", Text: "the broker is simulated: its figures say nothing about Apache Kafka"})
	}
	clusters := clusterNames(run.Manifest)
	seen := map[string]results.ClusterSnapshot{} // the first of each cluster
	for _, trial := range run.Trials {
		for _, reason := range trial.Begin.Environment {
			add(reason)
		}
		now, name := trial.Begin.Cluster, clusters[trial.Begin.Case]
		if trial.Begin.Schema == "" {
			continue
		}
		before, known := seen[name]
		if !known {
			seen[name] = now
			continue
		}
		if len(now.Brokers) > 0 && (before.Version != now.Version || len(before.Brokers) != len(now.Brokers)) {
			add(results.Reason{Code: "cluster_changed", Text: fmt.Sprintf("the cluster changed during the run: %d brokers of version %q, then %d of %q",
				len(before.Brokers), before.Version, len(now.Brokers), now.Version)})
		}
	}
	return warnings
}

// clusterNames tells by case which cluster it used: one for all, unless the target is varied or
// a side of a gate has its own.
func clusterNames(m results.Manifest) map[string]string {
	names := map[string]string{}
	for _, c := range m.Cases {
		for _, setting := range c.Settings {
			if setting.Path == results.TargetPath || setting.Path == results.SidePath {
				names[c.ID] += setting.Value + " "
			}
		}
	}
	return names
}
