package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
	"kaliper/internal/kafkatest/credentials"
)

// guarded is a real broker with every kind of listener and with ACLs.
type guarded struct {
	*kafkatest.Cluster
	trust, stranger string // files with certificates
}

func startGuarded(t *testing.T) guarded {
	t.Helper()
	broker, elsewhere := credentials.SelfSigned(t, "broker"), credentials.SelfSigned(t, "other", "other.example")
	store, trust := broker.Files(t)
	other, _ := elsewhere.Files(t)
	_, stranger := credentials.SelfSigned(t, "stranger").Files(t)
	all := filepath.Join(t.TempDir(), "all.pem")
	writeFile(t, all, broker.PEM()+elsewhere.PEM())
	login := `org.apache.kafka.common.security.plain.PlainLoginModule required user_checkout="hunter2" user_transfers="hunter2";`
	on := guarded{trust: all, stranger: stranger, Cluster: kafkatest.Start(t, kafkatest.Config{Fast: true,
		Properties: map[string]string{
			"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users": "User:ANONYMOUS",
			"ssl.keystore.type": "PEM", "ssl.keystore.location": store, "ssl.truststore.type": "PEM", "ssl.truststore.location": trust,
			"listener.name.mutual.ssl.client.auth": "required", "listener.name.other.ssl.keystore.type": "PEM", "listener.name.other.ssl.keystore.location": other,
			"sasl.enabled.mechanisms": "PLAIN", "listener.name.login.plain.sasl.jaas.config": login,
		},
		Listeners: []kafkatest.Listener{
			{Name: "TLS", Protocol: "SSL"}, {Name: "MUTUAL", Protocol: "SSL"}, {Name: "OTHER", Protocol: "SSL"},
			{Name: "LOGIN", Protocol: "SASL_PLAINTEXT"}, {Name: "GHOST", Protocol: "PLAINTEXT", Advertised: "127.0.0.1:1"},
		}})}
	admin := adminOf(t, on.Addresses()...)
	one := kadm.StringPtr("1000")
	for topic, config := range map[string]map[string]*string{
		"load.seen": nil, "load.hidden": nil, "load.frozen": nil, "load.narrow": {"max.message.bytes": one},
	} {
		if created, err := admin.CreateTopic(t.Context(), 1, 1, config, topic); err != nil || created.Err != nil {
			t.Fatal(err, created.Err)
		}
	}
	// checkout may describe load.seen and read it, and neither write it nor see load.hidden, nor use groups.
	acls := kadm.NewACLs().Allow("User:checkout").AllowHosts().Topics("load.seen").Operations(kadm.OpDescribe, kadm.OpRead).ResourcePatternType(kadm.ACLPatternLiteral)
	// Under team. it may do what a run needs, and nothing more.
	team := kadm.NewACLs().Allow("User:checkout").AllowHosts().Topics("team.").ResourcePatternType(kadm.ACLPatternPrefixed).
		Operations(kadm.OpCreate, kadm.OpDescribe, kadm.OpWrite, kadm.OpDelete)
	granted := []*kadm.ACLBuilder{acls, team}
	for _, r := range rightsOfARun() { // transfers may do what a run needs, without transactions
		granted = append(granted, r.builder("transfers"))
	}
	for _, rights := range granted {
		made, err := admin.CreateACLs(t.Context(), rights)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range made {
			if m.Err != nil {
				t.Fatal(m.Err)
			}
		}
	}
	return on
}

