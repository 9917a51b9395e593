package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"

	"kaliper/internal/suggest"
	"kaliper/results"
)

// ExistingTopic describes a topic that is not the run's own. One that is missing is a Problem
// that names a similar one where there is any.
func (a *Admin) ExistingTopic(ctx context.Context, logical, name string) (results.TopicInfo, error) {
	view, err := a.metadata(ctx, []string{name})
	if err != nil {
		return results.TopicInfo{}, fmt.Errorf("describe topic %s: %w", name, err)
	}
	for _, t := range view.Topics {
		switch e := kerr.ErrorForCode(t.ErrorCode); {
		case e == nil:
		case errors.Is(e, kerr.UnknownTopicOrPartition), errors.Is(e, kerr.InvalidTopicException):
			return results.TopicInfo{}, a.missingTopic(ctx, logical, name, e)
		case errors.Is(e, kerr.TopicAuthorizationFailed):
			return results.TopicInfo{}, &Problem{
				Cause:    fmt.Sprintf("the user may not see topic %s", name),
				Remedy:   "grant Describe, and Read or Write, on it",
				Category: Unreachable,
				Err:      e,
			}
		default:
			return results.TopicInfo{}, fmt.Errorf("describe topic %s: %w", name, e)
		}
	}
	info := describe(logical, name, view)
	info.Existing = true
	// Configs are for the reader of a report: a user who may not see them may still use the topic.
	if configs, err := a.topicConfigs(ctx, []string{name}); err == nil {
		info.Config = configs[name]
	}
	return info, nil
}

func (a *Admin) missingTopic(ctx context.Context, logical, name string, e error) error {
	p := &Problem{
		Cause:    fmt.Sprintf("topic %s does not exist", name),
		Remedy:   fmt.Sprintf("create it, or correct topics.%s.existing", logical),
		Category: BadInput,
		Err:      e,
	}
	view, err := a.metadata(ctx, nil)
	if err != nil {
		return p // the finding stands without a suggestion
	}
	p.Remedy += suggest.DidYouMean(name, topicNames(view))
	return p
}
