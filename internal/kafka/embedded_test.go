package kafka

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestMain lets the test binary be the child that it tests: its first argument says which.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "broker":
		if err := ServeBroker(context.Background(), BrokerConfig{Brokers: 2, Until: os.Stdin}, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "mumbling-broker":
		fmt.Println("hello")
		fmt.Fprintln(os.Stderr, "I am no broker")
	case "failing-broker":
		fmt.Fprintln(os.Stderr, "the port is taken")
		os.Exit(7)
	case "unhappy-broker":
		json.NewEncoder(os.Stdout).Encode(Ready{"127.0.0.1:1"})
		io.Copy(io.Discard, os.Stdin)
		fmt.Fprintln(os.Stderr, "panic: something broke")
		os.Exit(2)
	case "parent-of-a-broker":
		e, err := StartEmbedded(context.Background(), os.Args[0], "broker")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		json.NewEncoder(os.Stdout).Encode(Ready{e.Bootstrap()})
		select {} // until it is killed
	default:
		os.Exit(m.Run())
	}
}

func TestTheEmbeddedBrokerRunsInAChild(t *testing.T) {
	e := must(StartEmbedded(t.Context(), os.Args[0], "broker"))(t)
	stop := sync.OnceFunc(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	if n := len(strings.Split(e.Bootstrap(), ",")); n != 2 {
		t.Errorf("bootstrap is %s", e.Bootstrap())
	}
	on := target{e.Bootstrap(), 2}
	admin := connect(t, on.bootstrap)
	topics := specs(t, on, "embedded", "orders")
	if _, _, err := admin.CreateTopics(t.Context(), "embedded", topics, wait); err != nil {
		t.Fatal(err)
	}
	fill(t, on, topics[0].Name, time.Now())
	if _, known := e.CPUSeconds(); known != (runtime.GOOS == "linux") {
		t.Errorf("the CPU of the running child: %v", known)
	}
	select {
	case <-e.Done():
		t.Error("it has ended by itself")
	default:
	}
	stop()
}

func TestAChildThatIsNoBroker(t *testing.T) {
	for _, test := range []struct{ child, want string }{
		{"mumbling-broker", `says "hello" instead of where it listens: it wrote: I am no broker`},
		{"failing-broker", `it wrote: the port is taken`},
	} {
		t.Run(test.child, func(t *testing.T) {
			e, err := StartEmbedded(t.Context(), os.Args[0], test.child)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v, want %q", e, err, test.want)
			}
		})
	}
	if _, err := StartEmbedded(t.Context(), os.Args[0]+"-missing"); err == nil {
		t.Error("started what does not exist")
	}
}

func TestAnInterruptedStartLeavesNoChild(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := StartEmbedded(ctx, os.Args[0], "broker"); err == nil {
		t.Error("started")
	}
}

func TestAChildThatEndsBadlyIsNamed(t *testing.T) {
	e := must(StartEmbedded(t.Context(), os.Args[0], "unhappy-broker"))(t)
	err := e.Stop()
	if err == nil || !strings.Contains(err.Error(), "exit status 2: it wrote: panic: something broke") {
		t.Errorf("got %v", err)
	}
	if _, known := e.CPUSeconds(); !known {
		t.Error("the CPU of a child that has ended is unknown")
	}
}

func TestTheChildEndsWhenItsParentIsKilled(t *testing.T) {
	parent := exec.Command(os.Args[0], "parent-of-a-broker")
	stdout := must(parent.StdoutPipe())(t)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var ready Ready
	err := json.NewDecoder(stdout).Decode(&ready)
	parent.Process.Kill()
	parent.Wait()
	if err != nil {
		t.Fatal(err)
	}
	address, _, _ := strings.Cut(ready.Bootstrap, ",")
	if err := until(t.Context(), wait, func(context.Context) (string, error) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return "", nil
		}
		return "the broker still listens", conn.Close()
	}); err != nil {
		t.Error(err)
	}
}

func TestTheEndOfALongComplaintIsKept(t *testing.T) {
	tail := &tail{}
	for i := range 10000 {
		fmt.Fprintf(tail, "line %d\n", i)
	}
	if text := tail.String(); len(text) > tailBytes+100 || !strings.HasSuffix(text, "line 9999") {
		t.Errorf("got %d bytes that end in %q", len(text), text[len(text)-20:])
	}
}

// serve runs a simulated broker in this process until the test ends.
func serve(t *testing.T, config BrokerConfig) (bootstrap string, done <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		err := ServeBroker(ctx, config, w)
		w.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		<-finished
	})
	var ready Ready
	if err := json.NewDecoder(r).Decode(&ready); err != nil {
		t.Fatal(err)
	}
	return ready.Bootstrap, ended
}

func TestTheSimulatedBrokerEndsWithItsInput(t *testing.T) {
	input, other := io.Pipe()
	_, done := serve(t, BrokerConfig{Until: input})
	other.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTheSimulatedBrokerSaysThatItsPortIsTaken(t *testing.T) {
	bootstrap, _ := serve(t, BrokerConfig{})
	var port int
	if _, err := fmt.Sscanf(bootstrap, "127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	err := ServeBroker(t.Context(), BrokerConfig{Ports: []int{port}}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "start the simulated broker") {
		t.Errorf("got %v", err)
	}
}

func TestTheSimulatedBrokerLeadsPartitionsWhereTheyArePlaced(t *testing.T) {
	bootstrap, _ := serve(t, BrokerConfig{Brokers: 3})
	admin := connect(t, bootstrap)
	wanted := specs(t, target{brokers: 3}, "placed", "orders")
	wanted[0].Partitions = 12
	create(t, admin, "placed", wanted)
	brokers := must(admin.brokers(t.Context()))(t)
	placement := place(brokers, 0, 12, 3)
	err := until(t.Context(), wait, func(ctx context.Context) (string, error) {
		view, err := admin.metadata(ctx, []string{wanted[0].Name})
		if err != nil {
			return "", err
		}
		for _, p := range view.Topics[0].Partitions {
			if want := placement[p.Partition][0]; p.Leader != want {
				return fmt.Sprintf("partition %d is led by %d instead of %d", p.Partition, p.Leader, want), nil
			}
		}
		return "", nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheSimulatedBrokersMemoryIsBounded(t *testing.T) {
	const retention = 1 << 20
	bootstrap, _ := serve(t, BrokerConfig{SegmentBytes: retention / 4, RetentionBytes: retention})
	admin := connect(t, bootstrap)
	wanted := specs(t, target{brokers: 1}, "bounded", "orders")
	wanted[0].Partitions = 1
	create(t, admin, "bounded", wanted)
	opts := must(ProducerOptions(producer(bootstrap), Payload{LargestRecord: EncodedBytes(0, 1<<14, 0)}))(t)
	client := must(kgo.NewClient(append(opts, kgo.DefaultProduceTopic(wanted[0].Name))...))(t)
	defer client.Close()
	const records = 256 // of 16 KiB: four times the retention
	for range records {
		client.Produce(t.Context(), &kgo.Record{Value: make([]byte, 1<<14)}, nil)
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := until(t.Context(), wait, func(ctx context.Context) (string, error) {
		first, err := admin.ResolveStart(ctx, StartEarliest(), wanted[0].Name)
		if err != nil {
			return "", err
		}
		kept := (records - first[wanted[0].Name][0]) << 14
		if kept > retention+retention/4 {
			return fmt.Sprintf("%d bytes are kept", kept), nil
		}
		return "", nil
	})
	if err != nil {
		t.Error(err)
	}
}
