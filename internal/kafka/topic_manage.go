package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The operations of this file are for a person who names one topic exactly, anybody's. What a
// run needs goes through CreateTopics and DeleteTopics, which touch the run's own alone.

// NewTopic is a topic that a person wants.
type NewTopic struct {
	Name              string
	Partitions        int       // 0: the cluster's default; of no effect with Placement
	ReplicationFactor int       // 0: the cluster's default; of no effect with Placement
	Placement         [][]int32 // the brokers of each partition, the preferred leader first; nil: the cluster decides
	Config            map[string]string
}

// CreateTopic creates a topic and waits at most wait until every broker knows the leader of
// each of its partitions. The names of runs are refused: what bears one is deleted with its run.
func (a *Admin) CreateTopic(ctx context.Context, topic NewTopic, wait time.Duration) error {
	if run, ok := OwnerOf(topic.Name); ok {
		return &Problem{
			Cause:    fmt.Sprintf("topic %s would belong to run %s by its name, and be deleted with it", topic.Name, run),
			Remedy:   "choose a name that does not begin with kaliper.",
			Category: BadInput,
		}
	}
	bounded, cancel := context.WithTimeout(ctx, 2*requestBound)
	defer cancel()
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = int32(requestBound.Milliseconds())
	req.Topics = append(req.Topics, topic.request())
	resp, err := req.RequestWith(bounded, a.client)
	if err != nil {
		return fmt.Errorf("create topic %s: %w", topic.Name, err)
	}
	for _, t := range resp.Topics {
		e := kerr.ErrorForCode(t.ErrorCode)
		if e != nil && !errors.Is(e, kerr.RequestTimedOut) { // timed out: it comes about all the same
			return topicRefusal("create", "Create", topic.Name, e, deref(t.ErrorMessage))
		}
	}
	return a.awaitLeaders(ctx, topic.Name, max(topic.Partitions, len(topic.Placement), 1), wait)
}

func (n NewTopic) request() kmsg.CreateTopicsRequestTopic {
	t := creation(TopicSpec{Name: n.Name, Partitions: n.Partitions, ReplicationFactor: n.ReplicationFactor, Config: n.Config}, nil, 0)
	if n.Placement == nil {
		return t
	}
	t.NumPartitions, t.ReplicationFactor = -1, -1
	for p, ids := range n.Placement {
		assignment := kmsg.NewCreateTopicsRequestTopicReplicaAssignment()
		assignment.Partition, assignment.Replicas = int32(p), ids
		t.ReplicaAssignment = append(t.ReplicaAssignment, assignment)
	}
	return t
}

// TopicChange is what a person wants changed; all else stays.
type TopicChange struct {
	Partitions int               // the new number of all; 0: as they are
	Set        map[string]string // configs to set
	Reset      []string          // configs to take back, so that the brokers' apply
}

// AlterTopic changes configs, then adds partitions, and waits at most wait until every broker
// knows the leader of each. Both are validated by the cluster before either is done, so that a
// change that is refused leaves the topic as it was.
func (a *Admin) AlterTopic(ctx context.Context, name string, change TopicChange, wait time.Duration) error {
	_, topic, err := a.namedTopic(ctx, name)
	if err != nil {
		return err
	}
	if n := len(topic.Partitions); change.Partitions > 0 && change.Partitions <= n {
		return &Problem{
			Cause:    fmt.Sprintf("topic %s has %d partitions: Kafka adds partitions and never removes any", name, n),
			Remedy:   fmt.Sprintf("ask for more than %d", n),
			Category: BadInput,
		}
	}
	bounded, cancel := context.WithTimeout(ctx, 4*requestBound)
	defer cancel()
	if configs := change.configs(); len(configs) > 0 {
		// Partitions that would be refused must not leave half of the change behind.
		if err := errors.Join(a.alterConfigs(bounded, name, configs, true), a.addPartitions(bounded, name, change.Partitions, true)); err != nil {
			return err
		}
		if err := a.alterConfigs(bounded, name, configs, false); err != nil {
			return err
		}
	}
	if err := a.addPartitions(bounded, name, change.Partitions, false); err != nil {
		return err
	}
	return a.awaitLeaders(ctx, name, max(change.Partitions, 1), wait)
}

func (c TopicChange) configs() []kadm.AlterConfig {
	var configs []kadm.AlterConfig
	for _, name := range slices.Sorted(maps.Keys(c.Set)) {
		configs = append(configs, kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: kmsg.StringPtr(c.Set[name])})
	}
	for _, name := range c.Reset {
		configs = append(configs, kadm.AlterConfig{Op: kadm.DeleteConfig, Name: name})
	}
	return configs
}

func (a *Admin) alterConfigs(ctx context.Context, name string, configs []kadm.AlterConfig, validate bool) error {
	alter := a.kadm.AlterTopicConfigs
	if validate {
		alter = a.kadm.ValidateAlterTopicConfigs
	}
	responses, err := alter(ctx, configs, name)
	if err != nil {
		return fmt.Errorf("alter the configs of topic %s: %w", name, err)
	}
	for _, r := range responses {
		if r.Err != nil {
			return topicRefusal("alter", "AlterConfigs", name, r.Err, r.ErrMessage)
		}
	}
	return nil
}

