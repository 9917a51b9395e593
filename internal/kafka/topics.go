package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

// TopicSpec is a topic that a run wants.
type TopicSpec struct {
	Logical           string // the scenario's name
	Name              string // TopicName's, unless it is chosen
	Chosen            bool   // the scenario chose the name, or its beginning: it does not tell the run
	Partitions        int    // 0: the cluster's default
	ReplicationFactor int    // 0: the cluster's default
	Config            map[string]string
}

// CreateTopics creates the topics of run and waits at most wait until they are as asked on
// every broker: all partitions, led by their preferred replica, replicas in sync, configs. It
// says what it found, and as warnings what the cluster would not do or show.
//
// Replicas are placed explicitly, by place, so that every case of a run gets the same balanced
// placement; a cluster that refuses that places them itself, which is a warning.
//
// On an error nothing that was created is left, as far as the cluster allows. What a person
// can do something about is a Problem.
func (a *Admin) CreateTopics(ctx context.Context, run string, specs []TopicSpec, wait time.Duration) ([]results.TopicInfo, []results.Reason, error) {
	var names []string
	for _, s := range specs {
		if !s.Chosen {
			names = append(names, s.Name)
		}
	}
	if err := owned(run, names); err != nil {
		return nil, nil, fmt.Errorf("create topics: %w", err)
	}
	brokers, err := a.brokers(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("create topics: %w", err)
	}
	if err := checkReplication(specs, len(brokers)); err != nil {
		return nil, nil, err
	}
	created, warnings, err := a.create(ctx, specs, brokers)
	a.made.add(slices.DeleteFunc(slices.Clone(created), func(name string) bool {
		return !slices.ContainsFunc(specs, func(s TopicSpec) bool { return s.Chosen && s.Name == name })
	}))
	if err == nil {
		err = a.awaitTopics(ctx, specs, wait)
	}
	var infos []results.TopicInfo
	if err == nil {
		var unverified []results.Reason
		infos, unverified, err = a.verifyTopics(ctx, specs)
		warnings = append(warnings, unverified...)
	}
	if err != nil {
		return nil, nil, errors.Join(err, a.undo(ctx, created))
	}
	return infos, warnings, nil
}

// undo deletes topics that were created in vain, also after ctx has ended.
func (a *Admin) undo(ctx context.Context, created []string) error {
	if len(created) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestBound)
	defer cancel()
	if err := a.delete(ctx, created); err != nil {
		return fmt.Errorf("clean up after that: %w", err)
	}
	return nil
}

func (a *Admin) brokers(ctx context.Context) ([]broker, error) {
	meta, err := a.metadata(ctx, []string{})
	if err != nil {
		return nil, err
	}
	var brokers []broker
	for _, b := range meta.Brokers {
		brokers = append(brokers, broker{b.NodeID, deref(b.Rack)})
	}
	if len(brokers) == 0 {
		return nil, errors.New("the cluster names no broker")
	}
	return brokers, nil
}

