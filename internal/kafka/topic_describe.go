package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/internal/suggest"
	"kaliper/results"
)

// Codes of what a description does not know.
const (
	TopicSizesUnknown   = "sizes_unknown"
	TopicConfigsUnknown = "configs_unknown"
)

// TopicDescription is a topic as the cluster has it. What the user may not see is null, and
// said in Unknown: missing rights make values unknown, not errors.
type TopicDescription struct {
	Name              string                 `json:"name"`
	Internal          bool                   `json:"internal"`
	ReplicationFactor int                    `json:"replication_factor"` // the largest of its partitions'
	Bytes             *int64                 `json:"bytes"`              // of the leaders' logs
	ReplicatedBytes   *int64                 `json:"replicated_bytes"`   // of all replicas' logs
	Partitions        []PartitionDescription `json:"partitions"`
	Brokers           []BrokerShare          `json:"brokers"`
	Configs           []TopicConfig          `json:"configs"` // those that differ from Kafka's default
	Imbalance         []results.Reason       `json:"imbalance"`
	Unknown           []results.Reason       `json:"unknown"`
}

// PartitionDescription is one partition.
type PartitionDescription struct {
	Partition int32   `json:"partition"`
	Leader    int32   `json:"leader"`   // -1: none
	Replicas  []int32 `json:"replicas"` // the preferred leader first
	InSync    []int32 `json:"in_sync"`
	Bytes     *int64  `json:"bytes"` // of the leader's log
}

// BrokerShare is what one broker has of a topic.
type BrokerShare struct {
	ID       int32  `json:"id"`
	Rack     string `json:"rack,omitempty"`
	Leads    int    `json:"leads"`    // partitions
	Replicas int    `json:"replicas"` // led ones included
	Bytes    *int64 `json:"bytes"`
}

// TopicConfig is a config that is not Kafka's default.
type TopicConfig struct {
	Name   string  `json:"name"`
	Value  *string `json:"value"`  // null where it is a secret
	Source string  `json:"source"` // topic, or where in the brokers' configuration it was set
}

// DescribeTopic describes the topic of exactly that name. One that is missing is a Problem
// that names a similar one where there is any.
func (a *Admin) DescribeTopic(ctx context.Context, name string) (TopicDescription, error) {
	view, topic, err := a.namedTopic(ctx, name)
	if err != nil {
		return TopicDescription{}, err
	}
	d := TopicDescription{Name: name, Internal: topic.IsInternal, Unknown: []results.Reason{}}
	for _, p := range topic.Partitions {
		d.ReplicationFactor = max(d.ReplicationFactor, len(p.Replicas))
		d.Partitions = append(d.Partitions, PartitionDescription{
			Partition: p.Partition, Leader: p.Leader,
			Replicas: append([]int32{}, p.Replicas...), InSync: append([]int32{}, p.ISR...),
		})
	}
	slices.SortFunc(d.Partitions, func(a, b PartitionDescription) int { return cmp.Compare(a.Partition, b.Partition) })
	for _, b := range view.Brokers {
		d.Brokers = append(d.Brokers, BrokerShare{ID: b.NodeID, Rack: deref(b.Rack)})
	}
	d.share()
	if err := a.describeSizes(ctx, &d); err != nil {
		return TopicDescription{}, err
	}
	if err := a.describeConfigs(ctx, &d); err != nil {
		return TopicDescription{}, err
	}
	d.Imbalance = imbalance(d)
	return d, nil
}

// namedTopic returns the one topic of exactly that name, and the view that it is in.
func (a *Admin) namedTopic(ctx context.Context, name string) (*kmsg.MetadataResponse, kmsg.MetadataResponseTopic, error) {
	var none kmsg.MetadataResponseTopic
	view, err := a.metadata(ctx, []string{name})
	if err != nil {
		return nil, none, fmt.Errorf("describe topic %s: %w", name, err)
	}
	i := slices.IndexFunc(view.Topics, func(t kmsg.MetadataResponseTopic) bool { return deref(t.Topic) == name })
	if i < 0 {
		return nil, none, fmt.Errorf("describe topic %s: the cluster does not answer for it", name)
	}
	topic := view.Topics[i]
	switch e := kerr.ErrorForCode(topic.ErrorCode); {
	case e == nil, errors.Is(e, kerr.LeaderNotAvailable):
		return view, topic, nil
	case errors.Is(e, kerr.UnknownTopicOrPartition), errors.Is(e, kerr.InvalidTopicException):
		return nil, none, a.noSuchTopic(ctx, name, e)
	case errors.Is(e, kerr.TopicAuthorizationFailed):
		return nil, none, refusedTo("see", "Describe", name, e)
	default:
		return nil, none, fmt.Errorf("describe topic %s: %w", name, e)
	}
}

func (a *Admin) noSuchTopic(ctx context.Context, name string, e error) error {
	p := &Problem{
		Cause:    fmt.Sprintf("topic %s does not exist", name),
		Remedy:   "kaliper topics list shows those that this user may see",
		Category: BadInput,
		Err:      e,
	}
	if view, err := a.metadata(ctx, nil); err == nil {
		p.Cause += suggest.DidYouMean(name, topicNames(view))
	}
	return p
}

