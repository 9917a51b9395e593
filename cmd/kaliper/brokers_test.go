package main

import (
	"testing"

	"kaliper/internal/kafkatest"
	"kaliper/results"
)

// oneBroker serves the tests on real Kafka that neither stop nor secure it. A quota there lends
// for no longer than two seconds.
var oneBroker = kafkatest.Share(kafkatest.Config{Fast: true, Properties: map[string]string{"quota.window.num": "2", "quota.window.size.seconds": "1"}})

// wantAllDelivered checks the books of a run's only trial: all that was to be sent was acknowledged
// and read. How fast tells nothing: on a busy machine the first answer may come after the window.
func wantAllDelivered(t *testing.T, folder string) {
	t.Helper()
	run, err := results.OpenRun(onlyRun(t, folder))
	if err != nil || len(run.Trials) != 1 || run.Trials[0].End == nil {
		t.Fatalf("%d trials, %v", len(run.Trials), err)
	}
	sent, read := run.Trials[0].End.Producers["checkout"].Whole, run.Trials[0].End.Consumers["analytics"]
	if sent.Intended == 0 || sent.Acked != sent.Intended || read.Consumed != sent.Acked || read.Unread != 0 {
		t.Errorf("%+v; %d read, %d unread", sent, read.Consumed, read.Unread)
	}
}
