package workload

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/metric"
	"kaliper/internal/unit"
	"kaliper/results"
	"kaliper/scenarios"
)

// verification looks into the log when the load is over: what is there of the trial's records,
// and what compaction left. Its reader is a group of its own without a group's protocol, so that
// it is no part of what is measured and knows nothing of what others have read.
type verification struct {
	settings scenarios.Verify
	group    *consumerGroup
	starts   kafka.Offsets            // where the trial's records begin
	reader   *member                  // not one of the group's that the trial's end waits for
	tallies  map[string]*topicTally   // by the cluster's name, of the topics whose compaction is looked at
	order    []string                 // of their logical names
	byName   map[string][]*topicTally // by the logical name: those of its copies
}

// topicTally counts what is left in one topic.
type topicTally struct {
	remaining int64
	keys      map[uint64]struct{} // hashes of them; nil where they are too many
}

const (
	// The log is read back for as long as the load lasted, and this long at least: reading is
	// faster than writing.
	readbackLeast = time.Minute
	// compactionBound is how long a cleaner is waited for.
	compactionBound = 2 * time.Minute
	// compactionLook is how often the logs' sizes are asked for.
	compactionLook = 250 * time.Millisecond
	// cleanerRate is what a cleaner reads at the least, in bytes per second: until it has read a
	// log, its size is the same.
	cleanerRate = 20 << 20
	// defaultCleanerBackoff is Kafka's log.cleaner.backoff.ms.
	defaultCleanerBackoff = 15 * time.Second
	// keysBound bounds the different keys that are counted, in about 50 MB.
	keysBound = 1 << 20
	// verifyTellEvery is how often somebody who looks on is told how far it is.
	verifyTellEvery = time.Second
)

// words say what is looked at.
func (v *verification) words() (words []string) {
	if v != nil && v.settings.Readback {
		words = append(words, "readback")
	}
	if v != nil && len(v.tallies) > 0 {
		words = append(words, "compaction")
	}
	return words
}

// compacted says whether a topic is compacted. A config that may not be seen says nothing.
func compacted(info results.TopicInfo) bool {
	return strings.Contains(info.Config["cleanup.policy"], "compact")
}

// prepareVerification remembers where the trial's records begin.
func (s *stage) prepareVerification(ctx context.Context) error {
	settings := s.load.Verify
	if !settings.On() {
		return nil
	}
	v := &verification{settings: settings, tallies: map[string]*topicTally{}, byName: map[string][]*topicTally{}}
	var topics []string
	for _, t := range s.load.WrittenTopics() {
		looked := settings.Compaction && compacted(s.topics[t.Name])
		if name := t.Declared(); (settings.Readback || looked) && !slices.Contains(topics, name) {
			topics = append(topics, name)
		}
		if looked {
			if v.byName[t.Declared()] == nil {
				v.order = append(v.order, t.Declared())
			}
			tally := &topicTally{keys: map[uint64]struct{}{}}
			v.tallies[s.topics[t.Name].Name] = tally
			v.byName[t.Declared()] = append(v.byName[t.Declared()], tally)
		}
	}
	if len(topics) == 0 { // compaction, of existing topics that are not compacted
		return nil
	}
	group, err := s.newConsumerGroup(scenarios.ConsumerGroup{
		Name: metric.ReadbackGroup, Topics: topics, Assigned: true, Members: 1, Commit: scenarios.CommitNone, Properties: settings.Properties,
	})
	if err != nil {
		return err
	}
	v.group, v.reader = group, &member{group: group, shard: group.shards[0]}
	if v.starts, err = s.trial.Admin.ResolveStart(ctx, kafka.StartLatest(), group.names...); err != nil {
		return err
	}
	s.verification = v
	return nil
}

// verify looks into the log and enters what it finds. ends are the logs' ends; where they, or what
// became of the last records, are not known, the counts are lower bounds.
func (s *stage) verify(ctx, signal context.Context, ends kafka.Offsets, known bool, end *results.End) {
	v := s.verification
	if v == nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(signal, cancel)()
	if signal.Err() != nil {
		cancel() // at once, and not soon
	}

	var waited time.Duration
	unknown := ""
	if len(v.tallies) > 0 {
		waited, unknown = s.awaitCleaner(ctx)
	}
	begun := time.Now()
	unread := "the logs' ends are not known"
	if known {
		unread = s.readBack(ctx, ends)
	}
	if v.settings.Readback {
		end.Readback = &results.Readback{
			Records: v.group.consumed.Load(), Bytes: v.group.consumedBytes.Load(), Seconds: time.Since(begun).Seconds(),
			Integrity: s.integrity(ctx, v.group, ends),
		}
		i := &end.Readback.Integrity
		i.ProcessedTwice, i.Missed = 0, 0 // there is no handler
		if unread != "" {
			i.Unknown = unread + ": the counts are lower bounds"
		}
	}
	if unread != "" {
		unknown = unread
	}
	for _, logical := range v.order {
		c := results.Compaction{Topic: logical, WaitSeconds: waited.Seconds(), Unknown: unknown}
		for i, name := range s.copiesOf(logical) {
			topic := s.topics[name].Name
			for p, to := range ends[topic] {
				c.Written += to - v.starts[topic][p]
			}
			tally := v.byName[logical][i]
			c.Remaining += tally.remaining
			if tally.keys == nil || c.Keys < 0 {
				c.Keys = -1
			} else {
				c.Keys += int64(len(tally.keys))
			}
			if s.transactional(name) {
				c.Unknown = "transactions write to the topic, and their markers take offsets, too"
			}
		}
		end.Compaction = append(end.Compaction, c)
	}
}

