package analysis

import (
	"maps"
	"slices"

	"kaliper/internal/unit"
	"kaliper/results"
)

// Verdict is what a trial's figures say about the instrument and about the system.
type Verdict struct {
	Trust results.Trust
	// Outcome is empty where the trial did not come to its window: there is nothing to judge.
	Outcome results.Outcome
	Reasons []results.Reason // of both
}

// Judge decides on a trial's trust and outcome.
func Judge(trial results.Trial) Verdict { return readFigures(&trial).judge() }

func (f *figures) judge() Verdict {
	verdict := Verdict{Trust: results.Trusted}
	distrust := f.distrust()
	if len(distrust) > 0 {
		verdict.Trust = results.Untrusted
	}
	outcome, because := f.outcome()
	verdict.Outcome = outcome
	verdict.Reasons = append(distrust, because...)
	return verdict
}

// severity orders outcomes from best to worst; what is not judged is no worse than the best.
func severity(outcome results.Outcome) int {
	return slices.Index([]results.Outcome{
		results.Sustained, results.Throttled, results.Overloaded, results.Degraded, results.Failed,
	}, outcome)
}

// outcome decides what the system did, and names every finding. Where there are several the
// one that explains the others is the outcome: records that failed explain a rate that was not
// reached, and so does a broker that throttles.
func (f *figures) outcome() (results.Outcome, reasons) {
	var found reasons
	if f.failed(&found) {
		return results.Failed, found
	}
	if f.seconds() == 0 {
		return "", nil
	}
	degraded := f.degraded(&found)
	throttled := f.throttled(&found)
	overloaded := f.overloaded(&found)
	switch {
	case degraded:
		return results.Degraded, found
	case throttled:
		return results.Throttled, found
	case overloaded:
		return results.Overloaded, found
	}
	return results.Sustained, found
}

// failed says whether the trial shows little but that it does not work.
func (f *figures) failed(found *reasons) bool {
	end := f.trial.End
	if end != nil && end.Error != "" {
		found.addf("error", "the trial ended early: %s", end.Error)
		return true
	}
	if f.seconds() == 0 {
		return false
	}
	var intended, acked, consumed int64
	for _, p := range f.producers {
		intended += p.totals.Window.Intended
		acked += p.totals.CompletedInWindow + p.totals.Window.Acked
	}
	for _, c := range f.consumers {
		consumed += c.totals.ConsumedInWindow + c.totals.Window
	}
	switch {
	case intended > 0 && acked == 0:
		found.addf("nothing_acked", "none of the %s records of the window was acknowledged", unit.Number(float64(intended)))
		f.failedRecords(found)
		return true
	case len(f.producers) == 0 && len(f.consumers) > 0 && consumed == 0:
		found.addf("nothing_consumed", "no record was read in the window")
		return true
	}
	return f.mostlyFailed(found)
}

// mostlyFailed finds groups most of whose records failed. Unresolved ones do not count: a rate
// far beyond what the system carries leaves many, and that is an overload.
func (f *figures) mostlyFailed(found *reasons) bool {
	before := len(*found)
	for _, name := range f.producerNames() {
		books, failed := f.producers[name].totals.Window, int64(0)
		for _, n := range books.Failed {
			failed += n
		}
		if most := failedShareOfFailure * float64(books.Intended); float64(failed) > most {
			found.addf("mostly_failed", "%s of the records of %s failed, more than %s", share(float64(failed)/float64(books.Intended)), name, share(failedShareOfFailure))
		}
	}
	if len(*found) == before {
		return false
	}
	f.failedRecords(found)
	return true
}

