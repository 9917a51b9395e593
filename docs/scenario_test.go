package docs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"kaliper/internal/sample"
	"kaliper/scenarios"
)

const (
	scenarioPage = "scenario.md"
	readme       = "../README.md"
	formatLine   = "format: "
)

// smallest returns the scenario of the page that its short examples are overlays on.
func smallest(t *testing.T) scenarios.Source {
	t.Helper()
	for _, e := range examples(readPage(t, scenarioPage), "yaml") {
		if strings.Contains(e.text, "name: smallest") {
			return scenarios.Source{Name: "smallest.yaml", Data: []byte(e.text), ReadFile: stand(e.text)}
		}
	}
	t.Fatal("the page lacks its smallest scenario")
	return scenarios.Source{}
}

// stand returns what stands in for the files that examples name.
func stand(base string) func(path string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		switch filepath.Ext(path) {
		case ".yaml":
			return []byte(base), nil
		case ".ndjson":
			return []byte(`{"order": 1}` + "\n"), nil
		case ".kts":
			return sampled()
		case ".avsc":
			return []byte(`{"type": "record", "name": "Order", "fields": [{"name": "note", "type": "string"}]}`), nil
		case ".proto":
			return []byte(`syntax = "proto3"; package shop; message Order { string note = 1; }`), nil
		case ".properties":
			return []byte("client.id=load-test\n"), nil
		}
		return nil, fs.ErrNotExist
	}
}

// sampled is the file of a sample of two records.
func sampled() ([]byte, error) {
	c := sample.NewCollector(func(_ string, batch []byte) int { return len(batch) / 2 }, false)
	for range 2 {
		c.Add([]byte("a key"), []byte("a value"))
	}
	return c.Topic().Encode()
}

func brokers(string) (string, bool) { return "localhost:9092", true }

func TestEveryScenarioOfThePagesIsLegal(t *testing.T) {
	for _, page := range []string{scenarioPage, "pipelines.md", "dedup.md", "schemas.md", "metrics.md", "properties.md", "results.md", readme} {
		for _, e := range examples(readPage(t, page), "yaml") {
			t.Run(fmt.Sprintf("%s line %d", filepath.Base(page), e.line), func(t *testing.T) {
				source := smallest(t)
				options := scenarios.Options{LookupEnv: brokers}
				whole := strings.HasPrefix(e.text, formatLine)
				if page == readme { // runs with --bootstrap-server
					options.Bootstrap = "localhost:9092"
				}
				if whole {
					source.Name, source.Data = "example.yaml", []byte(e.text)
				} else {
					options.Overlays = []scenarios.Source{{Name: "example.yaml", Data: []byte(e.text), ReadFile: source.ReadFile}}
				}
				s, err := scenarios.Parse(source, options)
				if err != nil {
					t.Fatal(err)
				}
				if whole && len(s.Warnings) > 0 {
					t.Errorf("warnings: %q", s.Warnings)
				}
			})
		}
	}
}

// mapOfTheFormat is one map of the format: a table of the page lists its keys.
type mapOfTheFormat struct {
	name string
	set  string            // as for --set, with %s where one more key goes; empty for the top level
	with map[string]string // what else a key needs to have a meaning
	also []string          // other things to set
}

// mapsOfTheFormat are in the order of their tables.
func mapsOfTheFormat() []mapOfTheFormat {
	return []mapOfTheFormat{
		{name: "top level"},
		{name: "topics", set: "topics.orders={%s}"},
		{name: "producers", set: "producers.checkout={topic: orders, rate: 5000/s, %s}", with: map[string]string{"batch_records": "send: batch", "transaction": "send: transaction"}},
		{name: "transaction", set: "producers.checkout={topic: orders, rate: 5000/s, send: transaction, transaction: {%s}}"},
		{name: "rate", set: "producers.checkout.rate=[{at: 5000/s, %s}]"},
		{name: "key", set: "producers.checkout.key={cardinality: 10, %s}", with: map[string]string{
			"exponent": "distribution: zipf", "hot_share": "distribution: hot"}},
		{name: "value", set: "producers.checkout.value={%s}"},
		{name: "size", set: "producers.checkout.value.size={distribution: fixed, bytes: 100, %s}"},
		{name: "bins", set: "producers.checkout.value.size={distribution: histogram, bins: [{bytes: 100, %s}]}"},
		{name: "partitioner", set: "producers.checkout.partitioner={manual: [0], %s}"},
		{name: "consumers", set: "consumers.analytics={topics: [orders], %s}", with: map[string]string{"commit_interval": "commit: interval"}},
		{name: "start", set: "consumers.analytics.start={%s}"},
		{name: "start.from", set: "consumers.analytics.start={from: {offset: 1, %s}}"},
		{name: "schedule", set: "consumers.analytics.schedule=[{at: 20s, join: 1, %s}]"},
		{name: "rolling_restart", set: "consumers.analytics.schedule=[{at: 20s, rolling_restart: {every: 5s, %s}}]"},
		{name: "seek", set: "consumers.analytics.schedule=[{at: 20s, seek: {ago: 5s, %s}}]"},
		{name: "processing", set: "consumers.analytics.processing={time: 1ms, %s}", with: map[string]string{"sigma": "distribution: lognormal"}},
		{name: "stall", set: "consumers.analytics.processing={stall: [{for: 5s, %s}]}"},
		{name: "dedup", set: "consumers.analytics.dedup={redis: redis://localhost:6379/0, %s}"},
		{name: "share", set: "consumers.analytics.share={%s}", with: map[string]string{"releases": "release: 1%"}},
		{name: "pipelines", set: "pipelines={enrich: {from: orders, to: payments, %s}}", also: []string{"topics={orders: {partitions: 6}, payments: {}}"}, with: map[string]string{"aborts": "guarantee: exactly-once"}},
		{name: "failures", set: "consumers.analytics.failures={ratio: 1%%, policy: retry, %s}"},
		{name: "defaults", set: "defaults={%s}"},
		{name: "matrix", set: "matrix={%s}"},
		{name: "choose", set: "choose={minimize: [service.p99], %s}", also: []string{"matrix={vary: {producers.*.config.linger.ms: [0, 5]}}"}},
		{name: "gate", set: "gate={%s}"},
		{name: "gate.metrics", set: "gate={metrics: {ack.p50: {%s}}}"},
		{name: "search", set: "search={%s}"},
	}
}

