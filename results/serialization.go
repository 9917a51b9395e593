package results

import "kaliper/internal/measure"

// Serialization is what turning values into bytes, or back, took in one interval, a record. The
// histogram has a grain of half a microsecond; the sum is exact.
type Serialization struct {
	Took          Latency `json:"took"`
	WindowSeconds float64 `json:"window_seconds"` // summed over the records intended in the window
}

// SerializationTotals are the same over a whole trial, of records intended in the window.
type SerializationTotals struct {
	Took    measure.Encoded `json:"took,omitzero"`
	Seconds float64         `json:"seconds"` // summed over records
}
