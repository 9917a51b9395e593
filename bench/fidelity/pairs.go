package main

import (
	"fmt"
	"time"
)

// figures are what one client's trial of a cell came to.
type figures struct {
	RecordsPerBatch   float64 `json:"records_per_batch"`
	RequestsPerSecond float64 `json:"requests_per_second"`
	BytesPerRecord    float64 `json:"bytes_per_record"` // in the log, the batches' headers included
	ServiceP50Seconds float64 `json:"service_p50_seconds"`
}

func (f figures) String() string {
	return fmt.Sprintf("%.3g/%.4g/%.4g/%.3g ms", f.RecordsPerBatch, f.RequestsPerSecond, f.BytesPerRecord, 1000*f.ServiceP50Seconds)
}

// pair is a cell, measured once with either client.
type pair struct {
	Cell    string    `json:"cell"`
	At      time.Time `json:"at"`
	Java    figures   `json:"java"`
	Kaliper figures   `json:"kaliper"`
	// Trust is kaliper's verdict on its own trial.
	Trust string `json:"trust"`
}

func (p pair) String() string {
	return fmt.Sprintf("%s: Java %s, kaliper %s, %s", p.Cell, p.Java, p.Kaliper, p.Trust)
}
