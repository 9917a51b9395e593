package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

// awaitTopics waits until every broker sees every topic as its specification has it, and the
// leader of every partition serves it.
func (a *Admin) awaitTopics(ctx context.Context, specs []TopicSpec, bound time.Duration) error {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	return until(ctx, bound, func(ctx context.Context) (string, error) {
		views, err := a.metadataEverywhere(ctx, names)
		if err != nil {
			return "", err
		}
		for _, view := range views {
			for _, s := range specs {
				if pending := lacking(s, view); pending != "" {
					return pending, nil
				}
			}
		}
		return a.unserved(ctx, names)
	})
}

// unserved names a partition that its leader does not serve yet; empty when none. A broker tells
// of a new partition before it has made it, and refuses what comes in between: without
// acknowledgements (acks 0) that is lost.
func (a *Admin) unserved(ctx context.Context, names []string) (pending string, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	ends, err := a.kadm.ListEndOffsets(ctx, names...)
	if refusal := (*kadm.AuthError)(nil); errors.As(err, &refusal) {
		return "", nil // who may not ask need not wait either
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "leaders do not answer", nil
	case err != nil:
		return "", fmt.Errorf("list offsets: %w", err)
	}
	ends.Each(func(end kadm.ListedOffset) {
		if end.Err != nil && !errors.Is(end.Err, kerr.TopicAuthorizationFailed) {
			pending = fmt.Sprintf("topic %s partition %d: %v", end.Topic, end.Partition, end.Err)
		}
	})
	return pending, nil
}

// lacking says what a topic lacks in one broker's view; empty when nothing.
func lacking(s TopicSpec, view *kmsg.MetadataResponse) string {
	i := slices.IndexFunc(view.Topics, func(t kmsg.MetadataResponseTopic) bool { return deref(t.Topic) == s.Name })
	if i < 0 {
		return fmt.Sprintf("topic %s is unknown", s.Name)
	}
	topic := view.Topics[i]
	if e := kerr.ErrorForCode(topic.ErrorCode); e != nil {
		return fmt.Sprintf("topic %s: %v", s.Name, e)
	}
	if len(topic.Partitions) < max(s.Partitions, 1) {
		return fmt.Sprintf("topic %s has %d of %d partitions", s.Name, len(topic.Partitions), s.Partitions)
	}
	for _, p := range topic.Partitions {
		switch {
		case p.Leader < 0 || len(p.Replicas) == 0:
			return fmt.Sprintf("topic %s partition %d has no leader", s.Name, p.Partition)
		case len(p.ISR) < len(p.Replicas):
			return fmt.Sprintf("topic %s partition %d has %d of %d replicas in sync", s.Name, p.Partition, len(p.ISR), len(p.Replicas))
		case p.Leader != p.Replicas[0]:
			return fmt.Sprintf("topic %s partition %d is led by broker %d instead of %d", s.Name, p.Partition, p.Leader, p.Replicas[0])
		}
	}
	return ""
}

// verifyTopics describes topics that are ready, and holds them against what was asked.
func (a *Admin) verifyTopics(ctx context.Context, specs []TopicSpec) ([]results.TopicInfo, []results.Reason, error) {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	view, err := a.metadata(ctx, names)
	if err != nil {
		return nil, nil, fmt.Errorf("verify topics: %w", err)
	}
	configs, err := a.topicConfigs(ctx, names)
	var warnings []results.Reason
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		warnings = append(warnings, results.Reason{Code: "config_unverified", Text: "the user may not describe topic configs, so they are taken on trust"})
	case err != nil:
		return nil, nil, fmt.Errorf("verify topics: %w", err)
	}
	var infos []results.TopicInfo
	for _, s := range specs {
		info, err := verified(s, view, configs)
		if err != nil {
			return nil, nil, err
		}
		infos = append(infos, info)
	}
	return infos, warnings, nil
}

// verified is the topic as it is; configs is nil where they cannot be seen.
func verified(s TopicSpec, view *kmsg.MetadataResponse, configs map[string]map[string]string) (results.TopicInfo, error) {
	info := describe(s.Logical, s.Name, view)
	info.Config = s.Config
	wrong := func(what string, got, asked any) error {
		return &Problem{
			Cause:    fmt.Sprintf("topic %s has %s %v where %v was asked for", s.Logical, what, got, asked),
			Remedy:   "ask for what the cluster gives, or correct its policy",
			Category: BadInput,
		}
	}
	if s.Partitions > 0 && info.Partitions != s.Partitions {
		return info, wrong("partitions", info.Partitions, s.Partitions)
	}
	if s.ReplicationFactor > 0 && info.ReplicationFactor != s.ReplicationFactor {
		return info, wrong("replication factor", info.ReplicationFactor, s.ReplicationFactor)
	}
	if configs == nil {
		return info, nil
	}
	for _, name := range slices.Sorted(maps.Keys(s.Config)) {
		if got := configs[s.Name][name]; got != s.Config[name] {
			return info, wrong(name, cmp.Or(got, `""`), s.Config[name])
		}
	}
	return info, nil
}

// describe returns a topic's figures in a view; zero where it is not there.
func describe(logical, name string, view *kmsg.MetadataResponse) results.TopicInfo {
	info := results.TopicInfo{Logical: logical, Name: name}
	for _, t := range view.Topics {
		if deref(t.Topic) != name {
			continue
		}
		info.Partitions = len(t.Partitions)
		for _, p := range t.Partitions {
			info.ReplicationFactor = max(info.ReplicationFactor, len(p.Replicas))
		}
	}
	return info
}

// topicConfigs returns the effective configs of topics by topic and name.
func (a *Admin) topicConfigs(ctx context.Context, names []string) (map[string]map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	described, err := a.kadm.DescribeTopicConfigs(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("describe topic configs: %w", err)
	}
	configs := make(map[string]map[string]string, len(names))
	for _, d := range described {
		if d.Err != nil {
			return nil, fmt.Errorf("describe configs of topic %s: %w", d.Name, d.Err)
		}
		configs[d.Name] = make(map[string]string, len(d.Configs))
		for _, c := range d.Configs {
			configs[d.Name][c.Key] = deref(c.Value)
		}
	}
	return configs, nil
}
