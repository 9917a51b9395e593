// Package capacity models how much a Kafka system carries, and how long records wait in it, from
// measured trials; and it answers how many partitions, producers, members and brokers a demand
// needs.
//
//  1. Observations are trials: a configuration, the rate that was offered, what came through, and
//     latencies. Observations of one configuration form a group: the unit that is left out.
//  2. Fit finds the throughput as the soft minimum of four ceilings (throughput.go) and latencies
//     over utilisation (latency.go), on logarithmic residuals with bounded parameters.
//  3. Every group is left out once. How far the prediction misses it is how far predictions miss:
//     intervals are the jackknife+ of these misses (predict.go), with the level really reached.
//  4. Refusals says what the data do not support (identify.go); Size answers a demand (size.go).
//
// It decides when it does not know: more than twice past what was measured, between fewer than
// three levels, a ceiling that never bound. It refuses to know how trials are made or where they
// are kept: floats in, floats out. All randomness is seeded: the same observations, the same fit.
package capacity
