package main

import (
	"encoding/json"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
	"kaliper/results"
)

func TestDoctorShowsEveryBroker(t *testing.T) {
	bootstrap := simulate(t, "--brokers", "2")
	text := call(t, "doctor", "--bootstrap-server", bootstrap)
	if text.code != analysis.ExitDone || !strings.Contains(text.stdout, "2 brokers, 0 topics") || !strings.Contains(text.stdout, "nothing found") || !strings.Contains(text.stdout, "quotas") {
		t.Errorf("exit code %d: %s%s", text.code, text.stdout, text.stderr)
	}
	machine := call(t, "doctor", "--json", "--bootstrap-server", bootstrap)
	var answer doctorJSON
	if err := json.Unmarshal([]byte(machine.stdout), &answer); err != nil || machine.code != analysis.ExitDone {
		t.Fatalf("exit code %d, %v: %s", machine.code, err, machine.stderr)
	}
	if answer.Schema != "kaliper.doctor/1" || len(answer.Brokers) != 2 || answer.Brokers[0].RoundTrip == nil {
		t.Errorf("got %s", machine.stdout)
	}
}

func TestDoctorNeedsACluster(t *testing.T) {
	if got := call(t, "doctor"); got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, "--bootstrap-server host:port") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if got := call(t, "doctor", "--bootstrap-server", "127.0.0.1:1"); got.code != analysis.ExitUnreachable {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestABrokerThatDoesNotAnswerIsAnExitCode(t *testing.T) {
	e := kafka.Examination{Permissions: kafka.Permissions{Unknown: []results.Reason{{Text: "quotas are not told"}}}, Brokers: []kafka.ExaminedBroker{{ID: 1}, {ID: 2, Address: "kafka-2:9092", Unreached: "no route", Remedy: "start it"}}}
	if err := unanswered(e); exitCodeOf(t.Context(), err) != analysis.ExitUnreachable || !strings.Contains(err.Error(), "broker 2") {
		t.Errorf("got %v", err)
	}
	var text strings.Builder
	if err := writeExamination(&text, e); err != nil || !strings.Contains(text.String(), "no answer") || !strings.Contains(text.String(), "unknown: quotas") {
		t.Errorf("%v: %s", err, text.String())
	}
}
