package workload

import (
	"context"
	"time"

	"kaliper/internal/measure"
	"kaliper/results"
)

// lagBound is how long a frame waits for the logs' ends. Where they do not come, the lag of
// that second is unknown.
const lagBound = 300 * time.Millisecond

// recorder writes the frames of a trial. It belongs to the goroutine that follows the load.
type recorder struct {
	stage    *stage
	journal  *results.Writer
	begin    results.Begin
	lanes    []*lane
	watchdog *measure.Watchdog
	meter    *measure.Meter

	throttling throttling

	last           measure.Reading
	lastAt         int64
	lastPacerCPU   float64
	lastPacerWakes int64
	journalDelay   time.Duration
	rssMax         int64
	producers      []*producerBook
	consumers      []*consumerBook
}

// producerBook accumulates a producer group over the trial.
type producerBook struct {
	ack, service, slipPacer, slipBlocked *track

	serialize *serializationBook

	handed, handedBytes [sides]int64 // totals at the last frame
	acked, ackedBytes   [sides]int64
	failed              [sides]map[string]int64
	completed           int64 // in the window's time
	completedBytes      int64
	due                 float64

	// Of transactions; the track is nil without.
	commit       *track
	transactions results.Transactions
}

// consumerBook accumulates a consumer group over the trial.
type consumerBook struct {
	endToEnd, processed *track
	deserialize         *serializationBook
	pipeline            *pipelineBook // nil where the group only reads
	dedup               *dedupBook    // nil where it does not deduplicate

	consumed, consumedBytes int64
	inWindow, bytesInWindow int64
	share                   results.ShareCounts
	readInWindow            int64 // records intended in the window, by the latencies recorded
}

func newRecorder(s *stage, journal *results.Writer, begin results.Begin) *recorder {
	r := &recorder{throttling: throttling{groups: map[string]bool{}}, stage: s, journal: journal, begin: begin, meter: measure.NewMeter()}
	for _, g := range s.producers {
		book := &producerBook{
			ack: newTrack(), service: newTrack(), slipPacer: newTrack(), slipBlocked: newTrack(),
			serialize: newSerializationBook(),
		}
		if g.transactions != nil {
			book.commit = newTrack()
		}
		r.producers = append(r.producers, book)
	}
	for _, g := range s.consumers {
		book := &consumerBook{endToEnd: newTrack(), processed: newTrack(), deserialize: newSerializationBook()}
		if g.pipeline != nil {
			book.pipeline = newPipelineBook()
		}
		if g.dedup != nil {
			book.dedup = &dedupBook{trips: newTrack()}
		}
		r.consumers = append(r.consumers, book)
	}
	r.last, _ = r.meter.Read()
	return r
}

// frame closes an interval and writes it. The last frame goes without asking for lag.
func (r *recorder) frame(ctx context.Context, now int64, last bool) error {
	interval := results.Interval{
		Start: float64(r.lastAt) / 1e9, End: float64(now) / 1e9,
		Producers: map[string]results.ProducerInterval{}, Consumers: map[string]results.ConsumerInterval{},
	}
	// A frame belongs to the window where its middle does: frames are cut at the window's edges.
	middle := (r.lastAt + now) / 2
	inWindow := r.stage.window.holds(middle)
	for i, g := range r.stage.producers {
		p, err := r.producers[i].close(g, now, inWindow)
		if err != nil {
			return err
		}
		interval.Producers[g.settings.Name] = p
	}
	positions := r.positions()
	for i, g := range r.stage.consumers {
		c, err := r.consumers[i].close(g, inWindow)
		if err != nil {
			return err
		}
		interval.Consumers[g.settings.Name] = c
	}
	interval.Process = r.process(now)
	if !last && len(r.stage.consumers) > 0 {
		r.lag(ctx, interval, positions)
	}
	if r.stage.health != nil {
		interval.Health = r.stage.health.take()
	}
	r.throttling.mark(interval, r.stage.events)
	interval.Events = r.stage.events.take()
	r.lastAt = now
	delay, err := r.journal.Interval(interval)
	r.journalDelay = delay
	if err != nil {
		return err
	}
	if r.stage.trial.Observe != nil {
		r.stage.trial.Observe(Progress{Interval: interval, Begin: &r.begin, Phase: r.phase(middle)})
	}
	return nil
}

func (r *recorder) phase(at int64) string {
	switch {
	case at < r.stage.window.start:
		return "warm-up"
	case r.stage.window.holds(at):
		return "window"
	}
	return "drain"
}

