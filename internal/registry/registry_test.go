package registry

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr/srfake"

	"kaliper/internal/kafka"
)

const user = `{"type":"record","name":"User","fields":[{"name":"name","type":"string"}]}`

func client(t *testing.T, url string, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{URLs: []string{url}, AutoRegister: true, LatestStrict: true}
	for _, c := range change {
		c(&config)
	}
	made, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestASchemaIsFoundAsJavasSerializersFindIt(t *testing.T) {
	fake := srfake.New()
	defer fake.Close()
	given := Schema{Format: "avro", Text: user}
	lookup := client(t, fake.URL(), func(c *Config) { c.AutoRegister = false })
	if _, err := lookup.Find(t.Context(), "users-value", given); !isBadInput(err) || !strings.Contains(err.Error(), "auto.register.schemas: true") {
		t.Errorf("without registering: %v", err)
	}
	latest := client(t, fake.URL(), func(c *Config) { c.UseLatest = true })
	if _, err := latest.Find(t.Context(), "users-value", given); !isBadInput(err) || !strings.Contains(err.Error(), "use.latest.version") {
		t.Errorf("the latest of nothing: %v", err)
	}
	registered, err := client(t, fake.URL()).Find(t.Context(), "users-value", given)
	if err != nil || registered.ID == 0 {
		t.Fatal(registered, err)
	}
	for name, c := range map[string]*Client{"lookup": lookup, "latest": latest, "again": client(t, fake.URL())} {
		if found, err := c.Find(t.Context(), "users-value", given); err != nil || found.ID != registered.ID || found.Text != user {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	if found, err := lookup.ByID(t.Context(), registered.ID); err != nil || found != registered {
		t.Errorf("by id: %+v, %v", found, err)
	}
	if err := lookup.Delete(t.Context(), "users-value"); err != nil {
		t.Error(err)
	}
	if err := lookup.Delete(t.Context(), "users-value"); err != nil {
		t.Errorf("what is gone already: %v", err)
	}
	if _, err := lookup.Find(t.Context(), "users-value", given); !isBadInput(err) {
		t.Errorf("after it was removed: %v", err)
	}
}

func isBadInput(err error) bool {
	category, ok := kafka.CategoryOf(err)
	return ok && category == kafka.BadInput
}

func TestWhatKeepsARegistryAwayIsSaidWithARemedy(t *testing.T) {
	fake := srfake.New(srfake.WithAuth("Basic dXNlcjpyaWdodA==")) // user:right
	defer fake.Close()
	nothing := httptest.NewServer(http.NotFoundHandler())
	defer nothing.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error_code":40301,"message":"User is denied"}`))
	}))
	defer refusing.Close()
	unknown := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer unknown.Close()
	for _, test := range []struct {
		name   string
		client *Client
		want   []string
	}{
		{"nobody there", client(t, "http://127.0.0.1:1"), []string{"http://127.0.0.1:1 cannot be reached: the connection is refused", "correct schema.registry.url"}},
		{"no such host", client(t, "http://registry.invalid"), []string{"no such host: registry.invalid"}},
		{"no password", client(t, fake.URL()), []string{"does not know this user"}},
		{"a wrong password", client(t, unknown.URL, func(c *Config) { c.User, c.Password = "user", "hunter2-planted" }), []string{"does not know this user", "basic.auth.user.info"}},
		{"a wrong token", client(t, unknown.URL, func(c *Config) { c.Token = "hunter2-planted" }), []string{"does not know this user", "bearer.auth.token"}},
		{"no right", client(t, refusing.URL), []string{"User is denied", "give the user the right"}},
		{"another path", client(t, nothing.URL), []string{"has nothing at", "/apis/ccompat/v7"}},
		{"an unknown certificate", client(t, secure.URL), []string{"cannot be reached", "schema.registry.ssl.truststore.location"}},
	} {
		err := test.client.Check(t.Context())
		if category, ok := kafka.CategoryOf(err); !ok || category != kafka.Unreachable {
			t.Errorf("%s: %v is of category %q", test.name, err, category)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q lacks %q", test.name, err, want)
			}
		}
		if strings.Contains(err.Error(), "hunter2-planted") {
			t.Errorf("%s tells the password: %v", test.name, err)
		}
	}
	if err := client(t, fake.URL(), func(c *Config) { c.User, c.Password = "user", "right" }).Check(context.Background()); err != nil {
		t.Errorf("with the right password: %v", err)
	}
}

func TestTheHeaderIsConfluents(t *testing.T) {
	for _, test := range []struct {
		path []int
		want string
	}{{nil, "\x00\x00\x00\x01\x02"}, {[]int{0}, "\x00\x00\x00\x01\x02\x00"}, {[]int{1, 0}, "\x00\x00\x00\x01\x02\x04\x02\x00"}} {
		header := Header(0x102, test.path)
		if string(header) != test.want {
			t.Errorf("%v: %x", test.path, header)
		}
		id, rest, err := ID(append(header, "rest"...))
		if err != nil || id != 0x102 {
			t.Error(id, err)
		}
		if test.path != nil {
			if _, rest, err = MessagePath(rest); err != nil {
				t.Error(err)
			}
		}
		if string(rest) != "rest" {
			t.Errorf("%v leaves %q", test.path, rest)
		}
	}
	if _, _, err := ID([]byte("{}")); err != ErrNoHeader {
		t.Error(err)
	}
}

func FuzzHeader(f *testing.F) {
	f.Add(Header(1, nil))
	f.Add(Header(1, []int{1, 2}))
	f.Fuzz(func(_ *testing.T, value []byte) {
		if _, rest, err := ID(value); err == nil {
			_, _, _ = MessagePath(rest)
		}
	})
}

func TestSubjectsAreNamedByTheStrategy(t *testing.T) {
	for strategy, want := range map[string]string{
		"TopicNameStrategy": "orders-value",
		"io.confluent.kafka.serializers.subject.RecordNameStrategy":      "shop.Order",
		"io.confluent.kafka.serializers.subject.TopicRecordNameStrategy": "orders-shop.Order",
	} {
		if got := ParseStrategy(strategy).Subject("orders", "shop.Order"); got != want {
			t.Errorf("%s: %s, want %s", strategy, got, want)
		}
	}
}
