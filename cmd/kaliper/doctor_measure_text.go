package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"kaliper/internal/analysis"
	"kaliper/internal/unit"
	"kaliper/results"
)

func rateText(recordsPerSecond float64) string { return unit.Format(recordsPerSecond, "records/s") }

// writeInstrument says in words first which rates can be trusted here.
func writeInstrument(w io.Writer, found instrument) error {
	fmt.Fprintln(w, found.answer())
	fmt.Fprintf(w, "(settings: %s)\n\n", found.Settings)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "rate\tslip.pacer p50\tp99\tack p99, null sink\tCPU\tof it the pacer's\tverdict")
	for _, r := range found.Rates {
		verdict := string(r.Trust)
		for _, reason := range r.Reasons {
			verdict += " " + reason.Code
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", rateText(r.RecordsPerSecond), unit.Format(r.SlipP50Seconds, "s"), unit.Format(r.SlipP99Seconds, "s"),
			unit.Format(float64(r.AckP99Seconds), "s"), unit.Format(r.CPUShare, "ratio"), unit.Format(r.PacerCPUShare, "ratio"), verdict)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nceiling: %s into a null sink\n", rateText(found.CeilingRecordsPerSecond))
	fmt.Fprintf(w, "clock: a reading costs %s, the smallest step is %s; the wall clock moved by %s against it\n",
		unit.Format(found.Clock.ReadSeconds, "s"), unit.Format(found.Clock.ResolutionSeconds, "s"), unit.Format(found.Machine.ClockStepSeconds, "s"))
	fmt.Fprintf(w, "timer, idle: late by %s at p50, %s at p99, %s at most", unit.Format(found.Timer.LateP50Seconds, "s"),
		unit.Format(found.Timer.LateP99Seconds, "s"), unit.Format(found.Timer.LateMaxSeconds, "s"))
	if cost := found.Timer.CPUSecondsPerWakeMean; cost > 0 {
		fmt.Fprintf(w, "; a wake costs %s of a processor", unit.Format(cost, "s"))
	}
	fmt.Fprintf(w, "\nmachine: %s\n", found.Machine.text())
	for _, finding := range found.findings() {
		if _, err := fmt.Fprintf(w, "found: %s\n", finding); err != nil {
			return err
		}
	}
	return nil
}

// answer is what a person wants to know.
func (found instrument) answer() string {
	switch n := len(found.Rates); {
	case found.TrustedRecordsPerSecond == 0:
		return "On this machine, as it is now, not even " + rateText(found.Rates[0].RecordsPerSecond) + " can be trusted."
	case found.TrustedRecordsPerSecond == found.Rates[n-1].RecordsPerSecond:
		text := "On this machine, up to " + rateText(found.TrustedRecordsPerSecond) + " can be trusted"
		if beyond := found.CeilingRecordsPerSecond / analysis.CeilingTimesLeast; beyond < 2*rehearsedRates()[len(rehearsedRates())-1] {
			return text + fmt.Sprintf("; from %s on kaliper alone has too little to spare.", rateText(beyond))
		}
		return text + "; more was not tried."
	}
	return "On this machine, as it is now, up to " + rateText(found.TrustedRecordsPerSecond) + " can be trusted; beyond that kaliper's own lateness shows."
}

func (m examinedMachine) text() string {
	text := fmt.Sprintf("%s, %d usable", plural(m.Processors, "processor"), m.UsableProcessors)
	if m.QuotaProcessors > 0 {
		text += fmt.Sprintf(", a cgroup quota of %s", unit.Number(m.QuotaProcessors))
	}
	return text + fmt.Sprintf("; all it may use were busy for %s of the time, others used %s of one; tasks waited for one in %s of the time, the hypervisor took %s, the quota withheld %s",
		unit.Format(m.BusyShare, "ratio"), unit.Format(m.OthersCPUShare, "ratio"), unit.Format(m.PressureShare, "ratio"), unit.Format(m.StealShare, "ratio"), unit.Format(m.ThrottledShare, "ratio"))
}

// findings are what a person can mend, each once, from the rates that cannot be trusted.
func (found instrument) findings() []string {
	var texts []string
	seen := map[string]bool{}
	for _, r := range found.Rates {
		if r.Trust != results.Untrusted {
			continue
		}
		for _, reason := range r.Reasons {
			if !seen[reason.Code] {
				texts = append(texts, "at "+rateText(r.RecordsPerSecond)+": "+reason.Text)
			}
			seen[reason.Code] = true
		}
	}
	return texts
}
