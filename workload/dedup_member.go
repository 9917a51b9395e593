package workload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/dedup"
	"kaliper/scenarios"
)

// deliveredOnce is a record on its way through a handler that must not have it twice.
type deliveredOnce struct {
	topic    *consumedTopic
	record   *kgo.Record
	returned int64 // when its poll returned
}

// askAgain is how long a member waits before it asks again: for a claim of another member, and
// where Redis does not answer.
const askAgain = 50 * time.Millisecond

// handling is what becomes of records that must not be processed twice.
type handling interface {
	// handleOnce processes one record. It is false where the member ends, or stops at it.
	handleOnce(ctx context.Context, r deliveredOnce, checked bool) bool
	// finishOnce waits until what was processed has had its effects, so that it may be marked. It
	// is false where the member ends.
	finishOnce(ctx context.Context) bool
	// skipOnce passes over a record that was processed before.
	skipOnce(r deliveredOnce)
}

var (
	_ handling = (*member)(nil)
	_ handling = (*worker)(nil)
)

// processOnce lets the handler have every record of a poll that was not processed before: all of
// them between two round trips, or each between its own two.
func (m *member) processOnce(ctx context.Context, fetches kgo.Fetches, returned int64, by handling) {
	g := m.group
	m.processor.begin(returned)
	var list []deliveredOnce
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		topic := g.byName[p.Topic]
		for _, r := range p.Records {
			if topic != nil && !r.Attrs.IsControl() {
				list = append(list, deliveredOnce{topic, r, returned})
			}
		}
	})
	step := 1
	if g.dedup.settings.PerBatch {
		step = len(list)
	}
	for ; len(list) > 0; list = list[step:] {
		if !m.once(ctx, list[:step], by) {
			return
		}
	}
	m.processor.end(ctx)
}

// once takes records through: asked for, processed, marked, and committed where each is. It is
// false where the member ends.
func (m *member) once(ctx context.Context, list []deliveredOnce, by handling) bool {
	d := m.group.dedup
	asked := make([]dedup.Delivery, len(list))
	for i, r := range list {
		asked[i] = dedup.Delivery{Key: d.key(r.topic, r.record), Token: d.token()}
	}
	checked, answered := m.ask(ctx, asked, d.store.Before)
	if !answered {
		return false
	}
	var done []dedup.Delivery // to be marked
	var marked []deliveredOnce
	earlier := map[string]bool{} // in this very list
	for i, r := range list {
		if earlier[asked[i].Key] { // twice in the log, and so in this list: whoever claims it, it is done
			d.skipped.Add(1)
			by.skipOnce(r)
			continue
		}
		if checked && !m.await(ctx, &asked[i]) {
			return false
		}
		if checked && asked[i].Found == dedup.Done {
			m.skip(r)
			by.skipOnce(r)
			continue
		}
		if !by.handleOnce(ctx, r, checked) {
			return false
		}
		if !checked {
			d.unchecked.Add(1)
		} else {
			earlier[asked[i].Key] = true
			done, marked = append(done, asked[i]), append(marked, r)
		}
	}
	if m.processor.settings.PerBatch {
		m.processor.end(ctx)
	}
	if !by.finishOnce(ctx) || !m.mark(ctx, done, marked) {
		return false
	}
	if m.group.settings.Commit == scenarios.CommitPerRecord {
		for _, r := range list {
			m.commitRecord(ctx, r.record)
		}
	}
	return true
}

// handleOnce implements handling for a group that only reads.
func (m *member) handleOnce(ctx context.Context, r deliveredOnce, checked bool) bool {
	at := m.processor.record(ctx)
	if ctx.Err() != nil {
		return false // it was not done with this one
	}
	if m.group.dedup.settings.Mode != scenarios.DedupAtomic || !checked {
		m.recordProcessed(r.topic, r.record, at)
	}
	return true
}

// finishOnce implements handling: a handler's effect is there when it is done.
func (m *member) finishOnce(context.Context) bool { return true }

// skipOnce implements handling.
func (m *member) skipOnce(deliveredOnce) {}

// await waits while another member has claimed a record.
func (m *member) await(ctx context.Context, one *dedup.Delivery) bool {
	d := m.group.dedup
	begun := m.group.clock.Now()
	for one.Found == dedup.Held {
		if !sleep(ctx, askAgain) {
			return false
		}
		m.processor.spent(int64(askAgain))
		alone := []dedup.Delivery{*one}
		checked, answered := m.ask(ctx, alone, d.store.Before)
		if !answered {
			return false
		}
		if !checked {
			one.Found = dedup.Fresh // processed without, as the scenario wants where Redis does not answer
		}
		*one = alone[0]
	}
	if waited := m.group.clock.Now() - begun; waited > int64(askAgain) {
		d.waited.Add(waited)
	}
	return true
}

// mark marks records that were processed. With an atomic step the effect is made here, and it is
// this member's where the mark is.
func (m *member) mark(ctx context.Context, done []dedup.Delivery, of []deliveredOnce) bool {
	d := m.group.dedup
	if len(done) == 0 || d.settings.Mode == scenarios.DedupMarkFirst {
		return true
	}
	marked, answered := m.ask(ctx, done, d.store.After)
	if !answered {
		return false
	}
	now := max(m.processor.done, m.group.clock.Now())
	for i, r := range of {
		switch {
		case d.settings.Mode == scenarios.DedupAtomic && marked && done[i].Found != dedup.Fresh:
			m.skip(r)
		case d.settings.Mode == scenarios.DedupAtomic:
			m.recordProcessed(r.topic, r.record, now)
		case marked && done[i].Found == dedup.Lost:
			m.group.failures.add(outside, "dedup_lease_over")
		}
	}
	return true
}

// skip passes over a record that was processed before. Where the mark is the effect, it tells of
// one whose member died before it could say so.
func (m *member) skip(r deliveredOnce) {
	m.group.dedup.skipped.Add(1)
	if m.group.dedup.settings.Mode != scenarios.DedupAtomic || r.topic.handled == nil {
		return
	}
	var s stamp
	if from, _ := stampOf(r.record); s.read(from) && s.run == m.group.run && !r.topic.handled.has(r.record.Partition, &s) {
		m.recordProcessed(r.topic, r.record, m.group.clock.Now())
	}
}

// ask asks Redis, and asks again until there is an answer; without one it is
// not answered, because the member ends. Where the scenario does not want to wait, it is not checked
// after the first error.
func (m *member) ask(ctx context.Context, list []dedup.Delivery, trip func(context.Context, []dedup.Delivery) error) (checked, answered bool) {
	g, d := m.group, m.group.dedup
	begun := g.clock.Now()
	for {
		err := trip(ctx, list)
		took := g.clock.Now() - begun
		if err == nil {
			d.trips[side(g.window.holds(begun))].Record(took)
			m.processor.spent(took)
			return true, true
		}
		if ctx.Err() != nil {
			return false, false
		}
		kind := "other"
		if e, ok := errors.AsType[*dedup.Error](err); ok {
			kind = e.Kind()
		}
		kind = "dedup_" + kind
		g.failures.add(outside, kind)
		g.events.once("error", kind, fmt.Sprintf("%s: Redis: %v", g.settings.Name, err))
		if d.settings.ProcessUnchecked {
			d.trips[side(g.window.holds(begun))].Record(took)
			m.processor.spent(took)
			return false, true
		}
		if !sleep(ctx, askAgain) {
			return false, false
		}
	}
}
