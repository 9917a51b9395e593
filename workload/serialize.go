package workload

import (
	"context"
	"fmt"
	"hash/crc32"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/measure"
	"kaliper/internal/registry"
	"kaliper/internal/schema"
	"kaliper/results"
	"kaliper/scenarios"
)

// serialization is where one shard of clients records what turning values into bytes, or back,
// took. The histogram's grain is half a microsecond, so the sums are kept exactly.
type serialization struct {
	took [sides]measure.Recorder
	sum  [sides]atomic.Int64 // nanoseconds
}

// record counts one record.
func (s *serialization) record(side int, nanoseconds int64) {
	s.took[side].Record(nanoseconds)
	s.sum[side].Add(nanoseconds)
}

// serializer turns a group's prepared values into bytes, as a producer's does for each record:
// what can be prepared was, the value itself, and only its serialization is left.
type serializer struct {
	schema *schema.Schema
	header []byte
	values []schema.Value
}

// appendTo serializes a value behind its header.
func (s *serializer) appendTo(to []byte, value int) []byte {
	made, err := s.schema.Append(append(to, s.header...), s.values[value])
	if err != nil {
		// It was serialized when it was prepared, and is never changed.
		panic(fmt.Sprintf("serialize a prepared value: %v", err))
	}
	return made
}

// serialize makes the value of the next record in its buffer. What it takes counts as part of
// the response latency, and not as lateness of the pacer: a real producer does it in the same
// place. It returns the value and its checksum.
func (c *producerClient) serialize(o *outgoing, s int) (value []byte, checksum uint32) {
	begin := c.clock.Now()
	value = c.group.values.typed.appendTo(o.buffers.value[:0], c.value)
	took := c.clock.Now() - begin
	o.buffers.value = value
	c.shard.serialize.record(s, took)
	*c.busy += took
	if c.group.stamped {
		checksum = crc32.Checksum(value, castagnoli)
	}
	return value, checksum
}

// registrar registers the schemas of a trial's values, and remembers what is to be removed.
type registrar struct {
	clients  map[string]*registry.Client // by configuration
	subjects []ownSubject
	// madeUp is the last id of those schemas that are registered nowhere.
	madeUp int
}

// ownSubject is a subject that was made for a topic of the trial's own.
type ownSubject struct {
	client *registry.Client
	name   string
}

// client returns the client of a registry; nil where schemas are registered nowhere.
func (r *registrar) client(of scenarios.Registry) (*registry.Client, error) {
	if len(of.URLs) == 0 {
		return nil, nil
	}
	key := fmt.Sprintf("%q", []any{of.URLs, of.BasicAuth, of.Token, of.AutoRegister, of.UseLatest, of.LatestStrict, of.Normalize})
	if found := r.clients[key]; found != nil {
		return found, nil
	}
	config := registry.Config{
		URLs: of.URLs, Token: of.Token, AutoRegister: of.AutoRegister, UseLatest: of.UseLatest,
		LatestStrict: of.LatestStrict, Normalize: of.Normalize,
	}
	config.User, config.Password, _ = strings.Cut(of.BasicAuth, ":")
	if of.TLS.Role() != "" {
		var err error
		if config.TLS, err = kafka.TLSOf(of.TLS); err != nil {
			return nil, err
		}
	}
	made, err := registry.New(config)
	if err != nil {
		return nil, err
	}
	if r.clients == nil {
		r.clients = map[string]*registry.Client{}
	}
	r.clients[key] = made
	return made, nil
}

// CheckRegistries asks every registry of the cases for something harmless, so that one that
// cannot be had is known before a run begins. The error is a *kafka.Problem.
func CheckRegistries(ctx context.Context, cases []scenarios.Case) error {
	var r registrar
	asked := map[*registry.Client]bool{}
	for _, c := range cases {
		for _, g := range c.Load.Producers {
			if g.Value.Typed == nil {
				continue
			}
			client, err := r.client(g.Value.Typed.Registry)
			if err != nil {
				return err
			}
			if client == nil || asked[client] {
				continue
			}
			if err := client.Check(ctx); err != nil {
				return err
			}
			asked[client] = true
		}
	}
	return nil
}

