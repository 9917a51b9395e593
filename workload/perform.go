package workload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kaliper/internal/measure"
	"kaliper/internal/pace"
	"kaliper/results"
	"kaliper/scenarios"
)

// leadIn is the time between writing the begin frame and the load, in which the goroutines
// start: the first records would be late otherwise.
const leadIn = 50 * time.Millisecond

// perform runs the load and writes the journal.
func (s *stage) perform(ctx context.Context) (results.Trial, error) {
	journal, err := results.CreateJournal(s.trial.Directory)
	if err != nil {
		return results.Trial{State: results.Incomplete}, err
	}
	start := time.Now().Add(leadIn)
	begin := s.begin(start)
	if _, err := journal.Begin(begin); err != nil {
		return results.Trial{State: results.Incomplete, Begin: begin}, errors.Join(err, journal.Close())
	}
	r := newRecorder(s, journal, begin)
	end, err := s.run(ctx, s.clock.start(start), r)
	if err == nil {
		_, err = journal.End(end)
	}
	trial := results.Trial{State: end.State, Begin: begin, End: &end}
	if err != nil {
		trial.State, trial.Damage = results.Crashed, err.Error()
	}
	return trial, errors.Join(err, journal.Close())
}

// begin returns the first frame.
func (s *stage) begin(start time.Time) results.Begin {
	begin := results.Begin{
		Schema: results.JournalSchema,
		Run:    s.trial.Run, Case: s.trial.Ref.Case, Trial: s.trial.Ref.Trial, Round: s.trial.Ref.Round, Attempt: s.trial.Ref.Attempt,
		Started:         start.UTC().Round(0),
		WarmupSeconds:   s.load.Warmup.Seconds(),
		DurationSeconds: s.load.Duration.Seconds(),
		DrainSeconds:    s.load.Drain.Seconds(),
		Simulated:       s.load.Target.Embedded,
		Integrity:       string(s.load.Integrity),
		Verify:          s.verification.words(),
		Cluster:         s.trial.Cluster,
		Environment:     append(append([]results.Reason{}, s.trial.Environment...), s.warnings...),

		NullSinkRecordsPerSecond: s.ceiling,
	}
	for _, topic := range s.allTopics() {
		info := s.topics[topic.Name]
		if copies := s.copies[topic.CopyOf]; topic.CopyOf != "" {
			if topic.Name != copies[0] {
				continue // they are equal, and may be thousands
			}
			info.Logical, info.Copies = topic.CopyOf, len(copies)
		}
		begin.Topics = append(begin.Topics, info)
	}
	windowEnd := int64(s.load.Warmup + s.load.Duration)
	for _, g := range s.producers {
		info := results.ProducerInfo{
			Name: g.settings.Name, Topic: g.settings.Topic, Clients: g.settings.Clients,
			OpenLoop: g.openLoop(), Send: string(g.settings.Send), Rate: g.settings.RateText,
			Spread: spread(g.settings, s.load),
		}
		if g.openLoop() {
			due := g.profile.Due(windowEnd) - g.profile.Due(int64(s.load.Warmup))
			info.OfferedRecordsPerSecond = due / s.load.Duration.Seconds()
		}
		begin.Producers = append(begin.Producers, info)
	}
	for _, g := range s.consumers {
		begin.Consumers = append(begin.Consumers, results.ConsumerInfo{
			Name: g.settings.Name, Group: g.id, Topics: g.settings.Topics, Members: g.settings.Members,
			FallsBehind: g.settings.FallsBehindByPlan(),
			Pipeline:    g.pipeline.info(),
			Dedup:       g.dedup.info(),
			Share:       g.sharing.info(g.settings),
		})
	}
	return begin
}

// run starts the senders, writes a frame a second, stops the load, drains, and closes the
// books.
func (s *stage) run(ctx context.Context, clock pace.Clock, r *recorder) (results.End, error) {
	watch, stopWatch := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	defer background.Wait()
	defer stopWatch()
	watchdog := measure.NewWatchdog(time.Now)
	background.Go(func() { watchdog.Run(watch) })
	r.watchdog = watchdog
	if s.health != nil {
		background.Go(func() { s.health.run(watch) })
	}
	for _, g := range s.consumers {
		g.rebalances.counting(true)
		if g.late() {
			background.Go(func() { s.joinLate(watch, g, clock) })
		}
		if len(g.settings.Schedule) > 0 {
			background.Go(func() { s.followSchedule(watch, g, clock) })
		}
		if g.sharing != nil {
			background.Go(func() { s.followShare(watch, g) })
		}
		background.Go(func() { g.watchPolls(watch) })
	}
	for _, g := range s.producers {
		if g.profile != nil {
			for _, mark := range g.profile.Marks() {
				s.events.at(float64(mark.At)/1e9, "phase", g.settings.Name+": "+phaseName(mark))
			}
		}
	}
	stop := make(chan struct{})
	senders := s.startSenders(clock, stop, r)
	state, err := s.follow(ctx, clock, r, senders)
	close(stop)
	if !within(closeBound, func() { <-senders }) {
		s.events.add("error", "senders did not stop")
	}
	for _, g := range s.consumers {
		g.rebalances.counting(false)
	}
	if err == nil {
		err = r.frame(watch, clock.Now(), true)
	}
	end, booksErr := s.closeBooks(watch, ctx, clock, state, r)
	return end, errors.Join(err, booksErr)
}

