package report

import (
	"slices"
	"testing"

	"kaliper/results"
)

func TestTheTimelineShowsAClusterThatIsIllAndNoneThatIsHealthy(t *testing.T) {
	headings := func(change func(*results.Interval)) []string {
		trial := &results.Trial{}
		for second := range 4 {
			interval := results.Interval{Start: float64(second), End: float64(second + 1), Health: &results.ClusterHealth{Partitions: 12}}
			if second == 2 {
				change(&interval)
			}
			trial.Intervals = append(trial.Intervals, interval)
		}
		var names []string
		for _, panel := range (timeline{trial: trial, to: 4}).panels() {
			for _, s := range panel.Series {
				names = append(names, s.Name+" "+s.Peak)
			}
		}
		return names
	}
	for _, test := range []struct {
		name   string
		change func(*results.Interval)
		want   string
		shown  bool
	}{
		{"a healthy cluster", func(*results.Interval) {}, "replicas out of sync ", false},
		{"replicas out of sync", func(i *results.Interval) { i.Health.UnderReplicated = 7 }, "replicas out of sync 7 partitions", true},
		{"no leader", func(i *results.Interval) { i.Health.Offline = 3 }, "without a leader 3 partitions", true},
		{"a poll without an answer", func(i *results.Interval) { i.Health = nil }, "replicas out of sync ", false},
		{"a quota", func(i *results.Interval) {
			i.Producers = map[string]results.ProducerInterval{"checkout": {Client: results.ClientInterval{ThrottleSeconds: 0.25}}}
		}, "throttle time " + value(0.25, "s"), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := headings(test.change); slices.Contains(got, test.want) != test.shown {
				t.Errorf("got %q", got)
			}
		})
	}
}
