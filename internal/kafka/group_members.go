package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// EmptyGroups puts all members out of groups of run: those that crashed, and static ones, stay
// in a group until their sessions time out, and a group with members cannot be deleted. A group
// that is not there is no error.
func (a *Admin) EmptyGroups(ctx context.Context, run string, groups []string) error {
	if err := owned(run, groups); err != nil {
		return fmt.Errorf("empty groups: %w", err)
	}
	if len(groups) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	described, err := a.kadm.DescribeGroups(ctx, groups...)
	if err != nil && len(described) == 0 {
		return fmt.Errorf("describe groups: %w", err)
	}
	var problems []error
	for _, g := range described.Sorted() {
		switch {
		case g.Err == nil && g.State != "Dead":
			problems = append(problems, a.endClassicMembers(ctx, g))
		default:
			// Of the new protocol, or not there.
			problems = append(problems, a.endMembers(ctx, g.Group))
		}
	}
	return errors.Join(problems...)
}

// endClassicMembers makes the members of a group of the classic protocol leave.
func (a *Admin) endClassicMembers(ctx context.Context, g kadm.DescribedGroup) error {
	if len(g.Members) == 0 {
		return nil
	}
	request := kmsg.NewPtrLeaveGroupRequest()
	request.Group = g.Group
	for _, m := range g.Members {
		member := kmsg.NewLeaveGroupRequestMember()
		member.MemberID, member.InstanceID = m.MemberID, m.InstanceID
		request.Members = append(request.Members, member)
	}
	response, err := request.RequestWith(ctx, a.client)
	if err == nil {
		err = kerr.ErrorForCode(response.ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("end the members of group %s: %w", g.Group, err)
	}
	return nil
}

// leaves is the epoch by which a member of KIP-848 says that it is gone for good.
const leaves = -1

// endMembers does the same to a group of KIP-848, where each member leaves by a heartbeat.
func (a *Admin) endMembers(ctx context.Context, group string) error {
	described, err := a.kadm.DescribeConsumerGroups(ctx, group)
	if err != nil && len(described) == 0 {
		return nil // an old broker, which has no such groups
	}
	var problems []error
	for _, m := range described[group].Members {
		request := kmsg.NewPtrConsumerGroupHeartbeatRequest()
		request.Group, request.MemberID, request.InstanceID, request.MemberEpoch = group, m.MemberID, m.InstanceID, leaves
		response, err := request.RequestWith(ctx, a.client)
		if err == nil {
			err = kerr.ErrorForCode(response.ErrorCode)
		}
		if err != nil && !errors.Is(err, kerr.UnknownMemberID) {
			problems = append(problems, fmt.Errorf("end member %s of group %s: %w", m.MemberID, group, err))
		}
	}
	return errors.Join(problems...)
}
