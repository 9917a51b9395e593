package analysis

import (
	"fmt"
	"math"

	"kaliper/internal/stats"
	"kaliper/internal/unit"
	"kaliper/results"
)

// reasons gathers findings.
type reasons []results.Reason

func (r *reasons) addf(code, format string, args ...any) {
	*r = append(*r, results.Reason{Code: code, Text: fmt.Sprintf(format, args...)})
}

func seconds(s float64) string   { return unit.Format(s, "s") }
func share(ratio float64) string { return unit.Format(ratio, "ratio") }

// distrust returns why the instrument's figures are not to be believed; none means TRUSTED.
// It is about the instrument and the machine under it alone: what the system did is outcome's.
func (f *figures) distrust() reasons {
	var found reasons
	f.distrustSlip(&found)
	f.distrustBooks(&found)
	f.distrustPaths(&found)
	if f.seconds() > 0 && len(f.inWindow) > 0 {
		f.distrustProcess(&found)
		f.distrustMachine(&found)
	}
	f.distrustCeiling(&found)
	for _, text := range f.damage {
		found.addf("histogram", "%s: its percentiles are not known", text)
	}
	return found
}

// headline returns the p99 of what an open-loop group promises, or else of the service latency:
// the figure that delays of the instrument's own are compared with.
func (p producerFigures) headline() float64 {
	if p.openLoop && p.ack.Count()+p.infinite() > 0 {
		return p.ack.QuantileSeconds(0.99, p.infinite())
	}
	return p.service.QuantileSeconds(0.99, p.infinite())
}

// smallestHeadline returns the headline that a delay would distort most; 0 where there is
// none, so that the least thresholds apply.
func (f *figures) smallestHeadline() float64 {
	smallest := math.Inf(1)
	for _, p := range f.producers {
		if h := p.headline(); h < smallest {
			smallest = h
		}
	}
	for _, c := range f.consumers {
		if h := c.endToEnd.QuantileSeconds(0.99, c.totals.Unread); h < smallest {
			smallest = h
		}
	}
	if math.IsInf(smallest, 1) {
		return 0
	}
	return smallest
}

// distrustSlip checks the pacer. The closed loop has none.
func (f *figures) distrustSlip(found *reasons) {
	for _, name := range f.producerNames() {
		p := f.producers[name]
		if !p.openLoop || p.pacer.Count() == 0 {
			continue
		}
		slip, ack := p.pacer.QuantileSeconds(0.99, 0), p.headline()
		if limit := max(slipShareOfLatency*ack, slipSecondsLeast); slip > limit {
			found.addf("slip_pacer", "kaliper's own timer was late: slip.pacer p99 of %s is %s, over %s (10%% of its ack p99, at least 500 µs); lower the rate, or give kaliper a processor of its own",
				name, seconds(slip), seconds(limit))
		}
	}
}

// distrustBooks checks that every record intended is accounted for, and that the histogram
// holds what the books call acknowledged. Books exist where the trial came to its end.
func (f *figures) distrustBooks(found *reasons) {
	if f.trial.End == nil {
		return
	}
	for _, name := range f.producerNames() {
		p := f.producers[name]
		for _, books := range []struct {
			of string
			results.Books
		}{{"trial", p.totals.Whole}, {"window", p.totals.Window}} {
			if sum := books.Acked + failed(books.Books) + books.Unresolved; sum != books.Intended {
				found.addf("books", "the books of %s do not balance over the %s: %s records were intended, %s acknowledged, failed or unresolved; please report this as a bug of kaliper",
					name, books.of, unit.Number(float64(books.Intended)), unit.Number(float64(sum)))
			}
		}
		recorded := p.service
		if p.openLoop {
			recorded = p.ack
		}
		if n := recorded.Count(); n != p.totals.Window.Acked && len(f.damage) == 0 {
			found.addf("books", "the books of %s have %s records acknowledged in the window, its histogram %s; please report this as a bug of kaliper",
				name, unit.Number(float64(p.totals.Window.Acked)), unit.Number(float64(n)))
		}
	}
}

