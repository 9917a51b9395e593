package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr/srfake"

	"kaliper/internal/analysis"
	"kaliper/internal/redistest"
)

// The same password in every place that takes one. kaliper runs as a process of its own, so
// that its command line is in the manifest.
func TestAPasswordInAnyPlaceStaysThere(t *testing.T) {
	t.Parallel()
	bootstrap, authority := secureBrokerFor(t, planted)
	const module = `org.apache.kafka.common.security.scram.ScramLoginModule required username="checkout" password=`
	written, referenced := module+`"`+planted+`";`, module+`"${env:KAFKA_PASSWORD}";`
	common := "security.protocol=SASL_SSL\nssl.truststore.type=PEM\nssl.truststore.location=" + strings.ReplaceAll(authority, `\`, `\\`) + "\nsasl.mechanism=SCRAM-SHA-256\n"
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	literal := file("literal.properties", common+"bootstrap.servers="+bootstrap+"\nsasl.jaas.config="+written+"\nssl.key.password="+planted+
		"\nssl.keystore.password=\nsasl.oauthbearer.client.credentials.client.secret="+planted+"\n")
	mixed := file("mixed.properties", common+"bootstrap.servers="+bootstrap+"\nsasl.jaas.config="+module+`"`+planted+`" tokenauth="${env:NO_TOKEN}";`+"\n")
	bare := file("bare.properties", common+"bootstrap.servers="+bootstrap+"\n")
	inTarget := scenarioFile(t, secureTarget(bootstrap, authority))
	named := scenarioFile(t, strings.Replace(small, "target: embedded", "targets: {t: {command-config: '"+literal+"'}}\ntarget: t", 1))
	plain := scenarioFile(t, small)
	for _, test := range []struct {
		name      string
		arguments []string
	}{
		{"a properties file", []string{plain, "--command-config", literal}},
		{"a properties file with a reference beside it", []string{plain, "--command-config", mixed}},
		{"a reference in the target", []string{inTarget}},
		{"the target's properties file", []string{named}},
		{"a single property", []string{plain, "--command-config", bare, "--command-property", "sasl.jaas.config=" + written}},
		{"a single property, joined", []string{plain, "--command-config", bare, "--command-property=sasl.jaas.config=" + written}},
		{"a reference by --set", []string{inTarget, "--set", "targets.staging.sasl.jaas.config='" + referenced + "'"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			output := t.TempDir()
			printed := subprocess(t, analysis.ExitDone, append(append([]string{"run"}, test.arguments...), allowed(output)...)...)
			printed += subprocess(t, analysis.ExitDone, append([]string{"check", "--all"}, test.arguments...)...)
			printed += subprocess(t, analysis.ExitDone, append([]string{"check", "--json"}, test.arguments...)...)
			wantNoSecret(t, printed, output)
		})
	}
	for _, refused := range [][]string{
		{inTarget, "--set", "targets.staging.sasl.jaas.config='" + written + "'"},
		{inTarget, "--set", "targets.staging.ssl.key.password=*" + planted},
		{plain, "--command-config", bare, "--command-property", "sasl.jaas.config=" + module + planted + `"`},
	} {
		if printed := subprocess(t, analysis.ExitBadInput, append([]string{"run"}, refused...)...); strings.Contains(printed, planted) {
			t.Errorf("the objection tells the password: %s", printed)
		}
	}
}

// A registry's secrets, in every place that takes one: what is wrong is said without them.
func TestARegistrysPasswordStaysThere(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error_code":40101,"message":"who is this"}`))
	}))
	t.Cleanup(refusing.Close)
	fake := srfake.New()
	t.Cleanup(fake.Close)
	with := func(url, settings string) string {
		text := strings.Replace(small, "target: embedded", "target: embedded\nregistry: {schema.registry.url: '"+url+"', "+settings+"}", 1)
		return scenarioFile(t, text)
	}
	const avro = "producers.*.value={format: avro}"
	for name, settings := range map[string]string{
		"user":  "basic.auth.credentials.source: USER_INFO, basic.auth.user.info: 'me:${env:KAFKA_PASSWORD}'",
		"all":   "basic.auth.credentials.source: USER_INFO, basic.auth.user.info: '${env:KAFKA_PASSWORD}:${env:KAFKA_PASSWORD}'",
		"token": "bearer.auth.credentials.source: STATIC_TOKEN, bearer.auth.token: '${env:KAFKA_PASSWORD}'",
		"store": "schema.registry.ssl.truststore.password: '${env:KAFKA_PASSWORD}'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output := t.TempDir()
			file := with(fake.URL(), settings)
			printed := subprocess(t, analysis.ExitDone, append([]string{"run", file, "--set", avro}, allowed(output)...)...)
			printed += subprocess(t, analysis.ExitDone, "check", "--json", file, "--set", avro)
			wantNoSecret(t, printed, output)
			if name == "store" {
				return
			}
			if printed := subprocess(t, analysis.ExitUnreachable, append([]string{"run", with(refusing.URL, settings), "--set", avro}, allowed(output)...)...); strings.Contains(printed, planted) || !strings.Contains(printed, "who is this") {
				t.Errorf("printed %s", printed)
			}
		})
	}
	for _, set := range []string{"registry.bearer.auth.token=" + planted, "registry.basic.auth.user.info=me:" + planted} {
		if printed := subprocess(t, analysis.ExitBadInput, "check", with(fake.URL(), "normalize.schemas: true"), "--set", avro, "--set", set); strings.Contains(printed, planted) {
			t.Errorf("the objection tells the secret: %s", printed)
		}
	}
}

