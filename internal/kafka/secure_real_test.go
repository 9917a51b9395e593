package kafka

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafkatest"
	"kaliper/internal/kafkatest/credentials"
	"kaliper/internal/property"
)

// The listeners of the secured broker.
const (
	tlsOnly   = "TLS"      // SSL
	mutual    = "MUTUAL"   // SSL with client certificates
	stranger  = "STRANGER" // SSL with a certificate of another host name
	saslPlain = "LOGIN"    // SASL_PLAINTEXT
	saslTLS   = "SECURE"   // SASL_SSL
)

// secured is a broker with all ways of connecting, and what its clients need.
type secured struct {
	*kafkatest.Cluster
	authority, client issued
}

func startSecured(t *testing.T, version string) secured {
	t.Helper()
	ours := authority(t, "ours")
	s := secured{authority: ours, client: ours.leaf(t, "client")}
	server, other := ours.leaf(t, "server"), ours.leaf(t, "other", "kafka.example")
	properties := map[string]string{
		"ssl.keystore.type":                            "PEM",
		"ssl.keystore.location":                        file(t, "server.pem", server.KeyPEM(t)+server.PEM()+ours.PEM()),
		"ssl.truststore.type":                          "PEM",
		"ssl.truststore.location":                      file(t, "ca.pem", ours.PEM()),
		"sasl.enabled.mechanisms":                      "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
		"listener.name.mutual.ssl.client.auth":         "required",
		"listener.name.stranger.ssl.keystore.type":     "PEM",
		"listener.name.stranger.ssl.keystore.location": file(t, "other.pem", other.KeyPEM(t)+other.PEM()+ours.PEM()),
	}
	for _, listener := range []string{"login", "secure"} {
		module := "org.apache.kafka.common.security."
		for mechanism, config := range map[string]string{
			"plain":         module + `plain.PlainLoginModule required user_checkout="hunter2";`,
			"scram-sha-256": module + "scram.ScramLoginModule required;",
			"scram-sha-512": module + "scram.ScramLoginModule required;",
			"oauthbearer":   module + `oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="unused";`,
		} {
			properties["listener.name."+listener+"."+mechanism+".sasl.jaas.config"] = config
		}
	}
	s.Cluster = kafkatest.Start(t, kafkatest.Config{Version: version, Fast: true, Properties: properties, Listeners: []kafkatest.Listener{
		{Name: tlsOnly, Protocol: "SSL"}, {Name: mutual, Protocol: "SSL"}, {Name: stranger, Protocol: "SSL"},
		{Name: saslPlain, Protocol: "SASL_PLAINTEXT"}, {Name: saslTLS, Protocol: "SASL_SSL"},
	}})
	admin := connect(t, s.Bootstrap())
	for _, mechanism := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} { // one user, one request
		altered := must(admin.kadm.AlterUserSCRAMs(t.Context(), nil, []kadm.UpsertSCRAM{
			{User: "checkout", Mechanism: mechanism, Iterations: 4096, Password: "hunter2"},
		}))(t)
		if err := altered.Error(); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// login returns the value of sasl.jaas.config.
func login(module, user, password string) string {
	return fmt.Sprintf("org.apache.kafka.common.security.%s required username=%q password=%q;", module, user, password)
}

// checkTarget resolves properties as a scenario's target has them, and connects.
func checkTarget(t *testing.T, bootstrap string, settings map[string]string) error {
	t.Helper()
	user := map[string]property.Value{"bootstrap.servers": {Text: bootstrap, Origin: "test"}}
	for name, text := range settings {
		user[name] = property.Value{Text: text, Origin: "test"}
	}
	set, errs := property.Resolve(property.Producer, user)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	opts, err := ProducerOptions(set, Payload{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(t.Context(), opts...); err != nil {
		return err
	}
	// Ping may ask a seed alone: metadata and a topic's leader take other connections.
	client := must(kgo.NewClient(opts...))(t)
	defer client.Close()
	_, err = kadm.NewClient(client).ListBrokers(t.Context())
	return err
}

func merged(all ...map[string]string) map[string]string {
	sum := map[string]string{}
	for _, one := range all {
		maps.Copy(sum, one)
	}
	return sum
}

func TestOnRealKafkaEveryWayOfConnectingWorks(t *testing.T) {
	t.Parallel()
	for _, version := range []string{kafkatest.Version3, kafkatest.Version4} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			on := startSecured(t, version)
			t.Run("it connects", func(t *testing.T) { testWaysOfConnecting(t, on) })
			t.Run("what is wrong is told", func(t *testing.T) { testWrongWaysOfConnecting(t, on) })
		})
	}
}

func (s secured) trustPEM(t *testing.T) map[string]string {
	return map[string]string{"security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.location": file(t, "ca.pem", s.authority.PEM())}
}

