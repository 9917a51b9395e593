package workload

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/dedup"
	"kaliper/internal/kafka"
	"kaliper/internal/measure"
	"kaliper/results"
	"kaliper/scenarios"
)

// deduper keeps the members of a group from processing a record twice.
type deduper struct {
	settings scenarios.Dedup
	store    *dedup.Store
	prefix   string // of the group's keys, which are the trial's own
	version  string // of the server; empty where it does not tell
	tokens   atomic.Int64

	trips              [sides]measure.Recorder
	skipped, unchecked atomic.Int64 // records
	waited             atomic.Int64 // nanoseconds, for claims of others
}

// dedupModes are the scenario's modes as the store knows them.
var dedupModes = map[scenarios.DedupMode]dedup.Mode{
	scenarios.DedupMarkFirst: dedup.MarkFirst,
	scenarios.DedupMarkLast:  dedup.MarkLast,
	scenarios.DedupClaim:     dedup.Claim,
	scenarios.DedupAtomic:    dedup.Atomic,
}

// removeBound bounds the removal of a trial's keys. What is left then ends by its TTL.
const removeBound = 30 * time.Second

// prepareDedup connects a group to its Redis.
func (s *stage) prepareDedup(ctx context.Context, g *consumerGroup) error {
	settings := g.settings.Dedup
	if !settings.On() {
		return nil
	}
	store, err := openDedup(settings, g.settings.MostMembers())
	if err != nil {
		return err
	}
	d := &deduper{
		settings: settings, store: store,
		prefix: fmt.Sprintf("kaliper:%s:%s-%s:%s:", s.trial.Owner, s.trial.Ref.Case, s.trial.Ref.Number(), g.settings.Name),
	}
	server, err := reachDedup(ctx, settings, store)
	if err == nil {
		err = tryDedup(ctx, d)
	}
	if err != nil {
		return errors.Join(err, store.Close())
	}
	store.TakeRoundTrips() // the load has not begun
	d.version = server.Version
	g.dedup = d
	if server.Evicts() {
		s.warnings = append(s.warnings, results.Reason{
			Code: "dedup_evicts",
			Text: fmt.Sprintf("the Redis of %s evicts keys when its memory is full (maxmemory-policy %s): what comes again after that is processed again; set noeviction", g.settings.Name, server.Policy),
		})
	}
	return nil
}

func openDedup(settings scenarios.Dedup, callers int) (*dedup.Store, error) {
	store, err := dedup.Open(dedup.Config{
		URL: settings.Redis.Secret(), Mode: dedupModes[settings.Mode], TTL: settings.TTL, Lease: settings.Lease, Timeout: settings.Timeout, Callers: callers,
	})
	if err != nil {
		return nil, &kafka.Problem{
			Cause: fmt.Sprintf("dedup.redis %s: %v", settings.Redis, err), Remedy: "write for example redis://localhost:6379/0",
			Category: kafka.BadInput, Err: err,
		}
	}
	return store, nil
}

// reachDedup asks Redis what it is.
func reachDedup(ctx context.Context, settings scenarios.Dedup, store *dedup.Store) (dedup.Server, error) {
	server, err := store.Ask(ctx)
	if err == nil {
		return server, nil
	}
	problem := &kafka.Problem{
		Cause:    fmt.Sprintf("Redis at %s cannot be reached: %v", settings.Redis, err),
		Remedy:   "start it (docker compose --profile redis up -d), name another one under dedup.redis, or set dedup.mode to none",
		Category: kafka.Unreachable, Err: err,
	}
	if refused, ok := errors.AsType[*dedup.Error](err); ok && refused.Refused() {
		problem.Cause = fmt.Sprintf("Redis at %s refuses the user: %v", settings.Redis, err)
		problem.Remedy = "write the password as a reference: redis://:${env:REDIS_PASSWORD}@host:6379/0"
	}
	return server, problem
}

// tryDedup makes a mark as the load will.
func tryDedup(ctx context.Context, d *deduper) error {
	err := d.store.Try(ctx, d.prefix+"try")
	if err == nil {
		return nil
	}
	return &kafka.Problem{
		Cause:    fmt.Sprintf("Redis at %s does not take marks: %v", d.settings.Redis, err),
		Remedy:   "its user needs GET, SET, SCAN and UNLINK on keys kaliper:*, and mode: claim needs Redis 6.2 or later",
		Category: kafka.Unreachable, Err: err,
	}
}

// CheckServices asks the services besides Kafka that cases need, each once. The error is a
// *kafka.Problem.
func CheckServices(ctx context.Context, cases ...scenarios.Case) error {
	asked := map[string]bool{}
	askOnce := func(path string, settings scenarios.Dedup) error {
		url := settings.Redis.Secret()
		if !settings.On() || asked[url] {
			return nil
		}
		asked[url] = true
		store, err := openDedup(settings, 1)
		if err != nil {
			return err
		}
		_, err = reachDedup(ctx, settings, store)
		if err = errors.Join(err, store.Close()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
	for _, c := range cases {
		for _, g := range c.Load.Consumers {
			if err := askOnce("consumers."+g.Name, g.Dedup); err != nil {
				return err
			}
		}
		for _, p := range c.Load.Pipelines {
			if err := askOnce("pipelines."+p.Name, p.Dedup); err != nil {
				return err
			}
		}
	}
	return nil
}

// close ends the connections, and removes the trial's keys unless they are to be kept. A Redis that
// has gone has been told already, by errors that were counted.
func (d *deduper) close(ctx context.Context, keep bool) error {
	var err error
	if !keep {
		ctx, cancel := context.WithTimeout(ctx, removeBound)
		defer cancel()
		err = d.store.Remove(ctx, d.prefix)
		if gone, ok := errors.AsType[*dedup.Error](err); ok && (gone.Kind() == "connection" || gone.Kind() == "timeout") {
			err = nil
		}
		if err != nil {
			err = fmt.Errorf("keys %s* stay in Redis until their TTL of %v is over: %w", d.prefix, d.settings.TTL, err)
		}
	}
	return errors.Join(err, d.store.Close())
}

// key returns the key of a record's message id.
func (d *deduper) key(topic *consumedTopic, r *kgo.Record) string {
	key := make([]byte, 0, len(d.prefix)+len(topic.logical)+64)
	key = append(append(append(key, d.prefix...), topic.logical...), ':')
	if attempts := attemptsOf(r); attempts > 0 {
		// A retry topic has a record once for each attempt, and each is to be made.
		key = append(strconv.AppendInt(append(key, "try"...), int64(attempts), 10), ':')
	}
	var s stamp
	// A stamp that was changed on the way may say that it is another record.
	if from, rest := stampOf(r); d.settings.ID == scenarios.DedupByRecord && s.read(from) && intact(from, rest) {
		key = strconv.AppendUint(key, s.run, 36)
		key = append(key, '-')
		key = strconv.AppendUint(key, uint64(s.producer), 10)
		key = append(key, '-')
		key = strconv.AppendInt(key, int64(originOf(r).partition), 10)
		key = append(key, '-')
		return string(strconv.AppendInt(key, s.sequence, 10))
	}
	key = strconv.AppendInt(key, int64(r.Partition), 10)
	key = append(key, '@')
	return string(strconv.AppendInt(key, r.Offset, 10))
}

// token returns what tells a delivery apart from every other one of the trial.
func (d *deduper) token() string { return strconv.FormatInt(d.tokens.Add(1), 36) }
