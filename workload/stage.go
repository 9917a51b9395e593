package workload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"kaliper/internal/kafka"
	"kaliper/results"
	"kaliper/scenarios"
)

// stage is everything of a trial that is set up before the load and taken down after it.
type stage struct {
	trial        Trial
	load         scenarios.Load
	clock        *loadClock
	window       *window
	events       *eventLog
	anomalies    anomalies
	transactions transactionLog
	registrar    registrar
	topics       map[string]results.TopicInfo // by logical name
	copies       map[string][]string          // logical names of the copies of a topic, by the name it was declared under; without those that have one
	owned        []string                     // created by this trial: the cluster's names
	groups       []string                     // group ids of this trial
	producers    []*producerGroup
	consumers    []*consumerGroup
	lag          *kafka.LagSampler
	health       *health // nil in a rehearsal, which has no cluster
	warnings     []results.Reason
	verification *verification // nil where nothing is looked at after the load
	ceiling      float64       // records per second of the null sink; 0 where not measured
	rehearsal    bool          // producers send to the null sink

	members    sync.WaitGroup
	stopMember context.CancelFunc
	memberCtx  context.Context
}

// newStage returns a stage on which nothing stands yet.
func newStage(ctx context.Context, t Trial) *stage {
	s := &stage{
		trial: t, load: t.Case.Load, clock: newLoadClock(),
		window: newWindow(t.Case.Load.Warmup, t.Case.Load.Duration),
		topics: map[string]results.TopicInfo{}, copies: map[string][]string{},
	}
	s.events = newEventLog(s.clock)
	s.memberCtx, s.stopMember = context.WithCancel(context.WithoutCancel(ctx))
	return s
}

// prepare does all that comes before the load. A stage that is not nil must be torn down even
// when there is an error.
func prepare(ctx context.Context, t Trial) (*stage, error) {
	s := newStage(ctx, t)
	if slices.ContainsFunc(s.load.Consumers, func(g scenarios.ConsumerGroup) bool { return g.Share != nil }) {
		if err := t.Admin.RequireShareGroups(ctx); err != nil {
			return s, err
		}
	}
	if err := s.makeTopics(ctx); err != nil {
		return s, err
	}
	if err := s.tellIdle(); err != nil {
		return s, err
	}
	if err := s.prepareProducers(ctx); err != nil {
		return s, err
	}
	if err := s.readyProducers(ctx, readyBound); err != nil {
		return s, err
	}
	if err := s.prepareConsumers(ctx); err != nil {
		return s, err
	}
	return s, s.prepareVerification(ctx)
}

// makeTopics creates the trial's own topics and looks at the others.
func (s *stage) makeTopics(ctx context.Context) error {
	var specs []kafka.TopicSpec
	var names []string
	for _, topic := range s.allTopics() {
		if topic.Existing != "" {
			info, err := s.trial.Admin.ExistingTopic(ctx, topic.Name, topic.Existing)
			if err == nil {
				err = s.snapshotIsCompacted(info)
			}
			if err != nil {
				return err
			}
			s.topics[topic.Name] = info
			names = append(names, info.Name)
			continue
		}
		name, err := s.ownName(topic)
		if err != nil {
			return err
		}
		specs = append(specs, kafka.TopicSpec{
			Logical: topic.Name, Name: name, Chosen: topic.RealName != "" || topic.Prefix != "", Partitions: topic.Partitions,
			ReplicationFactor: topic.ReplicationFactor, Config: topic.Config,
		})
		names = append(names, name)
	}
	if len(specs) > 0 {
		infos, warnings, err := s.trial.Admin.CreateTopics(ctx, s.trial.Owner, specs, topicsBoundOf(s.allTopics()))
		if err != nil {
			return err
		}
		s.warnings = append(s.warnings, warnings...)
		for _, info := range infos {
			s.topics[info.Logical] = info
			s.owned = append(s.owned, info.Name)
		}
	}
	s.lag = kafka.NewLagSampler(s.trial.Admin, names...)
	s.health = &health{watcher: s.trial.Admin.WatchHealth(names...), clock: s.clock, events: s.events}
	return nil
}

