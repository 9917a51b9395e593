package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
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

// advertisedBound is how long a bootstrap server may take to answer, and a broker to be connected
// to at its own address. One that took the connection has as long as any request to answer, for
// without it nothing will go on.
const advertisedBound = 5 * time.Second

// CheckAdvertised makes sure, within 20 s, that the way to the cluster is whole: every server of
// bootstrap.servers answers, and so does every broker at the address that it advertises, where
// all load goes. What is only partly so is a warning. A Problem, which names the addresses, is
// that no broker can be connected to there though a bootstrap server answered, and that a broker
// takes the connection and is silent, as one does that is frozen: the cluster leaves it out after a
// while, and until then each step would wait for it.
func (a *Admin) CheckAdvertised(ctx context.Context) ([]results.Reason, error) {
	return a.checkAdvertised(ctx, advertisedBound, requestBound)
}

// checkAdvertised takes bound for the bootstrap servers, bound again to connect to the brokers, and
// answer until they do.
func (a *Admin) checkAdvertised(ctx context.Context, bound, answer time.Duration) ([]results.Reason, error) {
	view, warnings := a.askSeeds(ctx, bound)
	if view == nil || len(view.Brokers) == 0 {
		return warnings, nil // whoever asks next finds out why
	}
	unconnected, silent := make([]error, len(view.Brokers)), make([]error, len(view.Brokers))
	var asking sync.WaitGroup
	for i, b := range view.Brokers {
		asking.Go(func() { unconnected[i], silent[i] = a.reachAdvertised(ctx, b, bound, answer) })
	}
	asking.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var causes []string
	var first error
	for i, b := range view.Brokers {
		if err := silent[i]; err != nil {
			cause, _ := diagnose(err)
			return warnings, &Problem{
				Cause:    fmt.Sprintf("broker %d at %s takes connections and does not answer: %s", b.NodeID, addressOf(b), cause),
				Remedy:   "start it anew, or wait until the cluster leaves it out",
				Category: Unreachable, Err: err,
			}
		}
		err := unconnected[i]
		if err == nil {
			continue
		}
		if first == nil {
			first = err
		}
		cause, _ := diagnose(err)
		causes = append(causes, fmt.Sprintf("broker %d at %s: %s", b.NodeID, addressOf(b), cause))
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
func (a *Admin) askSeeds(ctx context.Context, bound time.Duration) (view *kmsg.MetadataResponse, warnings []results.Reason) {
	ctx, cancel := context.WithTimeout(ctx, bound)
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

// reachAdvertised connects to a broker as the client would, and then waits for an answer.
func (a *Admin) reachAdvertised(ctx context.Context, b kmsg.MetadataResponseBroker, bound, answer time.Duration) (unconnected, silent error) {
	dialed, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	dial, _ := a.client.OptValue(kgo.Dialer).(func(context.Context, string, string) (net.Conn, error))
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(dialed, "tcp", addressOf(b))
	if err != nil {
		return err, nil
	}
	_ = conn.Close()
	// A broker that the client has not heard of cannot be asked by its id.
	alone, err := kgo.NewClient(append(slices.Clone(a.client.Opts()), kgo.SeedBrokers(addressOf(b)))...)
	if err != nil {
		return nil, err
	}
	defer alone.Close()
	if err := ping(ctx, alone, answer); err != nil {
		if p, ok := errors.AsType[*Problem](err); ok && p.Err != nil {
			err = p.Err // which does not name the broker yet
		}
		return nil, err
	}
	return nil, nil
}

func addressOf(b kmsg.MetadataResponseBroker) string {
	return net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port)))
}
