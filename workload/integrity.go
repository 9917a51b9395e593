package workload

import (
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/results"
)

// anomaliesInFull is how many anomalies a trial reports one by one.
const anomaliesInFull = 100

// gapsBound bounds the remembered gaps of one producer in one partition. Where it is hit, what
// is beyond is unknown, and the report says so.
const gapsBound = 4_096

// ledger is what one consumer group has seen of every producer in every partition of one
// topic, in O(producers x partitions) memory: the next sequence, and the gaps before it.
type ledger struct {
	group, topic string // of the scenario
	run          uint64
	producers    []uint32 // the clients that write to the topic, in order
	places       []int32  // by the client's number: its place among them; -1 for one that is not
	fromStart    bool     // the group reads the topic from the first record of the trial
	partitions   []partitionLedger
	anomalies    *anomalies
	// thinned says why records may be missing that were not lost; empty where each missing one was.
	thinned string
	// unordered: of a share group, whose members read a partition side by side. Its records come
	// in any order, so that only the offset tells a record that comes again.
	unordered bool
	pending   []atomic.Int64 // with it, by partition: what the group is not done with; -1 where not known
	// ofHandlers: it is told what handlers are done with, so that what comes again was processed
	// twice, and what lacks was missed.
	ofHandlers bool
}

// partitionLedger is one partition. Its lock is taken once a fetched batch, for a partition
// goes from member to member.
type partitionLedger struct {
	mu         sync.Mutex
	nextOffset int64
	offsets    spans            // seen ones, where the ledger is unordered
	producers  []producerLedger // by place; allocated with the first record
	claims     map[int]*spans   // by place: sequences that corrupted records say they are
	counts     results.Integrity
	overflow   bool
}

// producerLedger is one producer's sequences in one partition. There may be millions, so it is
// kept small: gaps are rare.
type producerLedger struct {
	next int64
	gaps *spans // nil where there was none
	seen bool
	// skips: a seek forward has passed over records, however many, and they are no loss.
	skips bool
}

// Why records may be missing that were not lost.
const (
	thinnedByCompaction = "records are missing from a compacted topic, where a later one with their key may have replaced them"
	thinnedByRetention  = "retention removed records before they were read back"
)

// anomalies collects the first ones of a trial.
type anomalies struct {
	mu   sync.Mutex
	list []results.Anomaly
}

// add keeps an anomaly, and says whether there was room for it.
func (a *anomalies) add(anomaly results.Anomaly) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) == anomaliesInFull {
		return false
	}
	a.list = append(a.list, anomaly)
	return true
}

// newLedger returns an empty ledger. producers are the numbers of the clients that write to the
// topic, in order.
func newLedger(group, topic string, run uint64, producers []uint32, partitions int, fromStart bool, a *anomalies) *ledger {
	l := &ledger{
		group: group, topic: topic, run: run, producers: producers, fromStart: fromStart,
		partitions: make([]partitionLedger, partitions), anomalies: a,
	}
	for place, producer := range producers {
		for len(l.places) < int(producer) {
			l.places = append(l.places, -1)
		}
		l.places = append(l.places, int32(place))
	}
	return l
}

// place returns where a client's sequences are kept; -1 for one that does not write to the topic.
func (l *ledger) place(producer uint32) int {
	if int64(producer) >= int64(len(l.places)) {
		return -1
	}
	return int(l.places[producer])
}

// stampOf returns the stamp of a record and the rest of its value; nil if it has none.
func stampOf(r *kgo.Record) (from, rest []byte) {
	for i := range r.Headers {
		if r.Headers[i].Key == stampHeader {
			return r.Headers[i].Value, r.Value
		}
	}
	if len(r.Value) < stampBytes {
		return nil, nil
	}
	return r.Value[:stampBytes], r.Value[stampBytes:]
}

// enter accounts for one record; the caller holds the partition's lock. It tells whether the
// record is seen for the first time.
func (p *partitionLedger) enter(l *ledger, s *stamp, partition int32, offset int64) (first bool) {
	if p.producers == nil {
		p.producers = make([]producerLedger, len(l.producers))
	}
	again := p.seen(l, offset)
	place := l.place(s.producer)
	if place < 0 {
		p.counts.Corrupted++
		return false
	}
	q := &p.producers[place]
	if !q.seen {
		q.seen = true
		if !l.fromStart && !l.unordered { // what was before is not the group's
			q.next = s.sequence
		}
	}
	switch {
	case s.sequence == q.next:
		q.next++
		q.skips = false
		return true
	case s.sequence > q.next:
		if q.skips {
			q.skips = false
		} else if q.gaps == nil {
			q.gaps = &spans{{q.next, s.sequence - 1}}
		} else if len(*q.gaps) >= gapsBound {
			p.overflow = true
		} else {
			*q.gaps = append(*q.gaps, span{q.next, s.sequence - 1})
		}
		q.next = s.sequence + 1
		return true
	case q.gaps != nil && q.gaps.remove(s.sequence):
		if !l.unordered {
			p.counts.Reordered++
			l.report("reordered", partition, offset, s)
		}
		return true
	case again:
		p.counts.Redelivered++
		l.report("redelivered", partition, offset, s)
	default:
		p.counts.Duplicated++
		l.report("duplicated", partition, offset, s)
	}
	return false
}

