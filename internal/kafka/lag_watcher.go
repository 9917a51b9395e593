package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/internal/suggest"
)

// Bounds of one sample. Together they keep what was asked within two seconds.
const (
	lagRequestsBound = 1500 * time.Millisecond // groups, committed offsets, logs' ends
	lagReadingBound  = 500 * time.Millisecond  // first unconsumed records
	// lagFirstBound is that of the requests until they have been answered once: each opens
	// connections, which over TLS and SASL take seven round trips to a broker.
	lagFirstBound = 10 * time.Second
)

// watchedSamples bounds the history of each partition's end: a cluster has many partitions.
const watchedSamples = 300

// LagWatcher samples the lag of consumer groups, anybody's. It joins no group and commits
// nothing. It reads a record only to learn its time, where the history of the log's end, from
// the watcher's first sample on, does not reach back to it. It is for one goroutine.
type LagWatcher struct {
	admin   *Admin
	groups  []string // empty: all
	history *LagSampler
	ends    map[partitionID]*progress
	commits map[groupPartition]*progress
	times   *recordTimes
	// answered: connections are there.
	answered bool
}

// partitionID is a partition of a topic.
type partitionID struct {
	topic     string
	partition int32
}

// groupPartition is a group's view of a partition.
type groupPartition struct {
	group string
	partitionID
}

// WatchLag returns a watcher of some groups, or of all that the user may see where none is
// named. The caller must Close it.
func (a *Admin) WatchLag(groups ...string) *LagWatcher {
	history := NewLagSampler(a)
	history.most = watchedSamples
	return &LagWatcher{
		admin: a, groups: groups, history: history,
		ends: map[partitionID]*progress{}, commits: map[groupPartition]*progress{},
		times: newRecordTimes(a.client),
	}
}

// Close ends the connections that the watcher made for itself.
func (w *LagWatcher) Close() { w.times.close() }

// Sample asks once, in at most two seconds, but for the first time, when it connects. An error means that nothing is known; what is
// wrong with one group stands in its Problem and Err.
func (w *LagWatcher) Sample(ctx context.Context) (LagSample, error) {
	began := time.Now()
	bound := lagRequestsBound
	if !w.answered {
		bound = lagFirstBound
	}
	bounded, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	listed, err := w.list(bounded)
	if err != nil {
		return LagSample{}, w.unanswered(ctx, "list groups", err)
	}
	names := w.groups
	if len(names) == 0 {
		for name, g := range listed {
			if g.GroupType != "share" { // these have no committed offsets
				names = append(names, name)
			}
		}
	}
	fetched := w.admin.kadm.FetchManyOffsets(bounded, slices.Clone(names)...)
	committed := time.Now()
	if err := allFailed(fetched); err != nil {
		return LagSample{}, w.unanswered(ctx, "fetch committed offsets", err)
	}
	ends, at, err := w.history.sample(bounded, committedTopics(fetched))
	if len(ends) == 0 && err != nil {
		return LagSample{}, w.unanswered(ctx, "list the logs' ends", err)
	}
	w.answered = true
	ends.Each(func(end kadm.ListedOffset) {
		if end.Err == nil {
			entry(w.ends, partitionID{end.Topic, end.Partition}).add(at, end.Offset)
		}
	})
	sample := LagSample{Groups: make([]GroupLag, 0, len(names))}
	for _, name := range names {
		sample.Groups = append(sample.Groups, w.group(name, listed, fetched[name], ends, committed))
	}
	slices.SortFunc(sample.Groups, func(a, b GroupLag) int { return cmp.Compare(a.Group, b.Group) })
	w.age(ctx, sample.Groups)
	for i := range sample.Groups {
		sample.Groups[i].sum()
	}
	w.forget(sample.Groups)
	sample.At, sample.TookSeconds = time.Now(), time.Since(began).Seconds()
	return sample, nil
}

// unanswered says that a cluster did not answer, or that a signal came.
func (w *LagWatcher) unanswered(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if p := AccessProblem("", err); p != nil {
		return p
	}
	if _, ok := errors.AsType[*kerr.Error](err); ok {
		return fmt.Errorf("%s: %w", what, err)
	}
	return connectProblem(seedsOf(w.admin.client), err)
}

// list returns the groups that the user may see, by name.
func (w *LagWatcher) list(ctx context.Context) (map[string]kmsg.ListGroupsResponseGroup, error) {
	groups := map[string]kmsg.ListGroupsResponseGroup{}
	var failed error
	answered := false
	for _, shard := range w.admin.client.RequestSharded(ctx, kmsg.NewPtrListGroupsRequest()) {
		err := shard.Err
		if err == nil {
			response := shard.Resp.(*kmsg.ListGroupsResponse)
			err = kerr.ErrorForCode(response.ErrorCode)
			for _, g := range response.Groups {
				groups[g.Group] = g
			}
		}
		if err == nil {
			answered = true
		} else {
			failed = err
		}
	}
	if !answered { // one broker that is down must not hide the groups of the others
		return nil, cmp.Or(failed, error(kerr.BrokerNotAvailable))
	}
	return groups, nil
}

// allFailed returns the error of the groups if every group has one and it is not the group's own.
func allFailed(fetched kadm.FetchOffsetsResponses) error {
	var err error
	for _, r := range fetched {
		if _, own := errors.AsType[*kerr.Error](r.Err); r.Err == nil || own || isAuthorization(r.Err) {
			return nil
		}
		err = r.Err
	}
	return err
}

