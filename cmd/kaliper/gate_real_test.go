package main

import (
	"encoding/json"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
	"kaliper/results"
)

// realGate watches two metrics of short trials. Its margins are wide, so that what else runs on
// the machine does not decide.
const realGate = `format: kaliper.scenario/1
name: real-gate
target: embedded
topics: {orders: {partitions: 3, replication.factor: 1}}
drain: 30s
producers: {checkout: {topic: orders, rate: 2000/s, value: {format: json, size: 500}, config: {linger.ms: 2}}}
gate: {warmup: 500ms, duration: 1s, budget: 60s, metrics: {ack.p50: {tolerate: 100%, detect: 300%}}}
`

// The brokers of the examples for CI run with the settings of their service container.
func TestOnRealKafkaGatesDecideOnTheBrokerOfTheCIExample(t *testing.T) {
	t.Parallel()
	_, settings := ciJobs(t)["github-kafka.yml"].broker(t)
	cluster := kafkatest.Start(t, kafkatest.Config{Properties: portableBroker(settings)})
	servers := strings.Join(cluster.Addresses(), ",")
	play := func(t *testing.T, arguments ...string) (outcome, results.Gate) {
		// Alone: the processor time of a process is one of the metrics.
		got := callAlone(t, "", nil, append([]string{"gate", scenarioFile(t, realGate), "--bootstrap-server", servers, "--results", t.TempDir(),
			"--json", "--quiet", "--allow", "untrusted"}, arguments...)...)
		var gate results.Gate
		if err := json.Unmarshal([]byte(got.stdout), &gate); err != nil {
			t.Fatalf("exit %d, %v: %s", got.code, err, got.stderr)
		}
		return got, gate
	}
	t.Run("equal sides do not fail", func(t *testing.T) {
		if got, gate := play(t, "--aa"); gate.Verdict == results.GateFail || gate.Simulated || got.code == analysis.ExitFailed {
			t.Errorf("exit %d: %+v", got.code, gate)
		}
	})
	t.Run("planted work per record is found", func(t *testing.T) {
		// A request and a compressed batch for each record.
		busy := overlayFile(t, "producers: {checkout: {config: {linger.ms: 0, batch.size: 600, compression.type: gzip, compression.gzip.level: 9}}}\n")
		got, gate := play(t, "--candidate", busy, "--set", "producers.checkout.rate=4000/s",
			"--set", "gate.metrics={cpu.seconds_per_record: {tolerate: 15%, detect: 40%}}")
		if gate.Verdict != results.GateFail || got.code != analysis.ExitFailed {
			t.Errorf("exit %d: %+v", got.code, gate)
		}
	})
	t.Run("a planted delay is found", func(t *testing.T) {
		slow := overlayFile(t, "producers: {checkout: {config: {linger.ms: 500, batch.size: 1048576}}}\n")
		if got, gate := play(t, "--candidate", slow); gate.Verdict != results.GateFail || got.code != analysis.ExitFailed {
			t.Errorf("exit %d: %+v", got.code, gate)
		}
	})
}