// has says whether a record was entered.
func (l *ledger) has(partition int32, s *stamp) bool {
	p := &l.partitions[partition]
	p.mu.Lock()
	defer p.mu.Unlock()
	place := l.place(s.producer)
	if place < 0 || place >= len(p.producers) { // none of a partition from which nothing was entered
		return false
	}
	q := &p.producers[place]
	return q.seen && s.sequence < q.next && (q.gaps == nil || !q.gaps.holds(s.sequence))
}

// seen says whether an offset was entered before, and enters it.
func (p *partitionLedger) seen(l *ledger, offset int64) (again bool) {
	if !l.unordered {
		again = offset < p.nextOffset
	} else if again = p.offsets.holds(offset); !again {
		if len(p.offsets) < gapsBound {
			p.offsets.add(offset)
		} else {
			p.overflow = true
		}
	}
	p.nextOffset = max(p.nextOffset, offset+1)
	return again
}

// enterCorrupted accounts for a record whose checksum or stamp does not fit its content; the
// caller holds the partition's lock. What its stamp says is kept as a claim: if that record is
// missing in the end, it is this one, which is then corrupted and not lost as well. A stamp that
// was changed itself claims nothing true: which record it was cannot be known, and that one
// counts as lost.
func (p *partitionLedger) enterCorrupted(l *ledger, s *stamp, partition int32, offset int64) {
	if p.seen(l, offset) {
		p.counts.Redelivered++
		l.report("redelivered", partition, offset, s)
		return
	}
	p.counts.Corrupted++
	l.report("corrupted", partition, offset, s)
	place := l.place(s.producer)
	if s.sequence < 0 || place < 0 {
		return
	}
	if p.claims == nil {
		p.claims = map[int]*spans{}
	}
	claims := p.claims[place]
	if claims == nil {
		claims = &spans{}
		p.claims[place] = claims
	}
	if len(*claims) >= gapsBound {
		p.overflow = true
		return
	}
	claims.add(s.sequence)
}

// forgive says that the group goes on at another offset of a partition: what it passes over is
// no loss.
func (l *ledger) forgive(partition int32) {
	p := &l.partitions[partition]
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.producers == nil {
		p.producers = make([]producerLedger, len(l.producers))
	}
	for i := range p.producers {
		p.producers[i].skips = true
	}
}

func (l *ledger) report(kind string, partition int32, offset int64, s *stamp) {
	if l.ofHandlers {
		if kind != "redelivered" && kind != "duplicated" {
			return // told by the ledger of what was read
		}
		kind = "processed_twice"
	}
	l.anomalies.add(results.Anomaly{
		Kind: kind, Group: l.group, Topic: l.topic, Partition: partition, Offset: offset,
		Producer: int(int32(s.producer)), Sequence: s.sequence,
	})
}

// produced is what the producers of a topic did: the number of sequences that each client gave
// in each partition, and those that were not acknowledged.
type produced interface {
	sequences(producer int, partition int32) (given int64, unacked spans)
}

// settle closes the ledger when nothing more will be read. ends are the log's end offsets, by
// partition: a producer's last sequences count as lost only where the group has read to the
// end.
func (l *ledger) settle(by produced, ends []int64) results.Integrity {
	total := results.Integrity{Checked: true}
	for i := range l.partitions {
		p := &l.partitions[i]
		partition := int32(i)
		p.mu.Lock()
		total.Duplicated += p.counts.Duplicated
		total.Redelivered += p.counts.Redelivered
		total.Reordered += p.counts.Reordered
		total.Corrupted += p.counts.Corrupted
		if p.overflow {
			total.Unknown = "more gaps than are remembered: the counts are lower bounds"
		}
		readToEnd := i < len(ends) && p.nextOffset >= ends[i]
		if l.unordered {
			readToEnd = l.pending[i].Load() == 0
		}
		for place := range l.producers {
			producer := int(l.producers[place])
			var q producerLedger
			if p.producers != nil {
				q = p.producers[place]
			}
			given, unacked := by.sequences(producer, partition)
			var missing spans
			if q.gaps != nil {
				missing = *q.gaps
			}
			if readToEnd && q.next < given && (l.fromStart || q.seen) && !q.skips {
				missing = append(missing, span{q.next, given - 1})
			}
			lost := missing.less(unacked)
			if claims := p.claims[place]; claims != nil {
				lost = lost.less(*claims)
			}
			if l.unordered && len(lost) > 0 && !(readToEnd && l.fromStart) {
				total.Unknown = "the share group was not done with all records, or joined late at the latest: what it has not accepted may be no loss"
				continue
			}
			if l.thinned != "" && len(lost) > 0 {
				total.Unknown = l.thinned + ": the counts are lower bounds"
				continue
			}
			for _, gap := range lost {
				total.Lost += gap.length()
			}
			l.reportLost(lost, partition, producer)
		}
		p.mu.Unlock()
	}
	return total
}

// reportLost names lost records one by one, as far as there is room. They have no offset.
func (l *ledger) reportLost(lost spans, partition int32, producer int) {
	kind := "lost"
	if l.ofHandlers {
		kind = "missed"
	}
	for _, gap := range lost {
		for sequence := gap.first; sequence <= gap.last; sequence++ {
			if !l.anomalies.add(results.Anomaly{
				Kind: kind, Group: l.group, Topic: l.topic, Partition: partition, Offset: -1,
				Producer: producer, Sequence: sequence,
			}) {
				return
			}
		}
	}
}
