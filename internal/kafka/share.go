package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// leastShareVersion is the version of ShareFetch and ShareAcknowledge that the client library
// speaks at the least: Kafka 4.2's, where share groups are no preview any more.
const leastShareVersion = 2

// RequireShareGroups makes sure that every broker has share groups.
func (a *Admin) RequireShareGroups(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	versions, err := a.kadm.ApiVersions(ctx)
	if err != nil {
		return fmt.Errorf("ask which requests the brokers know: %w", err)
	}
	for _, broker := range versions.Sorted() {
		if broker.Err != nil {
			return fmt.Errorf("ask broker %d which requests it knows: %w", broker.NodeID, broker.Err)
		}
		for _, request := range []kmsg.Key{kmsg.ShareFetch, kmsg.ShareAcknowledge} {
			if newest, known := broker.KeyMaxVersion(int16(request)); !known || newest < leastShareVersion {
				return &Problem{
					Cause:    fmt.Sprintf("broker %d has no share groups: it is of Kafka %s", broker.NodeID, broker.VersionGuess()),
					Remedy:   "use Kafka 4.2 or later, or a consumer group: leave share out",
					Category: BadInput,
				}
			}
		}
	}
	return nil
}

// RequireRead makes sure that the user may read topics: a share group that may not is told nothing,
// it only gets no records. A cluster that does not tell is taken on trust.
func (a *Admin) RequireRead(ctx context.Context, topics []string) error {
	bounded, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	request := kmsg.NewPtrMetadataRequest()
	request.IncludeTopicAuthorizedOperations = true
	for _, name := range topics {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = kmsg.StringPtr(name)
		request.Topics = append(request.Topics, topic)
	}
	response, err := request.RequestWith(bounded, a.client)
	if err != nil {
		return unanswered(ctx, "ask for the rights on topics", err)
	}
	for _, t := range response.Topics {
		operations := kadm.DecodeACLOperations(t.AuthorizedOperations)
		if t.ErrorCode == 0 && len(operations) > 0 && !slices.Contains(operations, kmsg.ACLOperationRead) {
			return AccessProblem(deref(t.Topic), kerr.TopicAuthorizationFailed)
		}
	}
	return nil
}

// ConfigureShareGroup sets configs of a share group of run, by Kafka's names. Those that the
// broker refuses are a Problem of bad input.
func (a *Admin) ConfigureShareGroup(ctx context.Context, run, group string, configs map[string]string) error {
	if err := a.alterGroup(ctx, run, group, configs, kmsg.IncrementalAlterConfigOpSet); err != nil {
		if errors.Is(err, kerr.InvalidConfig) {
			return &Problem{
				Cause:    fmt.Sprintf("the broker refuses the configuration of share group %s: %v", group, err),
				Remedy:   "correct share.config, within the brokers' group.share.min.* and group.share.max.*",
				Category: BadInput, Err: err,
			}
		}
		return err
	}
	return nil
}

// ForgetShareGroup takes back what ConfigureShareGroup set: configs outlive their group.
func (a *Admin) ForgetShareGroup(ctx context.Context, run, group string, configs map[string]string) error {
	return a.alterGroup(ctx, run, group, configs, kmsg.IncrementalAlterConfigOpDelete)
}

