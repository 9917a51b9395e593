// Package workload executes one trial: it sends what the schedule wants, reads what was sent,
// and hands every second's figures to a journal. The steps of a trial, in order:
//
//  1. topics are created and verified (internal/kafka does it)
//  2. consumer groups join, and their positions are fixed before the first record
//  3. producers: payloads are prepared, clients connect
//  4. warm-up, then the window: lanes hand over records at their intended times, callbacks
//     record latencies, a sampler writes a frame a second
//  5. the load stops at the window's end; what is open is waited for as long as the drain lasts
//  6. the books are closed, the end frame is written, the trial's topics are deleted
//
// The package decides when a record counts (by its intended time), what is a failure and what
// stays unresolved. It refuses to judge: trust, outcome and comparisons are internal/analysis.
//
// The hot path is lane -> asyncClient.send -> kgo -> (*producerClient).acknowledged, and
// member.poll on the other side. It allocates and locks nothing of its own per record.
package workload