// addPartitions does nothing where the number is 0.
func (a *Admin) addPartitions(ctx context.Context, name string, partitions int, validate bool) error {
	if partitions == 0 {
		return nil
	}
	update := a.kadm.UpdatePartitions
	if validate {
		update = a.kadm.ValidateUpdatePartitions
	}
	responses, err := update(ctx, partitions, name)
	if err != nil {
		return fmt.Errorf("add partitions to topic %s: %w", name, err)
	}
	for _, r := range responses {
		if r.Err != nil && !errors.Is(r.Err, kerr.RequestTimedOut) {
			return topicRefusal("add partitions to", "Alter", name, r.Err, r.ErrMessage)
		}
	}
	return nil
}

// DeleteTopic deletes the topic of exactly that name and waits at most wait until no broker
// knows it any more. Kafka's internal topics are refused.
func (a *Admin) DeleteTopic(ctx context.Context, name string, wait time.Duration) error {
	_, topic, err := a.namedTopic(ctx, name)
	if err != nil {
		return err
	}
	if topic.IsInternal {
		return &Problem{
			Cause:    fmt.Sprintf("topic %s is Kafka's own: groups or transactions would lose their state", name),
			Remedy:   "delete groups by Kafka's own tools instead",
			Category: BadInput,
		}
	}
	bounded, cancel := context.WithTimeout(ctx, 2*requestBound)
	defer cancel()
	responses, err := a.kadm.DeleteTopics(bounded, name)
	if err != nil {
		return fmt.Errorf("delete topic %s: %w", name, err)
	}
	for _, r := range responses {
		if r.Err != nil && !errors.Is(r.Err, kerr.RequestTimedOut) {
			return topicRefusal("delete", "Delete", name, r.Err, r.ErrMessage)
		}
	}
	return until(ctx, wait, func(ctx context.Context) (string, error) { return a.stillThere(ctx, []string{name}) })
}

// awaitLeaders waits until every broker knows a topic's partitions and their leaders. It does
// not wait for replicas in sync: with a broker that is down there may never be all.
func (a *Admin) awaitLeaders(ctx context.Context, name string, partitions int, wait time.Duration) error {
	return until(ctx, wait, func(ctx context.Context) (string, error) {
		views, err := a.metadataEverywhere(ctx, []string{name})
		if err != nil {
			return "", err
		}
		for _, view := range views {
			if e := unseen(view, name); e != nil {
				return "", e
			}
			if pending := leaderless(view, name, partitions); pending != "" {
				return pending, nil
			}
		}
		return "", nil
	})
}

// unseen is the Problem of a user who may not see a topic, for which no waiting helps.
func unseen(view *kmsg.MetadataResponse, name string) error {
	for _, t := range view.Topics {
		if e := kerr.ErrorForCode(t.ErrorCode); deref(t.Topic) == name && errors.Is(e, kerr.TopicAuthorizationFailed) {
			return refusedTo("see", "Describe", name, e)
		}
	}
	return nil
}

// leaderless says which of a topic's partitions one broker does not know a leader of.
func leaderless(view *kmsg.MetadataResponse, name string, partitions int) string {
	for _, t := range view.Topics {
		if deref(t.Topic) != name {
			continue
		}
		if e := kerr.ErrorForCode(t.ErrorCode); e != nil {
			return fmt.Sprintf("topic %s: %v", name, e)
		}
		if len(t.Partitions) < partitions {
			return fmt.Sprintf("topic %s has %d of %d partitions", name, len(t.Partitions), partitions)
		}
		for _, p := range t.Partitions {
			if p.Leader < 0 {
				return fmt.Sprintf("topic %s partition %d has no leader", name, p.Partition)
			}
		}
		return ""
	}
	return fmt.Sprintf("topic %s is unknown", name)
}

// topicRefusal says why the cluster does not do something to a topic, and what right it
// wants. message is the broker's own.
func topicRefusal(do, right, name string, e error, message string) error {
	if message == "" {
		message = e.Error()
	}
	p := &Problem{Category: BadInput, Err: e, Cause: fmt.Sprintf("cannot %s topic %s: %s", do, name, message)}
	switch {
	case errors.Is(e, kerr.TopicAlreadyExists):
		p.Cause = fmt.Sprintf("topic %s exists already", name)
		p.Remedy = "kaliper topics describe shows it, kaliper topics alter changes it"
	case errors.Is(e, kerr.InvalidConfig):
		p.Remedy = "correct --config"
	case errors.Is(e, kerr.InvalidReplicationFactor):
		p.Remedy = "correct --replication-factor, or start more brokers"
	case errors.Is(e, kerr.InvalidReplicaAssignment):
		p.Remedy = "correct --replica-assignment: every partition needs brokers that there are, and equally many"
	case errors.Is(e, kerr.InvalidPartitions):
		p.Remedy = "correct --partitions"
	case errors.Is(e, kerr.InvalidTopicException):
		p.Remedy = "correct the name: Kafka allows letters, digits, dots, hyphens and underscores"
	case errors.Is(e, kerr.PolicyViolation):
		p.Remedy = "ask for what the cluster's policy allows"
	case errors.Is(e, kerr.TopicDeletionDisabled):
		p.Remedy = "set delete.topic.enable on the brokers"
	case errors.Is(e, kerr.UnknownTopicOrPartition):
		p.Remedy = "kaliper topics list shows those that this user may see"
	case errors.Is(e, kerr.TopicAuthorizationFailed), errors.Is(e, kerr.ClusterAuthorizationFailed):
		return refusedTo(do, right, name, e)
	default:
		p.Category = Unreachable
		p.Remedy = "see the controller's log"
	}
	return p
}
