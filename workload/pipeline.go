package workload

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/measure"
	"kaliper/results"
	"kaliper/scenarios"
)

// pipeline is the producing side of a consumer group that consumes, processes and produces.
// Its reading side is the consumer group itself: latency, lag, rebalances and integrity of a
// stage's input are those of any group.
type pipeline struct {
	settings scenarios.Pipeline
	to       string // the cluster's name; empty where a group only reads, and deals with failures
	log      *transactionLog
	metrics  *clientMetrics // of produce requests
	shards   []*pipelineShard
	failing  *failing // nil where no record fails
	paths    paths
	// retries is the pipeline whose retry topic this one reads, and retriedBy the other way round.
	retries, retriedBy *pipeline

	produced, producedBytes atomic.Int64
	ended                   transactionCounts
}

// transactional says whether offsets and output are committed together.
func (p *pipeline) transactional() bool { return p.settings.Guarantee == scenarios.ExactlyOnce }

// info says for the journal what the group does with its records; nil where it only reads.
func (p *pipeline) info() *results.PipelineInfo {
	if p == nil || p.to == "" {
		return nil
	}
	return &results.PipelineInfo{
		To: p.settings.To, Guarantee: string(p.settings.Guarantee),
		CommitIntervalSeconds: p.settings.CommitInterval.Seconds(),
	}
}

// pipelineShard is where some members of a pipeline record.
type pipelineShard struct {
	stage, commit           [sides]measure.Recorder
	recovered, deadLettered [sides]measure.Recorder
}

// worker is a member of a pipeline. What it has produced since the last commit is one unit of
// work: it is committed as a whole, or done again.
type worker struct {
	*member
	transactor
	pipeline *pipeline
	shard    *pipelineShard
	unit     workUnit
	slab     []delivery
	promise  func(*kgo.Record, error) // delivered, bound once
	nextEnd  int64                    // when the unit is to be committed

	mu     sync.Mutex
	failed []*delivery // what the client gave up on; its callbacks write it
}

// workUnit is what a worker has done since the last commit.
type workUnit struct {
	open        bool
	deliveries  []*delivery
	starts      []readFrom
	transaction int64 // its number; -1 without
	outputs     int   // deliveries to the pipeline's own output
	paths       unitPaths
	stop        bool // at a record that failed
}

// readFrom is where a unit began to read a partition.
type readFrom struct {
	topic     *consumedTopic
	partition int32
	offset    int64
}

// delivery is one output record between hand-over and commit. As outgoing it is its own
// context, which leads the callback from the record to what is known of it.
type delivery struct {
	endless
	record   kgo.Record
	headers  [3]kgo.RecordHeader
	path     path
	origin   [originBytes + transactionBytes]byte
	polled   int64 // nanoseconds since the start of the load
	intended int64
	side     int // of the window, by the stamp's intended time
}

// deliveriesPerSlab is how many deliveries are allocated together.
const deliveriesPerSlab = 64

func (w *worker) fresh() *delivery {
	if len(w.slab) == 0 {
		w.slab = make([]delivery, deliveriesPerSlab)
	}
	d := &w.slab[0]
	w.slab = w.slab[1:]
	return d
}

// outputBound bounds the wait for what was produced, where the client itself has given up
// waiting by delivery.timeout.ms.
const outputBound = 150 * time.Second

// run consumes, processes, produces and commits until the member leaves or crashes, or the trial
// ends.
func (w *worker) run(context.Context) {
	ctx := w.processing
	w.initTransactions(ctx)
	most := int(w.group.settings.Properties.Int64("max.poll.records"))
	for w.beforePoll(ctx) {
		fetches := w.poll(ctx, most)
		if ctx.Err() != nil || fetches.IsClientClosed() {
			break
		}
		w.work(ctx, fetches)
		if ctx.Err() != nil {
			break // it was cut short: to commit now would pass over what nobody has done
		}
		if w.unit.stop {
			w.stop()
			return
		}
		if w.unit.open && w.group.clock.Now() >= w.nextEnd {
			w.end(ctx)
		}
		// With work that is not committed rebalances wait until the end of the unit.
		if !w.unit.open {
			w.client.AllowRebalance()
		}
	}
	if w.unit.open && ctx.Err() == nil { // it leaves
		w.end(ctx)
	}
	w.abandon()
	w.client.AllowRebalance()
}

