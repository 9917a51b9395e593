package workload

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// handedOff is what one poll returned, on its way to a handler beside the poll loop.
type handedOff struct {
	fetches  kgo.Fetches
	returned int64
}

// handOffPolls is how many polls may wait for the handler before the poll loop waits for it.
const handOffPolls = 64

// hand gives a poll's records to the handler, and returns as soon as it has room for them.
func (m *member) hand(ctx context.Context, fetches kgo.Fetches, returned int64) {
	m.group.processing.Add(1)
	select {
	case m.handOff <- handedOff{fetches, returned}:
	case <-ctx.Done():
		m.group.processing.Add(-1)
	}
}

// handle processes what was handed over, until the poll loop has ended. After a crash nothing is
// processed any more: what waits is lost with the process.
func (m *member) handle(ctx context.Context) {
	for h := range m.handOff {
		m.process(ctx, h.fetches, h.returned)
		m.group.processing.Add(-1)
	}
}
