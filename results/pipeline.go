package results

import "kaliper/internal/measure"

// PipelineInterval is what the producing side of one pipeline did in one interval. Its reading
// side is the ConsumerInterval that it belongs to.
type PipelineInterval struct {
	Produced      int64 `json:"produced"` // acknowledged; with exactly-once, committed
	ProducedBytes int64 `json:"produced_bytes"`

	Stage  Latency `json:"stage"`  // from the poll until the output was acknowledged, or committed
	Commit Latency `json:"commit"` // of each commit; a commit that was begun in the window is of it

	Transactions Transactions `json:"transactions"`

	Client ClientInterval `json:"client"` // of produce requests
}

// Transactions counts transactions by how they ended.
type Transactions struct {
	Committed int64 `json:"committed"`
	Aborted   int64 `json:"aborted"` // planted ones, and those that could not be committed
	Planted   int64 `json:"planted"` // of the aborted ones: on purpose
	Fenced    int64 `json:"fenced"`  // of the aborted ones: another producer had taken over the id
	Unknown   int64 `json:"unknown"` // neither the commit nor the abort was confirmed
}

// Add adds other to t.
func (t *Transactions) Add(other Transactions) {
	t.Committed += other.Committed
	t.Aborted += other.Aborted
	t.Planted += other.Planted
	t.Fenced += other.Fenced
	t.Unknown += other.Unknown
}

// TransactionsInterval is what the transactions of one producer group did in one interval.
type TransactionsInterval struct {
	Ended  Transactions `json:"ended"`
	Commit Latency      `json:"commit"` // from the flush to the end; an end that was begun in the window is of it
}

// TransactionsTotals are the books of a producer group's transactions.
type TransactionsTotals struct {
	Ended Transactions `json:"ended"` // of the whole trial
	// Uncommitted are acknowledged records intended in the window whose transaction was aborted, or
	// may have been: who reads committed records must not miss them.
	Uncommitted int64           `json:"uncommitted"`
	Commit      measure.Encoded `json:"commit,omitzero"`
}

// PipelineTotals are the books of a pipeline's producing side.
type PipelineTotals struct {
	Produced              int64           `json:"produced"` // acknowledged; with exactly-once, committed
	ProducedInWindow      int64           `json:"produced_in_window"`
	ProducedBytesInWindow int64           `json:"produced_bytes_in_window"`
	Transactions          Transactions    `json:"transactions"` // of the whole trial
	Stage                 measure.Encoded `json:"stage,omitzero"`
	Commit                measure.Encoded `json:"commit,omitzero"`
}

// PipelineInfo says what a consumer group that is a pipeline does with its records.
type PipelineInfo struct {
	To                    string  `json:"to"`        // logical topic
	Guarantee             string  `json:"guarantee"` // at-least-once, exactly-once
	CommitIntervalSeconds float64 `json:"commit_interval_seconds"`
}

// Paths say what became of the records that a group with failures consumed. Each record that a
// poll returned takes one of them: consumed = processed + skipped + retried + dead-lettered +
// undone + deduplicated.
type Paths struct {
	Processed    int64 `json:"processed"`
	Skipped      int64 `json:"skipped"`
	Retried      int64 `json:"retried"`       // sent to the retry topic, each time
	DeadLettered int64 `json:"dead_lettered"` // sent to the dead-letter topic
	Undone       int64 `json:"undone"`        // not committed: read again, or left by a member that stopped
	Deduplicated int64 `json:"deduplicated"`  // passed over, for Redis knew them
	Recovered    int64 `json:"recovered"`     // of the processed ones: failed before
	Attempts     int64 `json:"attempts"`      // attempts that failed
}

// Add adds other to p.
func (p *Paths) Add(other Paths) {
	p.Processed += other.Processed
	p.Skipped += other.Skipped
	p.Retried += other.Retried
	p.DeadLettered += other.DeadLettered
	p.Undone += other.Undone
	p.Deduplicated += other.Deduplicated
	p.Recovered += other.Recovered
	p.Attempts += other.Attempts
}

// Sum returns how many records the paths account for.
func (p Paths) Sum() int64 {
	return p.Processed + p.Skipped + p.Retried + p.DeadLettered + p.Undone + p.Deduplicated
}

// FailuresInterval is what a group with failures did in one interval.
type FailuresInterval struct {
	Paths        Paths   `json:"paths"`
	Recovered    Latency `json:"recovered"`     // intended time until a record that had failed was processed
	DeadLettered Latency `json:"dead_lettered"` // intended time until the dead-letter topic had it
}

// FailuresTotals are the books of a group with failures over the whole trial.
type FailuresTotals struct {
	Paths        Paths           `json:"paths"`
	Recovered    measure.Encoded `json:"recovered,omitzero"`
	DeadLettered measure.Encoded `json:"dead_lettered,omitzero"`
}