func phaseName(m pace.Mark) string {
	if m.Name == "" {
		return "next phase"
	}
	return m.Name
}

// backlogEvery is how often a backlog that a group waits for is looked at.
const backlogEvery = 100 * time.Millisecond

// joinLate lets a group join during the load: at a time, or when so many records wait for it.
func (s *stage) joinLate(ctx context.Context, g *consumerGroup, clock pace.Clock) {
	if !sleep(ctx, time.Duration(int64(g.settings.Start.After)-clock.Now())) {
		return
	}
	for g.settings.Start.Backlog > 0 && s.backlog(g) < g.settings.Start.Backlog && clock.Now() < s.window.load.Load() {
		if !sleep(ctx, backlogEvery) {
			return
		}
	}
	begun := clock.Now() // its members may have read before join returns
	if err := s.join(ctx, g); err != nil {
		g.failures.add(inside, "join")
		s.events.add("error", fmt.Sprintf("%s cannot join: %v", g.settings.Name, err))
		return
	}
	s.events.at(float64(begun)/1e9, "join", g.settings.Name+" joins")
}

// backlog returns how many records of the trial wait on a group's topics, by what its producers
// have handed over and hold no more: that needs no request.
func (s *stage) backlog(g *consumerGroup) (n int64) {
	for _, p := range s.producers {
		for _, topic := range g.topics {
			for _, c := range p.clients {
				if c.logical != topic.logical {
					continue
				}
				n += c.published[inside].records.Load() + c.published[outside].records.Load() - c.kafka.Load().BufferedProduceRecords()
			}
		}
	}
	return n
}

// startSenders starts lanes and waiting senders. The channel closes when all have returned.
func (s *stage) startSenders(clock pace.Clock, stop <-chan struct{}, r *recorder) <-chan struct{} {
	var served []paced
	var waiting []interface{ run(stop <-chan struct{}) }
	records := 0.0
	started := clock.Start().Round(0)
	for _, g := range s.producers {
		if g.openLoop() {
			records += g.profile.Peak()
		}
		for _, c := range g.clients {
			c.clock, c.started = clock, started
			switch {
			case !g.openLoop():
				waiting = append(waiting, newSender(c, nil))
			case g.settings.Send == scenarios.SendAsync:
				served = append(served, &asyncClient{producerClient: c})
			default:
				ring := make(chan struct{}, 1)
				waiting = append(waiting, newSender(c, ring))
				served = append(served, &bell{schedule: c.bellSchedule, window: s.window, ring: ring})
			}
		}
	}
	var senders sync.WaitGroup
	for _, w := range waiting {
		senders.Go(func() { w.run(stop) })
	}
	for _, l := range lanesFor(served, records, clock) {
		r.lanes = append(r.lanes, l)
		senders.Go(func() {
			waiter := pace.NewWaiter(clock)
			defer waiter.Close()
			l.run(waiter, stop)
		})
	}
	done := make(chan struct{})
	go func() { senders.Wait(); close(done) }()
	return done
}

// follow writes the frames until everything is resolved and read, or the drain is over. It
// returns the state that the trial ends with.
func (s *stage) follow(ctx context.Context, clock pace.Clock, r *recorder, senders <-chan struct{}) (results.State, error) {
	state := results.Complete
	signal := ctx.Done()
	sending := senders
	deadline := s.window.end.Load() + int64(s.load.Drain)
	boundary := nextBoundary(0, s.window)
	timer := time.NewTimer(0)
	defer timer.Stop()
	drained := &drain{stage: s}
	for {
		wake := boundary
		now := clock.Now()
		if sending == nil || now >= s.window.load.Load() {
			wake = min(wake, now+int64(catchUpEvery))
		}
		timer.Reset(time.Duration(min(wake, deadline) - now))
		select {
		case <-signal:
			signal, state = nil, results.Interrupted
			now := clock.Now()
			s.window.cut(now)
			deadline = min(deadline, now+int64(interrupted))
			s.events.add("interrupted", "a signal ended the load")
		case <-sending:
			sending = nil
		case <-timer.C:
		}
		now = clock.Now()
		if now >= boundary {
			if err := r.frame(ctx, now, false); err != nil {
				return results.Crashed, err
			}
			boundary = nextBoundary(now, s.window)
		}
		if now >= deadline {
			return state, nil
		}
		if sending == nil && now >= s.window.load.Load() && drained.done(ctx) {
			return state, nil
		}
	}
}

