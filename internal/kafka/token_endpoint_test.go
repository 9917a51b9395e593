package kafka

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/sasl"

	"kaliper/internal/kafkatest/credentials"
	"kaliper/internal/property"
)

// identityProvider issues unsigned tokens to client "checkout" with the secret hunter2, and
// counts the requests.
func identityProvider(t *testing.T, secure bool, lifetime int) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		id, secret, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/page":
			fmt.Fprint(w, "<html>log in</html>")
		case r.URL.Path == "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case r.FormValue("grant_type") != "client_credentials", r.FormValue("scope") == "none":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_scope"}`)
		case id != "checkout" || secret != "hunter2":
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"error":"invalid_client","error_description":"not %s"}`, secret)
		default:
			fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":%d}`, credentials.UnsignedToken("checkout"), lifetime)
		}
	})
	server := httptest.NewUnstartedServer(handler)
	if secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server, &asked
}

// authorityOf returns the certificate that a test server has.
func authorityOf(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

const oauthModule = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"

// clientCredentials are the properties of a client that asks a token endpoint.
func clientCredentials(url, secret string, more ...string) map[string]string {
	settings := map[string]string{
		"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER", "sasl.login.callback.handler.class": property.OAuthHandler,
		"sasl.oauthbearer.token.endpoint.url": url, "sasl.login.retry.backoff.max.ms": "5", "sasl.login.retry.backoff.ms": "1",
		"sasl.jaas.config": fmt.Sprintf("%s clientId=%q clientSecret=%q;", oauthModule, "checkout", secret),
	}
	for i := 0; i < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	return settings
}

// mechanismOf resolves properties as a target has them.
func mechanismOf(t *testing.T, settings map[string]string) sasl.Mechanism {
	t.Helper()
	user := map[string]property.Value{"bootstrap.servers": {Text: "localhost:9092"}}
	for name, text := range settings {
		user[name] = property.Value{Text: text}
	}
	set, errs := property.Resolve(property.Common, user)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	r := &reader{Properties: set}
	mechanism := saslMechanism(r)
	if err := r.err(); err != nil {
		t.Fatal(err)
	}
	return mechanism
}

func TestATokenIsKeptForItsLife(t *testing.T) {
	for _, test := range []struct {
		name     string
		lifetime int
		want     int64
	}{
		{"a long life serves all connections", 3600, 1},
		{"no life serves one", -1, 1}, // the token's own exp counts
	} {
		t.Run(test.name, func(t *testing.T) {
			server, asked := identityProvider(t, false, test.lifetime)
			mechanism := mechanismOf(t, clientCredentials(server.URL, "hunter2"))
			for range 3 {
				if _, message, err := mechanism.Authenticate(t.Context(), "broker"); err != nil || !strings.Contains(string(message), credentials.UnsignedToken("checkout")) {
					t.Fatal(err)
				}
			}
			if got := asked.Load(); got != test.want {
				t.Errorf("asked %d times, want %d", got, test.want)
			}
		})
	}
}

func TestATokenPastItsShareOfLifeIsRenewed(t *testing.T) {
	server, asked := identityProvider(t, false, 3600)
	e := &tokenEndpoint{url: server.URL, id: "checkout", secret: "hunter2", client: server.Client(), renewAfter: 0}
	for range 3 {
		if _, err := e.auth(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := asked.Load(); got != 3 {
		t.Errorf("asked %d times, want 3", got)
	}
	e.secret = "hunter3" // what cannot be renewed and is still good serves on
	if _, err := e.auth(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheSecretsOfKafka41WinOverTheLoginModules(t *testing.T) {
	server, _ := identityProvider(t, false, 60)
	settings := clientCredentials(server.URL, "hunter3",
		"sasl.oauthbearer.client.credentials.client.id", "checkout", "sasl.oauthbearer.client.credentials.client.secret", "hunter2")
	if _, _, err := mechanismOf(t, settings).Authenticate(t.Context(), "broker"); err != nil {
		t.Error(err)
	}
}

func TestAnEndpointByHTTPSIsTrustedByEitherStore(t *testing.T) {
	server, _ := identityProvider(t, true, 60)
	store := file(t, "ca.pem", authorityOf(server))
	login := fmt.Sprintf("%s clientId=checkout clientSecret=hunter2 ssl.truststore.type=PEM ssl.truststore.location=%q;", oauthModule, store)
	for name, settings := range map[string]map[string]string{
		"the login module's": clientCredentials(server.URL, "hunter2", "sasl.jaas.config", login),
		"the client's":       clientCredentials(server.URL, "hunter2", "ssl.truststore.type", "PEM", "ssl.truststore.location", store),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := mechanismOf(t, settings).Authenticate(t.Context(), "broker"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhyThereIsNoTokenIsCauseAndRemedy(t *testing.T) {
	plain, asked := identityProvider(t, false, 60)
	secure, _ := identityProvider(t, true, 60)
	for _, test := range []struct {
		name, url, secret string
		more              []string
		cause, remedy     string
	}{
		{"a wrong secret", plain.URL, "hunter3", nil, "401 Unauthorized (invalid_client not [redacted])", "client.secret"},
		{"a wrong scope", plain.URL, "hunter2", []string{"sasl.oauthbearer.scope", "none"}, "invalid_scope", "sasl.oauthbearer.scope"},
		{"a page for people", plain.URL + "/page", "hunter2", nil, "no access_token", "token.endpoint.url"},
		{"a broken endpoint", plain.URL + "/broken", "hunter2", nil, "502 Bad Gateway", "identity provider"},
		{"an authority that is not trusted", secure.URL, "hunter2", nil, "not trusted", "ssl.truststore.location"},
		{"nobody listens", "http://127.0.0.1:1", "hunter2", nil, "refused", "start the endpoint"},
		{"a name that does not resolve", "http://no-such-host.invalid", "hunter2", nil, "no-such-host.invalid", "token.endpoint.url"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := asked.Load()
			_, _, err := mechanismOf(t, clientCredentials(test.url, test.secret, test.more...)).Authenticate(t.Context(), "broker")
			p, ok := errors.AsType[*Problem](err)
			if !ok || !strings.Contains(p.Cause, test.cause) || !strings.Contains(p.Remedy, test.remedy) || p.Category != Unreachable {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "hunter") || strings.Contains(err.Error(), "\n") {
				t.Errorf("a secret, or more than a line: %v", err)
			}
			if tries := asked.Load() - before; test.name == "a broken endpoint" && tries < 2 || test.name == "a wrong secret" && tries != 1 {
				t.Errorf("%d tries", tries)
			}
		})
	}
}

func FuzzTokenExpiry(f *testing.F) {
	f.Add(credentials.UnsignedToken("me"))
	f.Add("a.e30.c")
	f.Fuzz(func(t *testing.T, text string) { expiryOf(text) })
}
