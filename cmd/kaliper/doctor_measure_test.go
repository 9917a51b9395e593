package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/results"
	"kaliper/scenarios"
)

// breakable has plain spaces where figures and units are kept together.
func breakable(text string) string { return strings.ReplaceAll(text, "\u00a0", " ") }

func TestDoctorMeasuresThisMachine(t *testing.T) {
	var stderr strings.Builder
	found, err := measureInstrument(t.Context(), &environment{stderr: &stderr}, "", []float64{1_000})
	if err != nil {
		t.Fatal(err)
	}
	if found.CeilingRecordsPerSecond < 1_000 || found.Timer.Waits == 0 || found.Clock.ReadSeconds <= 0 || found.Machine.Processors < 1 {
		t.Errorf("%+v", found)
	}
	// Whether the rate can be trusted depends on what else runs here; that it was measured does not.
	if len(found.Rates) != 1 || found.Rates[0].Trust == "" || found.Rates[0].AckP99Seconds <= 0 {
		t.Errorf("rates %+v", found.Rates)
	}
	if !strings.Contains(breakable(stderr.String()), "rehearsing 1,000 records/s") {
		t.Errorf("progress %q", stderr.String())
	}
	var text strings.Builder
	if err := writeInstrument(&text, found); err != nil || !strings.HasPrefix(text.String(), "On this machine") || !strings.Contains(text.String(), "timer, idle: late by") {
		t.Errorf("%v: %s", err, text.String())
	}
	if _, err := json.Marshal(found); err != nil {
		t.Error(err)
	}
}

func TestDoctorSaysInWordsWhatCanBeTrusted(t *testing.T) {
	rates := func(trusted ...bool) (list []rehearsedRate) {
		for i, ok := range trusted {
			r := rehearsedRate{RecordsPerSecond: rehearsedRates()[i], Trust: results.Trusted}
			if !ok {
				r.Trust, r.Reasons = results.Untrusted, []results.Reason{{Code: "slip_pacer", Text: "late"}}
			}
			list = append(list, r)
		}
		return list
	}
	tests := []struct {
		name  string
		found instrument
		want  string
	}{
		{"nothing", instrument{Rates: rates(false, false)}, "not even 1,000 records/s"},
		{"some", instrument{Rates: rates(true, true, false, false), TrustedRecordsPerSecond: 2_000}, "as it is now, up to 2,000 records/s can be trusted; beyond that kaliper's own lateness"},
		{"up to the ceiling", instrument{Rates: rates(true, true), TrustedRecordsPerSecond: 2_000, CeilingRecordsPerSecond: 8_000}, "from 4,000 records/s on kaliper alone has too little"},
		{"all", instrument{Rates: rates(true, true), TrustedRecordsPerSecond: 2_000, CeilingRecordsPerSecond: 9_000_000}, "more was not tried"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := breakable(test.found.answer()); !strings.Contains(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	if got := (instrument{Rates: rates(true, false, false)}).findings(); len(got) != 1 || breakable(got[0]) != "at 2,000 records/s: late" {
		t.Errorf("findings %q, want each code once", got)
	}
}

func TestDoctorMeasuresTheProducersOfAScenario(t *testing.T) {
	load, settings, err := rehearsedLoad(&environment{}, "demo")
	if err != nil || load.Producers[0].Name != "checkout" || !strings.Contains(settings, "demo, case linger 0, codec none") {
		t.Errorf("%v: %q", err, settings)
	}
	reading := filepath.Join(t.TempDir(), "reading.yaml")
	text := "format: kaliper.scenario/1\nname: reading\ndescription: reads\ntarget: embedded\ntopics: {orders: {partitions: 1}}\nconsumers: {a: {topics: [orders]}}\n"
	if err := os.WriteFile(reading, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err = rehearsedLoad(&environment{}, reading)
	_, objections := errors.AsType[scenarios.Errors](err)
	if exitCodeOf(t.Context(), err) != analysis.ExitBadInput || !objections && !strings.Contains(err.Error(), "has no producers") {
		t.Errorf("got %v", err)
	}
}

func TestDoctorMeasuresOrLooksAtACluster(t *testing.T) {
	for _, args := range [][]string{
		{"doctor", "--measure", "--bootstrap-server", "localhost:9092"},
		{"doctor", "--measure", "no-such-scenario"},
		{"doctor", "--measure", "demo", "demo"},
		{"doctor", "demo", "--bootstrap-server", "localhost:9092"},
	} {
		if got := call(t, args...); got.code != analysis.ExitBadInput {
			t.Errorf("%v: exit code %d: %s", args, got.code, got.stderr)
		}
	}
}
