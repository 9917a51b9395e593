package workload

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/scenarios"
)

// transactor is what a worker of an exactly-once pipeline has besides: a session, in which
// offsets and output are committed together.
type transactor struct {
	session           *kgo.GroupTransactSession
	open              func() (*kgo.GroupTransactSession, error) // a session in place of one that failed
	transactionClient uint32
	random            *rand.Rand // of planted aborts
}

// awaitTransactions waits until the coordinator knows the transactional ids of all members of an
// exactly-once pipeline: what it refuses would else be found by the first record, and again by
// every other one.
func (g *consumerGroup) awaitTransactions(ctx context.Context, bound time.Duration) error {
	if g.pipeline == nil || !g.pipeline.transactional() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	properties := g.pipeline.settings.Producer
	for _, m := range g.members {
		_, _, err := m.current().ProducerID(ctx)
		if err == nil {
			continue
		}
		id := g.transactionalID(m.index)
		if p := kafka.AccessProblem(id, err); p != nil {
			return p
		}
		if p := kafka.TransactionTimeoutRefused(properties.Duration("transaction.timeout.ms"), err); p != nil {
			return p
		}
		return &kafka.Problem{
			Cause:    fmt.Sprintf("transactional id %s cannot be used: %v", id, err),
			Remedy:   "look at the transaction coordinator: the brokers that hold __transaction_state",
			Category: kafka.Unreachable, Err: err,
		}
	}
	return nil
}

// transactionalID returns that of a member of an exactly-once pipeline.
func (g *consumerGroup) transactionalID(member int) string {
	id := g.pipeline.settings.Producer.String("transactional.id")
	switch {
	case id == "":
		id = g.id
	case g.pipeline.retries != nil:
		id += scenarios.RetryGroupSuffix // an id of its own
	}
	return fmt.Sprintf("%s-%d", id, member)
}

// initTransactions makes the transactional id this member's, before its first record as Java's
// producer does: that ends what a member before it has left open.
func (w *worker) initTransactions(ctx context.Context) {
	if !w.pipeline.transactional() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, outputBound)
	defer cancel()
	if _, _, err := w.client.ProducerID(ctx); err != nil && ctx.Err() == nil {
		w.fail("transaction", err)
	}
}

// beginTransaction begins one, in a new session where the old one is of no use any more.
func (w *worker) beginTransaction(ctx context.Context) bool {
	err := w.session.Begin()
	if err != nil {
		w.fail("transaction", err)
		w.reopen(ctx)
		return false // what was polled is read again
	}
	w.unit.transaction = w.pipeline.log.begin(w.transactionClient)
	return true
}

// endTransaction commits the unit, or aborts it: by plan, because output failed, or because
// the group was rebalanced. It tells whether it committed.
func (w *worker) endTransaction(ctx context.Context, try bool) bool {
	planted := try && w.random.Float64() < w.pipeline.settings.Aborts
	// Records of an aborted transaction are to be in the log, so that readers can be tried.
	err := w.session.Client().Flush(ctx)
	committed := false
	if failed := w.takeFailed(); err == nil {
		committed, err = w.session.End(ctx, kgo.TransactionEndTry(try && !planted && len(failed) == 0))
	}
	now := w.group.clock.Now()
	how := transactionAborted
	switch {
	case committed:
		how = transactionCommitted
		for _, d := range w.unit.deliveries {
			w.out(d, now)
		}
		w.group.commits.Add(1)
	case err != nil && !refused(err):
		how = transactionUnknown
	}
	w.pipeline.log.end(w.transactionClient, w.unit.transaction, w.unit.outputs, how)
	w.pipeline.ended.add(how, planted && how == transactionAborted, isFenced(err))
	if err != nil && w.alive.Err() == nil {
		w.fail("transaction", err)
		if isFenced(err) {
			w.group.events.add("fenced", fmt.Sprintf("%s: member %d was fenced: another producer has its transactional id", w.group.settings.Name, w.index+1))
		}
		if try {
			w.reopen(ctx)
		}
	}
	return committed
}

// rewind makes the positions those of the unit's beginning, where it will be read again from.
func (w *worker) rewind() {
	for _, at := range w.unit.starts {
		at.topic.positions[at.partition].Store(at.offset)
	}
}

// refused says whether the coordinator has refused to commit: the transaction is aborted then.
func refused(err error) bool {
	_, ofBroker := errors.AsType[*kerr.Error](err)
	return ofBroker && !errors.Is(err, kerr.UnknownServerError) && !errors.Is(err, kerr.RequestTimedOut)
}

// isFenced says whether another producer has taken over the transactional id. A commit that comes
// just when the coordinator has aborted the transaction on its behalf is told INVALID_TXN_STATE.
func isFenced(err error) bool {
	return errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch) || errors.Is(err, kerr.InvalidTxnState)
}

// reopen replaces a session that has failed: as in Java nothing can be done with it but to
// close it. The new one fences whoever has the transactional id, so there is a pause, lest two
// of them take it from each other as fast as they can.
func (w *worker) reopen(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	w.client.CloseAllowingRebalance()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pollPause):
		}
		session, err := w.open()
		if err != nil {
			w.fail("transaction", err)
			continue
		}
		w.session = session
		w.group.membersMu.Lock()
		w.client = session.Client()
		w.group.membersMu.Unlock()
		w.initTransactions(ctx)
		return
	}
}
