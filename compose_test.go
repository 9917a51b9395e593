package kaliper_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.yaml.in/yaml/v3"

	"kaliper/internal/kafkatest"
)

// ofContainers are settings that say where a broker's container is; brokers without
// containers have their own. All others must hold on any three brokers.
var ofContainers = []string{
	"node.id", "process.roles", "controller.quorum.voters", "listeners", "advertised.listeners", "listener.security.protocol.map",
	"inter.broker.listener.name", "controller.listener.names", "log.dirs", "heap.opts",
}

// composeSettings returns a broker's settings in docker-compose.yml by their names in
// server.properties, as the image apache/kafka translates them.
func composeSettings(t *testing.T, broker string) map[string]string {
	t.Helper()
	data, err := os.ReadFile("docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Environment map[string]string `yaml:"environment"`
		} `yaml:"services"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for name, value := range file.Services[broker].Environment {
		if property, ok := strings.CutPrefix(name, "KAFKA_"); ok {
			settings[strings.ToLower(strings.ReplaceAll(property, "_", "."))] = value
		}
	}
	return settings
}

// portable leaves out what containers alone have.
func portable(settings map[string]string) map[string]string {
	rest := maps.Clone(settings)
	maps.DeleteFunc(rest, func(name, _ string) bool { return slices.Contains(ofContainers, name) })
	return rest
}

func TestTheComposeBrokersKeepRecordsTwice(t *testing.T) {
	first := portable(composeSettings(t, "kafka-1"))
	for name, want := range map[string]string{
		"default.replication.factor": "3", "min.insync.replicas": "2", "auto.create.topics.enable": "false",
		"offsets.topic.replication.factor": "3", "transaction.state.log.replication.factor": "3", "transaction.state.log.min.isr": "2",
		"share.coordinator.state.topic.replication.factor": "3", "share.coordinator.state.topic.min.isr": "2",
	} {
		if first[name] != want {
			t.Errorf("%s is %q, want %s", name, first[name], want)
		}
	}
	for _, other := range []string{"kafka-2", "kafka-3"} {
		if got := portable(composeSettings(t, other)); !maps.Equal(got, first) {
			t.Errorf("%s has other settings than kafka-1: %v and %v", other, got, first)
		}
	}
}

// No Docker engine is asked for: the same settings on three brokers from Kafka's own jars.
func TestOnRealKafkaTheComposeSettingsWork(t *testing.T) {
	t.Parallel()
	for _, version := range []string{kafkatest.Version3, kafkatest.Version4} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			testComposeSettings(t, version)
		})
	}
}

func testComposeSettings(t *testing.T, version string) {
	settings := portable(composeSettings(t, "kafka-1"))
	cluster := kafkatest.Start(t, kafkatest.Config{Version: version, Nodes: 3, Fast: true, Properties: settings})
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.Addresses()...), kgo.DefaultProduceTopic("orders"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if _, err := admin.CreateTopic(t.Context(), -1, -1, nil, "orders"); err != nil {
		t.Fatal(err)
	}
	if err := client.ProduceSync(t.Context(), kgo.StringRecord("a record")).FirstErr(); err != nil {
		t.Fatal(err)
	}
	topics, err := admin.ListTopics(t.Context(), "orders", "misspelt")
	if err != nil {
		t.Fatal(err)
	}
	if got := topics["orders"]; len(got.Partitions) != 6 || got.Partitions.NumReplicas() != 3 {
		t.Errorf("by default a topic gets %d partitions with %d replicas", len(got.Partitions), got.Partitions.NumReplicas())
	}
	if got := topics["misspelt"].Err; got != kerr.UnknownTopicOrPartition {
		t.Errorf("a topic that nobody created: %v", got)
	}
	configs, err := admin.DescribeBrokerConfigs(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	effective := map[string]string{}
	for _, c := range configs[0].Configs {
		effective[c.Key] = c.MaybeValue()
	}
	for name, want := range settings {
		if strings.HasPrefix(name, "share.") && version == kafkatest.Version3 {
			continue // share groups are internal there, and their settings hidden
		}
		if effective[name] != want {
			t.Errorf("the broker has %s=%q, want %q: is it a setting of Kafka's?", name, effective[name], want)
		}
	}
}
