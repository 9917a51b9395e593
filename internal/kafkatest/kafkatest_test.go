package kafkatest

import (
	"os"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var shared = Share(Config{Fast: true})

func TestMain(m *testing.M) { os.Exit(Main(m, shared)) }

func TestOnRealKafkaTheSharedClusterIsStartedOnce(t *testing.T) {
	first, second := shared.Start(t), shared.Start(t)
	if first != second {
		t.Errorf("two clusters at %s and %s", first.Bootstrap(), second.Bootstrap())
	}
}

func TestOnRealKafkaBothVersionsAcknowledgeARecordOnThreeNodes(t *testing.T) {
	t.Parallel()
	for _, version := range []string{Version3, Version4} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			cluster := Start(t, Config{Version: version, Nodes: 3, Fast: true})
			client, err := kgo.NewClient(kgo.SeedBrokers(cluster.Addresses()...), kgo.DefaultProduceTopic("orders"))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			created, err := kadm.NewClient(client).CreateTopic(t.Context(), 12, 3, nil, "orders")
			if err != nil || created.NumPartitions != 12 || created.ReplicationFactor != 3 {
				t.Fatalf("created %+v, %v", created, err)
			}
			if err := client.ProduceSync(t.Context(), kgo.StringRecord("an order")).FirstErr(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestOnRealKafkaATestWithoutJavaIsSkippedUnlessKafkaIsRequired(t *testing.T) {
	tests := []struct {
		name, require   string
		skipped, failed bool
	}{
		{"it says so and skips", "", true, false},
		{"it fails where Kafka is required", "1", false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("PATH", t.TempDir())
			t.Setenv(requireVariable, test.require)
			if testing.Short() && test.require == "" {
				t.Skip("short mode skips for another reason")
			}
			recorder := &recordingTB{TB: t}
			done := make(chan struct{})
			go func() { // Skip and Fatal end their goroutine
				defer close(done)
				Start(recorder, Config{})
			}()
			<-done
			if recorder.skipped != test.skipped || recorder.failed != test.failed {
				t.Errorf("skipped %t, failed %t; want %t, %t", recorder.skipped, recorder.failed, test.skipped, test.failed)
			}
		})
	}
}
