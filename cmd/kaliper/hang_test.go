package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
	"kaliper/results"
)

var update = flag.Bool("update", false, "write the measured table of docs/troubleshooting.md anew")

// troubleshooting is the page whose table the tests below keep true.
const troubleshooting = "../../docs/troubleshooting.md"

// mishap is one thing that is wrong with a cluster or with the way to it.
type mishap struct {
	name       string
	properties string // of the target, beside bootstrap.servers: lines of YAML
	bootstrap  string
	topic      string // the settings of topics.orders
	rest       string // replaces the scenario's groups
	code       analysis.Exit
	cause      string // part of what must be printed
	remedy     string
	kind       string // of error, where it shows during the load
	during     func() // while the load runs
}

// rowOf runs a scenario that meets the mishap, and returns the row of the page's table.
func (m mishap) rowOf(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	begin := time.Now()
	got := call(t, append([]string{"run", scenarioFile(t, m.scenario()), "--json"}, allowed(folder)...)...)
	took := time.Since(begin).Seconds()
	if got.code != m.code {
		t.Fatalf("exit %d, want %d: %s", got.code, m.code, got.stderr)
	}
	if took > 60 {
		t.Errorf("it took %.0f s", took)
	}
	printed := got.stderr
	if m.kind != "" {
		printed = reasonOf(t, got.stdout, m.kind)
		took = firstSeen(t, folder, m.kind)
	}
	cause, remedy := causeAndRemedy(t, printed, m.cause)
	if !strings.Contains(remedy, m.remedy) {
		t.Errorf("%q, %q; want %q", cause, remedy, m.remedy)
	}
	return fmt.Sprintf("| %s | %s | %s | %d | %.2f |", m.name, steady(cause), steady(remedy), m.code, took)
}

func (m mishap) scenario() string {
	topic, groups := "{partitions: 1}", m.rest
	if m.topic != "" {
		topic = m.topic
	}
	if groups == "" {
		groups = "producers: {checkout: {topic: orders, rate: 50/s, value: {size: 200}, config: {linger.ms: 0, request.timeout.ms: 1000, delivery.timeout.ms: 3000}}}"
	}
	var properties strings.Builder
	for line := range strings.Lines(m.properties) {
		properties.WriteString("    " + line)
	}
	return fmt.Sprintf(`format: kaliper.scenario/1
name: mishap
target: staging
targets:
  staging:
    bootstrap.servers: "%s"
%s
topics: {orders: %s}
warmup: 0s
duration: 5s
drain: 8s
repeats: 1
%s
`, m.bootstrap, properties.String(), topic, groups)
}

// reasonOf returns the finding of a run's one trial that names a kind of error.
func reasonOf(t *testing.T, stdout, kind string) string {
	t.Helper()
	var summary results.Summary
	if err := json.Unmarshal([]byte(stdout), &summary); err != nil {
		t.Fatal(err)
	}
	trial := summary.Cases[0].Trials[0]
	if n := trial.Metrics["errors."+kind+".count"].Value; n == 0 {
		t.Errorf("errors.%s.count is 0; %v", kind, trial.Reasons)
	}
	for _, r := range trial.Reasons {
		if strings.Contains(r.Text, "failed: "+kind) {
			return "warning: " + r.Text
		}
	}
	t.Fatalf("no reason names %s: %v", kind, trial.Reasons)
	return ""
}

// firstSeen returns at which second of the load the first record failed so.
func firstSeen(t *testing.T, folder, kind string) float64 {
	t.Helper()
	journals, err := filepath.Glob(filepath.Join(onlyRun(t, folder), "trials", "*", "*", "journal"))
	if err != nil || len(journals) == 0 { // a trial that a busy machine spoiled has a second one
		t.Fatalf("journals %v, %v", journals, err)
	}
	trial, err := results.ReadJournal(journals[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, interval := range trial.Intervals {
		if interval.Producers["checkout"].Failed[kind] > 0 {
			return interval.End
		}
	}
	t.Fatalf("the journal has no error of kind %s", kind)
	return 0
}

// causeAndRemedy returns the line that has the cause, and what to do.
func causeAndRemedy(t *testing.T, printed, want string) (cause, remedy string) {
	t.Helper()
	lines := strings.Split(printed, "\n")
	i := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, want) })
	if i < 0 {
		t.Fatalf("%q is not printed: %s", want, printed)
	}
	line := strings.TrimPrefix(strings.TrimPrefix(lines[i], "kaliper: "), "warning: ")
	if i+1 < len(lines) {
		if remedy, found := strings.CutPrefix(lines[i+1], "  what to do: "); found {
			return line, remedy
		}
	}
	at := strings.LastIndex(line, "; ")
	if at < 0 {
		t.Fatalf("%q has no remedy", line)
	}
	return line[:at], line[at+2:]
}

var (
	address = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	number  = regexp.MustCompile(`\b\d[\d,.]*\b`)
	runName = regexp.MustCompile(`kaliper\.\w+\.\w+-\d+\.`)
	through = regexp.MustCompile(`lookup broker\.invalid[^)"]*`)
)