// degraded finds records that failed, stayed unresolved, were lost or corrupted.
func (f *figures) degraded(found *reasons) bool {
	before := len(*found)
	f.failedRecords(found)
	for _, name := range f.consumerNames() {
		integrity := f.consumers[name].totals.Integrity
		if integrity.Lost > 0 {
			found.addf("lost", "%s acknowledged records never reached %s", unit.Number(float64(integrity.Lost)), name)
		}
		if integrity.Torn > 0 {
			found.addf("torn", "%s committed transactions reached %s in part", unit.Number(float64(integrity.Torn)), name)
		}
		if integrity.Missed > integrity.Lost {
			found.addf("missed", "%s records reached %s, and its handlers never were done with them", unit.Number(float64(integrity.Missed-integrity.Lost)), name)
		}
		if integrity.Corrupted > 0 {
			found.addf("corrupted", "%s records reached %s corrupted", unit.Number(float64(integrity.Corrupted)), name)
		}
	}
	f.lacking(found)
	return len(*found) > before
}

// failedRecords names the records that failed or stayed unresolved, by kind of error, with what
// to do.
func (f *figures) failedRecords(found *reasons) {
	for _, name := range f.producerNames() {
		books := f.producers[name].totals.Window
		for _, kind := range slices.Sorted(maps.Keys(books.Failed)) {
			if n := books.Failed[kind]; n > 0 {
				found.addf("errors", "%s of %s records of %s failed: %s%s", unit.Number(float64(n)), unit.Number(float64(books.Intended)), name, kind, remedy(kind))
			}
		}
		// A killed trial has records under way, which is no finding about the system.
		if books.Unresolved > 0 && f.trial.End != nil {
			found.addf("unresolved", "%s of %s records of %s were neither acknowledged nor refused until the end of the drain",
				unit.Number(float64(books.Unresolved)), unit.Number(float64(books.Intended)), name)
		}
	}
}

// throttled finds brokers that asked clients to slow down.
func (f *figures) throttled(found *reasons) bool {
	var asked float64
	for _, interval := range f.inWindow {
		for _, p := range interval.Producers {
			asked += p.Client.ThrottleSeconds
		}
		for _, c := range interval.Consumers {
			asked += c.Client.ThrottleSeconds
		}
	}
	if asked <= throttleShareOfWindow*f.seconds() {
		return false
	}
	found.addf("throttled", "brokers throttled the clients for %s, summed over requests: a quota is in force", seconds(asked))
	return true
}

// overloaded finds a rate that was not reached, a lag that grows, and records that nobody had
// read when the drain was over.
func (f *figures) overloaded(found *reasons) bool {
	before := len(*found)
	for _, name := range f.producerNames() {
		p := f.producers[name]
		intended, completed := p.totals.Window.Intended, p.totals.CompletedInWindow
		achieved := float64(completed) / float64(intended)
		least := max(shortfallRecordsLeast, windowEdgeSeconds*float64(intended)/f.seconds())
		if p.openLoop && achieved < achievedShareOfOffered && float64(intended-completed) >= least {
			found.addf("overloaded", "%s of the rate that %s offers was acknowledged in the window, under %s", share(achieved), name, share(achievedShareOfOffered))
		}
	}
	lags := f.lags()
	for _, name := range f.consumerNames() {
		c, slope := f.consumers[name], lags[name].slope
		material := lagGrowthShareOfRate * float64(c.totals.ConsumedInWindow) / f.seconds()
		if !f.fallsBehind(name) && slope.HasInterval && slope.Interval.Lo > 0 && slope.Value > material {
			found.addf("lag_grows", "%s falls behind by %s (from %s to %s at %s confidence)", name, unit.Format(slope.Value, "records/s"),
				unit.Number(slope.Interval.Lo), unit.Number(slope.Interval.Hi), share(slope.Interval.Level))
		}
		if c.totals.Unread > 0 {
			found.addf("unread", "%s had not read %s of %s acknowledged records when the drain was over", name,
				unit.Number(float64(c.totals.Unread)), unit.Number(float64(c.totals.Expected)))
		}
	}
	return len(*found) > before
}

// fallsBehind says whether the scenario makes a group fall behind on purpose: that its lag grows
// is no finding then.
func (f *figures) fallsBehind(group string) bool {
	return slices.ContainsFunc(f.trial.Begin.Consumers, func(c results.ConsumerInfo) bool {
		return c.Name == group && c.FallsBehind
	})
}
