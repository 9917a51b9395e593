package workload

import (
	"testing"

	"kaliper/internal/analysis"
)

// Members that are restarted one after the other: static membership spares a group what no assignor does,
// nor the protocol of KIP-848.
func TestOnRealKafkaTheCuresOfARollingRestartShow(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	cases := builtIn(t, bootstrap, "rolling-restart", "warmup=1s", "duration=15s", "drain=20s",
		"consumers.workers.schedule=[{at: 2s, rolling_restart: {every: 5s}}]")
	const eager, cooperative, static, serverSide = "classic range null", "classic cooperative-sticky null", "classic range worker", "consumer null null"
	shows(t, func(c *comparison) {
		figures := map[string]shown{}
		for _, name := range []string{eager, cooperative, static, serverSide} {
			load, ok := cases[name]
			if !ok {
				t.Fatalf("there is no case %q in %q", name, keysOf(cases))
			}
			trial := executeOn(t, t.Context(), load, bootstrap)
			figures[name] = analysis.Metrics(trial)
			if read := trial.End.Consumers["workers"]; read.Unread != 0 || read.Integrity.Lost != 0 || read.Integrity.Missed != 0 || read.Consumed == 0 {
				t.Errorf("%s: %d unread, integrity %+v", name, read.Unread, read.Integrity)
			}
		}
		// Each restart of somebody who is new to the group every time changes it. Who comes back under its name
		// in time is not noticed.
		for _, name := range []string{eager, cooperative, serverSide} {
			if n := figures[name].of("workers.rebalances.count"); !(n >= 3) {
				c.errorf("%s: %v rebalances of three restarts", name, n)
			}
			c.less("workers.rebalances.count", figures[static], figures[name], 1)
			c.less("workers.rebalances.moved.count", figures[static], figures[name], 1)
			c.less("workers.rebalances.idle.seconds", figures[static], figures[name], 2)
			c.less("workers.rebalances.pause.max", figures[static], figures[name], 2)
		}
		if count, moved := figures[static].of("workers.rebalances.count"), figures[static].of("workers.rebalances.moved.count"); count != 0 || moved != 0 {
			c.errorf("static members: %v rebalances, %v partitions moved", count, moved)
		}
	})
}
