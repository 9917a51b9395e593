package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr/srfake"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest/credentials"
)

// A password and a private key that are written out in a properties file, and a registry's token,
// stay out of what each command prints and writes.
func TestInFullNoCommandTellsTheSecretsThatItConnectsWith(t *testing.T) {
	t.Parallel()
	bootstrap, authority := secureBrokerFor(t, planted)
	registry := srfake.New()
	t.Cleanup(registry.Close)
	own := credentials.SelfSigned(t, "load-test")
	key := own.KeyPEM(t)
	inOneLine := func(text string) string { return strings.ReplaceAll(text, "\n", `\n`) }
	connection := filepath.Join(t.TempDir(), "client.properties")
	writeFile(t, connection, "bootstrap.servers="+bootstrap+"\nsecurity.protocol=SASL_SSL\nssl.truststore.type=PEM\nssl.truststore.location="+strings.ReplaceAll(authority, `\`, `\\`)+
		"\nssl.keystore.type=PEM\nssl.keystore.key="+inOneLine(key)+"\nssl.keystore.certificate.chain="+inOneLine(own.PEM())+
		"\nsasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config="+security+`scram.ScramLoginModule required username="checkout" password="`+planted+"\";\n")
	scenario := scenarioFile(t, strings.NewReplacer(
		"target: embedded", "registry: {schema.registry.url: '"+registry.URL()+"', bearer.auth.credentials.source: STATIC_TOKEN, bearer.auth.token: '${env:KAFKA_PASSWORD}'}",
		"{partitions: 2}", "{existing: load.seen}", "value: {size: 100}", "value: {format: avro}", "consumers:", "# ", "repeats: 1\n", "",
	).Replace(small)+"gate: {warmup: 100ms, duration: 300ms, budget: 40s, metrics: {ack.p50: {tolerate: 100%, detect: 400%}}}\n"+
		"search: {objectives: [ack.p99 < 60s], warmup: 50ms, trial: 200ms, hold: 200ms}\n")
	secrets := append(linesOf(key), planted)
	output := t.TempDir() // of all commands
	in := func(name string) string { return filepath.Join(output, name) }
	flags := []string{"--command-config", connection}
	runs := func(folder string, more ...string) []string {
		return slices.Concat([]string{"run", scenario, "--set", "repeats=1"}, more, allowed(in(folder)), flags)
	}
	decided := []analysis.Exit{analysis.ExitDone, analysis.ExitFailed, analysis.ExitUntrusted, analysis.ExitInconclusive} // of no interest here
	done := decided[:1]
	type command struct {
		codes     []analysis.Exit
		arguments []string
	}
	steps := []func() []command{ // one after another; the commands of each beside each other
		func() []command {
			return []command{{done, slices.Concat([]string{"topics", "create", "load.seen", "--partitions", "2"}, flags)}}
		},
		func() []command { return []command{{done, runs("first")}, {done, runs("second", "--json")}} },
		func() []command {
			return []command{
				{done, runs("second", "--resume", "latest")},
				{done, []string{"report", "latest", "--results", in("first")}},
				{done, []string{"report", "latest", "--results", in("first"), "--format", "csv", "--output", in("report.csv")}},
				{done, []string{"report", "latest", "--results", in("first"), "--format", "json", "--output", in("report.json")}},
				{done, []string{"report", "latest", "--results", in("first"), "--format", "markdown", "--output", in("report.md")}},
				{done, []string{"report", "latest", "--results", in("first"), "--format", "html", "--output", in("report.html")}},
				{decided, []string{"compare", onlyRun(t, in("first")), onlyRun(t, in("second")), "--html", in("compare.html"), "--format", "json"}},
				{decided, []string{"compare", onlyRun(t, in("first")), onlyRun(t, in("second"))}},
				{decided, []string{"plan", onlyRun(t, in("first")), "--rate", "100/s"}},
				{done, slices.Concat([]string{"topics", "list", "--json"}, flags)},
				{done, slices.Concat([]string{"topics", "describe", "load.seen", "--json"}, flags)},
				{done, slices.Concat([]string{"topics", "sample", "load.seen", "--output", in("seen.kts")}, flags)},
				{done, slices.Concat([]string{"topics", "alter", "load.seen", "--config", "retention.ms=60000"}, flags)},
				{done, slices.Concat([]string{"lag", "--all", "--json"}, flags)},
				{done, slices.Concat([]string{"doctor"}, flags)},
				{done, slices.Concat([]string{"doctor", "--json"}, flags)},
			}
		},
		func() []command {
			return []command{{done, slices.Concat([]string{"topics", "delete", "load.seen", "--confirm", "load.seen"}, flags)}}
		},
	}
	names := []string{"report.csv", "report.html", "compare.html", "seen.kts"}
	if !testing.Short() { // these need many trials
		const plain = "producers.checkout.value={size: 100}" // a baseline of values with a schema matches none
		names = append(names, "baseline.json", "gate.xml", "gate.md", "gate.bench", "step.md")
		steps = slices.Insert(steps, 2, func() []command {
			return []command{
				{decided, slices.Concat([]string{"gate", scenario, "--set", plain, "--write-baseline", in("baseline.json"), "--json"}, allowedGate(in("baseline")), flags)},
				{decided, slices.Concat([]string{"search", scenario, "--budget", "4s"}, allowedSearch(in("search")), flags)},
			}
		}, func() []command {
			return []command{{decided, slices.Concat([]string{"gate", scenario, "--set", plain, "--baseline", in("baseline.json"), "--junit", in("gate.xml"), "--markdown", in("gate.md"),
				"--benchfmt", in("gate.bench"), "--github"}, allowedGate(in("gate")), flags)}}
		})
	}
	for _, step := range steps {
		t.Run("step", func(t *testing.T) {
			for _, command := range step() {
				t.Run(command.arguments[0], func(t *testing.T) {
					t.Parallel()
					got := started(t, []string{"KAFKA_PASSWORD=" + planted, "GITHUB_STEP_SUMMARY=" + in("step.md")}, command.arguments...)
					printed := got.stdout + got.stderr
					if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(printed, secret) }) {
						t.Errorf("%q prints a secret: %s", command.arguments, printed)
					}
					if !slices.Contains(command.codes, got.code) {
						t.Errorf("%q: exit %d: %s", command.arguments, got.code, printed)
					}
				})
			}
		})
	}
	wantNoSecret(t, "", output, secrets...)
	for _, name := range names {
		if _, err := os.Stat(in(name)); err != nil {
			t.Errorf("nobody looked at %s: %v", name, err)
		}
	}
}

// linesOf are the lines of a key's body, each of which nothing else has.
func linesOf(key string) (lines []string) {
	for line := range strings.Lines(key) {
		if line = strings.TrimSpace(line); len(line) > 20 && !strings.HasPrefix(line, "-----") {
			lines = append(lines, line)
		}
	}
	return lines
}
