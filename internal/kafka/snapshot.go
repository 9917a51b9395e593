package kafka

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

// Codes of the environment's warnings.
const (
	ReasonUnbalanced      = "leaders_unbalanced"
	ReasonUnderReplicated = "under_replicated"
	ReasonOffline         = "partitions_offline"
)

// Snapshot describes the cluster, and as warnings what about its topics, anybody's, would
// colour a measurement. The version is a guess from what requests the brokers know, empty
// where they do not tell.
func (a *Admin) Snapshot(ctx context.Context) (results.ClusterSnapshot, []results.Reason, error) {
	view, err := a.metadata(ctx, nil)
	if err != nil {
		return results.ClusterSnapshot{}, nil, fmt.Errorf("describe cluster: %w", err)
	}
	snapshot := results.ClusterSnapshot{ID: deref(view.ClusterID), Version: a.versionGuess(ctx)}
	for _, b := range view.Brokers {
		snapshot.Brokers = append(snapshot.Brokers, results.BrokerInfo{
			ID:      b.NodeID,
			Address: net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port))),
			Rack:    deref(b.Rack),
		})
	}
	slices.SortFunc(snapshot.Brokers, func(a, b results.BrokerInfo) int { return cmp.Compare(a.ID, b.ID) })
	return snapshot, environment(view), nil
}

// versionGuess is the oldest of the brokers' versions.
func (a *Admin) versionGuess(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	versions, err := a.kadm.ApiVersions(ctx)
	if err != nil {
		return ""
	}
	oldest := ""
	for _, v := range versions.Sorted() {
		if v.Err != nil {
			continue
		}
		if guess := v.VersionGuess(); oldest == "" || guess < oldest {
			oldest = guess
		}
	}
	return oldest
}

// environment finds what is wrong with the cluster's partitions.
func environment(view *kmsg.MetadataResponse) []results.Reason {
	var all, notPreferred, underReplicated, offline int
	for _, t := range view.Topics {
		for _, p := range t.Partitions {
			all++
			switch {
			case p.Leader < 0:
				offline++
			case len(p.Replicas) > 0 && p.Leader != p.Replicas[0]:
				notPreferred++
			}
			if p.Leader >= 0 && len(p.ISR) < len(p.Replicas) {
				underReplicated++
			}
		}
	}
	var reasons []results.Reason
	add := func(n int, code, text string) {
		if n > 0 {
			reasons = append(reasons, results.Reason{Code: code, Text: fmt.Sprintf("%d of the cluster's %d partitions %s", n, all, text)})
		}
	}
	add(offline, ReasonOffline, "have no leader")
	add(underReplicated, ReasonUnderReplicated, "have replicas out of sync")
	add(notPreferred, ReasonUnbalanced, "are not led by their preferred replica")
	return reasons
}
