package workload

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"kaliper/internal/kafka"
	"kaliper/internal/kafkatest"
	"kaliper/internal/measure"
	"kaliper/internal/registry"
	"kaliper/internal/schema"
	"kaliper/results"
	"kaliper/scenarios"
)

// typedValue returns the setting of values with a built-in schema.
func typedValue(t testing.TB, format schema.Format, url string) scenarios.Value {
	t.Helper()
	order, err := schema.Order(format)
	if err != nil {
		t.Fatal(err)
	}
	r := scenarios.Registry{AutoRegister: true, LatestStrict: true, Strategy: string(registry.TopicName)}
	if url != "" {
		r.URLs = []string{url}
	}
	return scenarios.Value{
		Format: scenarios.ValueFormat(format), Size: scenarios.Size{Distribution: scenarios.SizeFixed, Bytes: 600},
		Typed: &scenarios.Typed{Schema: order, Registry: r},
	}
}

// delivered says that a trial with values that have a schema went well, and that both of its
// costs were measured, of every record.
func delivered(t *testing.T, trial results.Trial) {
	t.Helper()
	end := trial.End.Producers["checkout"]
	if end.Whole.Intended == 0 || end.Whole.Acked != end.Whole.Intended {
		t.Errorf("producers: %+v", end.Whole)
	}
	read := trial.End.Consumers["analytics"]
	if want := (results.Integrity{Checked: true}); read.Unread != 0 || read.Consumed != end.Whole.Acked || read.Integrity != want {
		t.Errorf("%d read of %d, %d unread, %+v", read.Consumed, end.Whole.Acked, read.Unread, read.Integrity)
	}
	if end.Serialize == nil || end.Serialize.Seconds <= 0 || read.Deserialize == nil || read.Deserialize.Seconds <= 0 {
		t.Fatalf("serialize %+v, deserialize %+v", end.Serialize, read.Deserialize)
	}
	for _, interval := range trial.Intervals {
		if n := interval.Consumers["analytics"].Failed[kindDeserialization]; n > 0 {
			t.Errorf("%d values did not read", n)
		}
	}
}

// On a real broker with a real registry: every format is registered, delivered once, and can be
// read by the schema that the registry returns for the id in the record.
func TestOnRealKafkaValuesWithASchemaAreReadByWhatTheRegistryHas(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	url := kafkatest.StartRegistry(t)
	client, err := sr.NewClient(sr.URLs(url))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range schema.Formats() {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			p, g := producers(t, "500/s"), consumers(t)
			p.Value, g.Deserialize = typedValue(t, format, url), true
			p.Topic, g.Topics = "orders-"+string(format), []string{"orders-" + string(format)}
			l := load([]scenarios.ProducerGroup{p}, g)
			l.Topics[0].Name = p.Topic
			trial := executeOn(t, t.Context(), l, bootstrap)
			delivered(t, trial)
			subjects, err := client.Subjects(t.Context())
			if err != nil || slices.Contains(subjects, trial.Begin.Topics[0].Name+"-value") {
				t.Errorf("the subject outlived its topic: %v, %v", subjects, err)
			}

			l.KeepTopics = true
			trial = executeOn(t, t.Context(), l, bootstrap)
			delivered(t, trial)
			topic := trial.Begin.Topics[0].Name
			found, err := client.SchemaByVersion(t.Context(), topic+"-value", -1)
			if err != nil {
				t.Fatal(err)
			}
			decodesByRegistry(t, bootstrap, topic, client, found.ID, format)
		})
	}
	t.Run("an incompatible schema is bad input with the registry's words", func(t *testing.T) {
		p := producers(t, "500/s")
		p.Value = typedValue(t, schema.Avro, url)
		p.Value.Typed.Subject = "taken"
		other := sr.Schema{Schema: `{"type":"record","name":"Order","namespace":"kaliper.orders","fields":[{"name":"order_id","type":"long"}]}`}
		if _, err := client.RegisterSchema(t.Context(), "taken", other, -1, -1); err != nil {
			t.Fatal(err)
		}
		if result := client.SetCompatibility(t.Context(), sr.SetCompatibility{Level: sr.CompatFull}, "taken"); result[0].Err != nil {
			t.Fatal(result[0].Err)
		}
		_, err := runOn(t, t.Context(), load([]scenarios.ProducerGroup{p}), bootstrap, t.TempDir(), nil)
		if category, ok := kafka.CategoryOf(err); !ok || category != kafka.BadInput || !strings.Contains(err.Error(), "incompatible with what the subject taken has") {
			t.Errorf("%v", err)
		}
	})
}

