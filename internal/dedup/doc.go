// Package dedup keeps marks in Redis, by which whoever is delivered a message a second time knows
// that it was processed. It decides what is asked of Redis before a message is processed and what
// is written after, and how that is safe to repeat when an answer did not come. It knows nothing of
// Kafka, and does not decide what happens to a message.
//
// A mark is one key. Its value says who wrote it: d:TOKEN of a message that is done, c:TOKEN of
// one that is claimed. A token is of one delivery, so that a command whose answer was lost can be
// sent again: a key that has the own token is the own one.
//
//	mode        before               after
//	mark-first  SET NX d: PX ttl     -
//	mark-last   GET                  SET d: PX ttl
//	claim       SET NX c: PX lease   SET d: PX ttl GET
//	atomic      GET                  SET NX d: PX ttl, with the effect
//
// A claim ends by itself when its lease is over: no clocks are compared. All commands of a round
// trip are pipelined; only keys that were there already are read in a second one.
package dedup