// started runs kaliper as a process of its own, with variables in its environment: those of this
// process would be there for all tests that go on beside this one.
func started(t *testing.T, variables []string, arguments ...string) outcome {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), executable, arguments...)
	command.Env, command.Stdout, command.Stderr = append(os.Environ(), variables...), &stdout, &stderr
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return outcome{analysis.Exit(command.ProcessState.ExitCode()), stdout.String(), stderr.String()}
}

// subprocess runs kaliper as a process that knows the planted password, and returns all that it
// printed.
func subprocess(t *testing.T, want analysis.Exit, arguments ...string) string {
	t.Helper()
	got := started(t, []string{"KAFKA_PASSWORD=" + planted, "NO_TOKEN=false"}, arguments...)
	printed := got.stdout + got.stderr
	if got.code != want {
		t.Errorf("exit %d, want %d: %s", got.code, want, strings.ReplaceAll(printed, planted, "[planted]"))
	}
	return printed
}

// The password of a Redis, which the run really uses.
func TestARedisPasswordStaysWhereItIs(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--requirepass", planted)
	deduplicated := func(redis string) string {
		return scenarioFile(t, strings.Replace(small, "members: 2,", "members: 2, dedup: {redis: '"+redis+"'},", 1))
	}
	referenced := "redis://:${env:KAFKA_PASSWORD}@" + server.Address() + "/0"
	inScenario, varied := deduplicated(referenced), deduplicated("redis://localhost")
	for _, arguments := range [][]string{
		{inScenario},
		{varied, "--set", "consumers.analytics.dedup.redis='" + referenced + "'"},
		{varied, "--set", "matrix={vary: {consumers.analytics.dedup.redis: ['" + referenced + "']}}"},
	} {
		output := t.TempDir()
		printed := subprocess(t, analysis.ExitDone, append(append([]string{"run"}, arguments...), allowed(output)...)...)
		printed += subprocess(t, analysis.ExitDone, append([]string{"check", "--all"}, arguments...)...)
		printed += subprocess(t, analysis.ExitDone, append([]string{"check", "--json"}, arguments...)...)
		wantNoSecret(t, printed, output)
	}
	written := "redis://:" + planted + "@" + server.Address() + "/0"
	for _, refused := range [][]string{
		{deduplicated(written)},
		{varied, "--set", "consumers.analytics.dedup.redis='" + written + "'"},
		{varied, "--set", "consumers.analytics.dedup.redis=*" + planted},
		{varied, "--set", "consumers.analytics.dedup.redis=redis://:" + planted},
		{varied, "--set", "consumers.analytics.dedup='redis://localhost?password=" + planted + "'"},
	} {
		if printed := subprocess(t, analysis.ExitBadInput, append([]string{"run"}, refused...)...); strings.Contains(printed, planted) {
			t.Errorf("the objection tells the password: %s", printed)
		}
	}
	for what, redis := range map[string]string{
		"refuses the user":  "redis://:${env:NO_TOKEN}@" + server.Address() + "/0",
		"cannot be reached": "redis://:${env:KAFKA_PASSWORD}@127.0.0.1:1/0",
	} {
		output := filepath.Join(t.TempDir(), "results")
		printed := subprocess(t, analysis.ExitUnreachable, append([]string{"run", deduplicated(redis)}, allowed(output)...)...)
		if !strings.Contains(printed, what) || !strings.Contains(printed, redis) || strings.Contains(printed, planted) {
			t.Errorf("want %q of %s: %s", what, redis, strings.ReplaceAll(printed, planted, "[planted]"))
		}
		if _, err := os.Stat(output); err == nil {
			t.Error("a run was begun")
		}
	}
	if keys := server.KeysAs(planted); len(keys) > 0 {
		t.Errorf("keys are left: %q", keys)
	}
}
