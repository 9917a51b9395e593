// Package gate decides, pair by pair, whether a candidate is worse than its base: PASS, FAIL or
// INCONCLUSIVE, as soon as that is known. It takes floats, two per pair of trials and metric,
// and returns a decision.
//
//  1. Metric.Difference turns a pair into d = ln(candidate/base), signed so that worse is
//     positive. T = ln(1+tolerate) and D = ln(1+detect) are the two margins on that scale.
//  2. After every pair n = 6..N the Walsh averages (d_i+d_j)/2 are sorted. Their q_n-th smallest
//     is a lower bound of the change and their q_n-th largest an upper one; q_n comes from a
//     Table that spends alpha over the looks in proportion to n/N. The best bounds so far are
//     kept.
//  3. Above T by its lower bound a metric fails, provided that the noise lets the bound be
//     believed (the guard); below D by its upper bound it passes; where neither can be expected
//     any more it is inconclusive (futility), as it is at N.
//  4. Gate holds several metrics: the share of alpha that a FAIL may use is split between them,
//     each must pass for itself, and one that is too noisy for the budget becomes advisory.
//
// What it promises is its operating characteristics, which bench/gate prints, and not its
// formula. They need the order within each pair to be the toss of a fair coin, independent
// of the others: that is what makes the signs of the differences symmetric at every look. In a
// fixed order drift counts as a change of the candidate, and blocks of four that balance it
// (ABBA) still err more often than they should where noise is autocorrelated.
//
// The bounds are those of Wilcoxon's signed-rank test, hence free of any distribution (Hodges,
// Lehmann: Estimates of location based on rank tests, 1963), the spending over the looks is that
// of Lan, DeMets: Discrete sequential boundaries for clinical trials, 1983, linear in n.
//
// It refuses to run trials, to read results, and to say what a metric means.
package gate