// awaitCleaner waits until the logs of compacted topics are at rest: until their sizes have been
// the same for as long as a cleaner sleeps before it looks again, and takes to read them. It says
// how long that was, and why it is not known that they are.
func (s *stage) awaitCleaner(ctx context.Context) (waited time.Duration, unknown string) {
	v, begun := s.verification, time.Now()
	partitions := map[string]int{}
	for _, info := range s.topics {
		if v.tallies[info.Name] != nil {
			partitions[info.Name] = info.Partitions
		}
	}
	backoff, known := s.trial.Admin.CleanerBackoff(ctx)
	if !known {
		backoff = defaultCleanerBackoff
	}
	if backoff > compactionBound {
		return 0, fmt.Sprintf("the cleaner looks every %v (log.cleaner.backoff.ms), which is longer than is waited", backoff)
	}
	size, since, told := int64(-1), begun, begun
	for {
		now := time.Now()
		bytes, err := s.trial.Admin.LogBytes(ctx, partitions)
		switch {
		case ctx.Err() != nil:
			return time.Since(begun), "a signal ended the trial"
		case err != nil:
			return time.Since(begun), "it is not known when the cleaner was done: " + err.Error()
		case bytes != size:
			size, since = bytes, now
		}
		quiet := backoff + 4*compactionLook + time.Duration(float64(size)/cleanerRate*float64(time.Second))
		switch {
		case now.Sub(since) >= quiet:
			return time.Since(begun), ""
		case now.Sub(begun) >= compactionBound:
			return time.Since(begun), fmt.Sprintf("the logs had not come to rest %v after the load", compactionBound)
		case now.Sub(told) >= verifyTellEvery:
			told = now
			s.tell("waiting for compaction: %s in the logs, for %v the same; %v are enough", unit.Format(float64(size), "bytes"),
				now.Sub(since).Round(time.Second), quiet.Round(time.Second))
		}
		if !sleep(ctx, compactionLook) {
			return time.Since(begun), "a signal ended the trial"
		}
	}
}

// readBack reads the logs from where the trial's records begin to the ends, and says why it did
// not get there.
func (s *stage) readBack(ctx context.Context, ends kafka.Offsets) (unread string) {
	v := s.verification
	bound := max(readbackLeast, s.load.Warmup+s.load.Duration)
	ctx, cancel := context.WithTimeoutCause(ctx, bound, fmt.Errorf("the log was not read back within %v", bound))
	defer cancel()
	first, err := s.trial.Admin.ResolveStart(ctx, kafka.StartEarliest(), v.group.names...)
	switch {
	case ctx.Err() != nil:
		return "a signal ended the trial"
	case err != nil:
		return fmt.Sprintf("the logs' beginnings are not known (%v)", err)
	}
	written, from := int64(0), kafka.Offsets{}
	for _, topic := range v.group.topics {
		from[topic.name] = map[int32]int64{}
		for p, start := range v.starts[topic.name] {
			written += ends[topic.name][p] - start
			// The simulated broker's compaction moves the first offset, Kafka's does not.
			if first[topic.name][p] > start && topic.thinned == "" {
				topic.thin(thinnedByRetention)
			}
			at := max(start, first[topic.name][p])
			topic.positions[p].Store(at)
			from[topic.name][p] = at
		}
	}
	options, err := s.memberOptions(v.reader, from)
	if err != nil {
		return err.Error()
	}
	options = append(options, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err.Error()
	}
	defer client.Close()
	told, seed := time.Now(), maphash.MakeSeed()
	for !v.readTo(ends) {
		fetches := client.PollRecords(ctx, int(v.settings.Properties.Int64("max.poll.records")))
		if ctx.Err() != nil {
			if cause := context.Cause(ctx); cause != context.Canceled {
				return cause.Error()
			}
			return "a signal ended the trial"
		}
		v.reader.take(ctx, fetches, s.clock.Now())
		v.tally(fetches, ends, seed)
		if refused := v.group.refusal.Load(); refused != nil {
			return (*refused).Error()
		}
		if time.Since(told) >= verifyTellEvery {
			told = time.Now()
			s.tell("reading back: %s of about %s", unit.Format(float64(v.group.consumed.Load()), "records"), unit.Format(float64(written), "records"))
		}
	}
	return ""
}

// readTo says whether all was read up to the ends.
func (v *verification) readTo(ends kafka.Offsets) bool {
	for _, topic := range v.group.topics {
		for p := range topic.positions {
			if topic.positions[p].Load() < ends[topic.name][int32(p)] {
				return false
			}
		}
	}
	return true
}

// tally counts the records, and their keys, of topics whose compaction is looked at.
func (v *verification) tally(fetches kgo.Fetches, ends kafka.Offsets, seed maphash.Seed) {
	if len(v.tallies) == 0 {
		return
	}
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		of := v.tallies[p.Topic]
		if of == nil {
			return
		}
		for _, r := range p.Records {
			if r.Attrs.IsControl() || r.Offset >= ends[p.Topic][p.Partition] {
				continue
			}
			of.remaining++
			if of.keys == nil {
				continue
			}
			of.keys[maphash.Bytes(seed, r.Key)] = struct{}{}
			if len(of.keys) > keysBound {
				of.keys = nil
			}
		}
	})
}

// tell says what goes on after the load.
func (s *stage) tell(format string, args ...any) {
	if s.trial.Observe != nil {
		s.trial.Observe(Progress{Text: fmt.Sprintf(format, args...)})
	}
}
