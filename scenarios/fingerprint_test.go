package scenarios

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"

	"kaliper/internal/property"
	"kaliper/internal/schema"
)

// printedScenario has all that a fingerprint must look into: values by schemas, samples and files,
// a share group, a pipeline, records that fail, deduplication, and a look into the log.
const printedScenario = `format: kaliper.scenario/1
name: printed
targets: {lab: {bootstrap.servers: "one:9092"}}
target: lab
topics: {orders: {}, typed: {}, enriched: {}, lines: {}, work: {config: {retention.ms: 60000}}}
verify: readback
producers:
  sampled: {topic: orders, rate: 20000/s, key: {sample: orders.kts}, value: {sample: orders.kts}, config: {batch.size: "${env:BATCH}"}}
  avro: {topic: typed, rate: 100/s, value: {format: avro, schema: good.avsc, registry: {schema.registry.url: "http://one:8081", normalize.schemas: true}}}
  lines: {topic: lines, rate: 100/s, value: {file: lines.txt}}
  filler: {topic: work, rate: 100/s, key: {cardinality: 10}, headers: {a: x, b: y, c: z}}
consumers:
  analytics:
    topics: [orders]
    start: {from: {timestamp: "2026-11-23T16:12:00Z"}}
    processing: {time: 1ms}
    failures: {ratio: 1%, policy: retry-topic}
  workers: {topics: [work], share: {config: {share.record.lock.duration.ms: 15000}}}
  once: {topics: [lines], dedup: {redis: "redis://one:6379/0", mode: claim, lease: 10s}}
pipelines:
  enrich: {from: typed, to: enriched, failures: {ratio: 1%, policy: dead-letter}, config: {linger.ms: 3, max.poll.records: 50}}
`

// printing parses the scenario after texts in it, in its files and in its environment were
// replaced, and returns the fingerprint.
func printing(t *testing.T) func(options Options, replaced ...string) string {
	files := map[string]string{
		"orders.kts": string(sampledFile(t, 10, true)), "lines.txt": "one\ntwo\n", "BATCH": "16000",
		"good.avsc": `{"type":"record","name":"Order","fields":[{"name":"n","type":"int"},{"name":"note","type":"string"}]}`,
	}
	return func(options Options, replaced ...string) string {
		t.Helper()
		replace := strings.NewReplacer(replaced...)
		options.LookupEnv = func(name string) (string, bool) { return replace.Replace(files[name]), true }
		scenario, err := Parse(Source{Name: "printed.yaml", Data: []byte(replace.Replace(printedScenario)), ReadFile: func(path string) ([]byte, error) {
			text, there := files[path]
			if !there {
				return nil, fs.ErrNotExist
			}
			return []byte(replace.Replace(text)), nil
		}}, options)
		if err != nil {
			t.Fatalf("%q: %v", replaced, err)
		}
		return scenario.Cases[0].Fingerprint()
	}
}

