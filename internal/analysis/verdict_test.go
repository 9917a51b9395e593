package analysis

import (
	"math"
	"strings"
	"testing"

	"kaliper/results"
)

func codes(found []results.Reason) string {
	var all []string
	for _, reason := range found {
		all = append(all, reason.Code)
	}
	return strings.Join(all, " ")
}

func TestTrust(t *testing.T) {
	slow := func(p *results.ProducerTotals) { p.SlipPacer = latencies(t, 2, 1000) }
	tests := []struct {
		name   string
		change func(trial *results.Trial)
		codes  string // of the findings; empty for TRUSTED
	}{
		{"a clean trial is trusted", func(*results.Trial) {}, ""},
		{"a late pacer is not", func(trial *results.Trial) { changeProducer(trial, slow) }, "slip_pacer"},
		{"a tenth of the latency is allowed", func(trial *results.Trial) {
			changeProducer(trial, slow)
			changeProducer(trial, func(p *results.ProducerTotals) { p.Ack = latencies(t, 21, 1000) })
		}, ""},
		{"500 us are allowed however short the latency", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) {
				p.Ack, p.SlipPacer = latencies(t, 1, 1000), latencies(t, 0.45, 1000)
			})
		}, ""},
		{"the closed loop waives the pacer", func(trial *results.Trial) {
			trial.Begin.Producers[0].OpenLoop = false
			changeProducer(trial, slow)
		}, ""},
		{"a record that is in no book", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.Window.Intended++ })
		}, "books"},
		{"a record that is in no book of the warm-up", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.Whole.Unresolved++ })
		}, "books"},
		{"a latency that is in no book", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.Ack = latencies(t, 10, 999) })
		}, "books"},
		{"a histogram that cannot be read", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.Ack.Data = "!" })
		}, "histogram"},
		{"callbacks that delay each other", func(trial *results.Trial) {
			everyInterval(trial, func(_ int, p *results.ProcessInterval) { p.CallbackDelaySeconds = 0.0012 })
		}, "callback_delay"},
		{"one long run of callbacks is an accident", func(trial *results.Trial) {
			trial.Intervals[5].Process.CallbackDelaySeconds = 0.1
		}, ""},
		{"a starved scheduler", func(trial *results.Trial) {
			everyInterval(trial, func(_ int, p *results.ProcessInterval) { p.SchedulerLatencySeconds = 0.004 })
		}, "scheduler"},
		{"pauses", func(trial *results.Trial) {
			everyInterval(trial, func(_ int, p *results.ProcessInterval) { p.PauseSecondsMax = 0.008 })
		}, "gc_pause"},
		{"a stopped process", func(trial *results.Trial) { trial.Intervals[5].Process.GapSecondsMax = 0.3 }, "gap"},
		{"lateness of a timer is no gap", func(trial *results.Trial) {
			everyInterval(trial, func(_ int, p *results.ProcessInterval) { p.GapSecondsMax = 0.02 })
		}, ""},
		{"what happened before the window does not count", func(trial *results.Trial) {
			trial.Intervals[0].Process = results.ProcessInterval{GapSecondsMax: 1, ClockStepSeconds: 5, StealSeconds: 2}
		}, ""},
		{"a clock that was set back", func(trial *results.Trial) { trial.Intervals[5].Process.ClockStepSeconds = -0.4 }, "clock"},
		{"a hypervisor that takes processors", func(trial *results.Trial) {
			everyInterval(trial, func(_ int, p *results.ProcessInterval) { p.StealSeconds = 0.1 })
		}, "steal"},
		{"a quota", func(trial *results.Trial) { trial.Intervals[5].Process.ThrottledSeconds = 0.2 }, "cpu_quota"},
		{"processors that are never free", func(trial *results.Trial) {
			everyInterval(trial, func(_ int, p *results.ProcessInterval) { p.ProcessorSeconds, p.SpareSeconds = 2, 0.02 })
		}, "cpu_busy"},
		{"processors that are half free", func(trial *results.Trial) {
			everyInterval(trial, func(_ int, p *results.ProcessInterval) { p.ProcessorSeconds, p.SpareSeconds = 2, 1 })
		}, ""},
		{"the closed loop may take all processors", func(trial *results.Trial) {
			trial.Begin.Producers[0].OpenLoop = false
			everyInterval(trial, func(_ int, p *results.ProcessInterval) { p.ProcessorSeconds, p.SpareSeconds = 2, 0 })
		}, ""},
		{"a ceiling close to the rate", func(trial *results.Trial) { trial.Begin.NullSinkRecordsPerSecond = 150 }, "ceiling"},
		{"a ceiling far above the rate", func(trial *results.Trial) { trial.Begin.NullSinkRecordsPerSecond = 1e6 }, ""},
		{"the closed loop waives the ceiling", func(trial *results.Trial) {
			trial.Begin.NullSinkRecordsPerSecond = 1
			trial.Begin.Producers[0].OpenLoop = false
		}, ""},
		{"records that fail are the system's fault", func(trial *results.Trial) { failing(t, trial, 500) }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			trial := cleanTrial(t)
			test.change(&trial)
			found := readFigures(&trial).distrust()
			if codes(found) != test.codes {
				t.Errorf("found %+v, want %q", found, test.codes)
			}
			want := results.Trusted
			if test.codes != "" {
				want = results.Untrusted
			}
			if got := Judge(trial).Trust; got != want {
				t.Errorf("trust is %s, want %s", got, want)
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	throttle := func(trial *results.Trial) {
		p := trial.Intervals[5].Producers["checkout"]
		p.Client.ThrottleSeconds = 0.5
		trial.Intervals[5].Producers["checkout"] = p
	}
	slow := func(p *results.ProducerTotals) { p.CompletedInWindow = 950 }
	tests := []struct {
		name    string
		change  func(trial *results.Trial)
		outcome results.Outcome
		codes   string
	}{
		{"a clean trial is sustained", func(*results.Trial) {}, results.Sustained, ""},
		{"a rate that is not reached", func(trial *results.Trial) { changeProducer(trial, slow) }, results.Overloaded, "overloaded"},
		{"a shortfall of a few records is the window's edge", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.CompletedInWindow = 985 })
		}, results.Sustained, ""},
		{"a lingering batch at the edge of a short window is no overload", func(trial *results.Trial) {
			trial.End.WindowEnd = trial.End.WindowStart + 2
			changeProducer(trial, func(p *results.ProducerTotals) {
				p.Window.Intended, p.Window.Acked, p.CompletedInWindow = 10_000, 10_000, 9_930
			})
		}, results.Sustained, ""},
		{"the same share is missing in a long window", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) {
				p.Window.Intended, p.Window.Acked, p.CompletedInWindow = 10_000, 10_000, 9_930
			})
		}, results.Overloaded, "overloaded"},
		{"the closed loop offers no rate", func(trial *results.Trial) {
			trial.Begin.Producers[0].OpenLoop = false
			changeProducer(trial, slow)
		}, results.Sustained, ""},
		{"a lag that grows", func(trial *results.Trial) {
			for i, interval := range trial.Intervals {
				interval.Consumers["analytics"].Lag["orders"].Records[0] = int64(30 * i)
			}
		}, results.Overloaded, "lag_grows"},
		{"a lag that grows by next to nothing", func(trial *results.Trial) {
			for i, interval := range trial.Intervals {
				interval.Consumers["analytics"].Lag["orders"].Records[0] = int64(i / 4)
			}
		}, results.Sustained, ""},
		{"a lag that shrinks", func(trial *results.Trial) {
			for i, interval := range trial.Intervals {
				interval.Consumers["analytics"].Lag["orders"].Records[0] = int64(1000 - 30*i)
			}
		}, results.Sustained, ""},
		{"records that nobody had read in the end", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) { c.Unread = 7 })
		}, results.Overloaded, "unread"},
		{"a quota", throttle, results.Throttled, "throttled"},
		{"a quota explains a rate that is not reached", func(trial *results.Trial) {
			throttle(trial)
			changeProducer(trial, slow)
		}, results.Throttled, "throttled overloaded"},
		{"one failed record", func(trial *results.Trial) { failing(t, trial, 1) }, results.Degraded, "errors"},
		{"records without an answer", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.Window.Intended += 3; p.Window.Unresolved = 3 })
		}, results.Degraded, "unresolved"},
		{"errors explain a rate that is not reached", func(trial *results.Trial) { failing(t, trial, 100) }, results.Degraded, "errors overloaded"},
		{"a lost record", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) { c.Integrity.Lost = 1 })
		}, results.Degraded, "lost"},
		{"a corrupted record", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) { c.Integrity.Corrupted = 1 })
		}, results.Degraded, "corrupted"},
		{"a redelivered record is within the promise", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) { c.Integrity.Redelivered = 1 })
		}, results.Sustained, ""},
		{"half of the records failed", func(trial *results.Trial) { failing(t, trial, 500) }, results.Degraded, "errors overloaded"},
		{"more than half of the records failed", func(trial *results.Trial) { failing(t, trial, 501) }, results.Failed, "mostly_failed errors"},
		{"most of the records have no answer", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.Window.Intended += 3000; p.Window.Unresolved = 3000 })
		}, results.Degraded, "unresolved overloaded"},
		{"nothing acknowledged", func(trial *results.Trial) { failing(t, trial, 1000) }, results.Failed, "nothing_acked errors"},
		{"an error that ended the trial", func(trial *results.Trial) { trial.End.Error = "no space left on device" }, results.Failed, "error"},
		{"nothing read where there was nothing else to do", func(trial *results.Trial) {
			trial.End.Producers = nil
			changeConsumer(trial, func(c *results.ConsumerTotals) { *c = results.ConsumerTotals{} })
		}, results.Failed, "nothing_consumed"},
		{"a trial without its window is not judged", func(trial *results.Trial) { trial.End.WindowEnd = 0 }, "", ""},
		{"records under way in a killed trial are no finding", func(trial *results.Trial) {
			trial.State, trial.End = results.Crashed, nil
		}, results.Sustained, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			trial := cleanTrial(t)
			test.change(&trial)
			outcome, found := readFigures(&trial).outcome()
			if outcome != test.outcome || codes(found) != test.codes {
				t.Errorf("outcome %q because of %+v, want %q because of %q", outcome, found, test.outcome, test.codes)
			}
		})
	}
}

func TestThinKeepsTheEndsOfALongSeriesWithinBounds(t *testing.T) {
	for _, n := range []int{0, 1, mostLagPoints, mostLagPoints + 1, 5000} {
		series := make([]float64, n)
		for i := range series {
			series[i] = float64(i)
		}
		kept := thin(series)
		if len(kept) > mostLagPoints || n > 0 && kept[0] != 0 || n <= mostLagPoints && len(kept) != n {
			t.Errorf("of %d points %d are kept", n, len(kept))
		}
		if n > 0 && float64(n)-kept[len(kept)-1] > math.Ceil(float64(n)/mostLagPoints) {
			t.Errorf("of %d points the last one kept is %v", n, kept[len(kept)-1])
		}
	}
}
