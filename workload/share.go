package workload

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/results"
	"kaliper/scenarios"
)

// sharing is what a share group (KIP-932) has beside a consumer group: what its members were
// handed and what they said of it, and how far the broker says the group is.
type sharing struct {
	settings        scenarios.Share
	explicit        bool
	seed            uint64
	release, reject uint64 // a record is rejected whose hash is below reject, and released if below both together
	configs         map[string]string

	delivered, redelivered       atomic.Int64
	accepted, released, rejected atomic.Int64
	deliveriesMax                atomic.Int64

	looked time.Time // when the drain last asked the broker; of the goroutine that follows the load
}

// newSharing returns nil for a consumer group.
func newSharing(settings scenarios.ConsumerGroup, seed uint64) *sharing {
	if settings.Share == nil {
		return nil
	}
	s := &sharing{
		settings: *settings.Share, explicit: settings.Explicit(), seed: seedOfGroup(seed, settings.Name),
		configs: map[string]string{"share.auto.offset.reset": string(settings.Start.From)},
	}
	for name, value := range settings.Share.Config {
		s.configs[name] = value
	}
	s.reject, s.release = thresholdOf(settings.Share.Reject), thresholdOf(settings.Share.Reject+settings.Share.Release)
	return s
}

// thresholdOf returns below what the hash of so large a share of the records is.
func thresholdOf(share float64) uint64 {
	if share >= 1 {
		return math.MaxUint64
	}
	return uint64(share * float64(1<<63) * 2)
}

// verdict says what becomes of a record: by the seed, the group and the record's own stamp, so
// that a record has the same fate with whichever member, and by how often it was delivered.
func (s *sharing) verdict(r *kgo.Record) kgo.AckStatus {
	if s.release == 0 {
		return kgo.AckAccept
	}
	switch hash := mix(identity(r) ^ s.seed); {
	case hash < s.reject:
		return kgo.AckReject
	case hash < s.release && int(r.DeliveryCount()) <= s.settings.Releases:
		return kgo.AckRelease
	}
	return kgo.AckAccept
}

// said counts an acknowledgement.
func (s *sharing) said(verdict kgo.AckStatus) {
	switch verdict {
	case kgo.AckAccept:
		s.accepted.Add(1)
	case kgo.AckRelease:
		s.released.Add(1)
	case kgo.AckReject:
		s.rejected.Add(1)
	}
}

// take returns what was counted since the last take.
func (s *sharing) take() results.ShareCounts {
	return results.ShareCounts{
		Delivered: s.delivered.Swap(0), Redelivered: s.redelivered.Swap(0),
		Accepted: s.accepted.Swap(0), Released: s.released.Swap(0), Rejected: s.rejected.Swap(0),
		DeliveriesMax: s.deliveriesMax.Swap(0),
	}
}

// info says in the journal how the group acknowledges; nil for a consumer group.
func (s *sharing) info(settings scenarios.ConsumerGroup) *results.ShareInfo {
	if s == nil {
		return nil
	}
	mode := "implicit"
	if s.explicit {
		mode = "explicit"
	}
	return &results.ShareInfo{Acknowledgement: mode, AcquireMode: settings.AcquireMode(), Config: s.settings.Config}
}

// runSharing polls until the member leaves or crashes, or the context is done.
func (m *member) runSharing(ctx context.Context) {
	g := m.group
	most := int(g.settings.Properties.Int64("max.poll.records"))
	for m.beforePoll(ctx) {
		fetches := m.poll(ctx, most)
		if m.processing.Err() != nil || ctx.Err() != nil {
			break
		}
		if fetches.IsClientClosed() {
			continue
		}
		g.processing.Add(1)
		if g.decodes {
			m.deserialize(m.processing, fetches)
		}
		returned := g.clock.Now()
		if m.take(m.processing, fetches, returned) {
			m.count(fetches)
			m.processShared(m.processing, fetches, returned)
			m.confirm(m.processing)
		}
		g.processing.Add(-1)
	}
}

// count enters what a poll returned by how often it was delivered.
func (m *member) count(fetches kgo.Fetches) {
	s := m.group.sharing
	records, again, most := int64(0), int64(0), int64(0)
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		for _, r := range p.Records {
			deliveries := int64(r.DeliveryCount())
			records++
			if deliveries > 1 {
				again++
			}
			most = max(most, deliveries)
		}
	})
	s.delivered.Add(records)
	s.redelivered.Add(again)
	for {
		before := s.deliveriesMax.Load()
		if before >= most || s.deliveriesMax.CompareAndSwap(before, most) {
			return
		}
	}
}

