package kafka

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

// Codes of warnings about the way to a cluster.
const (
	ReasonBootstrapDown     = "bootstrap_down"
	ReasonBrokerUnreachable = "broker_unreachable" // as an examination calls it
)

// advertisedBound is how long one broker may take to answer at its own address.
const advertisedBound = 5 * time.Second

// CheckAdvertised makes sure, within 10 s, that the way to the cluster is whole: every server of
// bootstrap.servers answers, and so does every broker at the address that it advertises, where
// all load goes. What is only partly so is a warning; a Problem, which names the addresses, is
// that no broker answers there though a bootstrap server did.
func (a *Admin) CheckAdvertised(ctx context.Context) ([]results.Reason, error) {
	view, warnings := a.askSeeds(ctx)
	if view == nil || len(view.Brokers) == 0 {
		return warnings, nil // whoever asks next finds out why
	}
	failures := make([]error, len(view.Brokers))
	var asking sync.WaitGroup
	for i, b := range view.Brokers {
		// A broker that the client has not heard of cannot be asked by its id.
		asking.Go(func() { failures[i] = a.dialAdvertised(ctx, b) })
	}
	asking.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var causes []string
	var first error
	for i, err := range failures {
		if err == nil {
			continue
		}
		if first == nil {
			first = err
		}
		cause, _ := diagnose(err)
		causes = append(causes, fmt.Sprintf("broker %d at %s: %s", view.Brokers[i].NodeID, addressOf(view.Brokers[i]), cause))
	}
	const remedy = "correct the brokers' advertised.listeners to what can be reached from here"
	switch {
	case len(causes) == 0:
		return warnings, nil
	case len(causes) == len(view.Brokers):
		return nil, &Problem{
			Cause:    fmt.Sprintf("%s answers, but the addresses that the brokers advertise cannot be reached: %s", seedsOf(a.client), strings.Join(causes, "; ")),
			Remedy:   remedy,
			Category: Unreachable, Err: first,
		}
	}
	return append(warnings, results.Reason{
		Code: ReasonBrokerUnreachable,
		Text: fmt.Sprintf("not every broker can be reached at the address that it advertises: %s; start it, or %s", strings.Join(causes, "; "), remedy),
	}), nil
}

// askSeeds asks every bootstrap server for the brokers, and warns of those that do not answer.
func (a *Admin) askSeeds(ctx context.Context) (view *kmsg.MetadataResponse, warnings []results.Reason) {
	ctx, cancel := context.WithTimeout(ctx, advertisedBound)
	defer cancel()
	names, _ := a.client.OptValue(kgo.SeedBrokers).([]string)
	seeds := a.client.SeedBrokers()
	views, failures := make([]*kmsg.MetadataResponse, len(seeds)), make([]error, len(seeds))
	var asking sync.WaitGroup
	for i, seed := range seeds {
		asking.Go(func() {
			request := kmsg.NewPtrMetadataRequest()
			request.Topics = []kmsg.MetadataRequestTopic{}
			views[i], failures[i] = request.RequestWith(ctx, seed)
		})
	}
	asking.Wait()
	for i, err := range failures {
		if err == nil {
			view = views[i]
			continue
		}
		name := "a bootstrap server"
		if len(names) == len(seeds) { // the client keeps their order
			name = "bootstrap server " + names[i]
		}
		cause, _ := diagnose(err)
		warnings = append(warnings, results.Reason{
			Code: ReasonBootstrapDown,
			Text: fmt.Sprintf("%s does not answer: %s; start it, or leave it out of bootstrap.servers", name, cause),
		})
	}
	return view, warnings
}

// dialAdvertised connects to a broker as the client would, and hangs up.
func (a *Admin) dialAdvertised(ctx context.Context, b kmsg.MetadataResponseBroker) error {
	ctx, cancel := context.WithTimeout(ctx, advertisedBound)
	defer cancel()
	dial, _ := a.client.OptValue(kgo.Dialer).(func(context.Context, string, string) (net.Conn, error))
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, "tcp", addressOf(b))
	if err != nil {
		return err
	}
	return conn.Close()
}

func addressOf(b kmsg.MetadataResponseBroker) string {
	return net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port)))
}
