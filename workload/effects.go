package workload

import (
	"math/bits"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/results"
)

// effects is what one group has seen on a topic that pipelines write: each record of the
// pipelines' sources must have one effect there. Records of one source partition come in any
// order, for they are spread over partitions anew, so there is a set of sequences for each
// producer and source partition, in memory that is bounded by how far they get out of order.
type effects struct {
	group, topic string // of the scenario
	run          uint64
	checked      bool   // integrity
	own          bool   // the trial's topic: every record there is one of the trial
	repeated     bool   // a retry topic: the same record comes there with each retry
	thinned      string // why records may be missing that were not lost; empty where each missing one was
	anomalies    *anomalies
	transactions *transactionsSeen // nil where no transaction writes to the topic

	mu          sync.Mutex
	nextOffsets []int64 // by partition of the topic itself
	sources     map[source]*sequenceSet
	claims      map[source]*spans // what corrupted records say that they are
	claimed     int               // how many records that is
	counts      results.Integrity
	overflow    bool
}

// source is one producer's sequence: that of a client in a partition of a pipeline's source.
type source struct {
	producer  uint32
	partition int32
}

func newEffects(group, topic string, run uint64, partitions int, checked bool, a *anomalies, t *transactionsSeen) *effects {
	return &effects{
		group: group, topic: topic, run: run, checked: checked, anomalies: a, transactions: t,
		nextOffsets: make([]int64, partitions), sources: map[source]*sequenceSet{}, claims: map[source]*spans{},
	}
}

// account enters one partition's records and records the latency of those that are seen for
// the first time.
func (e *effects) account(m *member, partition int32, records []*kgo.Record, returned int64) {
	g := m.group
	e.mu.Lock()
	defer e.mu.Unlock()
	var s stamp
	for _, r := range records {
		again := r.Offset < e.nextOffsets[partition]
		e.nextOffsets[partition] = max(e.nextOffsets[partition], r.Offset+1)
		if r.Attrs.IsControl() {
			continue
		}
		from, rest := stampOf(r)
		if !s.read(from) || s.run != e.run {
			if e.own && e.checked {
				e.enterCorrupted(unreadable(), originOf(r), partition, r.Offset, again)
			}
			continue // not of this trial
		}
		if e.checked && !intact(from, rest) {
			e.enterCorrupted(&s, originOf(r), partition, r.Offset, again)
			continue
		}
		if e.enter(&s, originOf(r), partition, r.Offset, again) {
			m.shard.endToEnd[side(g.window.holds(s.intended))].Record(returned - s.intended)
		}
	}
}

// enter accounts for one record and tells whether its effect is the first.
func (e *effects) enter(s *stamp, o origin, partition int32, offset int64, again bool) (first bool) {
	if e.transactions != nil && !again {
		e.transactions.enter(o.client, o.transaction)
	}
	if e.repeated {
		return !again
	}
	key := source{s.producer, o.partition}
	set := e.sources[key]
	if set == nil {
		set = &sequenceSet{}
		e.sources[key] = set
	}
	added, fits := set.add(s.sequence)
	switch {
	case !fits:
		e.overflow = true
		return true
	case added:
		return true
	case again:
		e.counts.Redelivered++
		e.report("redelivered", partition, offset, s)
	default:
		e.counts.Duplicated++
		e.report("duplicated", partition, offset, s)
	}
	return false
}

// enterCorrupted accounts for a record whose checksum or stamp does not fit its content. As in a
// partition's ledger, what its stamp says is kept as a claim: if that record is missing in the end, it is
// this one, which is then corrupted and not lost as well.
func (e *effects) enterCorrupted(s *stamp, o origin, partition int32, offset int64, again bool) {
	if again {
		e.counts.Redelivered++
		e.report("redelivered", partition, offset, s)
		return
	}
	e.counts.Corrupted++
	e.report("corrupted", partition, offset, s)
	if s.sequence < 0 {
		return
	}
	if e.claimed >= gapsBound {
		e.overflow = true
		return
	}
	key := source{s.producer, o.partition}
	if e.claims[key] == nil {
		e.claims[key] = &spans{}
	}
	e.claims[key].add(s.sequence)
	e.claimed++
}

