package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Application is what a topic that somebody declares lacks on a cluster.
type Application struct {
	Topic   string `json:"topic"`
	Missing bool   `json:"missing"` // it is not there at all
	// Differences are what the cluster has otherwise, in the order partitions, replication
	// factor, configs by name.
	Differences []TopicDifference `json:"differences"`
	// Unknown says what could not be compared, for want of a right.
	Unknown string `json:"unknown,omitempty"`

	declared NewTopic
}

// TopicDifference is one thing that a topic has otherwise than declared.
type TopicDifference struct {
	What     string `json:"what"` // partitions, replication.factor, or a config's name
	Has      string `json:"has"`  // empty for a config that is Kafka's default
	Declared string `json:"declared"`
	// Fixed says why it stays: Kafka cannot change it, or not by this command. Empty where it
	// can be altered.
	Fixed string `json:"fixed,omitempty"`
}

// Compare finds what a declared topic lacks. What is not declared, partitions and replication
// factor of 0 among it, is not compared.
func (a *Admin) Compare(ctx context.Context, declared NewTopic) (Application, error) {
	found := Application{Topic: declared.Name, Differences: []TopicDifference{}, declared: declared}
	topic, err := a.DescribeTopic(ctx, declared.Name)
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		found.Missing = true
		return found, nil
	}
	if err != nil {
		return found, err
	}
	if n := len(topic.Partitions); declared.Partitions > 0 && n != declared.Partitions {
		d := TopicDifference{What: "partitions", Has: strconv.Itoa(n), Declared: strconv.Itoa(declared.Partitions)}
		if n > declared.Partitions {
			d.Fixed = "Kafka never removes partitions"
		}
		found.Differences = append(found.Differences, d)
	}
	if n := topic.ReplicationFactor; declared.ReplicationFactor > 0 && n != declared.ReplicationFactor {
		found.Differences = append(found.Differences, TopicDifference{
			What: "replication.factor", Has: strconv.Itoa(n), Declared: strconv.Itoa(declared.ReplicationFactor),
			Fixed: "replicas are moved by kafka-reassign-partitions.sh",
		})
	}
	found.compareConfigs(topic)
	return found, nil
}

// compareConfigs compares by what was set for the topic itself: a config that merely has the
// declared value by the brokers' grace is set, so that it stays.
func (f *Application) compareConfigs(topic TopicDescription) {
	if len(f.declared.Config) == 0 {
		return
	}
	if topic.Configs == nil {
		f.Unknown = "the configs may not be seen: they need DescribeConfigs on the topic"
		return
	}
	for _, name := range slices.Sorted(maps.Keys(f.declared.Config)) {
		d := TopicDifference{What: name, Declared: f.declared.Config[name]}
		i := slices.IndexFunc(topic.Configs, func(c TopicConfig) bool { return c.Name == name })
		if i >= 0 {
			if c := topic.Configs[i]; c.Source == "topic" && deref(c.Value) == d.Declared {
				continue
			}
			d.Has = deref(topic.Configs[i].Value)
		}
		f.Differences = append(f.Differences, d)
	}
}

// Alterable says whether Apply would change a topic that is there.
func (f Application) Alterable() bool {
	return slices.ContainsFunc(f.Differences, func(d TopicDifference) bool { return d.Fixed == "" })
}

// Apply creates the topic, or alters what can be altered about it, and waits at most wait until
// every broker knows it. It does nothing where nothing is lacking.
func (a *Admin) Apply(ctx context.Context, f Application, wait time.Duration) error {
	if f.Missing {
		return a.CreateTopic(ctx, f.declared, wait)
	}
	if !f.Alterable() {
		return nil
	}
	change := TopicChange{Set: map[string]string{}}
	for _, d := range f.Differences {
		switch {
		case d.Fixed != "":
		case d.What == "partitions":
			change.Partitions = f.declared.Partitions
		default:
			change.Set[d.What] = d.Declared
		}
	}
	if err := a.AlterTopic(ctx, f.Topic, change, wait); err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	return nil
}
