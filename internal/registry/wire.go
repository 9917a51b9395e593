package registry

import (
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/sr"
)

// mostNested bounds how deep a message may stand in its file.
const mostNested = 32

// Header returns what stands before every value: a zero, the id, and the place of a Protobuf
// message, which other formats have not.
func Header(id int, messagePath []int) []byte {
	header, _ := (&sr.ConfluentHeader{}).AppendEncode(nil, id, messagePath) // it has no errors
	return header
}

// ErrNoHeader says that a value does not begin as one with a schema.
var ErrNoHeader = errors.New("the value does not begin with a zero and a schema's id")

// ID returns the id of a value's schema, and the rest of the value.
func ID(value []byte) (id int, rest []byte, err error) {
	id, rest, err = (&sr.ConfluentHeader{}).DecodeID(value)
	if err != nil {
		return 0, nil, ErrNoHeader
	}
	return id, rest, nil
}

// MessagePath returns the place of a Protobuf message, and the rest of the value.
func MessagePath(value []byte) (path []int, rest []byte, err error) {
	path, rest, err = (&sr.ConfluentHeader{}).DecodeIndex(value, mostNested)
	if err != nil {
		return nil, nil, fmt.Errorf("the message's place does not read: %w", err)
	}
	return path, rest, nil
}

// Strategy says how a subject is named.
type Strategy string

// The strategies, by the last part of their classes' names in Java.
const (
	TopicName       Strategy = "TopicNameStrategy"
	RecordName      Strategy = "RecordNameStrategy"
	TopicRecordName Strategy = "TopicRecordNameStrategy"
)

// Strategies returns all strategies.
func Strategies() []string {
	return []string{string(TopicName), string(RecordName), string(TopicRecordName)}
}

// ParseStrategy reads a strategy's name, with its package or without.
func ParseStrategy(text string) Strategy {
	return Strategy(text[strings.LastIndexByte(text, '.')+1:])
}

// Subject returns the subject of a topic's values.
func (s Strategy) Subject(topic, record string) string {
	switch s {
	case RecordName:
		return record
	case TopicRecordName:
		return topic + "-" + record
	}
	return topic + "-value"
}