// resolve returns the schema that a group's values are written with, and its id.
func (s *stage) resolve(ctx context.Context, g scenarios.ProducerGroup) (*schema.Schema, int, error) {
	t := g.Value.Typed
	client, err := s.registrar.client(t.Registry)
	if err != nil {
		return nil, 0, err
	}
	if client == nil || s.rehearsal {
		s.registrar.madeUp++
		return t.Schema, s.registrar.madeUp, nil
	}
	topic := s.topics[g.Topic]
	subject := t.Subject
	if subject == "" {
		subject = registry.Strategy(t.Registry.Strategy).Subject(topic.Name, t.Schema.Name())
	}
	given := registry.Schema{Format: string(t.Schema.Format), Text: t.Schema.Text}
	if t.Registry.UseLatest && !t.Given {
		given.Text = "" // the built-in one is nothing that was asked for
	}
	found, err := client.Find(ctx, subject, given)
	if err != nil {
		return nil, 0, err
	}
	// A subject with the unique name of a topic is the trial's own, as the topic is.
	if t.Subject == "" && !t.Registry.UseLatest && t.Registry.AutoRegister && strings.Contains(subject, topic.Name) && s.uniqueName(g.Topic) {
		s.registrar.subjects = append(s.registrar.subjects, ownSubject{client, subject})
	}
	if found.Text == t.Schema.Text {
		return t.Schema, found.ID, nil
	}
	parsed, err := schema.Parse(t.Schema.Format, "the latest schema of "+subject, found.Text, t.Message)
	if err != nil {
		return nil, 0, &kafka.Problem{Cause: err.Error(), Remedy: "values cannot be drawn from it: name another subject", Category: kafka.BadInput, Err: err}
	}
	return parsed, found.ID, nil
}

// uniqueName says whether a topic's name is the run's own and nobody else's.
func (s *stage) uniqueName(logical string) bool {
	for _, t := range s.load.Topics {
		if t.Name == logical {
			return t.Existing == "" && t.RealName == ""
		}
	}
	return false
}

// forget removes the subjects of the trial's own topics.
func (r *registrar) forget(ctx context.Context) error {
	removed := map[string]bool{}
	for _, subject := range r.subjects {
		if removed[subject.name] {
			continue
		}
		removed[subject.name] = true
		if err := subject.client.Delete(ctx, subject.name); err != nil {
			return fmt.Errorf("remove the subject %s: %w", subject.name, err)
		}
	}
	return nil
}

// deserializer turns values back, as a consumer's does for each record. It fetches the schema of
// an id that it meets first, and keeps it.
type deserializer struct {
	client *registry.Client // nil where schemas are registered nowhere
	format schema.Format
	known  atomic.Pointer[map[int]schemaOrError]
	mu     sync.Mutex // of those who fetch
}

// schemaOrError is a schema, or why there is none.
type schemaOrError struct {
	schema *schema.Schema
	err    error
}

func newDeserializer(client *registry.Client, format schema.Format) *deserializer {
	d := &deserializer{client: client, format: format}
	d.known.Store(&map[int]schemaOrError{})
	return d
}

// learn makes a schema known.
func (d *deserializer) learn(id int, s schemaOrError) {
	next := maps.Clone(*d.known.Load())
	next[id] = s
	d.known.Store(&next)
}

