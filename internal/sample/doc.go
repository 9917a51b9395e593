// Package sample describes what the records of a topic are like, so that a load can be like
// them: sizes, keys, and how far batches of them compress.
//
//  1. A Collector takes records, and compresses them in batches as a producer would.
//  2. Its Topic is written as a file of the format kaliper.topic-sample/1, and read back.
//  3. Filler makes values of a size that compress as far as the file says.
//
// It decides what is kept of records. Without their contents that is counts and sizes alone:
// no byte of a key or a value can be told from a file. It refuses to decide which records are
// taken, how they are read, and how a codec works: it knows nothing of Kafka clients.
package sample