// positions returns the groups' positions as they are now.
func (r *recorder) positions() map[*consumedTopic][]int64 {
	taken := map[*consumedTopic][]int64{}
	for _, g := range r.stage.consumers {
		for _, topic := range g.topics {
			list := make([]int64, len(topic.positions))
			for p := range topic.positions {
				list[p] = topic.positions[p].Load()
			}
			taken[topic] = list
		}
	}
	return taken
}

// lag reads the logs' ends and fills in how far the positions are behind them.
func (r *recorder) lag(ctx context.Context, interval results.Interval, positions map[*consumedTopic][]int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lagBound)
	defer cancel()
	err := r.stage.lag.Sample(ctx)
	now := time.Now()
	for _, g := range r.stage.consumers {
		c := interval.Consumers[g.settings.Name]
		c.Lag = map[string]results.PartitionLag{}
		for _, topic := range g.topics {
			lag := results.PartitionLag{
				Records: make([]int64, len(topic.positions)), Seconds: make([]float64, len(topic.positions)),
			}
			for p, position := range positions[topic] {
				lag.Records[p], lag.Seconds[p] = -1, -1
				if g.sharing != nil {
					lag.Records[p], lag.Seconds[p] = r.stage.shareLag(topic, p, position, topic.pending[p].Load(), now)
				} else if position >= 0 && err == nil {
					lag.Records[p], lag.Seconds[p] = r.stage.lag.Lag(topic.name, int32(p), position, now)
				}
			}
			c.Lag[topic.logical] = lag
		}
		interval.Consumers[g.settings.Name] = c
	}
}

// process reads what the instrument used since the last frame.
func (r *recorder) process(now int64) results.ProcessInterval {
	reading, runtime := r.meter.Read()
	gap, step := r.watchdog.Take()
	pacerCPU, wakes := 0.0, int64(0)
	for _, l := range r.lanes {
		cpu, n := l.cost()
		pacerCPU, wakes = pacerCPU+cpu, wakes+n
	}
	var callbacks int64
	for _, g := range r.stage.producers {
		for _, c := range g.clients {
			callbacks = max(callbacks, c.longestRun.Swap(0))
		}
	}
	p := results.ProcessInterval{
		CPUSeconds:              reading.CPUSeconds - r.last.CPUSeconds,
		PacerCPUSeconds:         pacerCPU - r.lastPacerCPU,
		PacerWakes:              wakes - r.lastPacerWakes,
		AllocatedBytes:          reading.AllocatedBytes - r.last.AllocatedBytes,
		GarbageCollections:      reading.GarbageCollections - r.last.GarbageCollections,
		PauseSecondsMax:         runtime.PauseSecondsMax,
		SchedulerLatencySeconds: runtime.SchedulerLatencySecondsP99,
		GapSecondsMax:           gap.Seconds(),
		ClockStepSeconds:        step.Seconds(),
		StealSeconds:            reading.StealSeconds - r.last.StealSeconds,
		ProcessorSeconds:        reading.ProcessorSeconds - r.last.ProcessorSeconds,
		SpareSeconds:            reading.SpareSeconds - r.last.SpareSeconds,
		ThrottledSeconds:        reading.ThrottledSeconds - r.last.ThrottledSeconds,
		PressureSeconds:         reading.PressureSeconds - r.last.PressureSeconds,
		WaitSeconds:             reading.WaitSeconds - r.last.WaitSeconds,
		MachineCPUSeconds:       reading.MachineCPUSeconds - r.last.MachineCPUSeconds,
		RSSBytes:                reading.RSSBytes,
		CallbackDelaySeconds:    float64(callbacks) / 1e9,
		JournalDelaySeconds:     r.journalDelay.Seconds(),
	}
	r.last, r.lastPacerCPU, r.lastPacerWakes = reading, pacerCPU, wakes
	r.rssMax = max(r.rssMax, reading.RSSBytes)
	return p
}