func (on guarded) mishaps(t *testing.T) []mishap {
	sasl := func(user, password string) string {
		return "security.protocol: SASL_PLAINTEXT\nsasl.mechanism: PLAIN\nsasl.jaas.config: ${file:" + jaasFile(t, user, password) + "}\n"
	}
	tls := func(trust string) string {
		return "security.protocol: SSL\nssl.truststore.type: PEM\nssl.truststore.location: '" + trust + "'\n"
	}
	const reader = "consumers: {analytics: {topics: [orders], config: {group.id: analytics}}}"
	const transfers = "producers: {checkout: {topic: orders, rate: 50/s}}\n" +
		"pipelines: {transfers: {from: orders, to: enriched, guarantee: exactly-once}}\nconsumers: {analytics: {topics: [enriched], config: {isolation.level: read_committed}}}"
	user := sasl("checkout", "hunter2")
	const bad, unreachable, failed = analysis.ExitBadInput, analysis.ExitUnreachable, analysis.ExitFailed
	open := on.Bootstrap()
	return []mishap{
		{name: "a wrong password", bootstrap: on.BootstrapOf("LOGIN"), properties: sasl("checkout", "hunter3"), code: unreachable, cause: "password is wrong", remedy: "sasl.jaas.config"},
		{name: "an unknown user", bootstrap: on.BootstrapOf("LOGIN"), properties: sasl("nobody", "hunter2"), code: unreachable, cause: "password is wrong", remedy: "sasl.jaas.config"},
		{name: "a wrong authority", bootstrap: on.BootstrapOf("TLS"), properties: tls(on.stranger), code: unreachable, cause: "not trusted", remedy: "ssl.truststore.location"},
		{name: "another host name in the certificate", bootstrap: on.BootstrapOf("OTHER"), properties: tls(on.trust), code: unreachable, cause: "not of the host name", remedy: "ssl.endpoint.identification.algorithm"},
		{name: "a client certificate is missing", bootstrap: on.BootstrapOf("MUTUAL"), properties: tls(on.trust), code: unreachable, cause: "asks for a client certificate", remedy: "ssl.keystore.location"},
		{name: "plaintext against TLS", bootstrap: on.BootstrapOf("TLS"), code: unreachable, cause: "TLS", remedy: "security.protocol"},
		{name: "TLS against plaintext", bootstrap: open, properties: tls(on.trust), code: unreachable, cause: "does not expect TLS", remedy: "security.protocol"},
		{name: "no SASL where it is needed", bootstrap: on.BootstrapOf("LOGIN"), code: unreachable, cause: "SASL is required", remedy: "sasl.jaas.config"},
		{name: "SASL where it is not expected", bootstrap: open, properties: user, code: unreachable, cause: "does not expect SASL", remedy: "security.protocol"},
		{name: "connection refused", bootstrap: "127.0.0.1:1", code: unreachable, cause: "connection refused", remedy: "start the broker"},
		{name: "a host that does not resolve", bootstrap: "broker.invalid:9092", code: unreachable, cause: "does not resolve", remedy: "bootstrap.servers"},
		{name: "the bootstrap server answers, the advertised address does not", bootstrap: on.BootstrapOf("GHOST"), code: unreachable, cause: "advertise cannot be reached: broker 1 at 127.0.0.1:1", remedy: "advertised.listeners"},
		{name: "a topic is missing", bootstrap: open, topic: "{existing: load.sean}", code: bad, cause: "load.sean does not exist", remedy: "load.seen"},
		{name: "a topic that the user may not see", bootstrap: on.BootstrapOf("LOGIN"), properties: user, topic: "{existing: load.hidden}", code: unreachable, cause: "may not see topic load.hidden", remedy: "grant Describe"},
		{name: "topics that the user may not create", bootstrap: on.BootstrapOf("LOGIN"), properties: user, code: unreachable, cause: "may not create topic", remedy: "grant Create"},
		{name: "a group that the user may not use", bootstrap: on.BootstrapOf("LOGIN"), properties: user, topic: "{existing: load.seen}", rest: reader, code: unreachable, cause: "may not use group analytics", remedy: "grant it Read"},
		{name: "a transactional id that the user may not use", bootstrap: on.BootstrapOf("LOGIN"), properties: sasl("transfers", "hunter2"), topic: "{partitions: 1}, enriched: {partitions: 1}",
			rest: transfers, code: unreachable, cause: "may not use transactional id kaliper.", remedy: "grant it Write and Describe"},
		{name: "a topic that the user may see and not write", bootstrap: on.BootstrapOf("LOGIN"), properties: user, topic: "{existing: load.seen}", code: failed, kind: "topic_authorization_failed",
			rest: "producers: {checkout: {topic: orders, rate: 50/s, config: {enable.idempotence: false}}}", cause: "topic_authorization_failed", remedy: "grant Write"},
		{name: "records above `max.message.bytes`", bootstrap: open, topic: "{existing: load.narrow}", code: failed, kind: "message_too_large",
			rest: "producers: {checkout: {topic: orders, rate: 50/s, value: {size: 2000}}}", cause: "message_too_large", remedy: "max.message.bytes"},
		{name: "a broker that froze with idempotent records in flight; `delivery.timeout.ms` is 3 s", bootstrap: open, topic: "{existing: load.frozen}", code: failed,
			kind: "delivery_timeout", cause: "delivery_timeout", remedy: "leaders are up", during: on.freezeOnceWritten(t, "load.frozen")},
	}
}

