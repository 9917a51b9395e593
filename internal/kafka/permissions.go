package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

// Codes of what an examination does not know.
const (
	ClusterRightsUnknown = "cluster_rights_unknown"
	TopicRightsUnknown   = "topic_rights_unknown"
	GroupRightsUnknown   = "group_rights_unknown"
	IDRightsUnknown      = "transactional_id_rights_unknown"
	QuotasUnknown        = "quotas_unknown"
)

// Permissions are what the cluster lets this user do, and holds against clients. What it does
// not tell is null, and said in Unknown: missing rights make values unknown, not errors.
type Permissions struct {
	// OnCluster is which operations the user may do on the cluster, as ACLs name them.
	OnCluster []string `json:"cluster_rights"`
	// OnTopics is on how many of the topics that it may see it may do which operation.
	OnTopics []TopicRights `json:"topic_rights"`
	// What a run makes for itself has names that begin with kaliper.: these are the rights on them.
	// Of transactional ids Kafka tells Describe alone.
	OnOwnTopics []string `json:"own_topic_rights"`
	OnOwnGroups []string `json:"own_group_rights"`
	OnOwnIDs    []string `json:"own_transactional_id_rights"`
	// Quotas are those of all users, client ids and addresses: whom a listener takes this user
	// for is not told to clients.
	Quotas  []Quota          `json:"quotas"`
	Unknown []results.Reason `json:"unknown"`
}

// TopicRights is one operation on topics.
type TopicRights struct {
	Operation string `json:"operation"`
	Topics    int    `json:"topics"`
}

// Quota is one limit, such as producer_byte_rate in bytes per second for each broker.
type Quota struct {
	Entity string  `json:"entity"` // such as user=checkout, client-id=<default>
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
}

// permissions asks what the user may do. The error is that of ctx alone.
func (a *Admin) permissions(ctx context.Context) (Permissions, error) {
	p := Permissions{Unknown: []results.Reason{}}
	bounded, cancel := context.WithTimeout(ctx, 3*requestBound)
	defer cancel()
	p.askCluster(bounded, a)
	p.askTopics(bounded, a)
	p.askOwn(bounded, a)
	p.askQuotas(bounded, a)
	if ctx.Err() != nil {
		return Permissions{}, context.Cause(ctx)
	}
	return p, nil
}

func (p *Permissions) unknown(code, format string, args ...any) {
	p.Unknown = append(p.Unknown, results.Reason{Code: code, Text: fmt.Sprintf(format, args...)})
}

func (p *Permissions) askCluster(ctx context.Context, a *Admin) {
	request := kmsg.NewPtrDescribeClusterRequest()
	request.IncludeClusterAuthorizedOperations = true
	response, err := request.RequestWith(ctx, a.client)
	if err == nil {
		err = kerr.ErrorForCode(response.ErrorCode)
	}
	switch {
	case err != nil:
		p.unknown(ClusterRightsUnknown, "rights on the cluster are not told: %v", err)
		return
	case len(kadm.DecodeACLOperations(response.ClusterAuthorizedOperations)) == 0:
		// Brokers answer with no operation at all where Describe lacks (KIP-430).
		p.unknown(ClusterRightsUnknown, "rights on the cluster are told to users with Describe on the cluster alone")
		return
	}
	p.OnCluster = operationNames(response.ClusterAuthorizedOperations)
}

func (p *Permissions) askTopics(ctx context.Context, a *Admin) {
	request := kmsg.NewPtrMetadataRequest()
	request.IncludeTopicAuthorizedOperations = true
	response, err := request.RequestWith(ctx, a.client)
	if err != nil {
		p.unknown(TopicRightsUnknown, "rights on topics are not told: %v", err)
		return
	}
	count, silent := map[string]int{}, 0
	for _, t := range response.Topics {
		operations := kadm.DecodeACLOperations(t.AuthorizedOperations)
		if len(operations) == 0 {
			silent++
		}
		for _, operation := range operations {
			count[operationName(operation)]++
		}
	}
	if silent > 0 {
		p.unknown(TopicRightsUnknown, "rights on %d of %d topics are not told", silent, len(response.Topics))
		return
	}
	p.OnTopics = []TopicRights{}
	for operation, topics := range count {
		p.OnTopics = append(p.OnTopics, TopicRights{operation, topics})
	}
	slices.SortFunc(p.OnTopics, func(a, b TopicRights) int { return cmp.Compare(a.Operation, b.Operation) })
}

// ownProbe is a name as a run gives to topics, groups and transactional ids. Nothing has it.
const ownProbe = "kaliper.doctor.rights-1.probe"

// describeGroups5 is the last version that tells the rights on a group that is not there.
type describeGroups5 struct{ *kmsg.DescribeGroupsRequest }

