package workload

import (
	"time"

	"kaliper/results"
	"kaliper/scenarios"
)

// info says for the journal how a group deduplicates; nil where it does not.
func (d *deduper) info() *results.DedupInfo {
	if d == nil {
		return nil
	}
	info := &results.DedupInfo{
		Mode: string(d.settings.Mode), Per: "record", ID: string(d.settings.ID),
		TTLSeconds: d.settings.TTL.Seconds(), ServerVersion: d.version,
	}
	if d.settings.PerBatch {
		info.Per = "batch"
	}
	if d.settings.Mode == scenarios.DedupClaim {
		info.LeaseSeconds = d.settings.Lease.Seconds()
	}
	return info
}

// dedupBook accumulates a group's deduplication over the trial.
type dedupBook struct {
	trips *track
	sum   results.Dedup
}

// take returns the counts since the last take.
func (d *deduper) take() results.Dedup {
	return results.Dedup{
		Skipped: d.skipped.Swap(0), Unchecked: d.unchecked.Swap(0), RoundTrips: d.store.TakeRoundTrips(),
		WaitSeconds: time.Duration(d.waited.Swap(0)).Seconds(),
	}
}

// close returns an interval's.
func (b *dedupBook) close(d *deduper) (*results.DedupInterval, error) {
	i := &results.DedupInterval{Dedup: d.take()}
	b.sum.Add(i.Dedup)
	b.trips.add(&d.trips)
	var err error
	i.RoundTrip, _, err = b.trips.close()
	return i, err
}

// totals returns the whole trial's, when the members have ended.
func (b *dedupBook) totals(d *deduper) (*results.DedupTotals, error) {
	b.sum.Add(d.take())
	t := &results.DedupTotals{Dedup: b.sum}
	encoded, err := b.trips.whole.Encode()
	t.RoundTrip = encoded
	return t, err
}
