package workload

import (
	"testing"
	"time"

	"kaliper/results"
	"kaliper/scenarios"
)

func TestARehearsalAcknowledgesAllAndContactsNobody(t *testing.T) {
	t.Parallel()
	l := AtRate(load([]scenarios.ProducerGroup{producers(t, "max")}, consumers(t)), 2000, 100*time.Millisecond, 500*time.Millisecond, 5*time.Second)
	trial, err := Rehearse(t.Context(), Trial{
		Case: scenarios.Case{ID: "rehearsal", Load: l}, Ref: results.TrialRef{Case: "rehearsal", Trial: 1, Round: 1}, Directory: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if trial.State != results.Complete || trial.End == nil || len(trial.Intervals) == 0 {
		t.Fatalf("%s: %s, %d intervals", trial.State, trial.Damage, len(trial.Intervals))
	}
	books := trial.End.Producers["checkout"].Window
	if books.Intended != 1000 || books.Acked != books.Intended {
		t.Errorf("%+v, want 1,000 acknowledged", books)
	}
	if len(trial.End.Consumers) != 0 {
		t.Error("consumers took part")
	}
}
