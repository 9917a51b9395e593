package workload

import (
	"testing"

	"kaliper/internal/analysis"
	"kaliper/internal/redistest"
)

// On a real broker and a real Redis: a member is killed while its handler stands still, and has
// committed nothing. What each way of deduplicating makes of it is what docs/dedup.md promises.
func TestOnRealKafkaTheCureOfRedisDedupCostShows(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	server := redistest.Start(t)
	cases := builtIn(t, bootstrap, "redis-dedup-cost", "warmup=500ms", "duration=3500ms", "drain=30s",
		"consumers.workers.processing.stall=[{at: 1500ms, for: 1500ms}]", "consumers.workers.schedule=[{at: 2500ms, crash: 1}]",
		"consumers.workers.dedup.redis="+server.URL())
	const poll = 500                           // max.poll.records
	t.Run("in each mode", func(t *testing.T) { // returns when all are done
		for name, want := range map[string]struct{ twiceLeast, twiceMost, missedLeast, missedMost float64 }{
			"none record":      {twiceLeast: 1, twiceMost: 1e6},
			"mark-first batch": {missedLeast: 1, missedMost: poll},
			"claim record":     {twiceMost: 1},
			"claim batch":      {twiceMost: poll},
			"atomic batch":     {},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				load, ok := cases[name]
				if !ok {
					t.Fatalf("there is no such case in %v", keysOf(cases))
				}
				trial := executeOn(t, t.Context(), load, bootstrap)
				figures := shown(analysis.Metrics(trial))
				if n := figures.of("workers.processed_twice"); !(n >= want.twiceLeast && n <= want.twiceMost) {
					t.Errorf("%v processed twice, want %v to %v", n, want.twiceLeast, want.twiceMost)
				}
				if n := figures.of("workers.missed"); !(n >= want.missedLeast && n <= want.missedMost) {
					t.Errorf("%v missed, want %v to %v", n, want.missedLeast, want.missedMost)
				}
				if n := figures.of("workers.lost"); n != 0 {
					t.Errorf("%v lost", n)
				}
				end := trial.End.Consumers["workers"]
				if name == "none record" {
					if end.Dedup != nil {
						t.Errorf("%+v", end.Dedup)
					}
					return
				}
				if end.Dedup.Skipped == 0 || end.Dedup.RoundTrips == 0 || end.Dedup.Unchecked != 0 {
					t.Errorf("%+v", end.Dedup)
				}
				// Each record that a poll returned was processed or passed over, but for those that
				// died with the member.
				if accounted := end.Consumed - end.Dedup.Skipped; accounted < trial.End.Producers["checkout"].Whole.Acked {
					t.Errorf("%d records consumed, %d passed over, of %d", end.Consumed, end.Dedup.Skipped, trial.End.Producers["checkout"].Whole.Acked)
				}
				if n := figures.of("workers.dedup.p50"); !(n > 0 && n < 1) {
					t.Errorf("a round trip takes %v s", n)
				}
			})
		}
	})
	if keys := server.Keys(); len(keys) > 0 {
		t.Errorf("keys are left: %q", keys)
	}
}
