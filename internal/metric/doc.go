// Package metric is the one list of what kaliper measures: the name, base unit, direction and
// meaning of every metric, and the conditions that people write over them ("ack.p99 < 50ms").
//
// It decides which names exist and what they mean. It refuses to compute anything: values come
// from package results, and whether a difference matters is package analysis' affair.
package metric
