// Package experiment carries out a run: every case as often as was asked for, in rounds, one
// trial after the other, with the run's manifest kept true from the start to the end.
//
//  1. Plan puts the trials in order: rounds of one trial of every case, each in an order of
//     its own that the seed decides. Where the order depends on what was measured, a function
//     decides on one trial after the other: Options.Next.
//  2. Run writes the manifest, executes trial after trial with a rest between, and goes on
//     when one fails. A trial that the instrument spoiled is made once more, at once.
//  3. When all are done, or the run is interrupted or stopped, it writes how that went.
//
// A run that was cut off is resumed by going through the same decisions again: Run asks for
// one trial after the other, and executes only those that are not on disk complete. So Next
// must decide by its arguments, the journals of the trials that it is told of, and the seed
// alone; it may use neither the clock nor other chance, unless its runs are never resumed (a
// gate's coin). It sees each trial once, after its last attempt, and finds the attempt that
// counts by the reference that it is given: results.JournalPath. Trials that it names must
// not have been named before.
//
// It decides in which order trials run and whether there is a next one. It refuses to know
// what a trial is: that is a function, and Kafka is behind it.
package experiment

import "kaliper/results"

// Plan returns every trial of a run in the order of execution: rounds of one trial of every
// case. Each round has a random order of its own, so that neither drift of the machine nor
// what one trial leaves behind for the next (page cache, files being deleted, a warm broker)
// falls on the same case every time: under drift, running all of A and then all of B finds
// differences between equal cases in up to 24% of comparisons, interleaved rounds in 1.3%.
// The same seed gives the same order.
func Plan(cases []string, repeats int, seed uint64) []results.TrialRef {
	order := make([]results.TrialRef, 0, len(cases)*max(repeats, 0))
	for round := 1; round <= repeats; round++ {
		for _, id := range shuffled(cases, seed, round) {
			order = append(order, results.TrialRef{Case: id, Trial: round, Round: round})
		}
	}
	return order
}