// refusedTo is the Problem of a user who lacks a right on a topic.
func refusedTo(do, right, name string, e error) *Problem {
	return &Problem{
		Cause:    fmt.Sprintf("the user may not %s topic %s", do, name),
		Remedy:   fmt.Sprintf("grant %s on it", right),
		Category: Unreachable,
		Err:      e,
	}
}

// share counts what each broker has. A replica may lie on one that is down and not listed.
func (d *TopicDescription) share() {
	of := func(id int32) *BrokerShare {
		i := slices.IndexFunc(d.Brokers, func(b BrokerShare) bool { return b.ID == id })
		if i < 0 {
			d.Brokers = append(d.Brokers, BrokerShare{ID: id})
			i = len(d.Brokers) - 1
		}
		return &d.Brokers[i]
	}
	for _, p := range d.Partitions {
		if p.Leader >= 0 {
			of(p.Leader).Leads++
		}
		for _, id := range p.Replicas {
			of(id).Replicas++
		}
	}
	slices.SortFunc(d.Brokers, func(a, b BrokerShare) int { return cmp.Compare(a.ID, b.ID) })
}

// describeSizes asks every broker for its logs of the topic. What some do not tell, for want
// of Describe on the cluster or because they are down, stays unknown.
func (a *Admin) describeSizes(ctx context.Context, d *TopicDescription) error {
	bounded, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	var all kadm.TopicsSet
	for _, p := range d.Partitions {
		all.Add(d.Name, p.Partition)
	}
	logs, err := a.kadm.DescribeAllLogDirs(bounded, all)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	d.addSizes(func(broker, partition int32) (int64, bool) {
		for _, directory := range logs[broker] {
			if p, ok := directory.Topics.Lookup(d.Name, partition); ok && !p.IsFuture {
				return p.Size, true
			}
		}
		return 0, false
	})
	switch {
	case d.ReplicatedBytes != nil:
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		d.unknown(TopicSizesUnknown, "the user may not see the brokers' logs: sizes need Describe on the cluster")
	case err != nil:
		d.unknown(TopicSizesUnknown, fmt.Sprintf("not every broker tells its logs' sizes: %v", err))
	default:
		d.unknown(TopicSizesUnknown, "not every replica's broker tells the size of its log")
	}
	return nil
}

// addSizes fills in sizes from what the brokers told; a sum is known if all its parts are.
func (d *TopicDescription) addSizes(of func(broker, partition int32) (int64, bool)) {
	led, replicated := sum{}, sum{}
	shares := map[int32]*sum{}
	for _, b := range d.Brokers {
		shares[b.ID] = &sum{}
	}
	for i := range d.Partitions {
		p := &d.Partitions[i]
		if bytes, ok := of(p.Leader, p.Partition); ok {
			p.Bytes = &bytes
		}
		led.add(p.Bytes)
		for _, id := range p.Replicas {
			var known *int64
			if bytes, ok := of(id, p.Partition); ok {
				known = &bytes
			}
			replicated.add(known)
			shares[id].add(known)
		}
	}
	d.Bytes, d.ReplicatedBytes = led.value(), replicated.value()
	for i := range d.Brokers {
		d.Brokers[i].Bytes = shares[d.Brokers[i].ID].value()
	}
}

// sum is a sum that is unknown as soon as one of its parts is.
type sum struct {
	total   int64
	unknown bool
}

func (s *sum) add(part *int64) {
	if part == nil {
		s.unknown = true
		return
	}
	s.total += *part
}

func (s *sum) value() *int64 {
	if s.unknown {
		return nil
	}
	return &s.total
}

func (d *TopicDescription) unknown(code, text string) {
	d.Unknown = append(d.Unknown, results.Reason{Code: code, Text: text})
}

// describeConfigs fills in the configs that are not Kafka's default; null where they may not
// be seen.
func (a *Admin) describeConfigs(ctx context.Context, d *TopicDescription) error {
	bounded, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	described, err := a.kadm.DescribeTopicConfigs(bounded, d.Name)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, r := range described {
		err = errors.Join(err, r.Err)
	}
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		d.unknown(TopicConfigsUnknown, "the user may not see the topic's configs: they need DescribeConfigs on the topic")
		return nil
	case err != nil:
		d.unknown(TopicConfigsUnknown, fmt.Sprintf("the cluster does not tell the topic's configs: %v", err))
		return nil
	}
	d.Configs = []TopicConfig{}
	for _, r := range described {
		for _, c := range r.Configs {
			if source := configSource(c.Source); source != "" {
				d.Configs = append(d.Configs, TopicConfig{Name: c.Key, Value: c.Value, Source: source})
			}
		}
	}
	slices.SortFunc(d.Configs, func(a, b TopicConfig) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

// configSource says where a config was set; empty for Kafka's default.
func configSource(source kmsg.ConfigSource) string {
	switch source {
	case kmsg.ConfigSourceDefaultConfig:
		return ""
	case kmsg.ConfigSourceDynamicTopicConfig:
		return "topic"
	case kmsg.ConfigSourceDynamicBrokerConfig:
		return "broker, dynamic"
	case kmsg.ConfigSourceDynamicDefaultBrokerConfig:
		return "all brokers, dynamic"
	case kmsg.ConfigSourceStaticBrokerConfig:
		return "broker's file"
	default:
		return "unknown"
	}
}