// close takes a producer group's interval.
func (b *producerBook) close(g *producerGroup, now int64, inWindow bool) (p results.ProducerInterval, err error) {
	// Failures are taken before the records handed over are counted, and acknowledgements
	// before both, so that no interval resolves more than was handed over.
	for _, shard := range g.shards {
		b.ack.add(&shard.ack)
		b.service.add(&shard.service)
		b.slipPacer.add(&shard.slipPacer)
		b.slipBlocked.add(&shard.slipBlocked)
	}
	// Bytes are read next to the records that they are of: what is acknowledged while the
	// histograms below are encoded, some milliseconds, belongs to the next interval with both.
	var ackedBytes [sides]int64
	for s := range sides {
		for _, c := range g.clients {
			ackedBytes[s] += c.acked[s].bytes.Load()
		}
	}
	var acked [sides]int64
	if p.Ack, _, err = b.ack.close(); err != nil {
		return p, err
	}
	if p.Service, acked, err = b.service.close(); err != nil {
		return p, err
	}
	if p.SlipPacer, _, err = b.slipPacer.close(); err != nil {
		return p, err
	}
	if p.SlipBlocked, _, err = b.slipBlocked.close(); err != nil {
		return p, err
	}
	if p.Serialize, err = b.serialize.close(g.serializations()); err != nil {
		return p, err
	}
	for s := range sides {
		b.acked[s] += acked[s]
		p.Acked += acked[s]
		p.AckedBytes += ackedBytes[s] - b.ackedBytes[s]
		b.ackedBytes[s] = ackedBytes[s]
	}
	failedInside, failedOutside := g.failures.take()
	b.failed[inside] = addCounts(b.failed[inside], failedInside)
	b.failed[outside] = addCounts(b.failed[outside], failedOutside)
	p.Failed = addCounts(addCounts(nil, failedInside), failedOutside)
	refusedInside, refusedOutside := g.refused.take()
	p.Refused = addCounts(addCounts(nil, refusedInside), refusedOutside)
	if inWindow {
		b.completed += p.Acked
		b.completedBytes += p.AckedBytes
	}
	before, bytesBefore := b.handed, b.handedBytes
	b.handed, b.handedBytes = [sides]int64{}, [sides]int64{}
	for _, c := range g.clients {
		for s := range sides {
			b.handed[s] += c.published[s].records.Load()
			b.handedBytes[s] += c.published[s].bytes.Load()
		}
		if client := c.kafka.Load(); client != nil {
			p.InFlight += client.BufferedProduceRecords()
		}
	}
	p.Offered = b.handed[inside] + b.handed[outside] - before[inside] - before[outside]
	p.OfferedBytes = b.handedBytes[inside] + b.handedBytes[outside] - bytesBefore[inside] - bytesBefore[outside]
	if g.openLoop() {
		due := g.profile.Due(min(now, g.profile.End()))
		handed := b.handed[inside] + b.handed[outside]
		p.Offered = int64(due) - int64(b.due)
		p.OfferedBytes = int64(float64(p.Offered) * g.meanBytes())
		p.Backlog = max(int64(due)-handed, 0)
		b.due = due
	}
	p.Client = g.metrics.take()
	if of := g.transactions; of != nil {
		i := &results.TransactionsInterval{Ended: of.ended.take()}
		b.transactions.Add(i.Ended)
		b.commit.add(&of.commit)
		if i.Commit, _, err = b.commit.close(); err != nil {
			return p, err
		}
		p.Transactions = i
	}
	return p, nil
}

// close takes a consumer group's interval.
func (b *consumerBook) close(g *consumerGroup, inWindow bool) (c results.ConsumerInterval, err error) {
	for _, shard := range g.shards {
		b.endToEnd.add(&shard.endToEnd)
		b.processed.add(&shard.processed)
	}
	var read [sides]int64
	if c.EndToEnd, read, err = b.endToEnd.close(); err != nil {
		return c, err
	}
	b.readInWindow += read[inside]
	if c.Processed, _, err = b.processed.close(); err != nil {
		return c, err
	}
	if c.Deserialize, err = b.deserialize.close(g.deserializations()); err != nil {
		return c, err
	}
	c.Consumed, c.ConsumedBytes = g.consumed.Swap(0), g.consumedBytes.Swap(0)
	c.Polls, c.Commits = g.polls.Swap(0), g.commits.Swap(0)
	b.consumed += c.Consumed
	b.consumedBytes += c.ConsumedBytes
	if inWindow {
		b.inWindow += c.Consumed
		b.bytesInWindow += c.ConsumedBytes
	}
	failedInside, failedOutside := g.failures.take()
	c.Failed = addCounts(addCounts(nil, failedInside), failedOutside)
	r := g.rebalances.take()
	c.Rebalances, c.RebalancePauseSeconds = r.count, r.pauseSeconds
	c.RebalanceMoved, c.RebalanceIdleSeconds = r.moved, r.partitionsIdleInSum
	c.RebalanceList = r.list
	c.FetchedFrom = g.fetched.take()
	c.Client = g.metrics.take()
	if b.dedup != nil {
		if c.Dedup, err = b.dedup.close(g.dedup); err != nil {
			return c, err
		}
	}
	if g.sharing != nil {
		counts := g.sharing.take()
		b.share.Add(counts)
		c.Share = &counts
	}
	if b.pipeline != nil {
		err = b.pipeline.close(g.pipeline, inWindow, &c)
	}
	return c, err
}
