package analysis

import (
	"fmt"
	"slices"
	"strings"

	"kaliper/results"
)

// Alone judges a run of one case that has its summary by itself: whether its figures may become a
// baseline, or be held against one. What allow names is skipped, with a warning. The order is that
// of the exit codes.
//
//  1. A run that was interrupted has no verdict.
//  2. One with an untrusted trial is UNTRUSTED.
//  3. One with a trial that failed, or that misses an expectation, is a FAIL: neither needs anything
//     to be compared with.
//  4. One that is not complete, or of which it is not known whether it meets an expectation, is
//     INCONCLUSIVE.
func Alone(run *results.Run, allow []string) results.Gate {
	summary, manifest := run.Summary, run.Manifest
	result := results.Gate{
		Schema: results.GateSchema, Run: manifest.ID, State: manifest.State, Simulated: manifest.Simulated, Verdict: results.GatePass,
		Why: "its trials are complete and can be trusted", Metrics: []results.GateMetric{}, Played: []results.GatePair{}, Warnings: []string{},
	}
	untrusted, trials := ofAll(summary, func(t results.SummaryTrial) bool { return t.Trust == results.Untrusted })
	failed, _ := ofAll(summary, func(t results.SummaryTrial) bool { return t.Outcome == results.Failed })
	allowed := slices.Contains(allow, AllowUntrusted)
	switch {
	case manifest.State == results.Interrupted:
		result.Verdict, result.Why = results.GateUndecided, fmt.Sprintf("the run was interrupted: %d of its %d trials are there", trials, manifest.Repeats)
		return result
	case len(untrusted) > 0 && !allowed:
		worsen(&result, results.GateUntrusted, naming("a trial is untrusted", untrusted[0]))
		return result
	case len(untrusted) > 0:
		result.Why = "its trials are complete"
		result.Warnings = append(result.Warnings, fmt.Sprintf("%d of %d trials count although they are untrusted, as --allow %s says: %s",
			len(untrusted), trials, AllowUntrusted, strings.Join(texts(untrusted[0].Reasons), "; ")))
	}
	if len(failed) > 0 {
		worsen(&result, results.GateFail, naming("a trial failed", failed[0]))
	}
	if missed := conditions(summary, NotMet); missed != "" {
		worsen(&result, results.GateFail, "it does not meet the expectation "+missed)
	}
	if unknown := conditions(summary, Unknown); unknown != "" {
		worsen(&result, results.GateInconclusive, "it is not known whether it meets the expectation "+unknown)
	}
	if manifest.State != results.Complete {
		worsen(&result, results.GateInconclusive, fmt.Sprintf("the run is %s", manifest.State))
	}
	return result
}

// ofAll returns those of a run's trials that are meant, and how many trials there are.
func ofAll(summary results.Summary, meant func(results.SummaryTrial) bool) (found []results.SummaryTrial, trials int) {
	for _, c := range summary.Cases {
		trials += len(c.Trials)
		for _, trial := range c.Trials {
			if meant(trial) {
				found = append(found, trial)
			}
		}
	}
	return found, trials
}

// conditions names the expectations with a verdict.
func conditions(summary results.Summary, verdict string) string {
	var all []string
	for _, e := range summary.Run.Expectations {
		if e.Verdict == verdict {
			all = append(all, e.Condition)
		}
	}
	return strings.Join(all, ", ")
}

func naming(what string, trial results.SummaryTrial) string {
	return fmt.Sprintf("%s, %s: %s", what, trial.ID, strings.Join(texts(trial.Reasons), "; "))
}

// worsen gives a result another verdict where that is the worse one; of equal ones the first stays.
func worsen(result *results.Gate, verdict results.GateVerdict, why string) {
	order := []results.GateVerdict{results.GatePass, results.GateInconclusive, results.GateFail, results.GateUntrusted}
	if slices.Index(order, verdict) > slices.Index(order, result.Verdict) {
		result.Verdict, result.Why = verdict, why
	}
}

// JudgeAgainst holds a run of the candidate alone against a baseline: what Alone says of it, and
// where there are figures on both sides, what AgainstBaseline says of them. That only advises, and
// so a run is never a FAIL by its figures.
func JudgeAgainst(base results.Baseline, run *results.Run, settings string, margins []results.GateMargin, allow []string) results.Gate {
	result := Alone(run, allow)
	result.Baseline = base.Run
	if result.Verdict == results.GateUndecided || result.Verdict == results.GateUntrusted {
		return result
	}
	now, err := NewBaseline(run, settings)
	if err != nil {
		worsen(&result, results.GateInconclusive, err.Error())
		return result
	}
	if why := BaselineMismatch(base, now); why != "" {
		worsen(&result, results.GateInconclusive, "it cannot be compared with the baseline: "+why)
		return result
	}
	compared := AgainstBaseline(base, now, margins)
	result.Metrics = compared.Metrics
	result.Warnings = append(result.Warnings, compared.Warnings...)
	if compared.Verdict == results.GatePass && result.Verdict == results.GatePass {
		result.Why = compared.Why
	}
	worsen(&result, compared.Verdict, compared.Why)
	return result
}

// WarnOfAllowed adds the warning of --allow inconclusive to a gate that it lets through: every
// output shows it.
func WarnOfAllowed(result *results.Gate, allow []string) {
	if result.Verdict != results.GateInconclusive {
		return
	}
	if _, warning := GateExit(*result, allow); warning != "" {
		result.Warnings = append(slices.Clone(result.Warnings), warning)
	}
}
