package analysis

import (
	"fmt"
	"math"

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
	f.distrustBooks(&found)
	f.distrustPaths(&found)
	for _, text := range f.damage {
		found.addf("histogram", "%s: its percentiles are not known", text)
	}
	return append(found, f.strain().distrust()...)
}

// distrust compares the strain with the thresholds.
func (s Strain) distrust() reasons {
	var found reasons
	s.distrustPacers(&found)
	s.distrustProcess(&found)
	s.distrustMachine(&found)
	if times := s.CeilingTimesOffered; times > 0 && times < nullSinkLeastTimesOffered {
		found.addf("ceiling", "kaliper alone, without a broker, reaches %s times what is offered with these settings, under %s times: lower the rate, or spread it over more clients",
			unit.Number(times), unit.Number(nullSinkLeastTimesOffered))
	}
	return found
}

// distrustPacers checks the timers. The closed loop has none.
func (s Strain) distrustPacers(found *reasons) {
	for _, p := range s.Pacers {
		if limit := max(slipShareOfLatency*float64(p.LatencyP99Seconds), slipSecondsLeast); p.SlipP99Seconds > limit {
			found.addf("slip_pacer", "kaliper's own timer was late: slip.pacer p99 of %s is %s, over %s (10%% of its ack p99, at least 500 µs); lower the rate, or give kaliper a processor of its own",
				p.Group, seconds(p.SlipP99Seconds), seconds(limit))
		}
	}
}

// distrustProcess checks what the process itself suffered in the window.
func (s Strain) distrustProcess(found *reasons) {
	if limit := max(callbackShareOfLatency*float64(s.HeadlineSeconds), callbackSecondsLeast); s.CallbackDelaySeconds > limit {
		found.addf("callback_delay", "recording delayed what it recorded: callbacks of one client ran for up to %s at a time, over %s; use more clients", seconds(s.CallbackDelaySeconds), seconds(limit))
	}
	if limit := max(schedulerShareOfLatency*float64(s.HeadlineSeconds), schedulerSecondsLeast); s.SchedulerLatencySeconds > limit {
		found.addf("scheduler", "goroutines that were ready waited for a processor: %s at p99, over %s; lower the rate, or give kaliper more processors", seconds(s.SchedulerLatencySeconds), seconds(limit))
	}
	if s.PausedShare > spoiledShareOfWindow {
		found.addf("gc_pause", "the garbage collector stopped kaliper for at least %s of the window, over %s", share(s.PausedShare), share(spoiledShareOfWindow))
	}
	if s.GapShare > spoiledShareOfWindow {
		found.addf("gap", "kaliper did not run for %s of the window, over %s: it was stopped, or the machine slept", share(s.GapShare), share(spoiledShareOfWindow))
	}
	if math.Abs(s.ClockStepSeconds) > clockStepSecondsMost {
		found.addf("clock", "the wall clock was set by %s within the window; end-to-end latencies and time lags depend on it", seconds(s.ClockStepSeconds))
	}
}

// distrustMachine checks what the machine withheld in the window.
func (s Strain) distrustMachine(found *reasons) {
	if s.StealShare > stealShareOfWindow {
		found.addf("steal", "the hypervisor took %s of a processor away, over %s: the virtual machine shares its processors", share(s.StealShare), share(stealShareOfWindow))
	}
	if s.ThrottledShare > spoiledShareOfWindow {
		found.addf("cpu_quota", "the processor quota of kaliper's cgroup held it back for %s of the window, over %s: raise the quota", share(s.ThrottledShare), share(spoiledShareOfWindow))
	}
	// The closed loop, and one that only reads, is meant to take all there is.
	if len(s.Pacers) > 0 && s.BusyShare > busyShareOfWindow {
		found.addf("cpu_busy", "the processors that kaliper may use were busy for %s of the window, over %s: its clients waited for other work, as the latencies do; give kaliper a machine of its own, or lower the rate", share(s.BusyShare), share(busyShareOfWindow))
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