// processShared lets the handler have every record of a poll, and says of each what became of
// it: with explicit acknowledgement when the handler is done with it, else of all at the end.
// What is left open, because the member crashed or the trial ends, comes to others.
func (m *member) processShared(ctx context.Context, fetches kgo.Fetches, returned int64) {
	s := m.group.sharing
	perBatch := m.processor != nil && m.processor.settings.PerBatch
	if m.processor != nil {
		m.processor.begin(returned)
	}
	if perBatch {
		m.processor.end(ctx)
	}
	open := int64(0)
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		topic := m.group.byName[p.Topic]
		for _, r := range p.Records {
			if ctx.Err() != nil {
				return
			}
			if m.processor != nil {
				done := m.processor.record(ctx)
				if ctx.Err() != nil {
					return // it was not done with this one
				}
				returned = done
			}
			verdict := s.verdict(r)
			if verdict != kgo.AckRelease {
				m.recordProcessed(topic, r, returned)
			}
			if verdict == kgo.AckAccept && (!s.explicit || m.processor == nil || perBatch) {
				open++ // acknowledged with all others of this poll
				continue
			}
			r.Ack(verdict)
			s.said(verdict)
		}
	})
	if ctx.Err() != nil {
		return
	}
	if open > 0 {
		m.client.MarkAcks(kgo.AckAccept)
		s.accepted.Add(open)
	}
	if m.processor != nil && !perBatch {
		m.processor.end(ctx)
	}
}

// confirm waits until the broker has taken the acknowledgements, where the group wants that.
func (m *member) confirm(ctx context.Context) {
	if !m.group.sharing.settings.Confirm {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, commitBound)
	defer cancel()
	m.committed(ctx, m.client.FlushAcks(bounded))
}

// acknowledged counts the acknowledgements that the broker did not take: their records are
// delivered once more.
func (m *member) acknowledged(_ *kgo.Client, outcomes kgo.ShareAckResults) {
	if m.gone.Load() || m.processing.Err() != nil {
		return
	}
	for _, one := range outcomes {
		if one.Err == nil || silent(one.Err) {
			continue
		}
		kind := "acknowledge_" + kafka.ErrorKind(one.Err)
		m.group.failures.add(outside, kind)
		m.group.events.once("error", kind, fmt.Sprintf("%s: acknowledge: %v", m.group.settings.Name, one.Err))
	}
}

// shareEvery is how often the broker is asked how far a share group is.
const shareEvery = 250 * time.Millisecond

// followShare keeps the positions of a share group, which the broker alone knows.
func (s *stage) followShare(ctx context.Context, g *consumerGroup) {
	for {
		if err := s.readShare(ctx, g); err != nil && ctx.Err() == nil {
			g.failures.add(outside, "offsets_"+kafka.ErrorKind(err))
			g.events.once("error", "offsets", fmt.Sprintf("%s: %v", g.settings.Name, err))
		}
		if !sleep(ctx, shareEvery) {
			return
		}
	}
}

// readShare asks the broker how far a share group is. What it does not tell is unknown, but for
// partitions of the trial's own topics before their first acknowledgement, where the broker has
// written nothing down: there the group is at the log's start.
func (s *stage) readShare(ctx context.Context, g *consumerGroup) error {
	offsets, err := s.trial.Admin.ShareOffsets(ctx, g.id)
	for _, topic := range g.topics {
		for p := range topic.positions {
			at, known := offsets[topic.name][int32(p)]
			if !known {
				at = kafka.ShareOffset{Start: -1, Lag: -1}
			}
			if at.Start < 0 && topic.own && g.fromStart && err == nil {
				at.Start = 0
				at.Lag, _ = s.lag.Lag(topic.name, int32(p), 0, time.Now())
			}
			topic.positions[p].Store(at.Start)
			topic.pending[p].Store(at.Lag)
		}
	}
	return err
}

