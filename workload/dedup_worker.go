package workload

import (
	"context"

	"kaliper/scenarios"
)

// A member that writes has made a record's effect when its output is acknowledged: it is marked
// then, and its offset is committed after that. A crash in between repeats what the group does
// not know of: with a poll between two round trips, the outputs of that poll.

// handleOnce implements handling: it is false where the member stops at the record, too.
func (w *worker) handleOnce(ctx context.Context, r deliveredOnce, _ bool) bool {
	w.unit.stop = !w.handle(ctx, r.topic, r.record, r.returned)
	return !w.unit.stop && ctx.Err() == nil
}

// finishOnce implements handling. What is marked first is not waited for.
func (w *worker) finishOnce(ctx context.Context) bool {
	return w.group.dedup.settings.Mode == scenarios.DedupMarkFirst || w.awaitOutput(ctx)
}

// skipOnce implements handling.
func (w *worker) skipOnce(deliveredOnce) { w.unit.paths.counts.Deduplicated++ }
