package analysis

import (
	"testing"

	"kaliper/results"
)

func TestExitCode(t *testing.T) {
	clean := results.SummaryRun{State: results.Complete, Trust: results.Trusted, Outcome: results.Sustained,
		Expectations: []results.ExpectationResult{{Verdict: Met}}}
	with := func(changes ...func(*results.SummaryRun)) results.SummaryRun {
		run := clean
		for _, change := range changes {
			change(&run)
		}
		return run
	}
	untrusted := func(r *results.SummaryRun) { r.Trust = results.Untrusted }
	failed := func(r *results.SummaryRun) { r.Outcome = results.Failed }
	notMet := func(r *results.SummaryRun) {
		r.Expectations = []results.ExpectationResult{{Verdict: Unknown}, {Verdict: NotMet}}
	}
	unknown := func(r *results.SummaryRun) { r.Expectations = []results.ExpectationResult{{Verdict: Unknown}} }
	interrupted := func(r *results.SummaryRun) { r.State = results.Interrupted }
	incomplete := func(r *results.SummaryRun) { r.State = results.Incomplete }
	crashed := func(r *results.SummaryRun) { r.State = results.Crashed }
	overloaded := func(r *results.SummaryRun) { r.Outcome = results.Overloaded }

	tests := []struct {
		name     string
		run      results.SummaryRun
		failure  Exit
		allow    []string
		want     Exit
		warnings int
	}{
		{"a clean run is done", clean, ExitDone, nil, ExitDone, 0},
		{"an overloaded system is a finding, no failure", with(overloaded), ExitDone, nil, ExitDone, 0},
		{"an expectation that is not met", with(notMet), ExitDone, nil, ExitFailed, 0},
		{"a failed outcome", with(failed), ExitDone, nil, ExitFailed, 0},
		{"an expectation of which nothing is known", with(unknown), ExitDone, nil, ExitInconclusive, 0},
		{"a run of which something is missing", with(incomplete), ExitDone, nil, ExitInconclusive, 0},
		{"a run that was killed", with(crashed), ExitDone, nil, ExitInconclusive, 0},
		{"untrusted goes before failed", with(untrusted, failed, notMet), ExitDone, nil, ExitUntrusted, 0},
		{"failed goes before inconclusive", with(notMet, incomplete), ExitDone, nil, ExitFailed, 0},
		{"untrusted goes before inconclusive", with(untrusted, unknown), ExitDone, nil, ExitUntrusted, 0},
		{"interrupted goes before all", with(interrupted, untrusted, failed), ExitInternal, nil, ExitInterrupted, 0},
		{"an interruption before anything was measured", results.SummaryRun{}, ExitInterrupted, nil, ExitInterrupted, 0},
		{"bad input goes before what was measured", with(untrusted), ExitBadInput, nil, ExitBadInput, 0},
		{"unreachable goes before untrusted", with(untrusted), ExitUnreachable, nil, ExitUnreachable, 0},
		{"an internal error goes before untrusted", with(untrusted), ExitInternal, nil, ExitInternal, 0},
		{"untrusted that is allowed is a warning", with(untrusted), ExitDone, []string{AllowUntrusted}, ExitDone, 1},
		{"the rows after an allowed one still apply", with(untrusted, notMet), ExitDone, []string{AllowUntrusted, AllowInconclusive}, ExitFailed, 1},
		{"both can be allowed", with(untrusted, unknown), ExitDone, []string{AllowInconclusive, AllowUntrusted}, ExitDone, 2},
		{"what is allowed and does not occur is no warning", clean, ExitDone, []string{AllowInconclusive, AllowUntrusted}, ExitDone, 0},
		{"a failure cannot be allowed", with(failed), ExitDone, []string{"failed", AllowUntrusted}, ExitFailed, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, warnings := ExitCode(results.Summary{Run: test.run}, test.failure, test.allow)
			if got != test.want || len(warnings) != test.warnings {
				t.Errorf("got %d with warnings %q, want %d with %d", got, warnings, test.want, test.warnings)
			}
		})
	}
}
