package workload

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"kaliper/internal/unit"
	"kaliper/results"
	"kaliper/scenarios"
)

// rehearsedPartitions is how many partitions an existing topic is taken to have: nobody is asked.
const rehearsedPartitions = 6

// Rehearse runs a trial's producers against the null sink, the broker within this process that
// acknowledges at once, and returns the trial with all its intervals. What is late then is the
// instrument's own. Consumers, the cluster and the environment are left out; nothing is
// contacted. The null sink's processor time is in the process' figures.
func Rehearse(ctx context.Context, t Trial) (results.Trial, error) {
	t.Bootstrap = []string{nullAddress}
	t.Case.Load.Consumers = nil
	t.Case.Load.KeepTopics = true // there are none
	s := newStage(ctx, t)
	s.rehearsal = true
	for _, topic := range s.allTopics() {
		partitions := topic.Partitions
		if topic.Existing != "" {
			partitions = rehearsedPartitions
		}
		s.topics[topic.Name] = results.TopicInfo{Logical: topic.Name, Name: topic.Name, Partitions: partitions, ReplicationFactor: 1}
	}
	after := context.WithoutCancel(ctx)
	err := s.prepareProducers(ctx)
	if err == nil {
		err = s.readyProducers(ctx, readyBound)
	}
	if err != nil {
		return results.Trial{State: results.Incomplete}, errors.Join(err, s.tearDown(after))
	}
	_, err = s.perform(ctx)
	if err := errors.Join(err, s.tearDown(after)); err != nil {
		return results.Trial{State: results.Crashed}, err
	}
	return results.ReadJournal(filepath.Join(t.Directory, results.JournalName))
}

// AtRate returns the load with a constant rate in all, in records per second, spread evenly
// over its producer groups, for so long.
func AtRate(load scenarios.Load, recordsPerSecond float64, warmup, duration, drain time.Duration) scenarios.Load {
	load.Warmup, load.Duration, load.Drain = warmup, duration, drain
	groups := make([]scenarios.ProducerGroup, len(load.Producers))
	copy(groups, load.Producers)
	for i := range groups {
		rate := unit.Rate{PerSecond: recordsPerSecond / float64(len(groups))}
		groups[i].Rate = []scenarios.Phase{{From: rate, To: rate}}
		groups[i].RateText = unit.Format(rate.PerSecond, "records/s")
	}
	load.Producers = groups
	return load
}
