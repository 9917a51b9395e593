package scenarios

import "strings"

// Share says how a consumer group works that is a share group (KIP-932): its members take
// records of all partitions, and say of each record what became of it.
type Share struct {
	Release float64 // share of the records that are given back for another delivery, 0 to 1; which ones the seed says
	// Releases is how many deliveries of such a record end that way.
	Releases int
	Reject   float64 // share of the records that are given up for good
	// Confirm waits after each poll until the broker has taken the acknowledgements.
	Confirm bool
	Config  map[string]string // of the group, by Kafka's names, beside share.auto.offset.reset
}

// The ways in which a share group acknowledges and acquires (share.acknowledgement.mode,
// share.acquire.mode).
const (
	acknowledgementMode = "share.acknowledgement.mode"
	acquireMode         = "share.acquire.mode"
	modeImplicit        = "implicit"
	modeExplicit        = "explicit"
)

// Explicit says whether a share group acknowledges each record when its handler is done with
// it, and not all of a poll with the next one.
func (g ConsumerGroup) Explicit() bool {
	return strings.EqualFold(g.Properties.String(acknowledgementMode), modeExplicit)
}

// AcquireMode returns how a share group acquires records: batch_optimized or record_limit.
func (g ConsumerGroup) AcquireMode() string {
	return strings.ToLower(g.Properties.String(acquireMode))
}
