package results

import (
	"strconv"
	"strings"
)

// A trial is made again where the instrument spoiled it, or where it was cut off and its run is
// resumed. Every attempt keeps its journal. The last complete one stands for the trial, and where
// none is complete the last one: which attempt counts depends on nothing that it measured.

// Number returns the trial's number within its case as its directory is called: 3, or 3-2 for the
// second attempt.
func (r TrialRef) Number() string {
	if r.Attempt == 0 {
		return strconv.Itoa(r.Trial)
	}
	return strconv.Itoa(r.Trial) + "-" + strconv.Itoa(r.Attempt)
}

// Again returns the next attempt at the same trial.
func (r TrialRef) Again() TrialRef {
	r.Attempt = max(r.Attempt, 1) + 1
	return r
}

// First returns the first attempt at the same trial.
func (r TrialRef) First() TrialRef {
	r.Attempt = 0
	return r
}

// Ref names the trial that a journal is of.
func (b Begin) Ref() TrialRef {
	return TrialRef{Case: b.Case, Trial: b.Trial, Round: b.Round, Attempt: b.Attempt}
}

// parseNumber reads what Number returns.
func parseNumber(name string) (trial, attempt int, ok bool) {
	number, again, repeated := strings.Cut(name, "-")
	trial, err := strconv.Atoi(number)
	if err == nil && repeated {
		attempt, err = strconv.Atoi(again)
	}
	ref := TrialRef{Trial: trial, Attempt: attempt}
	return trial, attempt, err == nil && (!repeated || attempt > 1) && ref.Number() == name
}

// sameTrial says whether two are attempts at one trial. A round is where a trial was made, not
// which it is.
func sameTrial(a, b TrialRef) bool { return a.Case == b.Case && a.Trial == b.Trial }

// supersede moves the trials that a later attempt stands for out of Trials.
func (r *Run) supersede() {
	type trial struct {
		id     string
		number int
	}
	standing := map[trial]int{} // index of the attempt that counts
	for i, t := range r.Trials {
		key := trial{t.Begin.Case, t.Begin.Trial}
		before, found := standing[key]
		if !found || t.State == Complete || r.Trials[before].State != Complete {
			standing[key] = i
		}
	}
	if len(standing) == len(r.Trials) {
		return
	}
	var counting []Trial
	for i, t := range r.Trials {
		if standing[trial{t.Begin.Case, t.Begin.Trial}] == i {
			counting = append(counting, t)
		} else {
			r.Superseded = append(r.Superseded, t)
		}
	}
	r.Trials = counting
}