func (a *Admin) alterGroup(ctx context.Context, run, group string, configs map[string]string, op kmsg.IncrementalAlterConfigOp) error {
	if err := owned(run, []string{group}); err != nil {
		return fmt.Errorf("configure share groups: %w", err)
	}
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeGroupConfig, group
	for _, name := range slices.Sorted(maps.Keys(configs)) {
		config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		config.Name, config.Op = name, op
		if op == kmsg.IncrementalAlterConfigOpSet {
			config.Value = kmsg.StringPtr(configs[name])
		}
		resource.Configs = append(resource.Configs, config)
	}
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	request.Resources = append(request.Resources, resource)
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	response, err := request.RequestWith(ctx, a.client)
	if err != nil {
		return fmt.Errorf("configure share group %s: %w", group, err)
	}
	for _, r := range response.Resources {
		err := kerr.ErrorForCode(r.ErrorCode)
		switch {
		case err == nil:
		case errors.Is(err, kerr.GroupAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
			return &Problem{
				Cause:    fmt.Sprintf("the user may not configure share group %s (%v)", group, err),
				Remedy:   "grant it AlterConfigs on the group, or name a group of your own by group.id",
				Category: Unreachable, Err: err,
			}
		default:
			return fmt.Errorf("configure share group %s: %w%s", group, err, after(deref(r.ErrorMessage)))
		}
	}
	return nil
}

func after(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// ShareOffset is how far a share group is with one partition.
type ShareOffset struct {
	// Start is the share-partition's start offset: all before it is done with. -1 before the
	// partition was first fetched.
	Start int64
	// Lag is how many records up to the log's end are neither accepted nor given up; -1 where the
	// broker does not tell.
	Lag int64
}

// ShareOffsets returns how far a share group is, by topic and partition. A group that is not
// there yet has none.
func (a *Admin) ShareOffsets(ctx context.Context, group string) (map[string]map[int32]ShareOffset, error) {
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	described, err := a.kadm.DescribeShareGroupOffsets(ctx, group)
	if err == nil {
		err = described[group].Err
	}
	if errors.Is(err, kerr.GroupIDNotFound) {
		return nil, nil
	}
	if err != nil {
		if p := AccessProblem(group, err); p != nil {
			return nil, p
		}
		return nil, fmt.Errorf("offsets of share group %s: %w", group, err)
	}
	offsets := map[string]map[int32]ShareOffset{}
	for topic, partitions := range described[group].Offsets {
		offsets[topic] = map[int32]ShareOffset{}
		for p, o := range partitions {
			if o.Err == nil {
				offsets[topic][p] = ShareOffset{Start: o.StartOffset, Lag: o.Lag}
			}
		}
	}
	return offsets, nil
}

// ShareMembers returns how many members a share group has, and whether all of them have been
// told their partitions.
func (a *Admin) ShareMembers(ctx context.Context, group string) (members int, settled bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	described, err := a.kadm.DescribeShareGroups(ctx, group)
	if err == nil {
		err = described[group].Err
	}
	if errors.Is(err, kerr.GroupIDNotFound) {
		return 0, false, nil
	}
	if err != nil {
		if p := AccessProblem(group, err); p != nil {
			return 0, false, p
		}
		return 0, false, fmt.Errorf("describe share group %s: %w", group, err)
	}
	g := described[group]
	settled = strings.EqualFold(g.GroupState, "Stable")
	for _, m := range g.Members {
		settled = settled && m.MemberEpoch == g.GroupEpoch && len(m.Assignment) > 0
	}
	return len(g.Members), settled, nil
}

// EmptyShareGroups puts all members out of share groups of run, as EmptyGroups does.
func (a *Admin) EmptyShareGroups(ctx context.Context, run string, groups []string) error {
	if err := owned(run, groups); err != nil {
		return fmt.Errorf("empty share groups: %w", err)
	}
	if len(groups) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	described, err := a.kadm.DescribeShareGroups(ctx, groups...)
	if err != nil {
		return fmt.Errorf("describe share groups: %w", err)
	}
	var problems []error
	for _, g := range described.Sorted() {
		for _, m := range g.Members {
			request := kmsg.NewPtrShareGroupHeartbeatRequest()
			request.GroupID, request.MemberID, request.MemberEpoch = g.GroupID, m.MemberID, leaves
			response, err := request.RequestWith(ctx, a.client)
			if err == nil {
				err = kerr.ErrorForCode(response.ErrorCode)
			}
			if err != nil && !errors.Is(err, kerr.UnknownMemberID) {
				problems = append(problems, fmt.Errorf("end member %s of share group %s: %w", m.MemberID, g.GroupID, err))
			}
		}
	}
	return errors.Join(problems...)
}

// ShareOptions turns the properties of a share group's member into options, CommonOptions
// included; topics are the workload's. Errors are Problems of bad input, joined.
func ShareOptions(p Properties, group string) ([]kgo.Opt, error) {
	common, err := CommonOptions(p)
	r := &reader{Properties: p}
	if err != nil {
		r.problems = append(r.problems, err)
	}
	opts := append(common, fetching(r)...)
	opts = append(opts, kgo.ShareGroup(group), kgo.ShareMaxRecords(r.int32Within("max.poll.records", 1, mostBytes)))
	if strings.EqualFold(r.String("share.acquire.mode"), "record_limit") {
		opts = append(opts, kgo.ShareMaxRecordsStrict())
	}
	return opts, r.err()
}