func checkReplication(specs []TopicSpec, brokers int) error {
	var errs []error
	for _, s := range specs {
		if s.ReplicationFactor > brokers {
			errs = append(errs, &Problem{
				Cause:    fmt.Sprintf("topic %s wants %d replicas, the cluster has %d", s.Logical, s.ReplicationFactor, brokers) + plural(brokers, " broker"),
				Remedy:   fmt.Sprintf("set replication.factor to %d or less, or start more brokers", brokers),
				Category: BadInput,
			})
		}
	}
	return errors.Join(errs...)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// create asks for all topics with their placement, and once more without it for those whose
// placement is refused. It returns the names that exist now because of it.
func (a *Admin) create(ctx context.Context, specs []TopicSpec, brokers []broker) (created []string, warnings []results.Reason, err error) {
	created, refused, err := a.requestCreate(ctx, specs, brokers)
	if err != nil || len(refused) == 0 {
		return created, nil, err
	}
	var logical []string
	for _, s := range refused {
		logical = append(logical, s.Logical)
	}
	warnings = append(warnings, results.Reason{
		Code: "placement_refused",
		Text: fmt.Sprintf("the cluster places the replicas of %s itself, so cases may differ in it", strings.Join(logical, ", ")),
	})
	more, _, err := a.requestCreate(ctx, refused, nil)
	return append(created, more...), warnings, err
}

// requestCreate sends one CreateTopics request. brokers is nil to leave the placement to the
// cluster; else refused are the topics whose placement it does not take.
func (a *Admin) requestCreate(ctx context.Context, specs []TopicSpec, brokers []broker) (created []string, refused []TopicSpec, err error) {
	bounded, cancel := context.WithTimeout(ctx, 2*requestBound)
	defer cancel()
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = int32(requestBound.Milliseconds())
	first := 0
	for _, s := range specs {
		req.Topics = append(req.Topics, creation(s, brokers, first))
		first += s.Partitions
	}
	resp, err := req.RequestWith(bounded, a.client)
	if err != nil {
		return nil, nil, unanswered(ctx, "create topics", err)
	}
	byName := make(map[string]TopicSpec, len(specs))
	for _, s := range specs {
		byName[s.Name] = s
	}
	var errs []error
	for _, t := range resp.Topics {
		spec := byName[t.Topic]
		switch e := kerr.ErrorForCode(t.ErrorCode); {
		case e == nil, errors.Is(e, kerr.RequestTimedOut): // timed out: it comes about all the same
			created = append(created, t.Topic)
		case brokers != nil && placementRefused(e):
			refused = append(refused, spec)
		default:
			errs = append(errs, topicProblem(spec, e, deref(t.ErrorMessage)))
		}
	}
	return created, refused, errors.Join(errs...)
}

func creation(s TopicSpec, brokers []broker, first int) kmsg.CreateTopicsRequestTopic {
	t := kmsg.NewCreateTopicsRequestTopic()
	t.Topic = s.Name
	t.NumPartitions, t.ReplicationFactor = -1, -1
	switch {
	case brokers != nil && s.Partitions > 0 && s.ReplicationFactor > 0:
		for p, ids := range place(brokers, first, s.Partitions, s.ReplicationFactor) {
			assignment := kmsg.NewCreateTopicsRequestTopicReplicaAssignment()
			assignment.Partition, assignment.Replicas = int32(p), ids
			t.ReplicaAssignment = append(t.ReplicaAssignment, assignment)
		}
	default:
		if s.Partitions > 0 {
			t.NumPartitions = int32(s.Partitions)
		}
		if s.ReplicationFactor > 0 {
			t.ReplicationFactor = int16(s.ReplicationFactor)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Config)) {
		c := kmsg.NewCreateTopicsRequestTopicConfig()
		c.Name, c.Value = name, kmsg.StringPtr(s.Config[name])
		t.Configs = append(t.Configs, c)
	}
	return t
}

// placementRefused says whether a cluster may create the topic if it places it itself: managed
// services forbid explicit assignments by policy.
func placementRefused(e error) bool {
	return errors.Is(e, kerr.InvalidReplicaAssignment) || errors.Is(e, kerr.PolicyViolation) || errors.Is(e, kerr.InvalidRequest)
}

// topicProblem says why the cluster does not create a topic. message is the broker's own.
func topicProblem(s TopicSpec, e error, message string) error {
	if message == "" {
		message = e.Error()
	}
	p := &Problem{Category: BadInput, Err: e}
	switch {
	case errors.Is(e, kerr.TopicAlreadyExists):
		p.Cause = fmt.Sprintf("topic %s exists already", s.Name)
		p.Remedy = "delete what its run left behind: kaliper topics delete --run RUN"
		if s.Chosen {
			p.Remedy = fmt.Sprintf("use it as it is by topics.%s.existing, or delete it by kaliper topics delete", s.Logical)
		}
	case errors.Is(e, kerr.InvalidConfig):
		p.Cause = fmt.Sprintf("topic %s: the cluster refuses its config: %s", s.Logical, message)
		p.Remedy = fmt.Sprintf("correct topics.%s.config", s.Logical)
	case errors.Is(e, kerr.InvalidReplicationFactor):
		p.Cause = fmt.Sprintf("topic %s: %s", s.Logical, message)
		p.Remedy = fmt.Sprintf("correct topics.%s.replication.factor", s.Logical)
	case errors.Is(e, kerr.InvalidPartitions):
		p.Cause = fmt.Sprintf("topic %s: %s", s.Logical, message)
		p.Remedy = fmt.Sprintf("correct topics.%s.partitions", s.Logical)
	case errors.Is(e, kerr.PolicyViolation):
		p.Cause = fmt.Sprintf("topic %s: the cluster's policy forbids it: %s", s.Logical, message)
		p.Remedy = fmt.Sprintf("correct topics.%s, or name an existing topic", s.Logical)
	case errors.Is(e, kerr.TopicAuthorizationFailed), errors.Is(e, kerr.ClusterAuthorizationFailed):
		p.Category = Unreachable
		p.Cause = fmt.Sprintf("the user may not create topic %s", s.Name)
		p.Remedy = fmt.Sprintf("grant Create on topics with the prefix kaliper., set topics.%s.prefix to one that it may create, or name an existing topic", s.Logical)
	default:
		p.Category = Unreachable
		p.Cause = fmt.Sprintf("topic %s cannot be created: %s", s.Logical, message)
		p.Remedy = "see the controller's log"
	}
	return p
}
