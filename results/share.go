package results

// ShareInfo says how a consumer group that is a share group (KIP-932) acknowledges.
type ShareInfo struct {
	Acknowledgement string            `json:"acknowledgement"`  // implicit, explicit
	AcquireMode     string            `json:"acquire_mode"`     // batch_optimized, record_limit
	Config          map[string]string `json:"config,omitempty"` // of the group, by Kafka's names
}

// ShareCounts count what the members of a share group were handed, and what they said of it. A
// record counts each time.
type ShareCounts struct {
	Delivered   int64 `json:"delivered"`
	Redelivered int64 `json:"redelivered"` // of the delivered ones: with a delivery count above 1
	Accepted    int64 `json:"accepted"`
	Released    int64 `json:"released"` // given back, for another delivery
	Rejected    int64 `json:"rejected"` // given up for good
	// DeliveriesMax is the largest delivery count of a record.
	DeliveriesMax int64 `json:"deliveries_max"`
}

// Add adds other to c.
func (c *ShareCounts) Add(other ShareCounts) {
	c.Delivered += other.Delivered
	c.Redelivered += other.Redelivered
	c.Accepted += other.Accepted
	c.Released += other.Released
	c.Rejected += other.Rejected
	c.DeliveriesMax = max(c.DeliveriesMax, other.DeliveriesMax)
}
