package sample

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Bounds of what a file may say: those of scenarios, and what sums of 64 bits hold.
const (
	mostFileBytes = 1 << 30
	mostSize      = 256 << 20
	mostRecords   = 1 << 32
)

// Encode returns the file of a sample.
func (t *Topic) Encode() ([]byte, error) {
	data, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode the sample of topic %s: %w", t.Topic, err)
	}
	return append(data, '\n'), nil
}

// Decode reads the file of a sample. Unknown keys, sums that do not agree and shares that are
// none are errors: a load would be unlike the topic without anybody's noticing.
func Decode(data []byte) (*Topic, error) {
	if len(data) > mostFileBytes {
		return nil, errors.New("is larger than 1 GiB; take a smaller sample")
	}
	var t Topic
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&t); err != nil {
		return nil, fmt.Errorf("is no sample of a topic: %w; kaliper topics sample makes one", err)
	}
	if t.Schema != Schema {
		return nil, fmt.Errorf("has the schema %q, want %s; kaliper topics sample makes one", t.Schema, Schema)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("has more in it than one sample")
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("does not agree with itself: %w; take the sample anew", err)
	}
	return &t, nil
}

// check makes sure that everything that a load divides by, or draws from, is there.
func (t *Topic) check() error {
	valued, keyed := int64(0), int64(0)
	for _, bin := range t.Sizes {
		if bin.Bytes < 0 || bin.Bytes > mostSize || bin.Records < 1 || bin.Records > mostRecords {
			return fmt.Errorf("value_sizes has %d records of %d bytes", bin.Records, bin.Bytes)
		}
		if valued += bin.Records; valued > mostRecords {
			return fmt.Errorf("value_sizes has more than %d records", int64(mostRecords))
		}
	}
	for _, bin := range t.Keys {
		if bin.Bytes < 0 || bin.Bytes > mostSize || bin.Records < 1 || bin.Keys < 1 || bin.Records > mostRecords || bin.Keys > mostRecords/bin.Records {
			return fmt.Errorf("keys has %d keys of %d bytes with %d records each", bin.Keys, bin.Bytes, bin.Records)
		}
		keyed += bin.Records * bin.Keys
		if keyed > mostRecords {
			return fmt.Errorf("keys has more than %d records", int64(mostRecords))
		}
	}
	switch {
	case t.Records < 1 || t.Records > mostRecords || t.Tombstones < 0 || t.Keyless < 0:
		return fmt.Errorf("it has %d records, %d without a value and %d without a key", t.Records, t.Tombstones, t.Keyless)
	case valued == 0:
		return errors.New("no record has a value")
	case valued+t.Tombstones != t.Records:
		return fmt.Errorf("value_sizes has %d records and tombstones %d, of %d", valued, t.Tombstones, t.Records)
	case keyed+t.Keyless != t.Records:
		return fmt.Errorf("keys has %d records and keyless %d, of %d", keyed, t.Keyless, t.Records)
	case len(t.Contents) > 0 && int64(len(t.Contents)) != t.Records:
		return fmt.Errorf("contents has %d records, of %d", len(t.Contents), t.Records)
	case len(t.Contents) > 0 && len(t.Values()) == 0:
		return errors.New("contents has no value")
	}
	var codecs []string
	for _, c := range t.Compression {
		if !(c.Filler >= 0 && c.Filler <= 1) {
			return fmt.Errorf("the filler of %s is %v, and no share", c.Name, c.Filler)
		}
		codecs = append(codecs, c.Name)
	}
	if !slices.Equal(codecs, Codecs()) {
		return fmt.Errorf("compression is of %q, want %q", codecs, Codecs())
	}
	return nil
}
