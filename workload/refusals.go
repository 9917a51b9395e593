package workload

import (
	"sync"

	"kaliper/internal/kafka"
)

// refusals are what brokers said last of one client's partitions, where it was a refusal. The
// client library sends a refused batch again, and when delivery.timeout.ms is over it tells the
// time alone; the cause is kept here.
type refusals struct {
	mu   sync.Mutex
	last map[int32]string // kind of error, by partition
}

// hear notes the answers of one response: a batch that was taken clears its partition.
func (r *refusals) hear(answers []kafka.PartitionAnswer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range answers {
		switch {
		case a.Kind != "":
			if r.last == nil {
				r.last = map[int32]string{}
			}
			r.last[a.Partition] = a.Kind
		case len(r.last) > 0:
			delete(r.last, a.Partition)
		}
	}
}

// explain returns the kind under which a record of a partition counts that failed with kind: for
// one that was given up, what the broker refused it for, if it did.
func (r *refusals) explain(kind string, partition int32) string {
	if kind != kafka.KindDeliveryTimeout && kind != kafka.KindRetriesExhausted {
		return kind
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if cause, refused := r.last[partition]; refused {
		return cause
	}
	return kind
}

// answered is called with every response to a produce request, before its callbacks.
func (c *producerClient) answered(answers []kafka.PartitionAnswer) {
	c.refused.hear(answers)
	for _, a := range answers {
		if a.Kind != "" {
			c.group.refused.add(inside, a.Kind)
			c.group.events.once("refused", a.Kind, c.group.settings.Name+": a broker refuses batches: "+a.Kind)
		}
	}
}
