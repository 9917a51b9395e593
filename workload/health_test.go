package workload

import (
	"strings"
	"testing"

	"kaliper/results"
	"kaliper/scenarios"
)

func texts(events []results.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, e.Kind+": "+e.Text)
	}
	return strings.Join(all, "\n")
}

func TestWhatChangesInTheClusterIsMarkedOnce(t *testing.T) {
	clock := newLoadClock()
	h := &health{clock: clock, events: newEventLog(clock)}
	healthy := results.ClusterHealth{Brokers: 3, Partitions: 12, Controller: 1}
	ill := results.ClusterHealth{Brokers: 2, Partitions: 12, UnderReplicated: 8, Offline: 2, LeaderChanges: 4, Controller: 2, ControllerChanges: 1}
	stillIll := ill
	stillIll.LeaderChanges, stillIll.ControllerChanges = 0, 0
	for _, step := range []struct {
		name        string
		before, now results.ClusterHealth
		want        string
	}{
		{"nothing changes", healthy, healthy, ""},
		{"a broker goes", healthy, ill, "offline: 2 of 12 partitions have no leader\n" +
			"under_replicated: 8 of 12 partitions have replicas out of sync\n" +
			"brokers: 2 brokers are up, before 3\n" +
			"leader_change: 4 of 12 partitions have another leader\n" +
			"controller_change: broker 2 is the active controller, after 1 elections"},
		{"it stays away", stillIll, stillIll, ""},
		{"it is back", stillIll, healthy, "offline: all partitions have a leader again\n" +
			"under_replicated: all replicas are in sync again\n" +
			"brokers: 3 brokers are up, before 2"},
	} {
		h.mark(&step.before, &step.now)
		if got := texts(h.events.take()); got != step.want {
			t.Errorf("%s: got\n%s\nwant\n%s", step.name, got, step.want)
		}
	}
	h.mark(nil, &ill)
	if got := texts(h.events.take()); got != "" {
		t.Errorf("what was so from the beginning is no event: %s", got)
	}
}

func TestChangesThatNoFrameHasToldAddUp(t *testing.T) {
	h := &health{}
	if h.take() != nil {
		t.Error("something is known before the first poll")
	}
	h.keep(results.ClusterHealth{LeaderChanges: 2, ControllerChanges: 1})
	h.keep(results.ClusterHealth{LeaderChanges: 3, ControllerChanges: 1, UnderReplicated: 5})
	if got := h.take(); got == nil || got.LeaderChanges != 5 || got.ControllerChanges != 2 || got.UnderReplicated != 5 {
		t.Errorf("got %+v", got)
	}
	if h.take() != nil {
		t.Error("a poll is told twice")
	}
}

func TestThrottlingIsMarkedWhereItBeginsAndEnds(t *testing.T) {
	events := newEventLog(newLoadClock())
	marks := throttling{groups: map[string]bool{}}
	interval := func(produce, fetch float64) results.Interval {
		return results.Interval{
			Producers: map[string]results.ProducerInterval{"checkout": {Client: results.ClientInterval{ThrottleSeconds: produce}}},
			Consumers: map[string]results.ConsumerInterval{"analytics": {Client: results.ClientInterval{ThrottleSeconds: fetch}}},
		}
	}
	for _, step := range []struct {
		interval results.Interval
		want     string
	}{
		{interval(0, 0), ""},
		{interval(0.2, 0), "throttled: brokers throttle checkout: it exceeds a quota"},
		{interval(0.3, 0.1), "throttled: brokers throttle analytics: it exceeds a quota"},
		{interval(0, 0.1), "throttled: brokers no longer throttle checkout"},
	} {
		marks.mark(step.interval, events)
		if got := texts(events.take()); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
}

func TestATrialRecordsTheClustersHealth(t *testing.T) {
	t.Parallel()
	trial := execute(t, load([]scenarios.ProducerGroup{producers(t, "500/s")}, consumers(t)))
	known := 0
	for _, interval := range trial.Intervals {
		if h := interval.Health; h != nil {
			known++
			if h.Brokers != 1 || h.Partitions < 4 || h.UnderReplicated != 0 || h.Offline != 0 || h.LeaderSkew != 1 || !h.WholeCluster {
				t.Errorf("got %+v", h)
			}
		}
	}
	if known == 0 {
		t.Error("no frame has the cluster's health")
	}
}