// parse parses the smallest scenario, in which the map has some keys more.
func (m mapOfTheFormat) parse(t *testing.T, keys ...string) (*scenarios.Scenario, error) {
	t.Helper()
	options := scenarios.Options{LookupEnv: brokers}
	if m.set != "" {
		options.Sets = append(m.also, fmt.Sprintf(m.set, strings.Join(keys, ", ")))
	} else {
		for _, key := range keys {
			options.Sets = append(options.Sets, strings.Replace(key, ": ", "=", 1))
		}
	}
	return scenarios.Parse(smallest(t), options)
}

// keys returns the keys that the parser knows: it lists them when it meets one that it does not.
func (m mapOfTheFormat) keys(t *testing.T) []string {
	t.Helper()
	_, err := m.parse(t, "qqqqqqqq: 1")
	var wrong scenarios.Errors
	if !errors.As(err, &wrong) {
		t.Fatalf("an unknown key is no error: %v", err)
	}
	for _, problem := range wrong {
		if list, found := strings.CutPrefix(problem.Text, "unknown key; known here: "); found {
			return strings.Split(list, ", ")
		}
	}
	t.Fatalf("no list of known keys in %q", err)
	return nil
}

const keysHeader = "| key | value | default | meaning |"

func TestTheTablesHaveEveryKeyOfTheFormat(t *testing.T) {
	found := tables(readPage(t, scenarioPage), keysHeader)
	maps := mapsOfTheFormat()
	if len(found) != len(maps) {
		t.Fatalf("%d tables of keys, want %d", len(found), len(maps))
	}
	for i, m := range maps {
		t.Run(m.name, func(t *testing.T) {
			want := m.keys(t)
			if m.set == "" {
				want = append(want, "extends") // gone before keys are checked
			}
			sameElements(t, m.name, firstCells(found[i]), want)
		})
	}
}

var literal = regexp.MustCompile("^`([^`]+)`$")

// A default that a table gives as a literal must change nothing when it is written.
func TestTheDefaultsOfTheTablesAreTheRealOnes(t *testing.T) {
	found := tables(readPage(t, scenarioPage), keysHeader)
	checked := 0
	for i, m := range mapsOfTheFormat() {
		for _, row := range found[i] {
			fallback := literal.FindStringSubmatch(row[2])
			if fallback == nil {
				continue
			}
			checked++
			key := strings.Trim(row[0], "`")
			t.Run(m.name+"."+key, func(t *testing.T) {
				var around []string
				if with := m.with[key]; with != "" {
					around = []string{with}
				}
				without, err := m.parse(t, around...)
				if err != nil {
					t.Fatal(err)
				}
				with, err := m.parse(t, append(around, key+": "+fallback[1])...)
				if err != nil {
					t.Fatal(err)
				}
				if with.Repeats != without.Repeats || with.Seed != without.Seed || with.Rest != without.Rest || !reflect.DeepEqual(with.Cases, without.Cases) || !reflect.DeepEqual(with.Gate, without.Gate) {
					t.Errorf("%s is not the default:\n%+v\nwithout it:\n%+v", fallback[1], with, without)
				}
			})
		}
	}
	if checked < 20 {
		t.Errorf("only %d defaults were checked", checked)
	}
}

func TestWhatIsNotBuiltIsRefusedAsSuch(t *testing.T) {
	names := map[string]string{"targets": "laptop", "topics": "orders", "producers": "checkout", "consumers": "analytics"}
	for _, row := range onlyTable(t, scenarioPage, "| setting | what it will be |") {
		path, value, hasValue := strings.Cut(strings.Trim(row[0], "`"), ": ")
		if !hasValue {
			value = "1"
		}
		top, _, _ := strings.Cut(path, ".")
		path = strings.Replace(path, "NAME", names[top], 1)
		t.Run(path, func(t *testing.T) {
			_, err := scenarios.Parse(smallest(t), scenarios.Options{Sets: []string{path + "=" + value}})
			if err == nil || !strings.Contains(err.Error(), "not built yet") {
				t.Errorf("%s: %s is not refused as not built yet: %v", path, value, err)
			}
		})
	}
}
