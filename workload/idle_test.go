package workload

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/kafka"
	"kaliper/results"
	"kaliper/scenarios"
)

// How many partitions an existing topic has is known when the trial begins: who would be idle is told
// then, those among them that a schedule adds.
func TestMembersThatAnExistingTopicLeavesIdleAreWarnedOf(t *testing.T) {
	t.Parallel()
	cluster := simulated(t, kfake.NumBrokers(1), kfake.SeedTopics(2, "load.orders"))
	existing := func(g scenarios.ConsumerGroup) scenarios.Load {
		l := load([]scenarios.ProducerGroup{producers(t, "100/s")}, g)
		l.Topics[0].Existing = "load.orders"
		return l
	}
	joining := scenarios.Change{At: 500 * time.Millisecond, Action: scenarios.ActionJoin, Members: 1}
	for _, c := range []struct {
		name     string
		members  int
		schedule []scenarios.Change
		want     string
	}{
		{"from the start", 3, nil, "1 of 3 members of analytics stay idle: there are 2 partitions of load.orders"},
		{"when another has joined", 2, []scenarios.Change{joining}, "1 of 3 members of analytics stay idle: there are 2 partitions of load.orders"},
		{"none", 1, []scenarios.Change{joining}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := consumers(t, calm()...)
			g.Members, g.Schedule = c.members, c.schedule
			wantIdle(t, executeOn(t, t.Context(), existing(g), cluster.ListenAddrs()), c.want)
		})
	}
	t.Run("of a pipeline", func(t *testing.T) {
		t.Parallel()
		p := enrich(t, scenarios.AtLeastOnce)
		p.Members = 4
		l := through(t, "100/s", p)
		l.Topics[0].Existing = "load.orders"
		wantIdle(t, executeOn(t, t.Context(), l, cluster.ListenAddrs()), "2 of 4 members of enrich stay idle: there are 2 partitions of load.orders")
	})
	t.Run("without a group they are refused", func(t *testing.T) {
		t.Parallel()
		g := consumers(t)
		g.Members, g.Assigned = 3, true
		_, err := runOn(t, t.Context(), existing(g), cluster.ListenAddrs(), t.TempDir(), nil)
		problem, ok := errors.AsType[*kafka.Problem](err)
		if !ok || problem.Category != kafka.BadInput || !strings.Contains(problem.Cause, "3 members of analytics cannot share 2 partitions") || !strings.Contains(problem.Remedy, "to 2 or less") {
			t.Errorf("error %v", err)
		}
	})
}

// wantIdle compares what a trial says of idle members; nothing where want is empty.
func wantIdle(t *testing.T, trial results.Trial, want string) {
	t.Helper()
	var idle, wanted []string
	for _, reason := range trial.Begin.Environment {
		if reason.Code == "idle_members" {
			idle = append(idle, reason.Text)
		}
	}
	if want != "" {
		wanted = []string{want}
	}
	if !slices.Equal(idle, wanted) {
		t.Errorf("warnings %q, want %q", idle, wanted)
	}
}
