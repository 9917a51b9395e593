package kafka

import (
	"errors"
	"fmt"
	"time"
)

// Properties are client properties under their Java names, complete with defaults. The types
// are those of Java's ConfigDef; a name ending in .ms reads as a Duration. IsSet says whether
// the user gave the value, rather than Kafka's default.
type Properties interface {
	String(name string) string
	Int64(name string) int64
	Float64(name string) float64
	Duration(name string) time.Duration
	Bool(name string) bool
	IsSet(name string) bool
}

// reader reads properties and keeps every objection, so that a user sees all of them at once.
type reader struct {
	Properties
	problems []error
}

// reject notes that a property cannot be honoured; what says what would be right.
func (r *reader) reject(name string, value any, what string) {
	r.problems = append(r.problems, &Problem{
		Cause:    fmt.Sprintf("%s is %v", name, value),
		Remedy:   what,
		Category: BadInput,
	})
}

// durationWithin reads a duration that the client library takes between lo and hi.
func (r *reader) durationWithin(name string, lo, hi time.Duration) time.Duration {
	d := r.Duration(name)
	if d < lo || d > hi {
		r.reject(name, milliseconds(d), fmt.Sprintf("set %s to %s: the Go client takes nothing else", milliseconds(lo), milliseconds(hi)))
	}
	return d
}

// durationNearest reads a duration of which the client library takes lo to hi: one beyond works
// as the nearest of them, and is told as approximated (property's clientRanges).
func (r *reader) durationNearest(name string, lo, hi time.Duration) time.Duration {
	return min(max(r.Duration(name), lo), hi)
}

// int32Nearest reads a number of which the client library takes lo to hi, like durationNearest.
func (r *reader) int32Nearest(name string, lo, hi int32) int32 {
	return int32(min(max(r.Int64(name), int64(lo)), int64(hi)))
}

// int32Within reads a number that the client library takes between lo and hi.
func (r *reader) int32Within(name string, lo, hi int32) int32 {
	n := r.Int64(name)
	if n < int64(lo) || n > int64(hi) {
		r.reject(name, n, fmt.Sprintf("set %d to %d: the Go client takes nothing else", lo, hi))
		return lo
	}
	return int32(n)
}

func (r *reader) err() error { return errors.Join(r.problems...) }

// milliseconds prints a duration as the properties file has it.
func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// WithBootstrap returns p with other bootstrap.servers: those of the simulated broker, whose
// address nobody knows before it runs.
func WithBootstrap(p Properties, servers string) Properties {
	return elsewhere{p, servers}
}

type elsewhere struct {
	Properties
	servers string
}

func (e elsewhere) String(name string) string {
	if name == "bootstrap.servers" {
		return e.servers
	}
	return e.Properties.String(name)
}
