// Package schema makes values by a schema: it parses Avro, JSON Schema and Protobuf, draws
// random values that conform, and turns them into bytes and back.
//
// From a schema's text to a record:
//
//  1. Parse checks the text, as far as that needs no registry; what is wrong has a line.
//  2. Draw makes a value of about the size asked for: a first one of natural size, measured,
//     and the same again whose free texts fill what is missing.
//  3. Append serializes a value, which is what a producer does for every record.
//  4. Decode is what a consumer does.
//
// It decides what random values look like, and refuses to know of registries and of Kafka:
// the few bytes before a value on the wire are another package's (registry).
package schema

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
)

// Format is a way of serializing.
type Format string

// The formats.
const (
	Avro       Format = "avro"
	JSONSchema Format = "json-schema"
	Protobuf   Format = "protobuf"
)

// Formats returns all formats, in the order of a table.
func Formats() []Format { return []Format{Avro, JSONSchema, Protobuf} }

// Value is a value in the form that its schema serializes. It is not to be changed.
type Value any

// codec is what each format does.
type codec interface {
	// draw makes a value; equal drawers make equal values.
	draw(d *drawer) (Value, error)
	append(to []byte, v Value) ([]byte, error)
	decode(from []byte) (Value, error)
	// name is the full name of the record or message; empty for what has none.
	name() string
	// path is the place of a Protobuf message in its file.
	path() []int
}

// Schema is a parsed schema. It may be used by many goroutines at once.
type Schema struct {
	Format Format
	Text   string // as it was written, and as it is registered
	codec  codec
}

// Error is what is wrong with a schema's text.
type Error struct {
	File         string
	Line, Column int // from 1; 0 where the text does not tell
	Text         string
}

// Error returns file:line:column: text.
func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.File, e.Text)
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// Parse reads a schema. file is for messages. message names the message of a Protobuf file,
// whose first one it is where that is empty. The error is an *Error.
func Parse(format Format, file, text, message string) (*Schema, error) {
	s := &Schema{Format: format, Text: text}
	var err error
	switch format {
	case Avro:
		s.codec, err = parseAvro(file, text)
	case JSONSchema:
		s.codec, err = parseJSONSchema(file, text)
	case Protobuf:
		s.codec, err = parseProtobuf(file, text, message)
	default:
		err = &Error{File: file, Text: fmt.Sprintf("%q is no format of schemas", format)}
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

var (
	//go:embed builtin/order.avsc
	orderAvro string
	//go:embed builtin/order.schema.json
	orderJSON string
	//go:embed builtin/order.proto
	orderProto string
)

// Order returns the built-in schema of a format: an order event, whose note fills it up.
func Order(format Format) (*Schema, error) {
	switch format {
	case Avro:
		return Parse(format, "order.avsc", orderAvro, "")
	case JSONSchema:
		return Parse(format, "order.schema.json", orderJSON, "")
	default:
		return Parse(format, "order.proto", orderProto, "")
	}
}

// Name returns the full name of the record or message, or a JSON Schema's title.
func (s *Schema) Name() string { return s.codec.name() }

// MessagePath returns where in its file a Protobuf message is: the index of a top-level
// message, then of one within it, and so on. Other formats have none.
func (s *Schema) MessagePath() []int { return s.codec.path() }

// Append serializes a value that Draw made.
func (s *Schema) Append(to []byte, v Value) ([]byte, error) { return s.codec.append(to, v) }

// Decode reads what Append wrote.
func (s *Schema) Decode(from []byte) (Value, error) { return s.codec.decode(from) }

// drawAttempts is how often a value is drawn until one conforms.
const drawAttempts = 20

// Draw makes a value whose serialized form has about so many bytes. A schema without texts
// that may grow has values of its own size.
func (s *Schema) Draw(random *rand.Rand, size int) (Value, error) {
	var err error
	for range drawAttempts {
		var v Value
		if v, err = s.drawOnce(random.Uint64(), random.Uint64(), size); err == nil {
			return v, nil
		}
	}
	return nil, err
}

func (s *Schema) drawOnce(a, b uint64, size int) (Value, error) {
	first := newDrawer(a, b)
	v, err := s.codec.draw(first)
	if err != nil {
		return nil, err
	}
	natural, err := s.codec.append(nil, v)
	if err != nil {
		return nil, err
	}
	extra := first.share(size - len(natural))
	if extra == nil {
		return v, nil
	}
	// The same again: what a value is like and what its texts say come from two sources.
	second := newDrawer(a, b)
	second.extra = extra
	return s.codec.draw(second)
}

// At returns the schema of the message at a place of the same file; of other formats, itself.
func (s *Schema) At(path []int) (*Schema, error) {
	c, ok := s.codec.(*protobufCodec)
	if !ok {
		return s, nil
	}
	other, err := c.at(path)
	if err != nil {
		return nil, err
	}
	return &Schema{Format: s.Format, Text: s.Text, codec: other}, nil
}
