package workload

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/measure"
)

// groupTransactions is what the transactional clients of a producer group record together.
type groupTransactions struct {
	commit [sides]measure.Recorder
	ended  transactionCounts
	// uncommitted are acknowledged records whose transaction was not committed, or may not have been.
	uncommitted [sides]atomic.Int64
}

// producerTransactions is what a client that sends in transactions has besides. All but failed
// belongs to the goroutine that sends, and to whoever reads the books when that has ended.
type producerTransactions struct {
	id      string // transactional
	log     *transactionLog
	client  uint32                      // of the log
	random  *rand.Rand                  // of planted aborts
	open    func() (*kgo.Client, error) // a client in place of one that is of no use any more
	number  int64                       // of the transaction under way; -1 where it is not remembered
	marking []kgo.RecordHeader          // of all its records, where stamps are in the values
	origin  []byte                      // the header's value that names it
	starts  []int64                     // by partition: its first sequence
	records int                         // handed over so far; 0: none is under way
	handed  [sides]int64
	nextEnd int64 // when it is to be ended
	// neverEnded: the trial ended before the last one did.
	neverEnded bool

	failed [sides]atomic.Int64 // of the transaction under way; its callbacks count
}

// mark has a record tell of which transaction it is.
func (t *producerTransactions) mark(r *kgo.Record, side int, stampInValue bool) {
	t.records++
	t.handed[side]++
	if n := len(r.Headers); !stampInValue && n > 0 && r.Headers[n-1].Key == originHeader {
		r.Headers[n-1].Value = t.origin
		return
	}
	r.Headers = t.marking
}

// transact makes a client transactional, and returns its options. Its id is claimed with the
// client itself.
func (s *stage) transact(c *producerClient, properties kafka.Properties, options []kgo.Opt) ([]kgo.Opt, error) {
	name := c.group.settings.Name
	id := properties.String("transactional.id")
	if id == "" {
		own, err := kafka.GroupName(s.trial.Owner, s.trial.Ref.Case, s.trial.Ref.Number(), name)
		if err != nil {
			return nil, err
		}
		id = own
	}
	id = fmt.Sprintf("%s-%d", id, c.number)
	options = append(options,
		kgo.TransactionalID(id),
		kgo.TransactionTimeout(properties.Duration("transaction.timeout.ms")))
	c.transaction = &producerTransactions{
		id: id, log: &s.transactions, client: s.transactions.client(c.logical),
		random: rand.New(rand.NewPCG(seedOf(s.load.Seed, s.trial.Ref.Trial, "aborts", name), uint64(c.number))),
		open:   func() (*kgo.Client, error) { return kgo.NewClient(options...) },
		starts: make([]int64, len(c.sequences)),
	}
	return options, nil
}

// claim asks the coordinator for a producer id, as initTransactions does: the first time takes a
// second, and belongs to no record.
func (t *producerTransactions) claim(ctx context.Context, client *kgo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, joinBound)
	defer cancel()
	_, _, err := client.ProducerID(ctx)
	if err == nil {
		return nil
	}
	if p := kafka.AccessProblem(t.id, err); p != nil {
		return p
	}
	return fmt.Errorf("claim transactional id %s: %w", t.id, err)
}

// transactionSender is a client that sends as an asynchronous one does, in transactions: each is
// flushed and ended before the next one begins, and what is due meanwhile waits.
type transactionSender struct {
	*waitingSender
	*producerTransactions
	most  int   // records of a transaction
	lasts int64 // nanoseconds since its first record
}

// newSender returns what sends for a client by a goroutine of its own.
func newSender(c *producerClient, ring chan struct{}) interface{ run(stop <-chan struct{}) } {
	s := newWaitingSender(c, ring)
	if c.transaction == nil {
		return s
	}
	settings := c.group.settings.Transaction
	t := &transactionSender{waitingSender: s, producerTransactions: c.transaction, most: settings.Records, lasts: int64(settings.Interval)}
	if t.most == 0 {
		t.most = math.MaxInt
	}
	if t.lasts == 0 {
		// The broker aborts what is open for longer.
		t.lasts = int64(c.group.settings.Properties.Duration("transaction.timeout.ms")) / 2
	}
	return t
}

// run sends until the schedule or the window ends, or stop closes.
func (t *transactionSender) run(stop <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	watching.Go(func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	})
	defer t.publish()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		intended, due, ok := t.next(stop, timer)
		if t.records > 0 && (!ok || !due || t.records >= t.most || t.clock.Now() >= t.nextEnd) {
			if !t.end(ctx) {
				return
			}
		}
		if !ok {
			return
		}
		if due && !t.sendIn(ctx, stop, intended) {
			return
		}
	}
}

