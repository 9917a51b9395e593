package scenarios

import (
	"slices"
	"strings"
	"testing"
)

const copied = `format: kaliper.scenario/1
name: copied
targets: {laptop: {bootstrap.servers: "localhost:9092"}}
target: laptop
topics:
  orders: {copies: 3, partitions: 2, name: load.shop.order.created}
  lost: {copies: 3, name: load.shop.order.created.dlq}
  other: {}
producers:
  checkout: {topic: orders, clients: 7, rate: 10/s}
  audit: {topic: other, rate: 10/s}
consumers:
  analytics: {topics: [orders, other], members: 7, failures: {ratio: 1%, policy: retry-topic}}
  watch: {topics: [lost]}
`

func parseCopied(t *testing.T, sets ...string) (*Scenario, error) {
	t.Helper()
	return Parse(Source{Name: "s.yaml", Data: []byte(copied)}, Options{Sets: sets})
}

func TestCopiesAreTopicsOfTheirOwn(t *testing.T) {
	s, err := parseCopied(t, "consumers.analytics.failures.policy=retry", "topics.orders.config={retention.ms: 60000}")
	if err != nil {
		t.Fatal(err)
	}
	load := s.Cases[0].Load
	var logical []string
	for _, topic := range load.Topics {
		logical = append(logical, topic.Name)
	}
	if want := []string{"orders-1", "orders-2", "orders-3", "lost-1", "lost-2", "lost-3", "other"}; !slices.Equal(logical, want) {
		t.Errorf("topics %q, want %q", logical, want)
	}
	// The number stands before a suffix of the convention, so that the names fit together.
	want := []string{"load.shop.order.created-1", "load.shop.order.created-2", "load.shop.order.created-3",
		"load.shop.order.created-1.dlq", "load.shop.order.created-2.dlq", "load.shop.order.created-3.dlq", ""}
	if got := namesOf(load.Topics); !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	var written []string
	for client := range 7 {
		written = append(written, load.Producers[0].TopicOf(client))
	}
	if got := strings.Join(written, " "); got != "orders-1 orders-2 orders-3 orders-1 orders-2 orders-3 orders-1" {
		t.Errorf("clients write to %s", got)
	}
	if got := load.Producers[1].TopicOf(0); got != "other" {
		t.Errorf("the other group writes to %s", got)
	}
	if len(load.CopiesOf("orders")) != 3 || len(load.CopiesOf("other")) != 1 {
		t.Error("a declaration's copies are not all found")
	}
	if len(s.Warnings) > 0 {
		t.Errorf("warnings %q: 7 members share 7 partitions", s.Warnings)
	}
}

func TestFailedRecordsOfEachCopyHaveTopicsOfTheirOwn(t *testing.T) {
	s, err := parseCopied(t, "topics.lost=null", "consumers.watch=null", "topics.orders.name=null")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, topic := range s.Cases[0].Load.FailureTopics() {
		names = append(names, topic.Name+" of "+topic.Declared())
	}
	slices.Sort(names)
	want := []string{"orders-1.dlq of orders.dlq", "orders-1.retry of orders.retry", "orders-2.dlq of orders.dlq", "orders-2.retry of orders.retry",
		"orders-3.dlq of orders.dlq", "orders-3.retry of orders.retry", "other.dlq of other.dlq", "other.retry of other.retry"}
	if !slices.Equal(names, want) {
		t.Errorf("topics of failed records %q, want %q", names, want)
	}
}

func TestPipelinesHaveNoCopiesYet(t *testing.T) {
	_, err := parseCopied(t, "pipelines={enrich: {from: orders, to: other}}")
	if err == nil || !strings.Contains(err.Error(), "--set: pipelines.enrich.from: topic orders has copies: pipelines between copies are not built yet") {
		t.Error(err)
	}
}

func TestValuesWithASchemaHaveNoCopiesYet(t *testing.T) {
	_, err := parseCopied(t, "producers.checkout.value={format: avro}")
	if err == nil || !strings.Contains(err.Error(), "topic orders has copies: values with a schema for them are not built yet") {
		t.Error(err)
	}
}

// Copies cost what their partitions do: a client keeps books of its own copy alone.
func TestTheEstimateKnowsCopies(t *testing.T) {
	memory := func(sets ...string) int64 {
		s, err := parseCopied(t, append(sets, "consumers.analytics.failures=null")...)
		if err != nil {
			t.Fatal(err)
		}
		return s.Estimate().PeakMemoryBytes
	}
	one := memory("topics.orders.copies=1")
	if three := memory(); three != one {
		t.Errorf("memory %d with three copies, %d with one", three, one)
	}
	if more := memory("topics.orders.partitions=2000"); more <= one {
		t.Errorf("memory %d with 2000 partitions, %d with 2", more, one)
	}
}
