package main

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/analysis"
)

func TestApplyMakesWhatAScenarioDeclaresAndAltersOnlyWhenToldTo(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	testApply(t, strings.Join(cluster.ListenAddrs(), ","))
}

// What is on the cluster is held against the convention when a run sees it.
func TestASnapshotByItsNameMustBeCompacted(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "load.shop.order.state.snapshot"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	file := scenarioFile(t, strings.Replace(small, "{orders: {partitions: 2}}", "{orders: {existing: load.shop.order.state.snapshot}}\nnaming: convention", 1))
	got := call(t, append([]string{"run", file, "--bootstrap-server", strings.Join(cluster.ListenAddrs(), ",")}, allowed(t.TempDir())...)...)
	if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, "is a snapshot by its name, and has cleanup.policy delete") {
		t.Errorf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

func testApply(t *testing.T, bootstrap string) {
	file := scenarioFile(t, strings.Replace(small, "{orders: {partitions: 2}}",
		"{orders: {partitions: 2, name: load.applied, config: {retention.ms: 60000}}, audit: {}}", 1))
	const grow, shrink = "topics.orders.partitions=4", "topics.orders.partitions=1"
	for _, step := range []struct {
		name string
		more []string
		code analysis.Exit
		want string
	}{
		{"it is made", nil, analysis.ExitDone, "topic load.applied: created"},
		{"a second time there is nothing to do", nil, analysis.ExitDone, "topic load.applied: as declared"},
		{"what differs is told", []string{"--set", grow, "--set", "topics.orders.config={retention.ms: 90000}"}, analysis.ExitFailed, "partitions: is 2, declared 4; differs\n  retention.ms: is 60000, declared 90000; differs"},
		{"nothing was altered", nil, analysis.ExitDone, "as declared"},
		{"it is altered when told to", []string{"--yes", "--set", grow, "--set", "topics.orders.config={retention.ms: 90000}"}, analysis.ExitDone, "altered"},
		{"and is so then", []string{"--set", grow, "--set", "topics.orders.config={retention.ms: 90000}"}, analysis.ExitDone, "as declared"},
		{"partitions are never removed", []string{"--yes", "--set", shrink, "--set", "topics.orders.config={retention.ms: 90000}"}, analysis.ExitFailed, "Kafka never removes partitions"},
		{"JSON for machines", []string{"--json", "--set", shrink, "--set", "topics.orders.config={retention.ms: 90000}"}, analysis.ExitFailed, `"what": "partitions"`},
		{"a scenario without names has nothing to apply", []string{"--set", "topics.orders.name=null"}, analysis.ExitBadInput, "topics.orders.name"},
		{"a name is a template", []string{"--set", "variables={env: staging}", "--set", `topics.orders.name="{env}.applied"`}, analysis.ExitDone, "topic staging.applied: created"},
		{"failed records have topics too", []string{
			"--set", "naming=convention", "--set", "variables={env: load}", "--set", "topics.audit=null", "--set", `topics.orders.name="{env}.shop.order.created"`,
			"--set", "consumers.analytics.failures={ratio: 1%, policy: retry-topic}",
		}, analysis.ExitDone, "topic load.shop.order.created.retry: created\ntopic load.shop.order.created.dlq: created"},
		{"a name against the convention", []string{"--set", "naming=convention", "--set", "topics.audit=null"}, analysis.ExitBadInput, "has 2 of the 4 parts"},
	} {
		t.Run(step.name, func(t *testing.T) {
			got := call(t, append([]string{"topics", "apply", file, "--bootstrap-server", bootstrap}, step.more...)...)
			if got.code != step.code || !strings.Contains(got.stdout+got.stderr, step.want) {
				t.Errorf("exit %d, want %d and %q: %s%s", got.code, step.code, step.want, got.stdout, got.stderr)
			}
		})
	}
}
