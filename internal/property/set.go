package property

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Value is the value of a property and where it comes from.
type Value struct {
	Text   string // as the client gets it
	Origin string // file:line:column, --set, DefaultOrigin, or the rule that derived it
	// Written is the value as the user wrote it where that differs from Text: a reference
	// such as ${env:NAME}. Only Written may be printed or written down then.
	Written string
}

// Entry is one property of a Set. Its class is that of its value: a property that is approximated
// only because the Go client takes a smaller range is honoured within it.
type Entry struct {
	Property
	Value
	UserSet bool // rather than a default or derived
}

// Printed returns the value for people and files: a reference stays one, a secret is redacted.
func (e Entry) Printed() string {
	switch {
	case e.Written != "":
		return e.Written
	case e.Value.Text != "" && Secret(e.Name):
		return Redacted
	default:
		return e.Value.Text
	}
}

// Set is all properties of one client: what the user set, what follows from it, and the
// defaults for the rest. It never changes. The zero Set is empty.
type Set struct {
	role    Role
	user    map[string]Value
	derived map[string]Value
}

// Identity is equal for sets that were resolved once and are shared, as most cases of a matrix
// do, and for those that leave everything at its default.
type Identity struct {
	role          Role
	user, derived uintptr
}

// Identity returns the set's.
func (s Set) Identity() Identity {
	return Identity{s.role, reflect.ValueOf(s.user).Pointer(), reflect.ValueOf(s.derived).Pointer()}
}

// Role returns whose properties these are; empty for the zero Set.
func (s Set) Role() Role { return s.role }

// Get returns one property. Asking for a name that the role does not have is a mistake in the
// program: it panics, so that a slip in a name cannot pass for an unset property. The zero
// Set has every name, without a value.
func (s Set) Get(name string) Entry {
	if s.role == "" {
		return Entry{}
	}
	p, ok := tables()[s.role].byName[name]
	if !ok {
		panic(fmt.Sprintf("property: a %s has no property %q", s.role, name))
	}
	return s.entry(p)
}

func (s Set) entry(p *Property) Entry {
	if v, ok := s.derived[p.Name]; ok {
		return Entry{Property: p.ofValue(v.Text), Value: v}
	}
	if v, ok := s.user[p.Name]; ok {
		return Entry{Property: p.ofValue(v.Text), Value: v, UserSet: true}
	}
	return Entry{Property: p.ofValue(p.Default), Value: Value{Text: p.Default, Origin: DefaultOrigin}}
}

// Has reports whether the role has a property of that name at all.
func (s Set) Has(name string) bool {
	_, ok := Lookup(s.role, name)
	return ok
}

// IsSet reports whether the user gave the value.
func (s Set) IsSet(name string) bool { return s.Get(name).UserSet }

// String returns the value as text, empty for Java's null.
func (s Set) String(name string) string { return s.Get(name).Value.Text }

// Int64 returns a whole number, 0 for Java's null.
func (s Set) Int64(name string) int64 {
	n, _ := strconv.ParseInt(s.String(name), 10, 64) // checked by Resolve
	return n
}

// Float64 returns a number, 0 for Java's null.
func (s Set) Float64(name string) float64 {
	f, _ := strconv.ParseFloat(s.String(name), 64) // checked by Resolve
	return f
}

// Bool returns a switch, false for Java's null.
func (s Set) Bool(name string) bool { return s.String(name) == "true" }

// Duration returns a property in milliseconds (its name ends in .ms) as a duration, the
// longest there is for what is longer still.
func (s Set) Duration(name string) time.Duration {
	ms := s.Int64(name)
	if ms > math.MaxInt64/int64(time.Millisecond) {
		return math.MaxInt64
	}
	return time.Duration(ms) * time.Millisecond
}

// List returns the elements of a LIST.
func (s Set) List(name string) []string {
	var elements []string
	for e := range strings.SplitSeq(s.String(name), ",") {
		if e = strings.TrimSpace(e); e != "" {
			elements = append(elements, e)
		}
	}
	return elements
}

// All returns every property of the role, sorted by name.
func (s Set) All() []Entry {
	if s.role == "" {
		return nil
	}
	t := tables()[s.role]
	entries := make([]Entry, 0, len(t.sorted))
	for i := range t.sorted {
		entries = append(entries, s.entry(&t.sorted[i]))
	}
	return entries
}

// UserSet returns the properties that the user set, sorted by name; of the given classes
// only, if there are any: UserSet(Approximated, Inert) is what a report must tell.
func (s Set) UserSet(classes ...Class) []Entry {
	var entries []Entry
	for _, e := range s.All() {
		if !e.UserSet {
			continue
		}
		wanted := len(classes) == 0
		for _, c := range classes {
			wanted = wanted || e.Class == c
		}
		if wanted {
			entries = append(entries, e)
		}
	}
	return entries
}