// poll waits for records, and no longer than until the unit is to be committed.
func (w *worker) poll(ctx context.Context, most int) kgo.Fetches {
	if !w.unit.open {
		return w.member.poll(ctx, most)
	}
	ctx, cancel := context.WithTimeout(ctx, max(time.Duration(w.nextEnd-w.group.clock.Now()), time.Microsecond))
	defer cancel()
	return w.member.poll(ctx, most)
}

// work processes what a poll returned, and hands over its output.
func (w *worker) work(ctx context.Context, fetches kgo.Fetches) {
	if fetches.NumRecords() == 0 && errors.Is(fetches.Err0(), context.DeadlineExceeded) {
		return
	}
	g := w.group
	if fetches.NumRecords() > 0 && !w.unit.open && !w.begin(ctx) {
		return
	}
	returned := g.clock.Now()
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if topic := g.byName[p.Topic]; topic != nil && len(p.Records) > 0 {
			w.unit.note(topic, p.Partition, p.Records[0].Offset)
			for _, r := range p.Records {
				if !r.Attrs.IsControl() {
					w.unit.paths.consumed++
				}
			}
		}
	})
	if !w.take(ctx, fetches, returned) {
		return
	}
	if g.dedup != nil {
		w.processOnce(ctx, fetches, returned, w)
		return
	}
	if w.processor != nil {
		w.processor.begin(returned)
	}
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		topic := g.byName[p.Topic]
		for _, r := range p.Records {
			if ctx.Err() != nil || w.unit.stop {
				return
			}
			if !r.Attrs.IsControl() {
				w.unit.stop = !w.handle(ctx, topic, r, returned)
			}
		}
	})
	if w.processor != nil {
		w.processor.end(ctx)
	}
}

// begin opens a unit of work.
func (w *worker) begin(ctx context.Context) bool {
	w.unit.transaction = -1
	if w.pipeline.transactional() && !w.beginTransaction(ctx) {
		return false
	}
	w.unit.open = true
	w.group.processing.Add(1)
	w.nextEnd = w.group.clock.Now() + int64(w.pipeline.settings.CommitInterval)
	return true
}

// note remembers where the unit began to read a partition.
func (u *workUnit) note(topic *consumedTopic, partition int32, offset int64) {
	for _, at := range u.starts {
		if at.topic == topic && at.partition == partition {
			return
		}
	}
	u.starts = append(u.starts, readFrom{topic, partition, offset})
}

// produce hands over what a record becomes: its key, its value and its stamp, so that the first
// intended time goes through the whole chain. The delivery has its topic and headers.
func (w *worker) produce(d *delivery, r *kgo.Record, returned int64, on path) {
	d.path, d.polled = on, returned
	d.intended, d.side, _ = w.intendedOf(r)
	o := originOf(r)
	o.client, o.transaction = w.transactionClient, w.unit.transaction
	if on != pathOutput {
		o.transaction = -1 // whose records are counted on the output alone
	}
	d.record.Key, d.record.Value, d.record.Context = r.Key, r.Value, d
	d.record.Headers = append(d.record.Headers, kgo.RecordHeader{Key: originHeader, Value: o.append(d.origin[:0])})
	w.unit.deliveries = append(w.unit.deliveries, d)
	w.client.Produce(d, &d.record, w.promise)
}

// delivered is the callback of every output record.
func (w *worker) delivered(r *kgo.Record, err error) {
	d := r.Context.(*delivery)
	if err != nil {
		w.mu.Lock()
		w.failed = append(w.failed, d)
		w.mu.Unlock()
		if !errors.Is(err, kgo.ErrClientClosed) && !errors.Is(err, context.Canceled) {
			w.fail("produce", err)
		}
		return
	}
	if !w.pipeline.transactional() {
		w.out(d, w.group.clock.Now())
	}
}

