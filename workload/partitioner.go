package workload

import (
	"crypto/md5"
	"encoding/binary"
	"math/bits"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/scenarios"
)

// partitioner returns how a group's records find their partitions; sticky is what records
// without a key follow under the default partitioner.
func partitioner(p scenarios.Partitioner, sticky stickiness) kgo.Partitioner {
	switch p.Kind {
	case scenarios.PartitionerRoundRobin:
		return introducible{kgo.RoundRobinPartitioner()}
	case scenarios.PartitionerMD5:
		return introducible{kgo.BasicConsistentPartitioner(func(string) func(*kgo.Record, int) int {
			next := 0
			return func(r *kgo.Record, n int) int {
				if r.Key == nil { // nothing to hash: in turn
					next++
					return next % n
				}
				return md5Partition(r.Key, n)
			}
		})}
	case scenarios.PartitionerManual:
		return introducible{kgo.BasicConsistentPartitioner(func(string) func(*kgo.Record, int) int {
			next := -1
			return func(_ *kgo.Record, n int) int {
				next = (next + 1) % len(p.Partitions)
				return int(p.Partitions[next])
			}
		})}
	}
	return sticky
}

// introducible is a partitioner that refuses introductions.
type introducible struct{ kgo.Partitioner }

// ForTopic implements kgo.Partitioner.
func (i introducible) ForTopic(topic string) kgo.TopicPartitioner {
	return introducibleTopic{i.Partitioner.ForTopic(topic)}
}

type introducibleTopic struct{ kgo.TopicPartitioner }

// Partition implements kgo.TopicPartitioner.
func (i introducibleTopic) Partition(r *kgo.Record, n int) int {
	if introduces(r) {
		return nowhere
	}
	return i.TopicPartitioner.Partition(r, n)
}

// md5Partition returns the MD5 digest of the key, as a 128-bit number, modulo n.
func md5Partition(key []byte, n int) int {
	digest := md5.Sum(key)
	high, low := binary.BigEndian.Uint64(digest[:8]), binary.BigEndian.Uint64(digest[8:])
	_, remainder := bits.Div64(high%uint64(n), low, uint64(n))
	return int(remainder)
}
