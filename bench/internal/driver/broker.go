package driver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strconv"

	"kaliper/internal/kafkatest/localkafka"
)

const (
	topicCommand  = "org.apache.kafka.tools.TopicCommand"
	configCommand = "kafka.admin.ConfigCommand"
)

// Broker is one node of real Kafka with 1 GB of heap and both compilers.
type Broker struct {
	*localkafka.Cluster
	directory string
}

// StartBroker starts a broker. Topics that are deleted leave the disk after a second, not a
// minute, so that their removal is over before the next measurement begins.
func StartBroker(ctx context.Context) (*Broker, error) { return StartBrokerWith(ctx, nil) }

// StartBrokerWith is StartBroker with more of server.properties.
func StartBrokerWith(ctx context.Context, more map[string]string) (*Broker, error) {
	return startBroker(ctx, localkafka.Config{Properties: more})
}

// StartSmallBroker is StartBrokerWith with a heap of 256 MB and the first compiler alone: for a
// load so small that several brokers run beside each other.
func StartSmallBroker(ctx context.Context, more map[string]string) (*Broker, error) {
	return startBroker(ctx, localkafka.Config{Properties: more, Fast: true})
}

func startBroker(ctx context.Context, config localkafka.Config) (*Broker, error) {
	directory, err := os.MkdirTemp("", "kaliper-bench-")
	if err != nil {
		return nil, err
	}
	properties := map[string]string{"log.segment.delete.delay.ms": "1000"}
	maps.Copy(properties, config.Properties)
	config.Properties, config.Directory = properties, directory
	Sayf("starting Kafka %s", localkafka.DefaultVersion)
	cluster, err := localkafka.Start(ctx, config)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	return &Broker{Cluster: cluster, directory: directory}, nil
}

// Close stops the broker and removes its data.
func (b *Broker) Close() error { return errors.Join(b.Stop(), os.RemoveAll(b.directory)) }

// Folder is where the broker keeps all it has: the logs of its topics among it.
func (b *Broker) Folder() string { return b.directory }

// CreateTopic creates a topic.
func (b *Broker) CreateTopic(ctx context.Context, name string, partitions int) error {
	_, err := b.Tool(ctx, topicCommand, "--bootstrap-server", b.Bootstrap(), "--create", "--topic", name,
		"--partitions", strconv.Itoa(partitions))
	if err != nil {
		return fmt.Errorf("create topic %s: %w", name, err)
	}
	return nil
}

// LimitProducers gives every client a quota of bytes it may produce in a second. How much it may
// borrow from the time before is the broker's quota.window.num and quota.window.size.seconds.
func (b *Broker) LimitProducers(ctx context.Context, bytesPerSecond int) error {
	_, err := b.Tool(ctx, configCommand, "--bootstrap-server", b.Bootstrap(), "--alter", "--entity-type", "clients", "--entity-default",
		"--add-config", "producer_byte_rate="+strconv.Itoa(bytesPerSecond))
	if err != nil {
		return fmt.Errorf("set the quota: %w", err)
	}
	return nil
}

// DeleteTopic deletes a topic.
func (b *Broker) DeleteTopic(ctx context.Context, name string) error {
	_, err := b.Tool(ctx, topicCommand, "--bootstrap-server", b.Bootstrap(), "--delete", "--topic", name)
	if err != nil {
		return fmt.Errorf("delete topic %s: %w", name, err)
	}
	return nil
}
