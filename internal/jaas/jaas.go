// Package jaas reads the value of sasl.jaas.config as Kafka's Java client does:
//
//	org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="...";
//
// It decides the syntax alone, after Kafka's JaasConfig and the StreamTokenizer beneath it. It
// refuses to know which login modules there are and what their options mean. No error holds any
// of the text but the names of modules and options: the values are secrets.
package jaas

import (
	"errors"
	"fmt"
	"strings"
)

// Entry is the one login module of a client's configuration.
type Entry struct {
	Module  string // the full name of the Java class
	Options map[string]string
}

// Option returns an option, and whether it is there.
func (e Entry) Option(name string) (string, bool) {
	value, ok := e.Options[name]
	return value, ok
}

// Parse reads a configuration with exactly one login module, as clients must have it.
func Parse(text string) (Entry, error) {
	s := &scanner{rest: text}
	entry, err := s.entry()
	if err != nil {
		return Entry{}, err
	}
	last, err := s.next()
	switch {
	case err != nil:
		return Entry{}, err
	case last.kind != end:
		return Entry{}, errors.New("has more than one login module; leave one")
	}
	return entry, nil
}

func (s *scanner) entry() (Entry, error) {
	module, err := s.next()
	switch {
	case err != nil:
		return Entry{}, err
	case module.kind != word && module.kind != quoted:
		return Entry{}, errors.New("does not begin with a login module; write Module required name=\"value\";")
	}
	e := Entry{Module: module.text, Options: map[string]string{}}
	flag, err := s.next()
	switch {
	case err != nil:
		return Entry{}, err
	case flag.kind != word:
		return Entry{}, errors.New("lacks the control flag after the login module; write required")
	}
	switch strings.ToLower(flag.text) {
	case "required", "requisite", "sufficient", "optional":
	default:
		return Entry{}, errors.New("has something else than a control flag after the login module; write required")
	}
	for {
		name, err := s.next()
		switch {
		case err != nil:
			return Entry{}, err
		case name.kind == semicolon:
			return e, nil
		case name.kind == end:
			return Entry{}, errors.New("does not end with a semicolon; add it")
		case name.kind != word:
			return Entry{}, fmt.Errorf("has no option's name where one should be, after %d options; write name=\"value\" and quote values", len(e.Options))
		}
		equals, err := s.next()
		if err != nil {
			return Entry{}, err
		}
		if equals.kind != equal {
			// The name is not told: where quotes are missing it may be half of a password.
			return Entry{}, fmt.Errorf("has no = after the name of option %d; write name=\"value\" and quote values", len(e.Options)+1)
		}
		value, err := s.next()
		switch {
		case err != nil:
			return Entry{}, err
		case value.kind != word && value.kind != quoted:
			return Entry{}, fmt.Errorf("has no value for option %d; write name=\"value\"", len(e.Options)+1)
		}
		e.Options[name.text] = value.text
	}
}
