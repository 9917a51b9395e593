package scenarios

import "time"

// Dedup is how a consumer group keeps from processing a record twice: by marks in Redis, one for
// each message id. The zero value: it does not.
type Dedup struct {
	Mode  DedupMode
	Redis RedisURL
	ID    DedupID
	// PerBatch: one round trip for all records of a poll, rather than one for each record.
	PerBatch bool
	TTL      time.Duration // of a mark
	Lease    time.Duration // of a claim; DedupClaim
	Timeout  time.Duration // of a round trip, and of connecting
	// ProcessUnchecked: where Redis does not answer records are processed all the same; else they
	// wait until it does.
	ProcessUnchecked bool
}

// On says whether the group deduplicates.
func (d Dedup) On() bool { return d.Mode != "" && d.Mode != DedupNone }

// DedupMode is when a record is marked, and so what a crash in the middle does to it.
type DedupMode string

// The modes.
const (
	DedupNone DedupMode = "none"
	// DedupMarkFirst marks a record before it is processed: a crash in between loses it.
	DedupMarkFirst DedupMode = "mark-first"
	// DedupMarkLast looks before a record is processed and marks it after: a crash in between
	// processes it twice, and so do two members that have it at the same time.
	DedupMarkLast DedupMode = "mark-last"
	// DedupClaim claims a record for a lease before it is processed and confirms it after: a
	// crash before the confirmation processes it again, when the lease is over.
	DedupClaim DedupMode = "claim"
	// DedupAtomic looks before, and makes effect and mark one atomic step in Redis after.
	DedupAtomic DedupMode = "atomic"
)

// DedupID is what a message id tells apart.
type DedupID string

// The ids.
const (
	// DedupByRecord is the record as it was produced: its stamp. It recognizes what is twice in
	// the log as well.
	DedupByRecord DedupID = "record"
	// DedupByOffset is the place in the log: topic, partition and offset. It recognizes what is
	// delivered again.
	DedupByOffset DedupID = "offset"
)

// RedisURL is where a Redis server is, with the password that may be in it. It prints without.
type RedisURL struct {
	text    string
	printed string
}

// NewRedisURL returns a URL that has no secret in it.
func NewRedisURL(text string) RedisURL { return RedisURL{text, text} }

// Secret returns the URL as it is, for the connection alone.
func (u RedisURL) Secret() string { return u.text }

// String returns the URL as people may see it: as the scenario writes it, references unresolved.
func (u RedisURL) String() string { return u.printed }

// GoString keeps %#v from showing what String does not.
func (u RedisURL) GoString() string { return u.printed }
