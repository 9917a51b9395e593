// Package kafkatest gives a test real Apache Kafka:
//
//	cluster := kafkatest.Start(t, kafkatest.Config{Nodes: 3, Fast: true})
//	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.Addresses()...))
//
// It decides when such a test runs. It is skipped in short mode (`make test`), and where
// Java or Maven is missing, saying so; with KALIPER_REQUIRE_KAFKA=1 (`make test-kafka`) it
// runs in short mode too, and a missing Java or Maven is a failure. How Kafka is found,
// configured and started is decided by package localkafka.
package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"kaliper/internal/kafkatest/localkafka"
)

// The versions that tests may ask for.
const (
	Version3       = localkafka.Version3
	Version4       = localkafka.Version4
	DefaultVersion = localkafka.DefaultVersion
)

// requireVariable makes what would skip a test fail it.
const requireVariable = "KALIPER_REQUIRE_KAFKA"

// Config says what to start.
type Config struct {
	Version string // empty: DefaultVersion
	Nodes   int    // 1 or 3; 0: 1
	// Properties replace, or are added to, those of every node's server.properties. {node.id} in
	// a value stands for the node's number, from 1.
	Properties map[string]string
	// Listeners are further ones, beside the plaintext one.
	Listeners []Listener
	Heap      string // as -Xmx takes it; empty: 256m if Fast, else 1g
	Fast      bool   // the first compiler alone: quick to start and small
}

// Cluster is a running cluster.
type Cluster = localkafka.Cluster

// Listener is a further listener of every node.
type Listener = localkafka.Listener

// Node is one node of a cluster.
type Node = localkafka.Node

// Start starts a cluster of the test's own and stops it when the test ends. What the nodes
// logged is shown if the test fails.
func Start(t testing.TB, config Config) *Cluster {
	t.Helper()
	skipOrRequire(t)
	cluster, err := config.start(t.Context(), t.TempDir())
	if err != nil {
		refuse(t, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(cluster.Logs())
		}
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	return cluster
}

// Shared is a cluster that several tests of a package use. The first that asks starts it.
//
//	var oneBroker = kafkatest.Share(kafkatest.Config{Fast: true})
//
//	func TestMain(m *testing.M) { os.Exit(kafkatest.Main(m, oneBroker)) }
//
//	func TestOnRealKafkaSomething(t *testing.T) { cluster := oneBroker.Start(t) ... }
//
// Its tests may run beside each other, so each needs topics and groups of its own, and none
// may stop a node.
type Shared struct {
	config    Config
	turn      chan struct{} // holds one token: whoever has it may start
	directory string
	cluster   *Cluster
	err       error
}

// Share returns a cluster to share, which is not started yet.
func Share(config Config) *Shared {
	shared := &Shared{config: config, turn: make(chan struct{}, 1)}
	shared.turn <- struct{}{}
	return shared
}

// Main runs a package's tests, stops the shared clusters that were started, and returns the exit
// code.
func Main(m *testing.M, clusters ...*Shared) (code int) {
	code = m.Run()
	for _, shared := range clusters {
		if err := shared.stop(code != 0); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	return code
}

func (s *Shared) stop(showLogs bool) (err error) {
	<-s.turn
	if s.cluster != nil {
		if showLogs {
			fmt.Fprintln(os.Stderr, s.cluster.Logs())
		}
		err = s.cluster.Stop()
	}
	if s.directory != "" {
		err = errors.Join(err, os.RemoveAll(s.directory))
	}
	return err
}

// Start returns the cluster. Where it cannot be had, every test that asks is skipped or
// fails as with the package's Start.
func (s *Shared) Start(t testing.TB) *Cluster {
	t.Helper()
	skipOrRequire(t)
	select {
	case <-s.turn:
	case <-t.Context().Done():
		t.Fatal("wait for the shared cluster: ", t.Context().Err())
	}
	defer func() { s.turn <- struct{}{} }()
	if s.cluster == nil && s.err == nil {
		s.directory, s.err = os.MkdirTemp("", "kaliper-kafka-")
		if s.err == nil {
			// Not the test's context: the cluster serves the others after it.
			s.cluster, s.err = s.config.start(context.Background(), s.directory)
		}
	}
	if s.err != nil {
		refuse(t, s.err)
	}
	return s.cluster
}

func (c Config) start(ctx context.Context, directory string) (*Cluster, error) {
	return localkafka.Start(ctx, localkafka.Config{
		Version: c.Version, Nodes: c.Nodes, Properties: c.Properties, Listeners: c.Listeners, Heap: c.Heap, Fast: c.Fast, Directory: directory,
	})
}

func required() bool { return os.Getenv(requireVariable) == "1" }

// skipOrRequire skips in short mode.
func skipOrRequire(t testing.TB) {
	t.Helper()
	if testing.Short() && !required() {
		t.Skip("real Kafka is not started in short mode: `make test-kafka` runs this")
	}
}

// refuse ends a test that has no cluster.
func refuse(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, localkafka.ErrUnavailable) && !required() {
		t.Skip(err)
	}
	t.Fatal(err)
}
