package scenarios

import (
	"io/fs"
	"strings"
	"testing"

	"kaliper/internal/schema"
)

const typedScenario = `format: kaliper.scenario/1
name: typed
target: embedded
topics: {orders: {}}
producers: {checkout: {topic: orders, rate: 100/s, value: VALUE}}
consumers: {analytics: {topics: [orders]}}
`

// typedFiles are the schemas that the scenarios of these tests name.
func typedFiles(path string) ([]byte, error) {
	switch path {
	case "good.avsc":
		return []byte(`{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"n","type":"int"},{"name":"note","type":"string"}]}`), nil
	case "numbers.avsc":
		return []byte(`{"type":"record","name":"N","fields":[{"name":"n","type":"int"}]}`), nil
	case "bad.avsc":
		return []byte("{\n \"type\": \"record\",\n \"name\": \"Order\", \"fields\": [{\"name\": \"n\", \"type\": \"intt\"}]}"), nil
	}
	return nil, fs.ErrNotExist
}

func parseTyped(value string, sets ...string) (*Scenario, error) {
	text := strings.Replace(typedScenario, "VALUE", value, 1)
	return Parse(Source{Name: "typed.yaml", Data: []byte(text), ReadFile: typedFiles}, Options{Sets: sets, LookupEnv: func(name string) (string, bool) {
		return "user:" + name, name != "NONE"
	}})
}

func TestOneLineMakesValuesWithASchema(t *testing.T) {
	for _, format := range schema.Formats() {
		s, err := parseTyped("{format: " + string(format) + ", registry: \"http://localhost:8081\"}")
		if err != nil {
			t.Fatal(err)
		}
		load := s.Cases[0].Load
		typed := load.Producers[0].Value.Typed
		if typed.Schema.Format != format || typed.Registry.URLs[0] != "http://localhost:8081" || !typed.Registry.AutoRegister || typed.Registry.UseLatest || !typed.Registry.LatestStrict || typed.Registry.Strategy != "TopicNameStrategy" {
			t.Errorf("%+v", typed)
		}
		if !load.Consumers[0].Deserialize || len(s.Warnings) > 0 {
			t.Errorf("deserialize %v, warnings %q", load.Consumers[0].Deserialize, s.Warnings)
		}
	}
}

func TestAValuesRegistryLiesOverTheOneAtTheTop(t *testing.T) {
	s, err := parseTyped("{format: avro, schema: good.avsc, subject: orders, registry: {use.latest.version: true}}",
		"registry={schema.registry.url: 'http://a:1, http://b:2', use.latest.version: false, auto.register.schemas: false}",
		"registry.basic.auth.credentials.source=USER_INFO", "registry.basic.auth.user.info=${env:X}",
		"producers.checkout.value.registry.value.subject.name.strategy=io.confluent.kafka.serializers.subject.RecordNameStrategy")
	if err != nil {
		t.Fatal(err)
	}
	typed := s.Cases[0].Load.Producers[0].Value.Typed
	if r := typed.Registry; len(r.URLs) != 2 || !r.UseLatest || r.AutoRegister || r.BasicAuth != "user:X" || r.Strategy != "RecordNameStrategy" || typed.Subject != "orders" || typed.Schema.Name() != "shop.Order" {
		t.Errorf("%+v", typed)
	}
	if strings.Contains(s.Resolved, "user:X") {
		t.Error("the resolved scenario has the secret")
	}
}

func TestWhatIsWrongWithValuesThatHaveASchemaIsSaid(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"no registry", "{format: avro}", "producers.checkout.value.registry: is missing; write registry: http://localhost:8081"},
		{"a schema without a format", "{schema: good.avsc}", "schema: has a meaning with format: avro"},
		{"no such file", "{format: avro, registry: none, schema: gone.avsc}", "value.schema: read gone.avsc"},
		{"a broken file", "{format: avro, registry: none, schema: bad.avsc}", "bad.avsc:3:"},
		{"a message of Avro", "{format: avro, registry: none, message: X}", "message: has a meaning with format: protobuf"},
		{"a message that is not there", "{format: protobuf, registry: none, message: Ordr}", "there are Order"},
		{"a slip in a property", "{format: avro, registry: {schema.registry.url: 'http://x', auto.register.schema: true}}", "did you mean \"auto.register.schemas\"?"},
		{"a slip in a TLS property", "{format: avro, registry: {schema.registry.url: 'https://x', schema.registry.ssl.truststore.locaton: x}}", "did you mean \"ssl.truststore.location\"?"},
		{"neither true nor false", "{format: avro, registry: {schema.registry.url: 'http://x', normalize.schemas: yes please}}", "is neither true nor false"},
		{"no URL", "{format: avro, registry: localhost}", "is no URL of a registry"},
		{"a user in the URL", "{format: avro, registry: 'http://me:hunter2@x'}", "has a user in it"},
		{"a secret written out", "{format: avro, registry: {schema.registry.url: 'http://x', bearer.auth.credentials.source: STATIC_TOKEN, bearer.auth.token: hunter2}}", "is a secret, written out"},
		{"a secret without its source", "{format: avro, registry: {schema.registry.url: 'http://x', bearer.auth.token: '${env:X}'}}", "has no effect in Java without bearer.auth.credentials.source: STATIC_TOKEN"},
		{"a source without its secret", "{format: avro, registry: {schema.registry.url: 'http://x', basic.auth.credentials.source: USER_INFO}}", "needs basic.auth.user.info"},
		{"another source", "{format: avro, registry: {schema.registry.url: 'http://x', basic.auth.credentials.source: URL}}", "USER_INFO alone is built"},
		{"another strategy", "{format: avro, registry: {schema.registry.url: 'http://x', value.subject.name.strategy: Mine}}", "does not run here"},
		{"a subject without a registry", "{format: avro, registry: none, subject: x}", "has a meaning with a registry only"},
		{"deserialize without values to decode", "{format: json}", "consumers.analytics.deserialize: has a meaning where"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var sets []string
			if strings.Contains(test.want, "deserialize") {
				sets = []string{"consumers.analytics.deserialize=true"}
			}
			_, err := parseTyped(test.value, sets...)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestASizeThatASchemaCannotHaveIsAWarning(t *testing.T) {
	// Asked for as they are, they have the sizes that their formats make of one event.
	natural := map[string]int{}
	for _, format := range schema.Formats() {
		s, err := parseTyped("{format: " + string(format) + ", registry: none, size: 0}")
		if err != nil || len(s.Warnings) > 0 {
			t.Fatal(s, err)
		}
		natural[string(format)] = s.Cases[0].Load.Producers[0].Value.Size.Bytes
	}
	if natural["avro"] == 0 || 2*natural["avro"] > natural["json-schema"] || 2*natural["protobuf"] > natural["json-schema"] {
		t.Errorf("natural sizes %v", natural)
	}
	for value, want := range map[string]string{
		"{format: avro, registry: none, size: 10}":                         "at the least",
		"{format: avro, registry: none, schema: numbers.avsc, size: 1KiB}": "no text that may be as long as asked",
	} {
		s, err := parseTyped(value)
		if err != nil || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], want) {
			t.Errorf("%s: %v, %v", value, s, err)
		}
	}
}
