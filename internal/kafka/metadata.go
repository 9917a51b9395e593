package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// requestBound is how long one administrative request may take, its retries included.
const requestBound = 10 * time.Second

// coordinatorBound is how long a request to a group's coordinator may take: on a cluster that is
// new or busy its internal topic comes about, or is loaded, meanwhile.
const coordinatorBound = 30 * time.Second

// pollEvery is the pause between two looks at a cluster that is waited for.
const pollEvery = 25 * time.Millisecond

// metadata asks any broker; nil topics means all. It never answers from a cache. As every
// operation begins with it, this is where a cluster that has gone away becomes a Problem.
func (a *Admin) metadata(ctx context.Context, topics []string) (*kmsg.MetadataResponse, error) {
	view, err := requestMetadata(ctx, a.client, topics)
	if err != nil && ctx.Err() == nil {
		return nil, connectProblem(seedsOf(a.client), err)
	}
	return view, err
}

// metadataEverywhere asks every broker, because each has its own view: a producer that asks
// one that has not heard of a new topic waits for the next try.
func (a *Admin) metadataEverywhere(ctx context.Context, topics []string) ([]*kmsg.MetadataResponse, error) {
	first, err := a.metadata(ctx, topics)
	if err != nil {
		return nil, err
	}
	var views []*kmsg.MetadataResponse
	for _, b := range first.Brokers {
		view, err := requestMetadata(ctx, a.client.Broker(int(b.NodeID)), topics)
		if err != nil && ctx.Err() == nil {
			p := connectProblem(fmt.Sprintf("broker %d at %s", b.NodeID, addressOf(b)), err)
			p.Remedy = startOrCorrect
			return nil, p
		}
		if err != nil {
			return nil, err
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