func isAuthorization(err error) bool {
	_, ok := errors.AsType[*kadm.AuthError](err)
	return ok
}

func committedTopics(fetched kadm.FetchOffsetsResponses) []string {
	names := map[string]bool{}
	for _, r := range fetched {
		for topic := range r.Fetched {
			names[topic] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// group makes what is known of one group, but for the seconds that must be read.
func (w *LagWatcher) group(name string, listed map[string]kmsg.ListGroupsResponseGroup, fetched kadm.FetchOffsetsResponse, ends kadm.ListedOffsets, committed time.Time) GroupLag {
	g := GroupLag{Group: name, State: listed[name].GroupState, Type: listed[name].GroupType, Partitions: []PartitionLag{}}
	if g.Err = w.refusal(name, listed, fetched); g.Err != nil {
		g.Problem = g.Err.Error()
		return g
	}
	for _, o := range fetched.Fetched.Sorted() {
		if o.At < 0 {
			continue
		}
		p := PartitionLag{Topic: o.Topic, Partition: o.Partition, Committed: o.At}
		id := partitionID{o.Topic, o.Partition}
		own := entry(w.commits, groupPartition{name, id})
		own.add(committed, o.At)
		p.ConsumedPerSecond = known(own.perSecondInSteps())
		if end, ok := ends.Lookup(o.Topic, o.Partition); ok && end.Err == nil {
			_, seconds := w.history.Lag(o.Topic, o.Partition, o.At, time.Now())
			// Not the history's count: it does not believe an end that went back.
			records := max(end.Offset-o.At, 0)
			p.End, p.Records = &end.Offset, &records
			if records == 0 {
				seconds = 0
			}
			p.Seconds = known(seconds, seconds >= 0)
			p.ProducedPerSecond = known(entry(w.ends, id).perSecond())
		}
		p.conclude()
		g.Partitions = append(g.Partitions, p)
	}
	return g
}

// refusal says why nothing can be known of a group; nil where something can.
func (w *LagWatcher) refusal(name string, listed map[string]kmsg.ListGroupsResponseGroup, fetched kadm.FetchOffsetsResponse) error {
	known, exists := listed[name]
	switch {
	case errors.Is(fetched.Err, kerr.GroupAuthorizationFailed):
		return &Problem{
			Cause:    fmt.Sprintf("the user may not see group %s (%s)", name, kerr.GroupAuthorizationFailed.Message),
			Remedy:   fmt.Sprintf("grant it Describe on group %s, and on its topics", name),
			Category: Unreachable, Err: fetched.Err,
		}
	case known.GroupType == "share":
		return &Problem{
			Cause:    fmt.Sprintf("group %s is a share group, which commits no offsets", name),
			Remedy:   "name a consumer group; kafka-share-groups.sh --describe shows share groups",
			Category: BadInput,
		}
	case fetched.Err != nil && !errors.Is(fetched.Err, kerr.GroupIDNotFound):
		return fmt.Errorf("fetch the committed offsets of group %s: %w", name, fetched.Err)
	case !exists && len(fetched.Fetched) == 0:
		remedy := "name a group that there is: kaliper lag --all shows those that this user may see"
		if like := suggest.Nearest(name, slices.Sorted(maps.Keys(listed))); like != "" {
			remedy = fmt.Sprintf("did you mean %q? kaliper lag --all shows the groups that this user may see", like)
		}
		return &Problem{Cause: fmt.Sprintf("no group %s is to be seen", name), Remedy: remedy, Category: BadInput}
	}
	return nil
}

// age fills in the time lag of partitions whose first unconsumed record is older than the
// history of the log's end, as far as records can be read in time.
func (w *LagWatcher) age(ctx context.Context, groups []GroupLag) {
	wanted := map[position]bool{}
	missing := func(visit func(*PartitionLag, position)) {
		for i := range groups {
			for j := range groups[i].Partitions {
				p := &groups[i].Partitions[j]
				if p.Records != nil && p.Seconds == nil {
					visit(p, position{partitionID{p.Topic, p.Partition}, p.Committed})
				}
			}
		}
	}
	missing(func(_ *PartitionLag, at position) { wanted[at] = true })
	ctx, cancel := context.WithTimeout(ctx, lagReadingBound)
	defer cancel()
	times := w.times.of(ctx, wanted)
	now := time.Now()
	missing(func(p *PartitionLag, at position) {
		if t, ok := times[at]; ok {
			p.Seconds = known(max(now.Sub(t).Seconds(), 0), true)
		}
	})
}

// forget drops what is kept of groups and partitions that are gone.
func (w *LagWatcher) forget(groups []GroupLag) {
	alive, partitions := map[groupPartition]bool{}, map[partitionID]bool{}
	for _, g := range groups {
		for _, p := range g.Partitions {
			id := partitionID{p.Topic, p.Partition}
			alive[groupPartition{g.Group, id}], partitions[id] = true, true
		}
	}
	maps.DeleteFunc(w.commits, func(k groupPartition, _ *progress) bool { return !alive[k] })
	maps.DeleteFunc(w.ends, func(k partitionID, _ *progress) bool { return !partitions[k] })
	w.history.keep(partitions)
}

// entry returns a map's value, made if need be.
func entry[K comparable](m map[K]*progress, key K) *progress {
	if m[key] == nil {
		m[key] = &progress{}
	}
	return m[key]
}

// known returns a pointer to a value that is known, and nil for one that is not.
func known(value float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &value
}