func testWaysOfConnecting(t *testing.T, on secured) {
	ours, me := on.authority, on.client
	trust := on.trustPEM(t)
	sasl := func(protocol, mechanism, config string) map[string]string {
		return map[string]string{"security.protocol": protocol, "sasl.mechanism": mechanism, "sasl.jaas.config": config}
	}
	provider, _ := identityProvider(t, false, 60)
	secureProvider, _ := identityProvider(t, true, 60)
	oneLine := strings.Join(strings.Fields(strings.ReplaceAll(me.KeyPEM(t), "\n", " ")), " ")
	for _, way := range []struct {
		name, listener string
		settings       map[string]string
	}{
		{"TLS with a PEM file", tlsOnly, trust},
		{"TLS with inline certificates", tlsOnly, map[string]string{"security.protocol": "ssl", "ssl.truststore.type": "PEM", "ssl.truststore.certificates": ours.PEM()}},
		{"TLS with a PKCS12 trust store", tlsOnly, map[string]string{"security.protocol": "SSL", "ssl.truststore.type": "PKCS12", "ssl.truststore.location": file(t, "trust.p12", ours.trustPKCS12(t)), "ssl.truststore.password": storePassword}},
		{"TLS with a JKS trust store", tlsOnly, map[string]string{"security.protocol": "SSL", "ssl.truststore.location": file(t, "trust.jks", ours.trustJKS(t)), "ssl.truststore.password": storePassword}},
		{"TLS 1.2 alone", tlsOnly, merged(trust, map[string]string{"ssl.enabled.protocols": "TLSv1.2"})},
		{"TLS 1.3 alone", tlsOnly, merged(trust, map[string]string{"ssl.enabled.protocols": "TLSv1.3"})},
		{"another host name, unchecked", stranger, merged(trust, map[string]string{"ssl.endpoint.identification.algorithm": ""})},
		{"mutual TLS with a PEM file", mutual, merged(trust, map[string]string{"ssl.keystore.type": "PEM", "ssl.keystore.location": file(t, "me.pem", me.KeyPEM(t)+me.PEM())})},
		{"mutual TLS with an encrypted inline key", mutual, merged(trust, map[string]string{"ssl.keystore.type": "PEM", "ssl.keystore.key": me.encryptedKeyPEM(t), "ssl.keystore.certificate.chain": me.PEM(), "ssl.key.password": storePassword})},
		{"mutual TLS with an inline key on one line", mutual, merged(trust, map[string]string{"ssl.keystore.type": "PEM", "ssl.keystore.key": oneLine, "ssl.keystore.certificate.chain": me.PEM()})},
		{"mutual TLS with a PKCS12 key store", mutual, merged(trust, map[string]string{"ssl.keystore.type": "PKCS12", "ssl.keystore.location": file(t, "me.p12", me.pkcs12(t, ours.Certificate)), "ssl.keystore.password": storePassword})},
		{"mutual TLS with a JKS key store", mutual, merged(trust, map[string]string{"ssl.keystore.type": "JKS", "ssl.keystore.location": file(t, "me.jks", me.jks(t, "another-one")), "ssl.keystore.password": storePassword, "ssl.key.password": "another-one"})},
		{"SASL PLAIN", saslPlain, sasl("SASL_PLAINTEXT", "PLAIN", login("plain.PlainLoginModule", "checkout", "hunter2"))},
		{"SASL SCRAM-SHA-256", saslPlain, sasl("SASL_PLAINTEXT", "SCRAM-SHA-256", login("scram.ScramLoginModule", "checkout", "hunter2"))},
		{"SASL SCRAM-SHA-512", saslPlain, sasl("SASL_PLAINTEXT", "SCRAM-SHA-512", login("scram.ScramLoginModule", "checkout", "hunter2"))},
		{"SASL PLAIN over TLS", saslTLS, merged(trust, sasl("SASL_SSL", "PLAIN", login("plain.PlainLoginModule", "checkout", "hunter2")))},
		{"SASL SCRAM-SHA-512 over TLS", saslTLS, merged(trust, sasl("SASL_SSL", "SCRAM-SHA-512", login("scram.ScramLoginModule", "checkout", "hunter2")))},
		{"SASL OAUTHBEARER", saslPlain, merged(sasl("SASL_PLAINTEXT", "OAUTHBEARER", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"), map[string]string{
			"sasl.login.callback.handler.class": property.OAuthHandler, "sasl.oauthbearer.token.endpoint.url": "file://" + file(t, "token", credentials.UnsignedToken("checkout"))})},
		{"SASL OAUTHBEARER over TLS", saslTLS, merged(trust, sasl("SASL_SSL", "OAUTHBEARER", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"), map[string]string{
			"sasl.login.callback.handler.class": property.OAuthHandler, "sasl.oauthbearer.token.endpoint.url": "file://" + file(t, "token", credentials.UnsignedToken("checkout")+"\n")})},
		{"SASL OAUTHBEARER from a token endpoint", saslPlain, clientCredentials(provider.URL, "hunter2")},
		{"SASL OAUTHBEARER over TLS from a token endpoint by HTTPS", saslTLS, clientCredentials(secureProvider.URL, "hunter2", "security.protocol", "SASL_SSL",
			"ssl.truststore.type", "PEM", "ssl.truststore.location", file(t, "both.pem", ours.PEM()+authorityOf(secureProvider)))},
		{"TLS with one suite of 1.2", tlsOnly, merged(trust, map[string]string{"ssl.cipher.suites": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"})},
	} {
		t.Run(way.name, func(t *testing.T) {
			if err := checkTarget(t, on.BootstrapOf(way.listener), way.settings); err != nil {
				t.Error(err)
			}
		})
	}
}

func testWrongWaysOfConnecting(t *testing.T, on secured) {
	trust, other := on.trustPEM(t), authority(t, "another")
	provider, _ := identityProvider(t, false, 60)
	stray := other.leaf(t, "stray")
	plain := func(user, password string) map[string]string {
		return map[string]string{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.jaas.config": login("plain.PlainLoginModule", user, password)}
	}
	scram := map[string]string{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256", "sasl.jaas.config": login("scram.ScramLoginModule", "checkout", "hunter3")}
	for _, wrong := range []struct {
		name, bootstrap string
		settings        map[string]string
		cause, remedy   string
	}{
		{"a wrong password", on.BootstrapOf(saslPlain), plain("checkout", "hunter3"), "password is wrong", "sasl.jaas.config"},
		{"an unknown user", on.BootstrapOf(saslPlain), plain("nobody", "hunter2"), "password is wrong", "sasl.jaas.config"},
		{"a wrong password by SCRAM", on.BootstrapOf(saslPlain), scram, "password is wrong", "sasl.jaas.config"},
		{"an authority that is not trusted", on.BootstrapOf(tlsOnly), map[string]string{"security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.certificates": other.PEM()}, "authority that is not trusted", "ssl.truststore"},
		{"an authority that is not trusted, names unchecked", on.BootstrapOf(tlsOnly), map[string]string{"security.protocol": "SSL", "ssl.endpoint.identification.algorithm": "", "ssl.truststore.type": "PEM", "ssl.truststore.certificates": other.PEM()}, "authority that is not trusted", "ssl.truststore"},
		{"another host name", on.BootstrapOf(stranger), trust, "not of the host name", "ssl.endpoint.identification.algorithm"},
		{"no client certificate", on.BootstrapOf(mutual), trust, "asks for a client certificate", "ssl.keystore"},
		{"no client certificate with TLS 1.2", on.BootstrapOf(mutual), merged(trust, map[string]string{"ssl.enabled.protocols": "TLSv1.2"}), "client certificate", "ssl.keystore"},
		{"a client certificate that the broker does not trust", on.BootstrapOf(mutual), merged(trust, map[string]string{"ssl.keystore.type": "PEM", "ssl.keystore.key": stray.KeyPEM(t), "ssl.keystore.certificate.chain": stray.PEM()}), "does not trust the client's certificate", "key store"},
		{"plaintext against TLS", on.BootstrapOf(tlsOnly), nil, "TLS", "security.protocol to SSL"},
		{"TLS against plaintext", on.Bootstrap(), trust, "does not expect TLS", "security.protocol to PLAINTEXT"},
		{"no SASL where it is needed", on.BootstrapOf(saslPlain), nil, "SASL is required", "sasl.jaas.config"},
		{"no SASL over TLS where it is needed", on.BootstrapOf(saslTLS), trust, "SASL is required", "sasl.jaas.config"},
		{"a wrong secret at the token endpoint", on.BootstrapOf(saslPlain), clientCredentials(provider.URL, "hunter3"), "no token from", "client.secret"},
		{"a token endpoint that nobody serves", on.BootstrapOf(saslPlain), clientCredentials("http://127.0.0.1:1/token", "hunter2"), "no token from http://127.0.0.1:1/token", "start the endpoint"},
		{"SASL where it is not expected", on.Bootstrap(), plain("checkout", "hunter2"), "does not expect SASL", "security.protocol"},
	} {
		t.Run(wrong.name, func(t *testing.T) {
			err := checkTarget(t, wrong.bootstrap, wrong.settings)
			p, ok := errors.AsType[*Problem](err)
			if !ok {
				t.Fatalf("got %v, want a Problem", err)
			}
			if !strings.Contains(p.Cause, wrong.cause) || !strings.Contains(p.Remedy, wrong.remedy) || p.Category != Unreachable {
				t.Errorf("cause: %s\nremedy: %s\ncategory: %s", p.Cause, p.Remedy, p.Category)
			}
			if text := p.Error(); strings.Contains(text, "\n") || strings.Contains(text, "hunter") {
				t.Errorf("more than a line, or a secret: %s", text)
			}
		})
	}
}
