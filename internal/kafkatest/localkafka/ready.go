package localkafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// probeInterval is how often a node that starts is asked whether it is ready.
const probeInterval = 50 * time.Millisecond

// awaitReady waits until the node's own metadata name it and at least so many brokers in
// all: in KRaft, metadata name the registered and unfenced ones alone. It ends early when
// the node's process does, and at ctx's end says what was lacking.
func (n *Node) awaitReady(ctx context.Context, brokers int) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(n.Address()), kgo.DialTimeout(2*time.Second))
	if err != nil {
		return fmt.Errorf("node %d: %w", n.ID, err)
	}
	defer client.Close()
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for {
		lacking := n.probe(ctx, client, brokers)
		if lacking == nil {
			return nil
		}
		if bytes.Contains(n.log(), []byte("Address already in use")) {
			// The broker takes a quarter of a minute to give up.
			return errors.Join(fmt.Errorf("node %d: %w", n.ID, errPortTaken), n.Kill())
		}
		select {
		case <-n.process.done:
			return fmt.Errorf("node %d ended while it started (%v); from its log:\n%s", n.ID, n.process.command.ProcessState, fromFirstError(n.log(), 20))
		case <-ctx.Done():
			return fmt.Errorf("node %d was not ready in time: %w; from its log:\n%s", n.ID, lacking, fromFirstError(n.log(), 20))
		case <-tick.C:
		}
	}
}

// probe returns what the node lacks to be ready, nil if nothing.
func (n *Node) probe(ctx context.Context, client *kgo.Client, brokers int) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request := kmsg.NewPtrMetadataRequest()
	request.Topics = []kmsg.MetadataRequestTopic{} // none; null would be all
	response, err := client.SeedBrokers()[0].Request(ctx, request)
	if err != nil {
		return err
	}
	var self bool
	metadata := response.(*kmsg.MetadataResponse)
	for _, broker := range metadata.Brokers {
		self = self || int(broker.NodeID) == n.ID
	}
	if !self || len(metadata.Brokers) < brokers {
		return fmt.Errorf("it knows %d of %d brokers (itself: %t)", len(metadata.Brokers), brokers, self)
	}
	return nil
}