func (e *effects) report(kind string, partition int32, offset int64, s *stamp) {
	e.anomalies.add(results.Anomaly{
		Kind: kind, Group: e.group, Topic: e.topic, Partition: partition, Offset: offset,
		Producer: int(s.producer), Sequence: s.sequence,
	})
}

// sourceOf is one producer client whose records come to a topic by way of pipelines.
type sourceOf struct {
	producer   int
	partitions int
	by         produced
}

// settle closes the books when nothing more will be read. toEnd says that the topic was read to
// its end, and that the pipelines before it have done all their work: only then is a record
// lost that had no effect. none says of which records none is wanted.
func (e *effects) settle(sources []sourceOf, toEnd bool, none func(producer uint32, partition int32, sequence int64) bool) results.Integrity {
	e.mu.Lock()
	defer e.mu.Unlock()
	total := e.counts
	total.Checked = e.checked
	if e.overflow {
		total.Unknown = "records are further out of order than is remembered: the counts are lower bounds"
	}
	for _, from := range sources {
		if !toEnd {
			break
		}
		for partition := range int32(from.partitions) {
			given, unacked := from.by.sequences(from.producer, partition)
			key := source{uint32(from.producer), partition}
			missing := e.sources[key].missing(given).less(unacked)
			if claims := e.claims[key]; claims != nil {
				missing = missing.less(*claims)
			}
			for _, gap := range missing {
				for sequence := gap.first; sequence <= gap.last; sequence++ {
					if none != nil && none(uint32(from.producer), partition, sequence) {
						continue
					}
					if e.thinned != "" {
						total.Unknown = e.thinned + ": the counts are lower bounds"
						continue
					}
					total.Lost++
					e.anomalies.add(results.Anomaly{
						Kind: "lost", Group: e.group, Topic: e.topic, Partition: partition, Offset: -1,
						Producer: from.producer, Sequence: sequence, Text: "had no effect; partition and sequence are of the pipelines' source",
					})
				}
			}
		}
	}
	return total
}

// sequenceSetWords bounds how far the sequences of a set may be out of order: a million, in
// 128 KiB.
const sequenceSetWords = 1 << 14

// sequenceSet is a set of sequences that come about in order: all below base, and those of
// the words after it.
type sequenceSet struct {
	base    int64
	words   []uint64
	refused int64 // the first sequence that did not fit; 0: all did
}

// add puts a sequence in. It is false where it was in, and fits is false where it is too far
// ahead to be remembered.
func (s *sequenceSet) add(sequence int64) (added, fits bool) {
	if sequence < s.base {
		return false, true
	}
	word, bit := (sequence-s.base)/64, uint64(1)<<((sequence-s.base)%64)
	if word >= sequenceSetWords {
		if s.refused == 0 || sequence < s.refused {
			s.refused = sequence
		}
		return false, false
	}
	for int64(len(s.words)) <= word {
		s.words = append(s.words, 0)
	}
	if s.words[word]&bit != 0 {
		return false, true
	}
	s.words[word] |= bit
	full := 0
	for full < len(s.words) && s.words[full] == ^uint64(0) {
		full++
	}
	if full > 0 {
		s.base += int64(full) * 64
		s.words = s.words[:copy(s.words, s.words[full:])]
	}
	return true, true
}

// missing returns the sequences below given that are not in the set. A nil set is empty. From the
// first one on that did not fit, nobody knows what has been there and what has not.
func (s *sequenceSet) missing(given int64) (list spans) {
	if s == nil {
		s = &sequenceSet{}
	}
	if s.refused > 0 {
		given = min(given, s.refused)
	}
	at := s.base
	for _, word := range s.words {
		for rest := ^word; rest != 0; rest &= rest - 1 {
			if sequence := at + int64(bits.TrailingZeros64(rest)); sequence < given {
				list.add(sequence)
			}
		}
		at += 64
	}
	if at < given {
		list = append(list, span{at, given - 1})
	}
	return list
}