// distrustProcess checks what the process itself suffered in the window.
func (f *figures) distrustProcess(found *reasons) {
	var callbacks, scheduling []float64
	var paused, gaps, step float64
	for _, interval := range f.inWindow {
		p := interval.Process
		callbacks = append(callbacks, p.CallbackDelaySeconds)
		scheduling = append(scheduling, p.SchedulerLatencySeconds)
		paused += p.PauseSecondsMax
		if p.GapSecondsMax >= gapSecondsLeast {
			gaps += p.GapSecondsMax
		}
		if math.Abs(p.ClockStepSeconds) > math.Abs(step) {
			step = p.ClockStepSeconds
		}
	}
	latency := f.smallestHeadline()
	// The longest run of an interval is an extreme value: that of most intervals counts.
	if delay, limit := stats.Median(callbacks), max(callbackShareOfLatency*latency, callbackSecondsLeast); delay > limit {
		found.addf("callback_delay", "recording delayed what it recorded: callbacks of one client ran for up to %s at a time, over %s; use more clients", seconds(delay), seconds(limit))
	}
	if delay, limit := stats.Median(scheduling), max(schedulerShareOfLatency*latency, schedulerSecondsLeast); delay > limit {
		found.addf("scheduler", "goroutines that were ready waited for a processor: %s at p99, over %s; lower the rate, or give kaliper more processors", seconds(delay), seconds(limit))
	}
	if spoiled := paused / f.seconds(); spoiled > spoiledShareOfWindow {
		found.addf("gc_pause", "the garbage collector stopped kaliper for at least %s of the window, over %s", share(spoiled), share(spoiledShareOfWindow))
	}
	if spoiled := gaps / f.seconds(); spoiled > spoiledShareOfWindow {
		found.addf("gap", "kaliper did not run for %s of the window, over %s: it was stopped, or the machine slept", share(spoiled), share(spoiledShareOfWindow))
	}
	if math.Abs(step) > clockStepSecondsMost {
		found.addf("clock", "the wall clock was set by %s within the window; end-to-end latencies and time lags depend on it", seconds(step))
	}
}

// distrustMachine checks what the machine withheld in the window.
func (f *figures) distrustMachine(found *reasons) {
	var steal, throttled, pressure float64
	for _, interval := range f.inWindow {
		steal += interval.Process.StealSeconds
		throttled += interval.Process.ThrottledSeconds
		pressure += interval.Process.PressureSeconds
	}
	if s := steal / f.intervalSeconds; s > stealShareOfWindow {
		found.addf("steal", "the hypervisor took %s of a processor away, over %s: the virtual machine shares its processors", share(s), share(stealShareOfWindow))
	}
	if s := throttled / f.intervalSeconds; s > spoiledShareOfWindow {
		found.addf("cpu_quota", "the processor quota of kaliper's cgroup held it back for %s of the window, over %s: raise the quota", share(s), share(spoiledShareOfWindow))
	}
	if s := pressure / f.intervalSeconds; s > pressureShareOfWindow {
		found.addf("cpu_pressure", "tasks waited for a processor in %s of the window, over %s: the machine is too small for all that runs on it", share(s), share(pressureShareOfWindow))
	}
}

// distrustCeiling compares what was asked for with what the instrument can do at all. The
// closed loop asks for all there is, and is waived.
func (f *figures) distrustCeiling(found *reasons) {
	ceiling := f.trial.Begin.NullSinkRecordsPerSecond
	if ceiling == 0 {
		return // not measured
	}
	var offered float64
	for _, p := range f.trial.Begin.Producers {
		if !p.OpenLoop {
			return
		}
		offered += p.OfferedRecordsPerSecond
	}
	if ceiling < nullSinkLeastTimesOffered*offered {
		found.addf("ceiling", "kaliper alone, without a broker, reaches %s with these settings: less than twice the %s that are offered",
			unit.Format(ceiling, "records/s"), unit.Format(offered, "records/s"))
	}
}
