package kafka

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// sampleEvery is the pause between two samples; time lag is exact to a part of it.
const sampleEvery = time.Second

// LagSampler reads the end of every partition of some topics once a second, and tells from
// that how far a consumer is behind, in records and in seconds. It reads no record, so it
// disturbs nothing and needs no right but Describe.
type LagSampler struct {
	admin  *Admin
	topics []string
	most   int // samples of each partition's history; mostSamples if zero

	mu       sync.Mutex
	history  map[string]map[int32]*endOffsets
	failures int
	last     error
}

// NewLagSampler returns a sampler that knows nothing until Run.
func NewLagSampler(admin *Admin, topics ...string) *LagSampler {
	return &LagSampler{admin: admin, topics: topics, history: map[string]map[int32]*endOffsets{}}
}

// Run samples until ctx is done, and returns then. A request that fails or hangs costs its
// own samples only: lag goes unknown or stale, the trial goes on.
func (s *LagSampler) Run(ctx context.Context) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		if err := s.Sample(ctx); err != nil && ctx.Err() == nil {
			s.mu.Lock()
			s.failures++
			s.last = err
			s.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sample reads all ends once, in at most two seconds. The time of the sample is the middle of
// the request.
func (s *LagSampler) Sample(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*sampleEvery)
	defer cancel()
	_, _, err := s.sample(ctx, s.topics)
	return err
}

// sample reads the ends of some topics once and returns them with the time that they are of.
func (s *LagSampler) sample(ctx context.Context, topics []string) (kadm.ListedOffsets, time.Time, error) {
	before := time.Now()
	if len(topics) == 0 { // to the library, none means all
		return nil, before, nil
	}
	listed, err := s.admin.kadm.ListEndOffsets(ctx, topics...)
	at := before.Add(time.Since(before) / 2)
	s.mu.Lock()
	defer s.mu.Unlock()
	for topic, partitions := range listed {
		for p, o := range partitions {
			if o.Err == nil && o.Offset >= 0 {
				s.of(topic, p).add(at, o.Offset)
			}
		}
	}
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		err = fmt.Errorf("sample end offsets: %w", err)
	}
	return listed, at, err
}

// keep drops the histories of all other partitions.
func (s *LagSampler) keep(partitions map[partitionID]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for topic, history := range s.history {
		maps.DeleteFunc(history, func(p int32, _ *endOffsets) bool { return !partitions[partitionID{topic, p}] })
		if len(history) == 0 {
			delete(s.history, topic)
		}
	}
}

// of returns the history of a partition, made if need be; mu must be held.
func (s *LagSampler) of(topic string, partition int32) *endOffsets {
	if s.history[topic] == nil {
		s.history[topic] = map[int32]*endOffsets{}
	}
	if s.history[topic][partition] == nil {
		s.history[topic][partition] = &endOffsets{most: s.most}
	}
	return s.history[topic][partition]
}

// Lag returns the lag of a consumer whose next record is position: in records as of the last
// sample, and in seconds as of now. A negative number means unknown. Where the lag is 0
// records it is 0 seconds.
func (s *LagSampler) Lag(topic string, partition int32, position int64, now time.Time) (records int64, seconds float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of(topic, partition).lag(position, now)
}

// Failures returns how many samples failed, and why the last of them did.
func (s *LagSampler) Failures() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failures, s.last
}
