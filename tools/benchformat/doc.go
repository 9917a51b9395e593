// Package benchformat holds the benchmark lines that a gate writes against the reader that benchstat
// uses. It is a test alone: kaliper itself does not need golang.org/x/perf.
package benchformat
