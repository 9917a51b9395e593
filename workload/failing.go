package workload

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/scenarios"
)

// failing decides which records a group fails to process: by the seed, the group and the
// record's own stamp, so that the same record fails again wherever and whenever it is read.
type failing struct {
	settings  scenarios.Failures
	seed      uint64
	threshold uint64 // a record fails whose hash is below
}

// newFailing returns nil where no record fails.
func newFailing(settings scenarios.Failures, seed uint64) *failing {
	if settings.None() {
		return nil
	}
	threshold := uint64(math.MaxUint64)
	if settings.Ratio < 1 {
		threshold = uint64(settings.Ratio * float64(1<<63) * 2)
	}
	return &failing{settings, seed, threshold}
}

// chosen says whether a record is one of those that fail.
func (f *failing) chosen(identity uint64) bool {
	return f.settings.Ratio > 0 && mix(identity^f.seed) <= f.threshold
}

// fails says whether an attempt at a chosen record fails; attempts count from 0.
func (f *failing) fails(attempt int) bool {
	return f.settings.FailingAttempts == 0 || attempt < f.settings.FailingAttempts
}

// givesUp says whether the group never brings a record through: it fails at every attempt
// that the policy makes.
func (f *failing) givesUp(identity uint64) bool {
	return f != nil && f.chosen(identity) && f.fails(f.settings.Retries)
}

// identityOf returns what tells a stamped record apart, at whatever offset of whatever topic it is.
func identityOf(producer uint32, partition int32, sequence int64) uint64 {
	return mix(uint64(producer)<<32|uint64(uint32(partition))) ^ uint64(sequence)
}

// identity returns what tells a record apart: by its stamp, or else by its content.
func identity(r *kgo.Record) uint64 {
	var s stamp
	if from, _ := stampOf(r); s.read(from) {
		return identityOf(s.producer, originOf(r).partition, s.sequence)
	}
	h := fnv.New64a()
	_, _ = h.Write(r.Key)
	_, _ = h.Write(r.Value)
	return h.Sum64()
}

// mix spreads the bits of a number evenly (the finalizer of SplitMix64, Steele et al. 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// The headers of a record in a retry or dead-letter topic: where it was when it failed first,
// why, and how often. All are texts, for people read them.
const (
	failureHeaders  = "kaliper-failure-"
	headerTopic     = failureHeaders + "topic"
	headerPartition = failureHeaders + "partition"
	headerOffset    = failureHeaders + "offset"
	headerReason    = failureHeaders + "reason"
	headerAttempts  = failureHeaders + "attempts"
	transientReason = "kaliper.TransientProcessingFailure"
	permanentReason = "kaliper.PermanentProcessingFailure"
)

// reason returns why a record failed, in the manner of an exception's class.
func (f *failing) reason() string {
	if f.settings.FailingAttempts == 0 {
		return permanentReason
	}
	return transientReason
}

// attemptsOf returns how many attempts were made at a record before it came to a retry topic.
func attemptsOf(r *kgo.Record) int {
	for _, h := range r.Headers {
		if h.Key == headerAttempts {
			if n, err := strconv.Atoi(string(h.Value)); err == nil {
				return n
			}
		}
	}
	return 0
}

// failureHeadersOf returns the headers of a record that failed: its own ones, and where it was
// when it failed first.
func (f *failing) failureHeadersOf(r *kgo.Record, attempts int) []kgo.RecordHeader {
	headers := make([]kgo.RecordHeader, 0, len(r.Headers)+6)
	first := true
	for _, h := range r.Headers {
		switch h.Key {
		case originHeader, headerReason, headerAttempts:
			continue
		case headerTopic:
			first = false
		}
		headers = append(headers, h)
	}
	if first {
		headers = append(headers,
			kgo.RecordHeader{Key: headerTopic, Value: []byte(r.Topic)},
			kgo.RecordHeader{Key: headerPartition, Value: strconv.AppendInt(nil, int64(r.Partition), 10)},
			kgo.RecordHeader{Key: headerOffset, Value: strconv.AppendInt(nil, r.Offset, 10)})
	}
	return append(headers,
		kgo.RecordHeader{Key: headerReason, Value: []byte(f.reason())},
		kgo.RecordHeader{Key: headerAttempts, Value: strconv.AppendInt(nil, int64(attempts), 10)})
}

// ownHeaders returns the headers that a record's output has: neither its origin, which is
// written anew, nor what tells of failures.
func ownHeaders(to []kgo.RecordHeader, r *kgo.Record) []kgo.RecordHeader {
	for _, h := range r.Headers {
		if h.Key != originHeader && !strings.HasPrefix(h.Key, failureHeaders) {
			to = append(to, h)
		}
	}
	return to
}

// seedOfGroup makes the failures of one group independent of another's.
func seedOfGroup(seed uint64, group string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, seed))
	_, _ = h.Write([]byte(group))
	return h.Sum64()
}