// allTopics returns the scenario's topics and those that failed records go to, and remembers which
// are copies of which.
func (s *stage) allTopics() []scenarios.Topic {
	all := append(slices.Clone(s.load.Topics), s.load.FailureTopics()...)
	clear(s.copies)
	for _, t := range all {
		if t.CopyOf != "" {
			s.copies[t.CopyOf] = append(s.copies[t.CopyOf], t.Name)
		}
	}
	return all
}

// topicsBoundOf is how long it may take until topics are there or gone.
func topicsBoundOf(topics []scenarios.Topic) time.Duration {
	bound := topicsBound
	for _, t := range topics {
		bound += time.Duration(t.Partitions) * partitionBound
	}
	return bound
}

// copiesOf returns the logical names of all topics that one declaration made: its own, or those
// of its copies.
func (s *stage) copiesOf(declared string) []string {
	if copies := s.copies[declared]; copies != nil {
		return copies
	}
	return []string{declared}
}

// snapshotIsCompacted objects to an existing topic that is a snapshot by its name alone, where the
// scenario asks for names by the convention. Configs that may not be seen say nothing.
func (s *stage) snapshotIsCompacted(info results.TopicInfo) error {
	_, suffix := scenarios.SplitName(info.Name)
	policy, seen := info.Config["cleanup.policy"]
	if s.load.Naming != scenarios.NamingConvention || suffix != scenarios.SnapshotSuffix || !seen || strings.Contains(policy, "compact") {
		return nil
	}
	return &kafka.Problem{
		Cause:    fmt.Sprintf("topic %s is a snapshot by its name, and has cleanup.policy %s", info.Name, policy),
		Remedy:   fmt.Sprintf("compact it, or correct topics.%s.existing", info.Logical),
		Category: kafka.BadInput,
	}
}

// ownName returns the cluster's name of a topic of the trial's own.
func (s *stage) ownName(topic scenarios.Topic) (string, error) {
	if topic.RealName != "" {
		return topic.RealName, nil
	}
	name, err := kafka.TopicName(s.trial.Owner, s.trial.Ref.Case, s.trial.Ref.Number(), topic.Name)
	return topic.Prefix + name, err
}

// consumed says whether any group reads the topic.
func (s *stage) consumed(topic string) bool {
	return s.load.Reads(topic)
}

// tearDown closes what is open and deletes the trial's own topics and groups.
func (s *stage) tearDown(ctx context.Context) error {
	var problems []error
	s.stopMember()
	var closing sync.WaitGroup
	for _, g := range s.producers {
		for _, c := range g.clients {
			closing.Go(c.close)
		}
	}
	for _, g := range s.consumers {
		g.membersMu.Lock()
		for _, m := range g.members {
			closing.Go(m.close)
		}
		g.membersMu.Unlock()
	}
	if !within(closeBound, func() { closing.Wait(); s.members.Wait() }) {
		problems = append(problems, fmt.Errorf("clients did not close within %v", closeBound))
	}
	for _, g := range s.consumers {
		if g.dedup != nil {
			problems = append(problems, g.dedup.close(ctx, s.load.KeepTopics))
		}
	}
	if s.load.KeepTopics {
		return errors.Join(problems...)
	}
	problems = append(problems, s.registrar.forget(ctx))
	if len(s.owned) > 0 {
		problems = append(problems, s.trial.Admin.DeleteTopics(ctx, s.trial.Owner, s.owned, topicsBoundOf(s.allTopics())))
	}
	problems = append(problems, s.forgetShares(ctx)...)
	if len(s.groups) > 0 {
		if s.remain() {
			problems = append(problems, s.trial.Admin.EmptyGroups(ctx, s.trial.Owner, s.groups))
		}
		problems = append(problems, s.trial.Admin.DeleteGroups(ctx, s.trial.Owner, s.groups))
	}
	return errors.Join(problems...)
}

// remain says whether members may be in the groups still, though their clients are closed: those
// that crashed, and static ones.
func (s *stage) remain() bool {
	for _, g := range s.consumers {
		if g.settings.Properties.String("group.instance.id") != "" {
			return true
		}
		for _, c := range g.settings.Schedule {
			if c.Action == scenarios.ActionCrash {
				return true
			}
		}
	}
	return false
}

// within runs do and waits for it, at most so long.
func within(bound time.Duration, do func()) bool {
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