// decodesByRegistry reads a topic with a client of its own and decodes every value by the schema
// that the registry returns for its id.
func decodesByRegistry(t *testing.T, bootstrap []string, topic string, client *sr.Client, id int, format schema.Format) {
	t.Helper()
	text, err := client.SchemaByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := schema.Parse(format, "the registry's", text.Schema, "")
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer consumer.Close()
	header := &sr.ConfluentHeader{}
	for read := 0; read < 500; {
		fetches := consumer.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for _, r := range fetches.Records() {
			read++
			got, rest, err := header.DecodeID(r.Value)
			if err != nil || got != id {
				t.Fatalf("id %d, %v; the registry's is %d", got, err, id)
			}
			if format == schema.Protobuf {
				if _, rest, err = header.DecodeIndex(rest, 8); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := parsed.Decode(rest); err != nil {
				t.Fatal(err)
			}
			if n := len(r.Value); n < 590 || n > 610 {
				t.Fatalf("a value of %d bytes, asked for 600", n)
			}
		}
	}
}

func TestValuesWithASchemaNeedNoRegistry(t *testing.T) {
	t.Parallel()
	p, g := producers(t, "500/s"), consumers(t)
	p.Value, g.Deserialize = typedValue(t, schema.Avro, ""), true
	delivered(t, execute(t, load([]scenarios.ProducerGroup{p}, g)))
}

// The registry goes on asking while records with another id come: of a foreign writer, say.
func TestADeserializerFetchesASchemaOnce(t *testing.T) {
	fake := srfake.New()
	defer fake.Close()
	asked := 0
	fake.Intercept(func(http.ResponseWriter, *http.Request) bool { asked++; return false })
	client, err := registry.New(registry.Config{URLs: []string{fake.URL()}, AutoRegister: true})
	if err != nil {
		t.Fatal(err)
	}
	order, err := schema.Order(schema.Avro)
	if err != nil {
		t.Fatal(err)
	}
	found, err := client.Find(t.Context(), "s", registry.Schema{Format: "avro", Text: order.Text})
	if err != nil {
		t.Fatal(err)
	}
	v, err := prepareTyped(typedValue(t, schema.Avro, ""), order, found.ID, testRandom(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	d := newDeserializer(client, schema.Avro)
	asked = 0
	for range 3 {
		if err := d.decode(t.Context(), v.list[0]); err != nil {
			t.Fatal(err)
		}
		if err := d.decode(t.Context(), registry.Header(77, nil)); err == nil {
			t.Fatal("a schema that nobody has")
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times for two ids", asked)
	}
	if err := d.decode(t.Context(), []byte("{}")); err == nil {
		t.Error("a value without a header reads")
	}
}

func TestASchemaThatIsNotThereEndsTheTrialBeforeItsLoad(t *testing.T) {
	fake := srfake.New()
	defer fake.Close()
	p := producers(t, "500/s")
	p.Value = typedValue(t, schema.Avro, fake.URL())
	p.Value.Typed.Registry.UseLatest = true
	s := newStage(context.Background(), Trial{})
	s.topics["orders"] = results.TopicInfo{Name: "orders", Partitions: 1}
	_, _, err := s.resolve(t.Context(), p)
	if category, ok := kafka.CategoryOf(err); !ok || category != kafka.BadInput {
		t.Errorf("%v", err)
	}
}

// drained returns the only latency of a recorder, in nanoseconds.
func drained(of *[sides]measure.Recorder) int64 {
	h := measure.NewHistogram()
	of[inside].DrainInto(h)
	return int64(h.MeanSeconds() * 1e9)
}

// What serializing earlier records takes is a wait, and no lateness of the pacer; a record's own
// is neither.
func TestSerializingIsNoLatenessOfThePacer(t *testing.T) {
	c := hotClient(t, "1000/s", true)
	*c.busy = 3_000_000
	c.slip(inside, 5_000_000, *c.busy)
	for name, recorder := range map[string]struct{ got, want int64 }{
		"pacer":   {drained(&c.shard.slipPacer), 2_000_000},
		"blocked": {drained(&c.shard.slipBlocked), 3_000_000},
	} {
		if off := recorder.got - recorder.want; off < -2000 || off > 2000 {
			t.Errorf("%s: %d ns, want %d", name, recorder.got, recorder.want)
		}
	}
}
