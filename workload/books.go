package workload

import (
	"context"
	"sync"
	"time"

	"kaliper/internal/kafka"
	"kaliper/internal/measure"
	"kaliper/internal/pace"
	"kaliper/results"
)

// unresolvedBound is how long closed clients have to give up what they still hold.
const unresolvedBound = 5 * time.Second

// closeBooks makes the end frame. The clients of the producers are closed on the way: what
// they give up then is what stayed unresolved, and its sequences are no losses. What is looked at
// in the log after that ends with signal.
func (s *stage) closeBooks(ctx, signal context.Context, clock pace.Clock, state results.State, r *recorder) (results.End, error) {
	end := results.End{
		State: state, Seconds: float64(clock.Now()) / 1e9,
		WindowStart: float64(s.window.start) / 1e9, WindowEnd: float64(s.window.end.Load()) / 1e9,
		Producers: map[string]results.ProducerTotals{}, Consumers: map[string]results.ConsumerTotals{},
		ProcessRSSBytes: r.rssMax,
	}
	owed := newOwed()
	for i, g := range s.producers {
		totals, err := r.producers[i].totals(g)
		if err != nil {
			return end, err
		}
		end.Producers[g.settings.Name] = totals
		// Those of all copies are the first one's: who reads one of them reads all.
		owed.add(g.settings.TopicOf(0), totals)
	}
	var closing sync.WaitGroup
	for _, g := range s.producers {
		for _, c := range g.clients {
			closing.Go(c.close)
		}
	}
	gaveUp := within(unresolvedBound, closing.Wait)
	s.stopMember()
	within(unresolvedBound, s.members.Wait)
	s.throughPipelines(owed)
	ends, endsKnown := s.logEnds(ctx)
	for i, g := range s.consumers {
		totals, err := r.consumers[i].totals(g, owed)
		if err != nil {
			return end, err
		}
		if endsKnown && g.readThinned(ends) {
			// What is missing was replaced or removed before the group came to it: nothing is left to read.
			totals.Expected, totals.Unread = totals.Window, 0
		}
		totals.Integrity = s.integrity(ctx, g, ends)
		if totals.Integrity.Checked && (!gaveUp || !endsKnown) {
			totals.Integrity.Unknown = "the logs' ends or the unresolved records are not known: the counts are lower bounds"
		}
		end.Consumers[g.settings.Name] = totals
	}
	s.verify(ctx, signal, ends, gaveUp && endsKnown, &end)
	end.Anomalies = s.anomalies.list
	return end, nil
}

// totals returns a producer group's books.
func (b *producerBook) totals(g *producerGroup) (t results.ProducerTotals, err error) {
	unsent := g.unsent()
	side := func(s int) results.Books {
		books := results.Books{
			Intended:      b.handed[s] + unsent[s],
			IntendedBytes: b.handedBytes[s] + int64(float64(unsent[s])*g.meanBytes()),
			Acked:         b.acked[s],
			AckedBytes:    b.ackedBytes[s],
			Failed:        addCounts(nil, b.failed[s]),
		}
		books.Unresolved = books.Intended - books.Acked
		for _, n := range books.Failed {
			books.Unresolved -= n
		}
		return books
	}
	t.Window, t.Whole = side(inside), side(outside)
	t.Whole.Intended += t.Window.Intended
	t.Whole.IntendedBytes += t.Window.IntendedBytes
	t.Whole.Acked += t.Window.Acked
	t.Whole.AckedBytes += t.Window.AckedBytes
	t.Whole.Failed = addCounts(t.Whole.Failed, t.Window.Failed)
	t.Whole.Unresolved += t.Window.Unresolved
	t.CompletedInWindow, t.CompletedBytesInWindow = b.completed, b.completedBytes
	if of := g.transactions; of != nil {
		t.Transactions = &results.TransactionsTotals{Ended: b.transactions, Uncommitted: of.uncommitted[inside].Load()}
		if t.Transactions.Commit, err = b.commit.whole.Encode(); err != nil {
			return t, err
		}
	}
	err = encodeAll(map[*measure.Encoded]*track{
		&t.Ack: b.ack, &t.Service: b.service, &t.SlipPacer: b.slipPacer, &t.SlipBlocked: b.slipBlocked,
	})
	if err == nil {
		t.Serialize, err = b.serialize.totals()
	}
	return t, err
}

func encodeAll(tracks map[*measure.Encoded]*track) error {
	for to, from := range tracks {
		encoded, err := from.whole.Encode()
		if err != nil {
			return err
		}
		*to = encoded
	}
	return nil
}

// unsent counts the records that were due and never handed over: the senders have returned, so
// their schedules are free to be read.
func (g *producerGroup) unsent() (n [sides]int64) {
	for _, c := range g.clients {
		if c.schedule == nil {
			continue
		}
		for {
			intended, ok := c.schedule.Next()
			if !ok || intended >= c.window.load.Load() {
				break
			}
			n[side(c.window.holds(intended))]++
			c.schedule.Advance()
		}
	}
	return n
}

