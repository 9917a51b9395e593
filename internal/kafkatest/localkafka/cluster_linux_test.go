package localkafka

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
)

// available skips a test that needs real Kafka where kafkatest.Start would; that package
// imports this one, so its rule stands here again.
func available(t *testing.T) *Installation {
	t.Helper()
	required := os.Getenv("KALIPER_REQUIRE_KAFKA") == "1"
	if testing.Short() && !required {
		t.Skip("real Kafka is not started in short mode: `make test-kafka` runs this")
	}
	installation, err := Provision(t.Context(), "")
	if errors.Is(err, ErrUnavailable) && !required {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return installation
}

// start starts a cluster for a test and shows its logs if the test fails.
func start(t *testing.T, installation *Installation, config Config) *Cluster {
	t.Helper()
	config.Fast, config.Directory = true, t.TempDir()
	cluster, err := installation.start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
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

// quickFencing lets a killed node come back after 2 s rather than 9.
func quickFencing() map[string]string {
	return map[string]string{"broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "300"}
}

func TestOnRealKafkaANodeIsKilledPausedAndRestarted(t *testing.T) {
	t.Parallel()
	cluster := start(t, available(t), Config{Nodes: 3, Properties: quickFencing()})
	const topics = "org.apache.kafka.tools.TopicCommand"
	if _, err := cluster.Tool(t.Context(), topics, "--bootstrap-server", cluster.Bootstrap(), "--create", "--topic", "orders",
		"--partitions", "3", "--replication-factor", "3"); err != nil {
		t.Fatal(err)
	}
	before, err := cluster.CPUSeconds()
	if err != nil || before <= 0 {
		t.Fatalf("processor time %g, %v: want some", before, err)
	}

	node := cluster.Nodes[2]
	pid := node.PID()
	if err := node.Kill(); err != nil {
		t.Fatal(err)
	}
	if node.PID() != 0 {
		t.Errorf("the killed node still has process %d", node.PID())
	}
	if err := node.Pause(); err == nil {
		t.Error("a node that does not run was paused")
	}
	if err := node.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if node.PID() == 0 || node.PID() == pid {
		t.Errorf("process %d after the restart, %d before", node.PID(), pid)
	}
	if after, err := cluster.CPUSeconds(); err != nil || after < before {
		t.Errorf("processor time fell from %g to %g, %v: what the killed process used is lost", before, after, err)
	}

	if err := node.Pause(); err != nil {
		t.Fatal(err)
	}
	if state := processState(t, node.PID()); state != "T" {
		t.Errorf("the paused node's process is in state %s, want T (stopped)", state)
	}
	// A restart must end a paused node as well.
	if err := node.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	output, err := cluster.Tool(t.Context(), topics, "--bootstrap-server", node.Address(), "--describe", "--topic", "orders")
	if err != nil || !strings.Contains(string(output), "ReplicationFactor: 3") {
		t.Errorf("the restarted node describes the topic as %q, %v", output, err)
	}
}

func TestOnRealKafkaAPortThatIsTakenIsToldFromOtherFailures(t *testing.T) {
	t.Parallel()
	node := start(t, available(t), Config{Nodes: 1, Properties: quickFencing()}).Nodes[0]
	if err := node.Kill(); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", node.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := node.Restart(t.Context()); !errors.Is(err, errPortTaken) {
		t.Errorf("error %v, want one that says that the port is taken", err)
	}
}

func TestOnRealKafkaANodeThatCannotStartShowsWhy(t *testing.T) {
	t.Parallel()
	installation := available(t)
	_, err := installation.start(t.Context(), Config{Directory: t.TempDir(), Fast: true, Properties: map[string]string{"num.io.threads": "none"}})
	if err == nil || !strings.Contains(err.Error(), "num.io.threads") {
		t.Errorf("error %v, want one that names num.io.threads", err)
	}
}

func TestOnRealKafkaAToolThatFailsShowsItsOutput(t *testing.T) {
	t.Parallel()
	installation := available(t)
	_, err := installation.Tool(t.Context(), "org.apache.kafka.tools.TopicCommand", "--bogus")
	if err == nil || !strings.Contains(err.Error(), "bogus") {
		t.Errorf("error %v, want one that names --bogus", err)
	}
}

func TestAVersionThatIsNoneIsRefused(t *testing.T) {
	if _, err := Provision(context.Background(), "../4"); err == nil || errors.Is(err, ErrUnavailable) {
		t.Errorf("error %v, want one about the version", err)
	}
}