func TestAFingerprintIsThatOfTheContentAlone(t *testing.T) {
	fingerprint := printing(t)
	want := fingerprint(Options{})
	for name, test := range map[string]struct {
		options  Options
		replaced []string
	}{
		"the same decoded again":      {},
		"a comment above":             {replaced: []string{"targets:", "# Where it is.\n\ntargets:"}},
		"another broker":              {replaced: []string{"one:9092", "two:9093"}},
		"another target":              {replaced: []string{"lab", "stage"}},
		"a bootstrap server":          {options: Options{Bootstrap: "three:9094"}},
		"another registry":            {replaced: []string{"http://one:8081", "http://two:8082"}},
		"another Redis":               {replaced: []string{"redis://one:6379/0", "redis://:${env:PASSWORD}@two:6379/1"}},
		"credentials":                 {options: Options{CommandProperties: []string{"security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", `sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";`}}},
		"a default, written out":      {replaced: []string{"linger.ms: 3", "linger.ms: 3, acks: all"}},
		"a setting from outside":      {options: Options{Sets: []string{"pipelines.enrich.config.linger.ms=3"}}},
		"the same rate, another word": {replaced: []string{"20000/s", "20k/s"}},
		"a question about it":         {replaced: []string{"name: printed", "name: printed\ndescription: How fast?"}},
	} {
		if got := fingerprint(test.options, test.replaced...); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestAFingerprintChangesWithEverySetting(t *testing.T) {
	fingerprint := printing(t)
	seen := map[string]string{fingerprint(Options{}): "unchanged"}
	for _, replaced := range [][2]string{
		{`"batch_bytes": `, `"batch_bytes": 1`},                 // of a sample
		{`"name":"n","type":"int"`, `"name":"n","type":"long"`}, // of a schema
		{"schema: good.avsc, ", ""},                             // the built-in schema
		{"normalize.schemas: true", "normalize.schemas: false"}, // of a registry
		{"registry: {schema.registry.url: \"http://one:8081\", normalize.schemas: true}", "registry: none"},
		{"two\n", "three\n"},                                       // of a file's lines
		{"b: y", "b: z"},                                           // of a header
		{"16000", "17000"},                                         // what a reference leads to
		{"linger.ms: 3", "linger.ms: 4"},                           // of a pipeline's producer
		{"max.poll.records: 50", "max.poll.records: 60"},           // of its consumer
		{"policy: dead-letter", "policy: skip"},                    // of its failures
		{"policy: retry-topic", "policy: retry-topic, retries: 4"}, // of a group's
		{"share.record.lock.duration.ms: 15000", "share.record.lock.duration.ms: 16000"},
		{"share: {config", "share: {confirm: per-poll, config"},
		{"lease: 10s", "lease: 11s"},
		{"retention.ms: 60000", "retention.ms: 60001"},
		{"16:12:00Z", "16:12:01Z"},
		{"time: 1ms", "time: 2ms"},
		{"cardinality: 10}", "cardinality: 11}"},
		{"20000/s", "20001/s"},
		{"verify: readback\n", ""},
		{"verify: readback", "verify: readback\ndefaults: {consumers: {config: {fetch.min.bytes: 2}}}"},
		{"verify: readback", "verify: readback\nwarmup: 7s"},
		{"verify: readback", "verify: readback\nseed: 7"},
		{"    failures: {ratio: 1%, policy: retry-topic}", "    failures: {ratio: 1%, policy: retry-topic}\n    config: {max.poll.records: 51}"},
		{"one:9092\"}", "one:9092\", metadata.max.age.ms: 20000}"}, // verify's client, and all others
	} {
		got := fingerprint(Options{}, replaced[0], replaced[1])
		if before, there := seen[got]; there {
			t.Errorf("%q for %q is as %s", replaced[1], replaced[0], before)
		}
		seen[got] = replaced[1]
	}
}

// The clients that write failed records and that look into the log have settings that no other
// client's say.
func TestAFingerprintHoldsThePropertiesOfEveryClient(t *testing.T) {
	resolve := func(role property.Role, name, value string) property.Set {
		set, errs := property.Resolve(role, map[string]property.Value{name: {Text: value, Origin: "a:1:1"}})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return set
	}
	seen := map[string]bool{}
	for _, fetch := range []string{"1", "2"} {
		c := Case{}
		c.Load.Verify.Properties = resolve(property.Consumer, "fetch.min.bytes", fetch)
		seen[c.Fingerprint()] = true
	}
	for _, linger := range []string{"1", "2"} {
		c := Case{}
		c.Load.Consumers = []ConsumerGroup{{Producer: resolve(property.Producer, "linger.ms", linger)}}
		seen[c.Fingerprint()] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d fingerprints of 4 loads", len(seen))
	}
}

// A field that a fingerprint cannot see, or a kind that it cannot write, is found here.
func TestAFingerprintKnowsEveryTypeOfALoad(t *testing.T) {
	hidden := map[reflect.Type]string{
		reflect.TypeFor[property.Set]():  "has a form of its own",
		reflect.TypeFor[time.Time]():     "has a form of its own",
		reflect.TypeFor[RedisURL]():      "is where a service is",
		reflect.TypeFor[schema.Schema](): "is its text, compiled",
		reflect.TypeFor[Topic]():         "copies is 1 in a copy",
	}
	seen := map[reflect.Type]bool{}
	var walk func(of reflect.Type, path string)
	walk = func(of reflect.Type, path string) {
		if seen[of] {
			return
		}
		seen[of] = true
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array:
			walk(of.Elem(), path+"[]")
		case reflect.Map:
			if of.Key().Kind() != reflect.String {
				t.Errorf("%s has keys of kind %s", path, of.Key().Kind())
			}
			walk(of.Elem(), path+"{}")
		case reflect.Struct:
			for i := range of.NumField() {
				field := of.Field(i)
				switch {
				case field.IsExported():
					walk(field.Type, path+"."+field.Name)
				case hidden[of] == "":
					t.Errorf("%s.%s is not exported: fingerprints do not have it", path, field.Name)
				}
			}
		case reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128, reflect.Uintptr:
			t.Errorf("%s is of kind %s", path, of.Kind())
		}
	}
	walk(reflect.TypeFor[Load](), "Load")
	if len(seen) < 40 {
		t.Errorf("%d types were looked at", len(seen))
	}
}