// totals returns a consumer group's books.
func (b *consumerBook) totals(g *consumerGroup, owed owed) (t results.ConsumerTotals, err error) {
	t = results.ConsumerTotals{
		Consumed: b.consumed + g.consumed.Swap(0), Window: b.readInWindow,
		ConsumedInWindow: b.inWindow, ConsumedBytesInWindow: b.bytesInWindow,
	}
	for _, topic := range g.topics {
		t.Expected += owed.to(g, topic.logical)
	}
	if !g.fromStart {
		// What came before a group joined at the end is not its to read.
		t.Expected = t.Window
	}
	t.Unread = max(t.Expected-t.Window, 0)
	if b.pipeline != nil {
		if err := b.pipeline.totals(g.pipeline, &t); err != nil {
			return t, err
		}
	}
	if b.dedup != nil {
		if t.Dedup, err = b.dedup.totals(g.dedup); err != nil {
			return t, err
		}
	}
	if g.sharing != nil {
		b.share.Add(g.sharing.take())
		t.Share = &b.share
	}
	err = encodeAll(map[*measure.Encoded]*track{&t.EndToEnd: b.endToEnd, &t.Processed: b.processed})
	if err == nil {
		t.Deserialize, err = b.deserialize.totals()
	}
	return t, err
}

// logEnds reads the end offsets of all topics; the records that were given up may have been
// written meanwhile.
func (s *stage) logEnds(ctx context.Context) (ends kafka.Offsets, known bool) {
	if len(s.consumers) == 0 && s.verification == nil {
		return nil, true
	}
	var names []string
	for _, info := range s.topics {
		names = append(names, info.Name)
	}
	ends, err := s.trial.Admin.ResolveStart(ctx, kafka.StartLatest(), names...)
	return ends, err == nil
}

// integrity settles a group's ledgers.
func (s *stage) integrity(ctx context.Context, g *consumerGroup, ends kafka.Offsets) results.Integrity {
	var sum results.Integrity
	if g.sharing != nil {
		s.shareDone(ctx, g) // how far it came: what it is not done with is not lost
	}
	for _, topic := range g.topics {
		if topic.ledger == nil && topic.effects == nil || !topic.checked {
			continue
		}
		var byPartition []int64
		if partitions, ok := ends[topic.name]; ok {
			byPartition = make([]int64, len(topic.positions))
			for p, end := range partitions {
				if int(p) < len(byPartition) {
					byPartition[p] = end
				}
			}
		}
		one := s.settle(g, topic, byPartition, ends)
		twice, missed, unknown := s.handledOnce(g, topic, byPartition, one)
		if g.sharing != nil {
			one.Lost = missed // never accepted nor rejected, whether it was delivered or not
		}
		sum.Checked = true
		if one.Unknown != "" {
			sum.Unknown = one.Unknown
		}
		sum.Lost += one.Lost
		sum.Duplicated += one.Duplicated
		sum.Redelivered += one.Redelivered
		sum.Reordered += one.Reordered
		sum.Corrupted += one.Corrupted
		sum.AbortedRead += one.AbortedRead
		sum.Torn += one.Torn
		sum.ProcessedTwice += twice
		sum.Missed += missed
		if unknown != "" {
			sum.Unknown = unknown
		}
	}
	return sum
}

// handledOnce says what became of a topic's records with the group's handlers. Where handlers
// take no time, what was read is what was processed.
func (s *stage) handledOnce(g *consumerGroup, topic *consumedTopic, ends []int64, read results.Integrity) (twice, missed int64, unknown string) {
	if topic.handled == nil {
		return read.Redelivered + read.Duplicated, read.Lost, ""
	}
	if g.processing.Load() == 0 && !g.cutOff.Load() {
		// All that was read went through a handler, or was lost with a member that crashed.
		for i := range topic.handled.partitions {
			h, r := &topic.handled.partitions[i], &topic.ledger.partitions[i]
			h.nextOffset = max(h.nextOffset, r.nextOffset)
		}
	}
	handled := topic.handled.settle(s.producersOf(topic.logical), ends)
	return handled.Redelivered + handled.Duplicated, handled.Lost, handled.Unknown
}

// readThinned says whether a group has read all its topics to their ends, and records may be missing
// from one of them that were not lost.
func (g *consumerGroup) readThinned(ends kafka.Offsets) bool {
	thinned := false
	for _, topic := range g.topics {
		thinned = thinned || topic.thinned != ""
		for p := range topic.positions {
			if topic.positions[p].Load() < ends[topic.name][int32(p)] {
				return false
			}
		}
	}
	return thinned
}

// producersOf returns what the producers of a topic did, by their numbers.
func (s *stage) producersOf(logical string) produced {
	of := producedBy{}
	for _, g := range s.producers {
		for _, c := range g.clients {
			if c.logical == logical {
				of[int(c.index)] = c
			}
		}
	}
	return of
}

type producedBy map[int]*producerClient

// sequences implements produced.
func (p producedBy) sequences(producer int, partition int32) (given int64, unacked spans) {
	c := p[producer]
	if c == nil || int(partition) >= len(c.sequences) {
		return 0, nil
	}
	given, unacked = c.sequences[partition], c.unacked.of(partition)
	if t := c.transaction; t != nil && t.neverEnded {
		for sequence := t.starts[partition]; sequence < given; sequence++ {
			unacked.add(sequence)
		}
	}
	return given, unacked
}
