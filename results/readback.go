package results

// Readback is what the log held of a trial's records when the load was over, read by a client
// that is no member of any group.
type Readback struct {
	Records   int64     `json:"records"` // without the markers of transactions
	Bytes     int64     `json:"bytes"`   // of key and value
	Seconds   float64   `json:"seconds"`
	Integrity Integrity `json:"integrity"`
}

// Compaction is what compaction left of one topic, all its copies together, when its logs had
// come to rest after the load.
type Compaction struct {
	Topic       string  `json:"topic"`     // logical
	Written     int64   `json:"written"`   // offsets that records took since the trial began
	Remaining   int64   `json:"remaining"` // records that a read from there to the end returned
	Keys        int64   `json:"keys"`      // different ones among them; -1 where they are too many to count
	WaitSeconds float64 `json:"wait_seconds"`
	// Unknown says why the counts are not known, or not to be taken for what compaction reached.
	Unknown string `json:"unknown,omitempty"`
}
