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
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

// Codes of what an examination does not know.
const (
	ClusterRightsUnknown = "cluster_rights_unknown"
	TopicRightsUnknown   = "topic_rights_unknown"
	QuotasUnknown        = "quotas_unknown"
)

// Permissions are what the cluster lets this user do, and holds against clients. What it does
// not tell is null, and said in Unknown: missing rights make values unknown, not errors.
type Permissions struct {
	// OnCluster is which operations the user may do on the cluster, as ACLs name them.
	OnCluster []string `json:"cluster_rights"`
	// OnTopics is on how many of the topics that it may see it may do which operation.
	OnTopics []TopicRights `json:"topic_rights"`
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
	for _, operation := range kadm.DecodeACLOperations(response.ClusterAuthorizedOperations) {
		p.OnCluster = append(p.OnCluster, operationName(operation))
	}
	slices.Sort(p.OnCluster)
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

// operationName writes IDEMPOTENT_WRITE as Kafka's tools do, IdempotentWrite.
func operationName(operation kmsg.ACLOperation) string {
	var name strings.Builder
	for word := range strings.SplitSeq(operation.String(), "_") {
		name.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return name.String()
}