func (describeGroups5) MaxVersion() int16 { return 5 }

// askOwn asks about names that nothing has. No coordinator is looked for, which would make
// the cluster create the coordinators' topics: the brokers are asked one after another.
func (p *Permissions) askOwn(ctx context.Context, a *Admin) {
	request := kmsg.NewPtrMetadataRequest()
	request.IncludeTopicAuthorizedOperations = true
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(ownProbe)
	request.Topics = append(request.Topics, topic)
	view, err := request.RequestWith(ctx, a.client)
	if err != nil || len(view.Topics) == 0 {
		p.unknown(TopicRightsUnknown, "rights on topics that begin with kaliper. are not told: %v", err)
		return
	}
	switch t := view.Topics[0]; {
	case t.ErrorCode == kerr.TopicAuthorizationFailed.Code:
		p.OnOwnTopics = []string{}
	case len(kadm.DecodeACLOperations(t.AuthorizedOperations)) > 0:
		p.OnOwnTopics = operationNames(t.AuthorizedOperations)
	default:
		p.unknown(TopicRightsUnknown, "rights on topics that begin with kaliper. are not told")
	}
	for _, b := range view.Brokers {
		to := a.client.Broker(int(b.NodeID))
		if p.OnOwnGroups == nil {
			p.OnOwnGroups = askOwnGroups(ctx, to)
		}
		if p.OnOwnIDs == nil {
			p.OnOwnIDs = askOwnIDs(ctx, to)
		}
	}
	if p.OnOwnGroups == nil {
		p.unknown(GroupRightsUnknown, "rights on groups are not told, as by a cluster that has had none yet")
	}
	if len(p.OnOwnIDs) > 0 || p.OnOwnIDs == nil {
		p.unknown(IDRightsUnknown, "whether this user may write transactional ids, for exactly-once pipelines and send: transaction, is not told before it does")
	}
}

// askOwnGroups returns the rights on groups; nil where this broker does not tell.
func askOwnGroups(ctx context.Context, broker *kgo.Broker) []string {
	request := kmsg.NewPtrDescribeGroupsRequest()
	request.Groups, request.IncludeAuthorizedOperations = []string{ownProbe}, true
	answer, err := broker.Request(ctx, describeGroups5{request})
	response, ok := answer.(*kmsg.DescribeGroupsResponse)
	if err != nil || !ok || len(response.Groups) == 0 {
		return nil
	}
	switch g := response.Groups[0]; {
	case g.ErrorCode == kerr.GroupAuthorizationFailed.Code:
		return []string{}
	case g.ErrorCode == 0 && len(kadm.DecodeACLOperations(g.AuthorizedOperations)) > 0:
		return operationNames(g.AuthorizedOperations)
	}
	return nil // another broker is the coordinator
}

// askOwnIDs returns whether the user may describe transactional ids; nil where this broker does
// not tell. Rights come first: that it has no such transaction says that the user may ask.
func askOwnIDs(ctx context.Context, broker *kgo.Broker) []string {
	request := kmsg.NewPtrDescribeTransactionsRequest()
	request.TransactionalIDs = []string{ownProbe}
	response, err := request.RequestWith(ctx, broker)
	switch {
	case err != nil || len(response.TransactionStates) == 0:
		return nil
	case response.TransactionStates[0].ErrorCode == kerr.TransactionalIDAuthorizationFailed.Code:
		return []string{}
	}
	return []string{operationName(kmsg.ACLOperationDescribe)}
}

func (p *Permissions) askQuotas(ctx context.Context, a *Admin) {
	described, err := a.kadm.DescribeClientQuotas(ctx, false, nil)
	switch {
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		p.unknown(QuotasUnknown, "quotas are told to users with DescribeConfigs on the cluster alone")
		return
	case err != nil:
		p.unknown(QuotasUnknown, "quotas are not told: %v", err)
		return
	}
	p.Quotas = []Quota{}
	for _, d := range described {
		entity := strings.Trim(d.Entity.String(), "{}")
		for _, v := range d.Values {
			p.Quotas = append(p.Quotas, Quota{entity, v.Key, v.Value})
		}
	}
	slices.SortFunc(p.Quotas, func(a, b Quota) int { return cmp.Or(cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Name, b.Name)) })
}

// operationNames returns the operations of a bit field by name, sorted.
func operationNames(bits int32) (names []string) {
	for _, operation := range kadm.DecodeACLOperations(bits) {
		names = append(names, operationName(operation))
	}
	slices.Sort(names)
	return names
}

// operationName writes IDEMPOTENT_WRITE as Kafka's tools do, IdempotentWrite.
func operationName(operation kmsg.ACLOperation) string {
	var name strings.Builder
	for word := range strings.SplitSeq(operation.String(), "_") {
		name.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return name.String()
}
