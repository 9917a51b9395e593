package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Offsets are offsets by topic and partition.
type Offsets map[string]map[int32]int64

// Assignment returns the offsets as what kgo.ConsumePartitions takes.
func (o Offsets) Assignment() map[string]map[int32]kgo.Offset {
	assigned := make(map[string]map[int32]kgo.Offset, len(o))
	for topic, partitions := range o {
		assigned[topic] = make(map[int32]kgo.Offset, len(partitions))
		for p, at := range partitions {
			assigned[topic][p] = kgo.NewOffset().At(at)
		}
	}
	return assigned
}

// Start is where reading starts: exactly one of the functions below makes it.
type Start struct {
	kind      startKind
	offset    int64
	timestamp time.Time
	ago       time.Duration
}

type startKind int

const (
	startEarliest startKind = iota
	startLatest
	startOffset
	startTimestamp
	startAgo
)

// StartEarliest is the first offset that there is.
func StartEarliest() Start { return Start{kind: startEarliest} }

// StartLatest is the end as it is when ResolveStart asks.
func StartLatest() Start { return Start{kind: startLatest} }

// StartAt is an offset, or the nearest that there is.
func StartAt(offset int64) Start { return Start{kind: startOffset, offset: offset} }

// StartAfter is the first record with this timestamp or a later one, or the end.
func StartAfter(t time.Time) Start { return Start{kind: startTimestamp, timestamp: t} }

// StartAgo is StartAfter a time so long before ResolveStart asks, as Java's by_duration.
func StartAgo(d time.Duration) Start { return Start{kind: startAgo, ago: d} }

// ResolveStart turns a start into one offset for every partition of the topics. An error
// names the first partition that has none.
func (a *Admin) ResolveStart(ctx context.Context, start Start, topics ...string) (Offsets, error) {
	bounded, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	switch start.kind {
	case startEarliest:
		return listed(ctx, "earliest", topics)(a.kadm.ListStartOffsets(bounded, topics...))
	case startLatest:
		return listed(ctx, "latest", topics)(a.kadm.ListEndOffsets(bounded, topics...))
	case startAgo:
		return listed(ctx, "timestamp", topics)(a.kadm.ListOffsetsAfterMilli(bounded, time.Now().Add(-start.ago).UnixMilli(), topics...))
	case startTimestamp:
		return listed(ctx, "timestamp", topics)(a.kadm.ListOffsetsAfterMilli(bounded, start.timestamp.UnixMilli(), topics...))
	}
	earliest, err := listed(ctx, "earliest", topics)(a.kadm.ListStartOffsets(bounded, topics...))
	if err != nil {
		return nil, err
	}
	latest, err := listed(ctx, "latest", topics)(a.kadm.ListEndOffsets(bounded, topics...))
	if err != nil {
		return nil, err
	}
	for topic, partitions := range latest {
		for p, end := range partitions {
			partitions[p] = min(max(start.offset, earliest[topic][p]), end)
		}
	}
	return latest, nil
}

// listed checks an answer of ListOffsets: a topic without partitions would be a group that
// reads nothing.
func listed(ctx context.Context, what string, topics []string) func(kadm.ListedOffsets, error) (Offsets, error) {
	return func(answer kadm.ListedOffsets, err error) (Offsets, error) {
		if err == nil {
			err = answer.Error()
		}
		if err != nil {
			if p := AccessProblem(strings.Join(topics, ", "), err); p != nil {
				return nil, p
			}
			return nil, unanswered(ctx, "list "+what+" offsets", err)
		}
		offsets := make(Offsets, len(topics))
		for _, topic := range topics {
			if len(answer[topic]) == 0 {
				return nil, fmt.Errorf("list %s offsets: topic %s: %w", what, topic, kerr.UnknownTopicOrPartition)
			}
			offsets[topic] = make(map[int32]int64, len(answer[topic]))
			for p, o := range answer[topic] {
				offsets[topic][p] = o.Offset
			}
		}
		return offsets, nil
	}
}

// CommitStart commits offsets for a group that has no members yet, so that it starts exactly
// there, whenever its members join: latest by auto.offset.reset would lose what is produced
// in between. A group that has members is an error.
func (a *Admin) CommitStart(ctx context.Context, group string, offsets Offsets) error {
	commits := make(kadm.Offsets)
	for topic, partitions := range offsets {
		for p, at := range partitions {
			commits.AddOffset(topic, p, at, -1)
		}
	}
	// The group coordinator may still be loading, above all on a cluster whose offsets topic
	// comes about with this very request.
	return until(ctx, coordinatorBound, func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, requestBound)
		defer cancel()
		err := a.kadm.CommitAllOffsets(ctx, group, commits)
		switch {
		case err == nil:
			return "", nil
		case kerr.IsRetriable(err), errors.Is(err, context.DeadlineExceeded):
			return fmt.Sprintf("the offsets of group %s cannot be committed: %v", group, err), nil
		case errors.Is(err, kerr.UnknownMemberID), errors.Is(err, kerr.IllegalGeneration):
			return "", &Problem{
				Cause:    fmt.Sprintf("group %s has members already", group),
				Remedy:   "end them, or name another group",
				Category: BadInput,
				Err:      err,
			}
		case errors.Is(err, kerr.GroupAuthorizationFailed):
			return "", AccessProblem(group, err)
		case errors.Is(err, kerr.TopicAuthorizationFailed):
			return "", &Problem{
				Cause:    fmt.Sprintf("the user may not commit the start of group %s: it may not read its topics", group),
				Remedy:   "grant it Read on the topics",
				Category: Unreachable,
				Err:      err,
			}
		default:
			return "", fmt.Errorf("commit the start of group %s: %w", group, err)
		}
	})
}
