package kafka

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// AccessProblem returns the Problem of an error that says that a right is missing, and names
// what it is missing on; nil for every other error.
func AccessProblem(name string, err error) *Problem {
	for _, refused := range []struct {
		err         error
		what, right string
	}{
		{kerr.TopicAuthorizationFailed, "topic", "Read or Write, and Describe"},
		{kerr.GroupAuthorizationFailed, "group", "Read"},
		{kerr.TransactionalIDAuthorizationFailed, "transactional id", "Write and Describe"},
		{kerr.ClusterAuthorizationFailed, "cluster", "IdempotentWrite or Describe"},
	} {
		if errors.Is(err, refused.err) {
			return &Problem{
				Cause:    fmt.Sprintf("the user may not use %s %s (%s)", refused.what, name, refused.err.(*kerr.Error).Message),
				Remedy:   fmt.Sprintf("grant it %s on %s %s", refused.right, refused.what, name),
				Category: Unreachable, Err: err,
			}
		}
	}
	return nil
}

// LacksRight says whether a kind of error is that of a right that is missing: waiting does not
// help then.
func LacksRight(kind string) bool { return strings.HasSuffix(kind, "_authorization_failed") }

// TimeoutsRefused returns the Problem of a member that the group coordinator does not take in
// because of its timeouts; nil for every other error.
func TimeoutsRefused(group string, err error) *Problem {
	if !errors.Is(err, kerr.InvalidSessionTimeout) {
		return nil
	}
	return &Problem{
		Cause:    fmt.Sprintf("the broker does not take members with this session.timeout.ms into group %s", group),
		Remedy:   "set it between the broker's group.min.session.timeout.ms (6000, unless it was changed) and group.max.session.timeout.ms",
		Category: BadInput, Err: err,
	}
}

// TransactionTimeoutRefused returns the Problem of a transaction.timeout.ms that is longer than
// brokers allow; nil for every other error.
func TransactionTimeoutRefused(timeout time.Duration, err error) *Problem {
	if !errors.Is(err, kerr.InvalidTransactionTimeout) {
		return nil
	}
	return &Problem{
		Cause:    fmt.Sprintf("the broker does not take a transaction.timeout.ms of %d", timeout.Milliseconds()),
		Remedy:   "set it to the brokers' transaction.max.timeout.ms (900000, unless it was changed) at the most",
		Category: BadInput, Err: err,
	}
}
