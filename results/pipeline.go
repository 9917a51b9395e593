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
