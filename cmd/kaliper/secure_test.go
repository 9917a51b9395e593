package main

import (
	"crypto/tls"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest/credentials"
)

// secureBroker is a broker that wants TLS and SASL, and the file of its authority.
func secureBroker(t *testing.T) (bootstrap, authority string) { return secureBrokerFor(t, "hunter2") }

// secureBrokerFor is one whose user has a password of the test's own.
func secureBrokerFor(t *testing.T, password string) (bootstrap, authority string) {
	t.Helper()
	broker := credentials.SelfSigned(t, "broker")
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "checkout", password),
		kfake.TLS(&tls.Config{Certificates: []tls.Certificate{broker.TLS()}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	_, authority = broker.Files(t)
	return strings.Join(cluster.ListenAddrs(), ","), authority
}

// secureTarget is small on a cluster that wants TLS and SASL.
func secureTarget(bootstrap, authority string) string {
	return strings.Replace(small, "target: embedded", `target: staging
targets:
  staging:
    bootstrap.servers: "`+bootstrap+`"
    security.protocol: SASL_SSL
    ssl.truststore.type: PEM
    ssl.truststore.location: '`+authority+`'
    sasl.mechanism: SCRAM-SHA-256
    sasl.jaas.config: org.apache.kafka.common.security.scram.ScramLoginModule required username="checkout" password="${env:KAFKA_PASSWORD}";`, 1)
}

func TestARunOverTLSAndSASLKeepsItsSecretsToItself(t *testing.T) {
	bootstrap, authority := secureBroker(t)
	t.Setenv("KAFKA_PASSWORD", "hunter2")
	path, folder := scenarioFile(t, secureTarget(bootstrap, authority)), t.TempDir()
	got := call(t, append([]string{"run", path}, allowed(folder)...)...)
	if got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	check := call(t, "check", path, "--all")
	if check.code != analysis.ExitDone || !strings.Contains(check.stdout, "${env:KAFKA_PASSWORD}") {
		t.Errorf("check: exit %d, without the reference: %s%s", check.code, check.stdout, check.stderr)
	}
	if strings.Contains(got.stdout+got.stderr+check.stdout+check.stderr, "hunter2") {
		t.Error("the password is printed")
	}
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if strings.Contains(string(data), "hunter2") {
			t.Errorf("%s holds the password", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAWrongPasswordExits3WithoutTellingIt(t *testing.T) {
	bootstrap, authority := secureBroker(t)
	t.Setenv("KAFKA_PASSWORD", "hunter3")
	got := call(t, append([]string{"run", scenarioFile(t, secureTarget(bootstrap, authority))}, allowed(t.TempDir())...)...)
	if got.code != analysis.ExitUnreachable { // what is said is tested on real Kafka: this broker only hangs up
		t.Errorf("exit %d: %s", got.code, got.stderr)
	}
	if strings.Contains(got.stdout+got.stderr, "hunter3") {
		t.Error("the password is printed")
	}
}

func TestATrustStoreThatIsMissingExits64(t *testing.T) {
	bootstrap, _ := secureBroker(t)
	t.Setenv("KAFKA_PASSWORD", "hunter2")
	missing := filepath.Join(t.TempDir(), "nowhere.pem")
	got := call(t, append([]string{"run", scenarioFile(t, secureTarget(bootstrap, missing))}, allowed(t.TempDir())...)...)
	if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, "ssl.truststore.location") || !strings.Contains(got.stderr, missing) {
		t.Errorf("exit %d: %s", got.code, got.stderr)
	}
}
