// Package analysis turns what journals hold into answers. A trial becomes metrics by their
// names, a verdict about the instrument (trust), and one about the system (outcome); a run
// becomes its summary, with medians over trials, expectations and an exit code; two cases
// become a comparison.
//
//  1. readFigures decodes a trial once: books and merged histograms, from its end frame or,
//     where that is missing, from its intervals.
//  2. Metrics names the figures.
//  3. Judge decides on trust and outcome, from thresholds that stand in one table.
//  4. Summarize does 1 to 3 for every trial, in parallel, and takes medians over the complete
//     ones. The trial is the statistical unit: nothing is ever pooled over trials.
//  5. Compare sets two cases side by side; ExitCode makes one number of a summary.
//
// It decides what figures mean, and when they mean nothing. It refuses to measure, to read
// files and to format.
package analysis
