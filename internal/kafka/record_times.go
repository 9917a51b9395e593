package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// mostRead bounds how many partitions are read for one sample. Brokers send whole batches, of
// up to message.max.bytes (1 MiB), for the one record whose time is wanted.
const mostRead = 200

// position is an offset that somebody has not read yet.
type position struct {
	partitionID
	offset int64
}

// recordTimes reads the timestamps of single records, as the topic gives them (CreateTime or
// LogAppendTime), and remembers them as long as they are asked for. It reads without a group.
type recordTimes struct {
	like    *kgo.Client // its connection settings are used
	client  *kgo.Client // nil until something must be read
	known   map[position]time.Time
	refused map[string]bool // topics that the user may not read
}

func newRecordTimes(like *kgo.Client) *recordTimes {
	return &recordTimes{like: like, known: map[position]time.Time{}, refused: map[string]bool{}}
}

func (r *recordTimes) close() {
	if r.client != nil {
		r.client.Close()
		r.client = nil
	}
}

// of returns the times of the first records at or after some positions, of as many as can be
// read until ctx is done. What it does not return is unknown, and may be known the next time.
func (r *recordTimes) of(ctx context.Context, wanted map[position]bool) map[position]time.Time {
	for at := range r.known {
		if !wanted[at] {
			delete(r.known, at)
		}
	}
	waiting := map[partitionID]position{} // two groups at different offsets take turns
	for at := range wanted {
		_, done := r.known[at]
		if !done && !r.refused[at.topic] && len(waiting) < mostRead {
			waiting[at.partitionID] = at
		}
	}
	if len(waiting) > 0 {
		r.read(ctx, waiting)
	}
	return r.known
}

// read consumes one batch of each partition.
func (r *recordTimes) read(ctx context.Context, waiting map[partitionID]position) {
	if !r.open() {
		return
	}
	from, all := Offsets{}, map[string][]int32{}
	for id, at := range waiting {
		if from[id.topic] == nil {
			from[id.topic] = map[int32]int64{}
		}
		from[id.topic][id.partition] = at.offset
		all[id.topic] = append(all[id.topic], id.partition)
	}
	r.client.AddConsumePartitions(from.Assignment())
	defer r.client.RemoveConsumePartitions(all)
	for len(waiting) > 0 && ctx.Err() == nil {
		fetches := r.client.PollFetches(ctx)
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			id := partitionID{p.Topic, p.Partition}
			at, ok := waiting[id]
			if !ok || len(p.Records) == 0 {
				return
			}
			r.known[at] = p.Records[0].Timestamp
			delete(waiting, id) // one batch is enough
			r.client.RemoveConsumePartitions(map[string][]int32{p.Topic: {p.Partition}})
		})
		fetches.EachError(func(topic string, partition int32, err error) {
			if errors.Is(err, kerr.TopicAuthorizationFailed) {
				r.refused[topic] = true
			}
			if ctx.Err() == nil {
				delete(waiting, partitionID{topic, partition})
			}
		})
	}
}

// open makes the client that reads; false where that cannot be done.
func (r *recordTimes) open() bool {
	if r.client != nil {
		return true
	}
	client, err := kgo.NewClient(append(r.like.Opts(),
		kgo.FetchMinBytes(1),
		kgo.FetchMaxWait(100*time.Millisecond),
		kgo.FetchMaxPartitionBytes(1), // one batch: brokers never send less (KIP-74)
		kgo.KeepControlRecords(),      // the end of a transaction is an offset as well
		kgo.KeepRetryableFetchErrors(),
	)...)
	if err != nil {
		return false
	}
	r.client = client
	return true
}
