package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
)

// serviceProperties writes what a Java service has for a cluster that wants TLS and SASL.
func serviceProperties(t *testing.T, bootstrap, authority, more string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "client.properties")
	text := `# the checkout service
bootstrap.servers = ` + bootstrap + `
security.protocol = SASL_SSL
ssl.truststore.type: PEM
ssl.truststore.location=` + strings.ReplaceAll(authority, `\`, `\\`) + `
sasl.mechanism=SCRAM-SHA-256
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
  username="checkout" \
  password="${env:KAFKA_PASSWORD}";
key.serializer=org.apache.kafka.common.serialization.StringSerializer
linger.ms=5
` + more
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAServicesPropertiesAreEnoughToConnect(t *testing.T) {
	bootstrap, authority := secureBroker(t)
	t.Setenv("KAFKA_PASSWORD", "hunter2")
	path := serviceProperties(t, bootstrap, authority, "schema.registry.url=http://registry\n")
	got := call(t, "topics", "list", "--command-config", path)
	if got.code != analysis.ExitDone || !strings.Contains(got.stderr, "client.properties:12:1: schema.registry.url: is no client property") {
		t.Errorf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if strings.Contains(got.stdout+got.stderr, "hunter2") || strings.Contains(got.stderr, "serializer") {
		t.Errorf("too much is printed: %s", got.stderr)
	}
}

func TestAScenarioTakesAServicesProperties(t *testing.T) {
	bootstrap, authority := secureBroker(t)
	t.Setenv("KAFKA_PASSWORD", "hunter2")
	path := serviceProperties(t, bootstrap, authority, "")
	scenario := scenarioFile(t, small)
	for _, command := range [][]string{
		{"check", scenario, "--command-config", path},
		append([]string{"run", scenario, "--command-config", path}, allowed(t.TempDir())...),
	} {
		got := call(t, command...)
		text := got.stdout + got.stderr
		if got.code != analysis.ExitDone || !strings.Contains(text, "client.properties:10:1: key.serializer: is inert") || strings.Contains(text, "hunter2") {
			t.Errorf("%s: exit %d: %s", command[0], got.code, text)
		}
	}
}

func TestACommandLineIsKeptWithoutItsSecrets(t *testing.T) {
	got := withoutSecrets([]string{
		"run", "a.yaml", "--command-property", "sasl.jaas.config=x required password=\"hunter2\";", "--command-property=ssl.key.password=hunter2",
		"--set", "targets.t.ssl.keystore.password=hunter2", "--set=producers.*.config.ssl.key.password=hunter2", "--set", "producers.*.config.linger.ms=5",
		"--command-property", "ssl.key.password=${env:KEY}",
	})
	text := strings.Join(got, " ")
	if strings.Contains(text, "hunter2") || strings.Count(text, "[redacted]") != 4 || !strings.Contains(text, "linger.ms=5") || !strings.Contains(text, "${env:KEY}") {
		t.Error(text)
	}
}

func TestWhatIsWrongWithAServicesPropertiesIsToldWithItsLine(t *testing.T) {
	t.Setenv("KAFKA_PASSWORD", "hunter2")
	file := func(more string) string { return serviceProperties(t, "localhost:9093", "ca.pem", more) }
	for _, test := range []struct {
		name      string
		arguments []string
		want      string
	}{
		{"no cluster", nil, "--bootstrap-server host:port"},
		{"a missing file", []string{"--command-config", "nowhere.properties"}, "nowhere.properties"},
		{"a wrong escape", []string{"--command-config", file(`client.id=\u12`)}, "client.properties:12:1"},
		{"a reference to nothing", []string{"--command-config", file("client.id=${env:KALIPER_NOT_THERE}")}, "client.properties:12:1: client.id: ${env:KALIPER_NOT_THERE}"},
		{"an illegal value", []string{"--command-config", file("request.timeout.ms=soon")}, "client.properties:12:1: request.timeout.ms"},
		{"a property without a value", []string{"--command-config", file(""), "--command-property", "client.id"}, "name=value"},
		{"an unknown property on the command line", []string{"--command-config", file(""), "--command-property", "client.idd=x"}, "--command-property: client.idd: no such client property"},
		{"a property that wins over the file", []string{"--command-config", file(""), "--command-property", "sasl.mechanism=PLAIN"}, "write org.apache.kafka.common.security.plain.PlainLoginModule"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, append([]string{"topics", "list"}, test.arguments...)...)
			if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, test.want) || strings.Contains(got.stderr, "hunter2") {
				t.Errorf("exit %d: %s; want %q", got.code, got.stderr, test.want)
			}
		})
	}
}

func TestOneOfSeveralTargetsIsChosen(t *testing.T) {
	t.Parallel()
	targets := "targets: {laptop: {bootstrap.servers: '" + simulate(t) + "'}, staging: {bootstrap.servers: '127.0.0.1:1'}}\ntarget: staging"
	scenario := scenarioFile(t, strings.Replace(small, "target: embedded", targets, 1))
	for _, test := range []struct {
		name   string
		target []string
		code   analysis.Exit
		want   string
	}{
		{"the scenario's own choice", nil, analysis.ExitUnreachable, "127.0.0.1:1"},
		{"another one", []string{"--target", "laptop"}, analysis.ExitDone, "acknowledged rate"},
		{"one that is not there", []string{"--target", "laptpo"}, analysis.ExitBadInput, `did you mean "laptop"?`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, append(append([]string{"run", scenario}, test.target...), allowed(t.TempDir())...)...)
			if text := got.stdout + got.stderr; got.code != test.code || !strings.Contains(text, test.want) {
				t.Errorf("exit %d, want %d and %q: %s", got.code, test.code, test.want, text)
			}
		})
	}
}

func TestARemedyStandsOnItsOwnLine(t *testing.T) {
	problem := &kafka.Problem{Cause: "nothing listens there", Remedy: "start the broker"}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"a problem", fmt.Errorf("trial 1: %w", problem), "trial 1: nothing listens there\n  what to do: start the broker"},
		{"what else went wrong comes after", errors.Join(problem, errors.New("clients did not close")), "nothing listens there\n  what to do: start the broker\n  also: clients did not close"},
		{"a problem within a sentence", fmt.Errorf("%w: really", problem), "nothing listens there; start the broker: really"},
		{"another error", errors.New("no space left"), "no space left"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := withRemedyApart(test.err, test.err.Error()); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
