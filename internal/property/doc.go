// Package property is the one table of Java client properties: their names, types, defaults
// and legal values as Kafka 4.3's own client declares them, and what kaliper makes of each.
//
// It decides whether a value is legal, what is used where nothing is said, and which of four
// classes a property has: honoured (works as in Java), approximated (works, and differs in a
// way that is told), inert (accepted, and without effect here) or refused. It refuses to know
// the client library: package kafka turns a Set into the library's options.
//
// The names, types, defaults and ranges are generated from the jar (kafka-4.3.tsv); the
// classes are written by hand (classes.go).
package property

//go:generate sh generate/generate.sh
