package results

import "kaliper/internal/measure"

// DedupInfo says how a consumer group keeps from processing a record twice.
type DedupInfo struct {
	Mode          string  `json:"mode"` // mark-first, mark-last, claim, atomic
	Per           string  `json:"per"`  // record, batch: what a round trip is for
	ID            string  `json:"id"`   // record, offset: what a message id tells apart
	TTLSeconds    float64 `json:"ttl_seconds"`
	LeaseSeconds  float64 `json:"lease_seconds,omitempty"`  // of claims
	ServerVersion string  `json:"server_version,omitempty"` // of Redis
}

// DedupInterval is what a group's deduplication did in one interval.
type DedupInterval struct {
	Dedup
	RoundTrip Latency `json:"round_trip"` // from the first attempt until Redis had answered; what was begun in the window is of it
}

// Dedup counts what deduplication did.
type Dedup struct {
	Skipped     int64   `json:"skipped"`      // records passed over, because they had been processed
	Unchecked   int64   `json:"unchecked"`    // records processed although Redis did not answer
	RoundTrips  int64   `json:"round_trips"`  // those that failed among them
	WaitSeconds float64 `json:"wait_seconds"` // waiting for claims of others, summed over members
}

// Add adds other to d.
func (d *Dedup) Add(other Dedup) {
	d.Skipped += other.Skipped
	d.Unchecked += other.Unchecked
	d.RoundTrips += other.RoundTrips
	d.WaitSeconds += other.WaitSeconds
}

// DedupTotals are the books of a group's deduplication over the whole trial.
type DedupTotals struct {
	Dedup
	RoundTrip measure.Encoded `json:"round_trip,omitzero"`
}