// shareDone says whether a share group is done with all records that the logs hold.
func (s *stage) shareDone(ctx context.Context, g *consumerGroup) bool {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), lagBound)
	defer cancel()
	if s.readShare(bounded, g) != nil {
		return false
	}
	for _, topic := range g.topics {
		for p := range topic.pending {
			if topic.pending[p].Load() != 0 {
				return false
			}
		}
	}
	return true
}

// shareDrained is shareDone for whoever asks often.
func (s *stage) shareDrained(ctx context.Context, g *consumerGroup) bool {
	if time.Since(g.sharing.looked) < shareLookEvery {
		return false
	}
	done := s.shareDone(ctx, g)
	g.sharing.looked = time.Now()
	return done
}

// shareLag returns a partition's lag: what the broker counts as not done with, and the age of
// the first record that may be.
func (s *stage) shareLag(topic *consumedTopic, partition int, position, pending int64, now time.Time) (records int64, seconds float64) {
	switch {
	case pending == 0:
		return 0, 0
	case pending < 0 || position < 0:
		return pending, -1
	}
	_, seconds = s.lag.Lag(topic.name, int32(partition), position, now)
	return pending, seconds
}

// startShared says where a share group starts. The broker resolves latest with the first fetch,
// at a time that nobody is told: where all topics are the trial's own, and empty until the load,
// earliest is the same and exact. Else it is not known what the group had to read.
func (g *consumerGroup) startShared(own bool) {
	switch {
	case g.settings.Start.From != scenarios.StartLatest || g.late():
	case own:
		g.sharing.configs["share.auto.offset.reset"] = string(scenarios.StartEarliest)
	default:
		g.fromStart = false
	}
}

// joinShare configures a share group of the trial's own and starts its members. Where they
// start is the group's configuration, and takes effect with the first fetch of each partition.
func (s *stage) joinShare(ctx context.Context, g *consumerGroup) error {
	if err := s.trial.Admin.RequireRead(ctx, g.names); err != nil {
		return err
	}
	if g.ownGroup {
		if err := s.trial.Admin.ConfigureShareGroup(ctx, s.trial.Owner, g.id, g.sharing.configs); err != nil {
			return err
		}
	}
	for i := range g.settings.Members {
		if err := s.startMember(g, i, nil); err != nil {
			return err
		}
	}
	return nil
}

// shareLookEvery is how often a share group that is joining, or ending, is looked at.
const shareLookEvery = 50 * time.Millisecond

// fetchesBefore is how often each member has fetched, on average, before the load starts. An
// empty fetch takes fetch.max.wait.ms, so that nobody is far ahead of the others.
const fetchesBefore = 2

// awaitShare waits until all members of a share group know their partitions, and have begun to
// fetch: with the first fetch the broker sets where the group starts.
func (s *stage) awaitShare(ctx context.Context, g *consumerGroup, bound time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	for {
		members, settled, err := s.trial.Admin.ShareMembers(ctx, g.id)
		if _, sure := kafka.CategoryOf(err); sure {
			return err
		}
		whole := members == len(g.members) || !g.ownGroup && members > len(g.members)
		if err == nil && settled && whole && g.metrics.requests.Load() >= int64(fetchesBefore*len(g.members)) {
			return nil
		}
		if err := g.refusal.Load(); err != nil {
			return *err
		}
		if !sleep(ctx, shareLookEvery) {
			counts, others := g.failures.take()
			return &kafka.Problem{
				Cause: fmt.Sprintf("share group %s has %d of %d members, which have fetched %d times, after %v%s", g.id,
					members, len(g.members), g.metrics.requests.Load(), bound, describeFailures(addCounts(counts, others))),
				Remedy:   "look at the group and share coordinators, and at the rights to read the topic and the group",
				Category: kafka.Unreachable, Err: ctx.Err(),
			}
		}
	}
}

// forgetShares deletes what share groups leave behind beside their groups.
func (s *stage) forgetShares(ctx context.Context) (problems []error) {
	var crashed []string
	for _, g := range s.consumers {
		if g.sharing == nil || !g.ownGroup {
			continue
		}
		crashed = append(crashed, g.id)
		problems = append(problems, s.trial.Admin.ForgetShareGroup(ctx, s.trial.Owner, g.id, g.sharing.configs))
	}
	if s.remain() {
		problems = append(problems, s.trial.Admin.EmptyShareGroups(ctx, s.trial.Owner, crashed))
	}
	return problems
}
