package analysis

import (
	"testing"

	"kaliper/results"
)

// polled gives the trial a cluster that says how it is: a broker is gone for a while.
func polled(t *testing.T, trial *results.Trial) {
	t.Helper()
	window := readFigures(trial).inWindow
	if len(window) < 3 {
		t.Fatal("the window is too short")
	}
	n := 0
	for i := range trial.Intervals {
		middle := (trial.Intervals[i].Start + trial.Intervals[i].End) / 2
		health := &results.ClusterHealth{Brokers: 3, Partitions: 12, LeaderSkew: 1, Controller: 1}
		if middle > trial.End.WindowStart && middle < trial.End.WindowEnd {
			switch n {
			case 0:
				health.Offline, health.UnderReplicated, health.LeaderSkew = 2, 8, 1.5
			case 1:
				health.UnderReplicated, health.LeaderChanges, health.ControllerChanges = 9, 4, 1
			}
			n++
		} else {
			health.Offline, health.LeaderChanges = 12, 100 // outside of the window: no figure's
		}
		trial.Intervals[i].Health = health
	}
}

func TestHealthIsThatOfTheWindow(t *testing.T) {
	trial := cleanTrial(t)
	polled(t, &trial)
	metrics := Metrics(trial)
	for name, want := range map[string]results.Number{
		"partitions.offline.max": 2, "partitions.under_replicated.max": 9, "leaders.skew.max": 1.5,
		"leaders.changes.count": 4, "controller.changes.count": 1,
	} {
		if got, known := metrics[name]; !known || got.Value != want {
			t.Errorf("%s is %v (known: %v), want %v", name, got.Value, known, want)
		}
	}
}

func TestWhatTheClusterDoesNotTellIsAbsent(t *testing.T) {
	trial := cleanTrial(t)
	polled(t, &trial)
	for i := range trial.Intervals {
		trial.Intervals[i].Health.ControllerChanges, trial.Intervals[i].Health.LeaderSkew = -1, -1
	}
	metrics := Metrics(trial)
	for _, name := range []string{"controller.changes.count", "leaders.skew.max"} {
		if got, known := metrics[name]; known {
			t.Errorf("%s is %v", name, got.Value)
		}
	}
	if _, known := Metrics(cleanTrial(t))["partitions.offline.max"]; known {
		t.Error("a trial without polls knows of offline partitions")
	}
}