func jaasFile(t *testing.T, user, password string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jaas.conf")
	text := `org.apache.kafka.common.security.plain.PlainLoginModule required username="` + user + `" password="` + password + `";`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// freezeOnceWritten stops the broker as soon as a topic holds records.
func (on guarded) freezeOnceWritten(t *testing.T, topic string) func() {
	admin := adminOf(t, on.Addresses()...)
	return func() {
		eventually(t, "the topic holds records", func(ctx context.Context) bool {
			ends, err := admin.ListEndOffsets(ctx, topic)
			end, ok := ends.Lookup(topic, 0)
			return err == nil && ok && end.Offset > 0
		})
		if err := on.Nodes[0].Pause(); err != nil {
			t.Error(err)
		}
	}
}

// describeWithoutRights: a user who may describe a topic and neither its configs nor the
// brokers' logs sees the rest.
func (on guarded) describeWithoutRights(t *testing.T) {
	file := filepath.Join(t.TempDir(), "client.properties")
	text := "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=${file:" + jaasFile(t, "checkout", "hunter2") + "}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := call(t, "topics", "describe", "load.seen", "--bootstrap-server", on.BootstrapOf("LOGIN"), "--command-config", file)
	if got.code != analysis.ExitDone || !strings.Contains(got.stdout, "configs: unknown") || !strings.Contains(got.stdout, "DescribeConfigs") {
		t.Errorf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

// runUnderAPrefix: a user who may create topics under a prefix alone runs there. Its configs,
// which it may not see, are unknown and no error; what was there before stays.
func (on guarded) runUnderAPrefix(t *testing.T) {
	sasl := "security.protocol: SASL_PLAINTEXT\nsasl.mechanism: PLAIN\nsasl.jaas.config: ${file:" + jaasFile(t, "checkout", "hunter2") + "}\n"
	m := mishap{bootstrap: on.BootstrapOf("LOGIN"), properties: sasl, rest: "producers: {checkout: {topic: orders, rate: 50/s}}"}
	for topic, code := range map[string]analysis.Exit{
		"{prefix: team., config: {retention.ms: 60000}}": analysis.ExitDone, "{name: team.orders}": analysis.ExitDone, "{name: load.seen}": analysis.ExitUnreachable, // it may not create that one
	} {
		m.topic = topic
		got := call(t, append([]string{"run", scenarioFile(t, m.scenario()), "--set", "duration=1s", "--json"}, allowed(t.TempDir())...)...)
		if got.code != code {
			t.Errorf("%s: exit %d: %s", topic, got.code, got.stderr)
		}
		if strings.Contains(topic, "config") && !strings.Contains(got.stdout, "config_unverified") {
			t.Errorf("the configs are taken as known: %s", got.stdout)
		}
	}
	topics, err := adminOf(t, on.Addresses()...).ListTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range topics.Names() {
		if strings.HasPrefix(name, "team.") {
			t.Errorf("%s is left behind", name)
		}
	}
	if !topics.Has("load.seen") {
		t.Error("load.seen is gone")
	}
}
