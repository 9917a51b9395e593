package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// requestBound is how long one administrative request may take, its retries included.
const requestBound = 10 * time.Second

// pollEvery is the pause between two looks at a cluster that is waited for.
const pollEvery = 25 * time.Millisecond

// metadata asks any broker; nil topics means all. It never answers from a cache.
func (a *Admin) metadata(ctx context.Context, topics []string) (*kmsg.MetadataResponse, error) {
	return requestMetadata(ctx, a.client, topics)
}

// metadataEverywhere asks every broker, because each has its own view: a producer that asks
// one that has not heard of a new topic waits for the next try.
func (a *Admin) metadataEverywhere(ctx context.Context, topics []string) ([]*kmsg.MetadataResponse, error) {
	any, err := a.metadata(ctx, topics)
	if err != nil {
		return nil, err
	}
	var views []*kmsg.MetadataResponse
	for _, b := range any.Brokers {
		view, err := requestMetadata(ctx, a.client.Broker(int(b.NodeID)), topics)
		if err != nil {
			return nil, fmt.Errorf("broker %d: %w", b.NodeID, err)
		}
		views = append(views, view)
	}
	return views, nil
}

func requestMetadata(ctx context.Context, to kmsg.Requestor, topics []string) (*kmsg.MetadataResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	if topics != nil {
		req.Topics = []kmsg.MetadataRequestTopic{}
	}
	for _, name := range topics {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = kmsg.StringPtr(name)
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, to)
	if err != nil {
		return nil, fmt.Errorf("request metadata: %w", err)
	}
	return resp, nil
}

// until looks again and again until nothing is pending, look fails, or bound has passed. look
// says in words what is still lacking.
func until(ctx context.Context, bound time.Duration, look func(context.Context) (pending string, err error)) error {
	bounded, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	pending := "no answer"
	for {
		now, err := look(bounded)
		switch {
		case err == nil && now == "":
			return nil
		case err == nil:
			pending = now
		case bounded.Err() == nil:
			return err
		}
		select {
		case <-tick.C:
			continue
		case <-bounded.Done():
		}
		if ctx.Err() != nil {
			return fmt.Errorf("waited while %s: %w", pending, context.Cause(ctx))
		}
		return &Problem{
			Cause:    fmt.Sprintf("not ready after %v: %s", bound, pending),
			Remedy:   "see the brokers' logs: all of them must be up and in sync before a trial",
			Category: Unreachable,
			Err:      context.DeadlineExceeded,
		}
	}
}

// deref returns what a nullable string of the protocol holds.
func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