// nextBoundary returns when the next frame ends: at whole seconds and at the window's edges.
func nextBoundary(now int64, w *window) int64 {
	// A boundary that is only just ahead would make a frame of nothing.
	const least = int64(20 * time.Millisecond)
	next := (now+least)/int64(time.Second)*int64(time.Second) + int64(time.Second)
	for _, edge := range []int64{w.start, w.end.Load()} {
		if edge > now && edge < next {
			next = edge
		}
	}
	return next
}

// drain knows whether everything that was sent has been resolved and read.
type drain struct {
	stage *stage
	ends  bool // the logs' ends were read after the last record was resolved
}

func (d *drain) done(ctx context.Context) bool {
	for _, g := range d.stage.producers {
		for _, c := range g.clients {
			if c.kafka.Load().BufferedProduceRecords() > 0 {
				return false
			}
		}
	}
	// Where nobody produces, what is left to read is no debt of this trial's.
	if len(d.stage.consumers) == 0 || len(d.stage.producers) == 0 {
		return true
	}
	if !d.ends {
		d.ends = d.stage.lag.Sample(context.WithoutCancel(ctx)) == nil && d.arrived()
		if !d.ends {
			return false
		}
	}
	if !d.caughtUp(ctx) {
		return false
	}
	if len(d.stage.load.Pipelines) == 0 && !d.stage.transactions.any() {
		return true
	}
	// What pipelines wrote since the ends were read is still to be read, and so are the markers of
	// transactions, which come after the acknowledgement of their end.
	return d.stage.lag.Sample(context.WithoutCancel(ctx)) == nil && d.caughtUp(ctx)
}

// arrived says whether records that nobody acknowledges (acks 0) are in the log: what a busy broker
// has not read from its connections yet goes with the topic. Only the trial's own topics tell it.
func (d *drain) arrived() bool {
	sent := map[string][]int64{} // by the cluster's topic, of each partition
	for _, g := range d.stage.producers {
		if !g.stamped || g.settings.Properties.String("acks") != "0" {
			continue
		}
		for _, c := range g.clients {
			if slices.ContainsFunc(d.stage.load.Topics, func(t scenarios.Topic) bool { return t.Name == c.logical && t.Existing != "" }) {
				continue
			}
			if sent[c.topic] == nil {
				sent[c.topic] = make([]int64, len(c.sequences))
			}
			for p, n := range c.sequences {
				sent[c.topic][p] += n
			}
		}
	}
	now := time.Now()
	for topic, partitions := range sent {
		for p, n := range partitions {
			if there, _ := d.stage.lag.Lag(topic, int32(p), 0, now); there >= 0 && there < n {
				return false
			}
		}
	}
	return true
}

// caughtUp says whether all groups are at the logs' ends as they were last read, and at rest.
func (d *drain) caughtUp(ctx context.Context) bool {
	now := time.Now()
	for _, g := range d.stage.consumers {
		if g.processing.Load() > 0 {
			return false
		}
		if g.allStopped() {
			continue // nobody is left to read what is left, or to hold its partitions
		}
		if !g.whole() {
			return false
		}
		if g.sharing != nil {
			if !d.stage.shareDrained(ctx, g) {
				return false
			}
			continue
		}
		for _, topic := range g.topics {
			for p := range topic.positions {
				position := topic.positions[p].Load()
				if position < 0 {
					continue // not known: a group that the user named and that reads nothing here
				}
				if records, _ := d.stage.lag.Lag(topic.name, int32(p), position, now); records > 0 {
					return false
				}
			}
		}
	}
	return true
}

// spread returns how many partitions a client of the group fills batches for at the same time.
func spread(g scenarios.ProducerGroup, load scenarios.Load) int {
	partitions := 1
	for _, t := range load.Topics {
		if t.Declared() == g.Topic {
			partitions = max(t.Partitions, 1)
		}
	}
	switch {
	case g.Partitioner.Kind == scenarios.PartitionerManual:
		return max(len(g.Partitioner.Partitions), 1)
	case g.Partitioner.Kind == scenarios.PartitionerDefault && g.Key.Distribution == scenarios.KeyNone:
		return 1
	case g.Key.Cardinality > 0 && g.Key.Cardinality < int64(partitions):
		return int(g.Key.Cardinality)
	}
	return partitions
}

// whole says whether members hold all of the group's partitions. Where a member has crashed,
// nobody reads its partitions until the group has noticed; where members of the user's own hold
// some, nothing is to be waited for.
func (g *consumerGroup) whole() bool {
	if !g.ownGroup || g.sharing != nil {
		return true
	}
	all := 0
	for _, topic := range g.topics {
		all += len(topic.positions)
	}
	return g.rebalances.holding() >= all
}

// allStopped says whether every member that there is stands at a record that it cannot process.
func (g *consumerGroup) allStopped() bool {
	g.membersMu.Lock()
	defer g.membersMu.Unlock()
	return len(g.members) > 0 && !slices.ContainsFunc(g.members, func(m *member) bool { return !m.stopped.Load() })
}