// steady takes out what differs from one run to the next.
func steady(text string) string {
	text = through.ReplaceAllString(text, "lookup broker.invalid")
	text = runName.ReplaceAllString(text, "kaliper.RUN.CASE.")
	text = number.ReplaceAllString(address.ReplaceAllString(text, "HOST:PORT"), "N")
	return strings.ReplaceAll(text, "|", `\|`)
}

// onePage is held by the one that writes the page.
var onePage sync.Mutex

// keepTable holds the rows against the page's table, but for the seconds; with -update it
// writes them.
func keepTable(t *testing.T, section string, rows []string) {
	t.Helper()
	onePage.Lock()
	defer onePage.Unlock()
	page, err := os.ReadFile(troubleshooting)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+section+" -->\n", "<!-- end of "+section+" -->\n"
	head, rest, found := strings.Cut(string(page), begin)
	table, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("the page has no part %s", section)
	}
	want := "\n| cause | what kaliper prints | remedy that it names | exit | seconds |\n|---|---|---|---|---|\n" + strings.Join(rows, "\n") + "\n\n"
	if *update {
		if err := os.WriteFile(troubleshooting, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	// Seconds differ, and so may what a library says in parentheses of a connection that ended.
	differs := regexp.MustCompile(`\| [\d.]+ \|\n| \([^()]*\)`)
	if differs.ReplaceAllString(table, "\n") != differs.ReplaceAllString(want, "\n") {
		t.Errorf("%s is out of date; go test ./cmd/kaliper -run NeverHangs -update writes\n%s", troubleshooting, want)
	}
}

// rows runs mishaps beside each other, and then those that do something to the cluster.
func rows(t *testing.T, mishaps []mishap) (table []string) {
	table = make([]string, len(mishaps))
	t.Run("on a cluster that is well", func(t *testing.T) {
		for i, m := range mishaps {
			if m.during == nil {
				t.Run(m.name, func(t *testing.T) {
					t.Parallel()
					table[i] = m.rowOf(t)
				})
			}
		}
	})
	for i, m := range mishaps {
		if m.during != nil {
			t.Run(m.name, func(t *testing.T) {
				done := make(chan struct{})
				go func() { defer close(done); m.during() }()
				defer func() { <-done }()
				table[i] = m.rowOf(t)
			})
		}
	}
	t.Log("\n" + strings.Join(table, "\n"))
	return table
}

// TestOnRealKafkaARunNeverHangs meets a run with everything that commonly goes wrong, on one
// broker with every kind of listener, and then on a cluster that loses a broker.
func TestOnRealKafkaARunNeverHangs(t *testing.T) {
	t.Parallel()
	t.Run("one broker", func(t *testing.T) {
		t.Parallel()
		on := startGuarded(t)
		t.Run("what the user may not see is unknown", on.describeWithoutRights)
		t.Run("topics under a prefix that the user may use", on.runUnderAPrefix)
		t.Run("topics are applied", func(t *testing.T) { testApply(t, on.Bootstrap()) })
		keepTable(t, "one broker", rows(t, on.mishaps(t)))
	})
	t.Run("three brokers", func(t *testing.T) {
		t.Parallel()
		keepTable(t, "three brokers", rows(t, threeBrokers(t)))
	})
}

// threeBrokers are mishaps of a cluster one of whose brokers is down.
func threeBrokers(t *testing.T) []mishap {
	cluster := kafkatest.Start(t, kafkatest.Config{Nodes: 3, Fast: true, Properties: map[string]string{
		"broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "300",
	}})
	admin := adminOf(t, cluster.Addresses()...)
	config := map[string]*string{"min.insync.replicas": kadm.StringPtr("3")}
	created, err := admin.CreateTopic(t.Context(), 1, 3, config, "load.strict")
	if err != nil || created.Err != nil {
		t.Fatal(err, created.Err)
	}
	if err := cluster.Nodes[2].Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the broker has left the cluster and its replicas", func(ctx context.Context) bool {
		topics, err := admin.ListTopics(ctx, "load.strict")
		brokers, brokersErr := admin.ListBrokers(ctx)
		return err == nil && brokersErr == nil && len(brokers) == 2 && len(topics["load.strict"].Partitions[0].ISR) == 2
	})
	return []mishap{
		{name: "one of several bootstrap servers is down", bootstrap: cluster.Bootstrap(), topic: "{replication.factor: 2}",
			code: analysis.ExitDone, cause: "does not answer", remedy: "leave it out of bootstrap.servers"},
		{name: "fewer replicas in sync than `min.insync.replicas`; `delivery.timeout.ms` is 3 s", bootstrap: cluster.Bootstrap(), topic: "{existing: load.strict}",
			code: analysis.ExitFailed, kind: "not_enough_replicas", cause: "not_enough_replicas", remedy: "min.insync.replicas"},
	}
}

func adminOf(t *testing.T, seeds ...string) *kadm.Client {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return kadm.NewClient(client)
}

// eventually looks again and again, for a minute at most.
func eventually(t *testing.T, what string, look func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !look(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("waited in vain until " + what)
		}
	}
}
