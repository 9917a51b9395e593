package analysis

import (
	"fmt"
	"slices"

	"kaliper/results"
)

// Exit is what a command's exit code means.
type Exit int

// The exit codes. 2 is left to Go's own panics.
const (
	ExitDone         Exit = 0
	ExitInternal     Exit = 1   // an internal or I/O error of kaliper's own
	ExitUnreachable  Exit = 3   // target or needed service unreachable, or it refused
	ExitFailed       Exit = 4   // an expectation failed, or a trial's outcome is failed
	ExitUntrusted    Exit = 5   // the instrument or the machine spoiled the measurement
	ExitInconclusive Exit = 6   // not enough evidence either way
	ExitBadInput     Exit = 64  // scenario, flags, properties
	ExitInterrupted  Exit = 130 // partial results are kept and marked
)

// What --allow can name.
const (
	AllowUntrusted    = "untrusted"
	AllowInconclusive = "inconclusive"
)

// ExitCode returns the first code that applies, in this order: interrupted; what ended the
// command early (failure: bad input, unreachable or internal; ExitDone if nothing did);
// untrusted; failed; inconclusive; done. What allow names is skipped, with a warning that
// belongs into every output; the codes after it still apply.
func ExitCode(summary results.Summary, failure Exit, allow []string) (Exit, []string) {
	var warnings []string
	skip := func(name, why string) bool {
		if !slices.Contains(allow, name) {
			return false
		}
		warnings = append(warnings, fmt.Sprintf("%s, and --allow %s says to go on", why, name))
		return true
	}
	switch {
	case failure == ExitInterrupted, summary.Run.State == results.Interrupted:
		return ExitInterrupted, nil
	case failure != ExitDone:
		return failure, nil
	}
	if summary.Run.Trust == results.Untrusted && !skip(AllowUntrusted, "the measurement is untrusted") {
		return ExitUntrusted, warnings
	}
	if summary.Run.Outcome == results.Failed || slices.ContainsFunc(summary.Run.Expectations, hasVerdict(NotMet)) {
		return ExitFailed, warnings
	}
	if why := inconclusive(summary); why != "" && !skip(AllowInconclusive, why) {
		return ExitInconclusive, warnings
	}
	return ExitDone, warnings
}

func hasVerdict(verdict string) func(results.ExpectationResult) bool {
	return func(e results.ExpectationResult) bool { return e.Verdict == verdict }
}

// inconclusive says why there is not enough evidence; empty where there is.
func inconclusive(summary results.Summary) string {
	switch {
	case slices.ContainsFunc(summary.Run.Expectations, hasVerdict(Unknown)):
		return "whether an expectation is met is not known"
	case summary.Run.State != results.Complete:
		return fmt.Sprintf("the run is %s", summary.Run.State)
	}
	return ""
}