// next waits for the next record, or until the transaction's time is over: then none is due.
func (t *transactionSender) next(stop <-chan struct{}, timer *time.Timer) (intended int64, due, ok bool) {
	if t.schedule == nil {
		intended, ok = t.await(stop)
		return intended, true, ok
	}
	for {
		intended, ok = t.schedule.Next()
		if !ok || intended >= t.window.load.Load() {
			return 0, false, false
		}
		now := t.clock.Now()
		if now >= intended {
			return intended, true, true
		}
		if t.records > 0 && (now >= t.nextEnd || t.records >= t.most) {
			return 0, false, true
		}
		t.publish()
		t.catchingUp = false
		wait := time.Hour
		if t.records > 0 {
			wait = time.Duration(t.nextEnd - now)
		}
		timer.Reset(wait)
		select {
		case <-t.ring:
		case <-timer.C:
		case <-stop:
			return 0, false, false
		}
	}
}

// sendIn hands over one record, in a new transaction where none is under way. It is false where
// the trial has ended.
func (t *transactionSender) sendIn(ctx context.Context, stop <-chan struct{}, intended int64) bool {
	bytes := t.nextBytes()
	if found, ended := t.takeRoom(bytes, intended, stop); !found {
		return !ended
	}
	if t.records == 0 {
		if !t.begin(ctx) {
			return false
		}
		t.nextEnd = t.clock.Now() + t.lasts
	}
	t.send(intended, bytes)
	t.advance()
	if t.records%sendsPerTurn == 0 {
		t.publish()
	}
	return true
}

// begin opens a transaction, with a new client where the old one is of no use any more. It is
// false where the trial has ended.
func (t *transactionSender) begin(ctx context.Context) bool {
	for {
		err := t.kafka.Load().BeginTransaction()
		if err == nil {
			break
		}
		t.refuse(err)
		if !t.reopen(ctx) {
			return false
		}
	}
	t.number = t.log.begin(t.producerTransactions.client)
	t.origin = origin{partition: -1, client: t.producerTransactions.client, transaction: t.number}.append(nil)
	if t.group.stamped {
		t.marking = append(t.group.headers[:len(t.group.headers):len(t.group.headers)], kgo.RecordHeader{Key: originHeader, Value: t.origin})
	} else {
		t.marking = t.group.headers
	}
	t.handed = [sides]int64{}
	for s := range sides {
		t.failed[s].Store(0)
	}
	// All records before are resolved, so that nobody gives sequences now.
	for p := range t.starts {
		t.starts[p] = t.sequences[p]
	}
	return true
}

// end flushes the transaction and commits it, or aborts it: by plan, or because records failed.
// It is false where the trial ended before.
func (t *transactionSender) end(ctx context.Context) bool {
	t.publish()
	begun := t.clock.Now()
	client := t.kafka.Load()
	// Records of an aborted transaction are to be in the log, so that readers can be tried.
	if client.Flush(ctx) != nil {
		t.neverEnded = true
		return false
	}
	var lost int64
	for s := range sides {
		lost += t.failed[s].Load()
	}
	planted := t.random.Float64() < t.group.settings.Transaction.Aborts
	// A signal that ends the trial must not tear a commit apart.
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), outputBound)
	defer cancel()
	try := kgo.TransactionEndTry(!planted && lost == 0)
	err := client.EndTransaction(bounded, try)
	how := transactionAborted
	switch {
	case err == nil && try == kgo.TryCommit:
		how = transactionCommitted
	case try == kgo.TryCommit && !refused(err):
		how = transactionUnknown
	}
	if err != nil {
		t.refuse(err)
		// The client library wants the same transaction aborted before it goes on.
		if err := client.EndTransaction(bounded, kgo.TryAbort); err != nil && !isFenced(err) {
			t.refuse(err)
		}
	}
	of := t.group.transactions
	of.commit[side(t.window.holds(begun))].Record(t.clock.Now() - begun)
	of.ended.add(how, planted && how == transactionAborted, isFenced(err))
	if isFenced(err) {
		t.group.events.add("fenced", fmt.Sprintf("%s: client %d was fenced: another producer has its transactional id", t.group.settings.Name, t.producerClient.number+1))
	}
	written := int64(0)
	for s := range sides {
		acked := t.handed[s] - t.failed[s].Load()
		written += acked
		if how != transactionCommitted {
			of.uncommitted[s].Add(acked)
		}
	}
	t.log.end(t.producerTransactions.client, t.producerTransactions.number, int(written), how)
	if how != transactionCommitted {
		for p, from := range t.starts {
			t.unacked.addAll(int32(p), from, t.sequences[p])
		}
	}
	t.records, t.reuse = 0, 0
	t.catchingUp = true
	return true
}

// refuse tells of an error of a transaction: the first of its kind as an event. Records that
// failed with it are counted as such.
func (t *transactionSender) refuse(err error) {
	t.group.events.once("error", "transaction_"+kafka.ErrorKind(err), fmt.Sprintf("%s: transaction: %v", t.group.settings.Name, err))
}

// reopen replaces a client with which no transaction can be begun any more: as in Java nothing
// can be done with it but to close it. There is a pause before, lest two clients with one id take
// it from each other as fast as they can. It is false where the trial has ended.
func (t *transactionSender) reopen(ctx context.Context) bool {
	t.kafka.Load().Close()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pollPause):
		}
		client, err := t.producerTransactions.open()
		if err != nil {
			t.refuse(errors.Join(errors.New("open another client"), err))
			continue
		}
		t.kafka.Store(client)
		t.sink = client
		return true
	}
}
