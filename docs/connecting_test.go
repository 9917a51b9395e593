package docs_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kaliper/internal/property"
	"kaliper/scenarios"
)

const connectingPage = "connecting.md"

// loginOf is what the page's references to a login stand for: the login module of the example's
// mechanism.
func loginOf(example string) string {
	module := "plain.PlainLoginModule"
	if strings.Contains(example, "OAUTHBEARER") {
		module = "oauthbearer.OAuthBearerLoginModule"
	}
	return "org.apache.kafka.common.security." + module + ` required username="me" password="hunter2";`
}

func TestThePageHasAnExampleOfEachWayOfConnecting(t *testing.T) {
	all := examples(readPage(t, connectingPage), "yaml")[1:] // the first shows where the others belong
	for _, parts := range [][]string{
		{"security.protocol: PLAINTEXT\n"},
		{"security.protocol: SSL\n", "ssl.truststore.location: ca.pem\n"},
		{"security.protocol: SSL\n", "ssl.truststore.location: truststore.p12\n"},
		{"security.protocol: SSL\n", "ssl.truststore.location: truststore.jks\n"},
		{"security.protocol: SSL\n", "ssl.keystore.location: client.pem\n"},
		{"security.protocol: SSL\n", "ssl.keystore.location: keystore.p12\n"},
		{"security.protocol: SSL\n", "ssl.keystore.location: keystore.jks\n"},
		{"security.protocol: SASL_PLAINTEXT\n"},
		{"security.protocol: SASL_SSL\n", "sasl.mechanism: PLAIN\n"},
		{"sasl.mechanism: SCRAM-SHA-256\n"},
		{"sasl.mechanism: SCRAM-SHA-512\n"},
		{"sasl.mechanism: OAUTHBEARER\n", "token.endpoint.url: file:"},
		{"sasl.mechanism: OAUTHBEARER\n", "token.endpoint.url: https:"},
	} {
		if !slices.ContainsFunc(all, func(e example) bool {
			return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(e.text, part) })
		}) {
			t.Errorf("no example has %q", parts)
		}
	}
}

func TestEveryWayOfConnectingOnThePageIsATarget(t *testing.T) {
	all := examples(readPage(t, connectingPage), "yaml")
	if len(all) < 15 {
		t.Fatalf("the page has %d examples", len(all))
	}
	for _, e := range all[1:] { // the first shows where the others belong
		t.Run(fmt.Sprintf("line %d", e.line), func(t *testing.T) {
			overlay := "target: staging\ntargets:\n  staging:\n    bootstrap.servers: localhost:9093\n"
			for line := range strings.Lines(e.text) {
				overlay += "    " + line
			}
			source := smallest(t)
			source.ReadFile = func(path string) ([]byte, error) {
				if filepath.Ext(path) == ".properties" {
					return []byte("security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=" + loginOf(e.text)), nil
				}
				return []byte(loginOf(e.text)), nil
			}
			s, err := scenarios.Parse(source, scenarios.Options{
				Overlays: []scenarios.Source{{Name: "target.yaml", Data: []byte(overlay), ReadFile: source.ReadFile}},
				LookupEnv: func(name string) (string, bool) {
					if name == "KAFKA_LOGIN" {
						return loginOf(e.text), true
					}
					return "hunter2", true
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, setting := range s.Cases[0].Load.Target.Properties.UserSet() {
				if setting.Class != property.Honoured {
					t.Errorf("%s is %s", setting.Name, setting.Class)
				}
				if strings.Contains(setting.Printed(), "hunter2") {
					t.Errorf("%s is printed with its secret", setting.Name)
				}
			}
			if strings.Contains(s.Resolved, "hunter2") {
				t.Error("the resolved scenario holds a secret")
			}
		})
	}
}
