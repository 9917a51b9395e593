package workload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/internal/kafka"
	"kaliper/scenarios"
)

// commitBound bounds a commit that the workload itself makes.
const commitBound = 10 * time.Second

// commitPolled commits after a poll whose records are processed, as the group's policy wants.
func (m *member) commitPolled(ctx context.Context, empty bool) {
	g := m.group
	switch g.settings.Commit {
	case scenarios.CommitPerBatch:
		if !empty {
			m.commit(ctx)
		}
	case scenarios.CommitAsync:
		if !empty {
			m.commitAsync(ctx)
		}
	case scenarios.CommitAtInterval:
		if now := g.clock.Now(); now >= m.nextCommit {
			m.commit(ctx)
			m.nextCommit = now + int64(g.settings.CommitInterval)
		}
	}
}

// commitLast commits before partitions go, as Java does with automatic commits and as a handler
// with a policy of its own would.
func (m *member) commitLast(ctx context.Context) {
	if m.group.ownGroup && m.processing.Err() != nil {
		return // the trial ends, and the group's offsets with it
	}
	switch m.group.settings.Commit {
	case scenarios.CommitAuto, scenarios.CommitPerBatch, scenarios.CommitAsync, scenarios.CommitAtInterval:
		m.commit(ctx)
	}
}

func (m *member) commit(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, commitBound)
	defer cancel()
	m.committed(ctx, m.client.CommitUncommittedOffsets(ctx))
}

func (m *member) commitRecord(ctx context.Context, r *kgo.Record) {
	ctx, cancel := context.WithTimeout(ctx, commitBound)
	defer cancel()
	m.committed(ctx, m.client.CommitRecords(ctx, r))
}

// commitAsync commits all that was polled, and does not wait. A later commit supersedes one that
// is under way.
func (m *member) commitAsync(ctx context.Context) {
	m.client.CommitOffsets(ctx, m.client.UncommittedOffsets(), func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, _ *kmsg.OffsetCommitResponse, err error) {
		if !errors.Is(err, context.Canceled) {
			m.committed(ctx, err)
		}
	})
}

func (m *member) committed(ctx context.Context, err error) {
	switch {
	case err == nil:
		m.group.commits.Add(1)
	case errors.Is(ctx.Err(), context.Canceled): // the trial ends
	default:
		kind := "commit_" + kafka.ErrorKind(err)
		m.group.failures.add(outside, kind)
		m.group.events.once("error", kind, fmt.Sprintf("%s: commit: %v", m.group.settings.Name, err))
	}
}