// out counts a record that has come through the stage.
func (w *worker) out(d *delivery, now int64) {
	switch d.path {
	case pathRetry:
		return
	case pathDeadLetter:
		w.shard.deadLettered[d.side].Record(now - d.intended)
		return
	}
	w.shard.stage[d.side].Record(now - d.polled)
	w.pipeline.produced.Add(1)
	w.pipeline.producedBytes.Add(int64(len(d.record.Key) + len(d.record.Value)))
}

// fail counts an error of the producing side. What a member meets because it has crashed is none.
func (w *worker) fail(doing string, err error) {
	if w.alive.Err() != nil {
		return
	}
	kind := doing + "_" + kafka.ErrorKind(err)
	w.group.failures.add(outside, kind)
	w.group.events.once("error", kind, fmt.Sprintf("%s: %s: %v", w.group.settings.Name, doing, err))
}

// end commits the unit of work.
func (w *worker) end(ctx context.Context) {
	begun := w.group.clock.Now()
	// A signal that ends the trial must not tear a commit apart. A crash may.
	bounded, cancel := context.WithTimeout(w.alive, outputBound)
	defer cancel()
	committed := false
	if w.pipeline.transactional() {
		committed = w.endTransaction(bounded, true)
	} else if w.awaitOutput(ctx) {
		w.commit(bounded)
		committed = w.alive.Err() == nil
	}
	if w.alive.Err() == nil {
		w.shard.commit[side(w.group.window.holds(begun))].Record(w.group.clock.Now() - begun)
	}
	w.closeUnit(committed)
}

// abandon leaves a unit of work that is not committed: the member crashes, or the trial ends.
func (w *worker) abandon() {
	if !w.unit.open {
		return
	}
	if w.alive.Err() == nil {
		w.group.cutOff.Store(true) // before processing falls to 0
	}
	if w.alive.Err() != nil && w.pipeline.transactional() {
		// Nobody has asked to commit it, and nobody will.
		w.pipeline.log.end(w.transactionClient, w.unit.transaction, w.unit.outputs, transactionAborted)
		w.pipeline.ended.add(transactionAborted, false, false)
	}
	w.closeUnit(false)
}

// stop is what an exception does to a consumer without a handler for it: what it has not
// committed is undone, and it leaves its group. Whoever gets its partitions meets the same
// record.
func (w *worker) stop() {
	bounded, cancel := context.WithTimeout(w.alive, outputBound)
	defer cancel()
	if w.pipeline.transactional() {
		w.endTransaction(bounded, false)
	}
	w.stopped.Store(true)
	w.closeUnit(false)
	w.group.failures.add(outside, "processing_stopped")
	w.group.events.add("stopped", fmt.Sprintf("%s: member %d stops at a record that it cannot process", w.group.settings.Name, w.index+1))
	w.client.CloseAllowingRebalance()
}

// closeUnit ends the unit of work. What was not committed is unread again: whoever reads behind the
// pipeline must not miss what nobody has done.
func (w *worker) closeUnit(committed bool) {
	if !committed {
		w.rewind()
	}
	w.pipeline.paths.add(w.unit.paths, committed)
	w.unit = workUnit{deliveries: w.unit.deliveries[:0], starts: w.unit.starts[:0], transaction: -1}
	w.group.processing.Add(-1)
}

// awaitOutput waits until all output is acknowledged. What the client gave up on is sent
// again: its offset must not be committed before it is there. It is false where the trial ends.
func (w *worker) awaitOutput(ctx context.Context) bool {
	for {
		if err := w.client.Flush(ctx); err != nil {
			return false
		}
		again := w.takeFailed()
		if len(again) == 0 {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pollPause):
		}
		for _, d := range again {
			d.record.Context = d
			w.client.Produce(d, &d.record, w.promise)
		}
	}
}

func (w *worker) takeFailed() []*delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	failed := w.failed
	w.failed = nil
	return failed
}