// of returns the schema of an id.
func (d *deserializer) of(ctx context.Context, id int) (*schema.Schema, error) {
	if found, ok := (*d.known.Load())[id]; ok {
		return found.schema, found.err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if found, ok := (*d.known.Load())[id]; ok {
		return found.schema, found.err
	}
	var s schemaOrError
	if d.client == nil {
		s.err = fmt.Errorf("no schema has the id %d", id)
	} else if text, err := d.client.ByID(ctx, id); err != nil {
		s.err = err
	} else {
		s.schema, s.err = schema.Parse(schema.Format(text.Format), fmt.Sprintf("the schema %d", id), text.Text, "")
	}
	d.learn(id, s)
	return s.schema, s.err
}

// decode reads one value.
func (d *deserializer) decode(ctx context.Context, value []byte) error {
	id, rest, err := registry.ID(value)
	if err != nil {
		return err
	}
	s, err := d.of(ctx, id)
	if err != nil {
		return err
	}
	if s.Format == schema.Protobuf {
		var path []int
		if path, rest, err = registry.MessagePath(rest); err != nil {
			return err
		}
		if s, err = s.At(path); err != nil {
			return err
		}
	}
	_, err = s.Decode(rest)
	return err
}

// kindDeserialization is the kind of error of a value that does not read.
const kindDeserialization = "deserialization"

// deserialize decodes what a poll returned, before the poll is taken to have returned, as Java's
// client does within poll.
func (m *member) deserialize(ctx context.Context, fetches kgo.Fetches) {
	g := m.group
	now := g.clock.Now()
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		topic := g.byName[p.Topic]
		if topic == nil || topic.deserializer == nil {
			return
		}
		var s stamp
		for _, r := range p.Records {
			if topic.transactional && r.Attrs.IsControl() {
				continue
			}
			err := topic.deserializer.decode(ctx, r.Value)
			then := g.clock.Now()
			at := then
			if from, _ := stampOf(r); s.read(from) && s.run == g.run {
				at = s.intended
			}
			in := side(g.window.holds(at))
			m.shard.deserialize.record(in, then-now)
			if now = then; err != nil {
				g.failures.add(in, kindDeserialization)
				g.events.once("error", kindDeserialization, fmt.Sprintf("%s: %v", g.settings.Name, err))
			}
		}
	})
}

// deserializers gives the topics of a group what reads their values.
func (s *stage) deserializers(ctx context.Context, g *consumerGroup) error {
	if !g.decodes {
		return nil
	}
	for _, topic := range g.topics {
		for _, p := range s.producers {
			t := p.settings.Value.Typed
			if p.settings.Topic != topic.logical || t == nil {
				continue
			}
			client, err := s.registrar.client(t.Registry)
			if err != nil {
				return err
			}
			if topic.deserializer == nil {
				topic.deserializer = newDeserializer(client, t.Schema.Format)
			}
			// The schema that comes back for the id is what consumers read by; it is fetched
			// before the load, for the first record would wait for it alone.
			if client == nil {
				topic.deserializer.learn(p.values.id, schemaOrError{schema: p.values.typed.schema})
			} else if _, err := topic.deserializer.of(ctx, p.values.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// serializationBook accumulates a serialization over the trial.
type serializationBook struct {
	track *track
	whole float64 // seconds, of records intended in the window
}

func newSerializationBook() *serializationBook { return &serializationBook{track: newTrack()} }

// close takes the interval of some shards; nil where none records any.
func (b *serializationBook) close(shards []*serialization) (*results.Serialization, error) {
	var sum [sides]int64
	for _, s := range shards {
		if s == nil {
			return nil, nil
		}
		b.track.add(&s.took)
		for side := range s.sum {
			sum[side] += s.sum[side].Swap(0)
		}
	}
	taken, _, err := b.track.close()
	if err != nil {
		return nil, err
	}
	seconds := time.Duration(sum[inside]).Seconds()
	b.whole += seconds
	return &results.Serialization{Took: taken, WindowSeconds: seconds}, nil
}

// totals returns the whole trial's; nil where nothing was recorded.
func (b *serializationBook) totals() (*results.SerializationTotals, error) {
	if b.track.whole.Count() == 0 {
		return nil, nil
	}
	encoded, err := b.track.whole.Encode()
	return &results.SerializationTotals{Took: encoded, Seconds: b.whole}, err
}

func (g *producerGroup) serializations() (list []*serialization) {
	for _, shard := range g.shards {
		list = append(list, shard.serialize)
	}
	return list
}

func (g *consumerGroup) deserializations() (list []*serialization) {
	for _, shard := range g.shards {
		list = append(list, shard.deserialize)
	}
	return list
}
