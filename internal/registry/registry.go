// Package registry registers and fetches schemas at a registry that speaks Confluent's API, and
// writes and reads what stands before a value on the wire: a zero, the schema's id, and for
// Protobuf the message's place in its file.
//
// It decides which subject a schema belongs to and what of its settings means what it means in
// Java's serializers. It refuses to know what a schema says: that is package schema's.
package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"kaliper/internal/kafka"
)

// requestBound is how long a request may take.
const requestBound = 10 * time.Second

// Config is how to reach a registry and what to do there. Its secrets are never printed.
type Config struct {
	URLs           []string
	User, Password string // basic auth, if not empty
	Token          string // bearer auth, if not empty
	TLS            *tls.Config
	AutoRegister   bool // auto.register.schemas
	UseLatest      bool // use.latest.version
	LatestStrict   bool // latest.compatibility.strict
	Normalize      bool // normalize.schemas
}

// Client talks to one registry.
type Client struct {
	config Config
	client *sr.Client
}

// Schema is a schema as a registry has it.
type Schema struct {
	ID     int
	Format string // avro, json-schema, protobuf
	Text   string
}

// New returns a client; nothing is contacted yet.
func New(config Config) (*Client, error) {
	options := []sr.ClientOpt{
		sr.URLs(config.URLs...), sr.UserAgent("kaliper"),
		sr.HTTPClient(&http.Client{Timeout: requestBound}),
	}
	if config.TLS != nil {
		options = append(options, sr.DialTLSConfig(config.TLS))
	}
	if config.User != "" || config.Password != "" {
		options = append(options, sr.BasicAuth(config.User, config.Password))
	}
	if config.Token != "" {
		options = append(options, sr.BearerToken(config.Token))
	}
	client, err := sr.NewClient(options...)
	if err != nil {
		return nil, err
	}
	return &Client{config: config, client: client}, nil
}

// types are the registry's words for formats.
var types = map[string]sr.SchemaType{"avro": sr.TypeAvro, "json-schema": sr.TypeJSON, "protobuf": sr.TypeProtobuf}

func formatOf(t sr.SchemaType) string {
	for format, known := range types {
		if known == t {
			return format
		}
	}
	return t.String()
}

// Check asks the registry for something harmless, so that what is wrong with the way to it is
// known before anything is written. The error is a *kafka.Problem.
func (c *Client) Check(ctx context.Context) error {
	// The prefix keeps the answer short: nobody has such a subject.
	if _, err := c.client.Subjects(sr.WithParams(ctx, sr.SubjectPrefix("kaliper.check."))); err != nil {
		return c.problem(err)
	}
	return nil
}

// Find returns the schema that records of a subject are to be written with, as Java's
// serializers find it: the latest of the subject (use.latest.version), the one given, which is
// registered if it is new (auto.register.schemas), or the one given, which must be there. The
// error is a *kafka.Problem.
func (c *Client) Find(ctx context.Context, subject string, given Schema) (Schema, error) {
	asked := sr.Schema{Schema: given.Text, Type: types[given.Format]}
	if c.config.Normalize {
		ctx = sr.WithParams(ctx, sr.Normalize)
	}
	switch {
	case c.config.UseLatest:
		return c.latest(ctx, subject, given, asked)
	case c.config.AutoRegister:
		id, err := c.client.RegisterSchema(ctx, subject, asked, -1, -1)
		if err != nil {
			return Schema{}, c.refusal(subject, err)
		}
		given.ID = id
		return given, nil
	}
	found, err := c.client.LookupSchema(ctx, subject, asked)
	if err != nil {
		return Schema{}, c.refusal(subject, err)
	}
	given.ID = found.ID
	return given, nil
}

// latest returns a subject's latest version. Where a schema was given, that must be compatible
// with it (latest.compatibility.strict).
func (c *Client) latest(ctx context.Context, subject string, given Schema, asked sr.Schema) (Schema, error) {
	latest, err := c.client.SchemaByVersion(ctx, subject, -1)
	if err != nil {
		return Schema{}, c.refusal(subject, err)
	}
	found, err := c.schemaOf(latest.ID, latest.Schema)
	if err != nil {
		return Schema{}, err
	}
	if found.Format != given.Format {
		return Schema{}, &kafka.Problem{
			Cause:    fmt.Sprintf("the latest schema of the subject %s at %s is %s, and the scenario says format: %s", subject, c.url(), found.Format, given.Format),
			Remedy:   "write format: " + found.Format + ", or name another subject",
			Category: kafka.BadInput,
		}
	}
	if given.Text == "" || !c.config.LatestStrict {
		return found, nil
	}
	answer, err := c.client.CheckCompatibility(sr.WithParams(ctx, sr.Verbose), subject, -1, asked)
	if err != nil {
		return Schema{}, c.refusal(subject, err)
	}
	if !answer.Is {
		return Schema{}, incompatible(subject, strings.Join(answer.Messages, "; "), nil)
	}
	return found, nil
}

// ByID fetches a schema as a consumer's deserializer does. The error is a *kafka.Problem.
func (c *Client) ByID(ctx context.Context, id int) (Schema, error) {
	found, err := c.client.SchemaByID(ctx, id)
	if err != nil {
		return Schema{}, c.problem(err)
	}
	return c.schemaOf(id, found)
}

func (c *Client) schemaOf(id int, found sr.Schema) (Schema, error) {
	if len(found.References) > 0 {
		return Schema{}, &kafka.Problem{
			Cause:    fmt.Sprintf("the schema %d at %s refers to other schemas (%s)", id, c.url(), found.References[0].Name),
			Remedy:   "schemas of several files are not built yet: register one that stands alone",
			Category: kafka.BadInput,
		}
	}
	return Schema{ID: id, Format: formatOf(found.Type), Text: found.Schema}, nil
}

// Delete removes a subject for good. One that is not there is no error.
func (c *Client) Delete(ctx context.Context, subject string) error {
	for _, how := range []sr.DeleteHow{sr.SoftDelete, sr.HardDelete} {
		_, err := c.client.DeleteSubject(ctx, subject, how)
		if err == nil {
			continue
		}
		if refused, ok := errors.AsType[*sr.ResponseError](err); ok && refused.StatusCode == http.StatusNotFound {
			continue
		}
		return c.problem(err)
	}
	return nil
}

func (c *Client) url() string { return strings.Join(c.config.URLs, ", ") }
