package main

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/internal/analysis"
)

// elsewhere is a broker's listener that advertises another address than the one it has.
type elsewhere struct {
	net.Listener
	advertised net.Addr
}

func (e elsewhere) Addr() net.Addr { return e.advertised }

// clusterWithOneAt are three brokers, the second of which advertises another address and leads
// load.seen. The bootstrap servers are the other two.
func clusterWithOneAt(t *testing.T, advertised net.Addr) (bootstrap string) {
	t.Helper()
	var own []string
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.ListenFn(func(network, address string) (net.Listener, error) {
		l, err := net.Listen(network, address)
		if err != nil {
			return nil, err
		}
		if own = append(own, l.Addr().String()); len(own) == 2 {
			return elsewhere{l, advertised}, nil
		}
		return l, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if err := cluster.CreateTopic("load.seen", 1, nil); err != nil {
		t.Fatal(err)
	}
	if err := cluster.MoveTopicPartition("load.seen", 0, 1); err != nil {
		t.Fatal(err)
	}
	return own[0] + "," + own[2]
}

// One broker of several is in the metadata with an address that leads nowhere, or to somebody who
// takes connections and never answers.
func TestOneBrokerOfSeveralThatCannotBeReachedIsNamed(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() }) // nobody accepts: the kernel does
	const producer = "producers: {checkout: {topic: orders, rate: 50/s, value: {size: 200}, config: {linger.ms: 0, request.timeout.ms: 1000, delivery.timeout.ms: 2000}}}"
	const reader = producer + "\nconsumers: {analytics: {topics: [orders]}}"
	const nothing, correct = "nothing listens there (connection refused)", "correct its advertised.listeners"
	for _, test := range []struct {
		name           string
		at             net.Addr
		topic, rest    string
		code           analysis.Exit
		cause, remedy  string
		warned, begins bool
	}{
		{"topics of the run's own", closed.Addr(), "{partitions: 3}", producer, analysis.ExitUnreachable, "cannot use broker 1 at ADDRESS: " + nothing, correct, true, false},
		{"a group on an existing topic", closed.Addr(), "{existing: load.seen}", reader, analysis.ExitUnreachable, "list latest offsets: broker 1 at ADDRESS: " + nothing, correct, true, false},
		{"producers of an existing topic", closed.Addr(), "{existing: load.seen}", producer, analysis.ExitFailed, "failed: delivery_timeout", "leaders are up", true, true},
		{"a broker that is frozen", silent.Addr(), "{partitions: 3}", producer, analysis.ExitUnreachable, "broker 1 at ADDRESS takes connections and does not answer", "start it anew", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := mishap{bootstrap: clusterWithOneAt(t, test.at), topic: test.topic, rest: test.rest}
			begin := time.Now()
			got := call(t, append([]string{"run", scenarioFile(t, m.scenario()), "--set", "duration=3s", "--json"}, allowed(t.TempDir())...)...)
			if took := time.Since(begin); got.code != test.code || took > time.Minute {
				t.Fatalf("exit %d after %v, want %d: %s", got.code, took, test.code, got.stderr)
			}
			printed := got.stderr
			if test.begins {
				printed = reasonOf(t, got.stdout, "delivery_timeout")
			}
			cause, remedy := causeAndRemedy(t, printed, strings.ReplaceAll(test.cause, "ADDRESS", test.at.String()))
			if !strings.Contains(remedy, test.remedy) {
				t.Errorf("%q, %q", cause, remedy)
			}
			warning := "not every broker can be reached at the address that it advertises: broker 1 at " + test.at.String() + ": " + nothing
			if strings.Contains(got.stderr, warning) != test.warned {
				t.Errorf("warned is not %v: %s", test.warned, got.stderr)
			}
		})
	}
}
