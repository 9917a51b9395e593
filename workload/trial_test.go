package workload

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafka"
	"kaliper/internal/property"
	"kaliper/internal/unit"
	"kaliper/results"
	"kaliper/scenarios"
)

// properties resolves client properties on top of Kafka's defaults.
func properties(t testing.TB, role property.Role, pairs ...string) property.Set {
	t.Helper()
	values := map[string]property.Value{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = property.Value{Text: pairs[i+1], Origin: "test"}
	}
	set, problems := property.Resolve(role, values)
	for _, problem := range problems {
		t.Fatal(problem)
	}
	return set
}

func producers(t testing.TB, rate string, config ...string) scenarios.ProducerGroup {
	t.Helper()
	perSecond, err := unit.ParseRate(rate)
	if err != nil {
		t.Fatal(err)
	}
	return scenarios.ProducerGroup{
		Name: "checkout", Topic: "orders", Clients: 2,
		Rate: []scenarios.Phase{{From: perSecond, To: perSecond}}, RateText: rate,
		Arrival: scenarios.ArrivalConstant, Send: scenarios.SendAsync,
		Key:         scenarios.Key{Distribution: scenarios.KeyUniform, Cardinality: 1000},
		Value:       scenarios.Value{Format: scenarios.ValueRandom, Size: scenarios.Size{Distribution: scenarios.SizeFixed, Bytes: 100}},
		Partitioner: scenarios.Partitioner{Kind: scenarios.PartitionerDefault},
		Properties:  properties(t, property.Producer, config...),
	}
}

func consumers(t testing.TB, config ...string) scenarios.ConsumerGroup {
	t.Helper()
	return scenarios.ConsumerGroup{
		Name: "analytics", Topics: []string{"orders"}, Members: 2,
		Start: scenarios.Start{From: scenarios.StartLatest}, Commit: scenarios.CommitAuto,
		Properties: properties(t, property.Consumer, config...),
	}
}

func load(producers []scenarios.ProducerGroup, consumers ...scenarios.ConsumerGroup) scenarios.Load {
	return scenarios.Load{
		Topics:    []scenarios.Topic{{Name: "orders", Partitions: 4, ReplicationFactor: 1}},
		Producers: producers, Consumers: consumers,
		Warmup: 200 * time.Millisecond, Duration: 800 * time.Millisecond, Drain: 40 * time.Second, // ends as soon as all is read
		Integrity: scenarios.IntegrityFull, Seed: 1,
	}
}

// execute runs a load against a simulated broker in this process, and checks what must hold in
// every trial.
func execute(t *testing.T, load scenarios.Load, options ...kfake.Opt) results.Trial {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return executeOn(t, t.Context(), load, cluster.ListenAddrs())
}

func executeOn(t *testing.T, ctx context.Context, load scenarios.Load, bootstrap []string) results.Trial {
	t.Helper()
	directory := t.TempDir()
	if _, err := runOn(t, ctx, load, bootstrap, directory, nil); err != nil {
		t.Fatal(err)
	}
	return whole(t, directory)
}

// whole reads the journal of a trial that came to its end.
func whole(t *testing.T, directory string) results.Trial {
	t.Helper()
	trial, err := results.ReadJournal(filepath.Join(directory, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	if trial.End == nil || trial.Damage != "" {
		t.Fatalf("the journal lacks something: %s", trial.Damage)
	}
	for name, p := range trial.End.Producers {
		balance(t, name+" (whole)", p.Whole)
		balance(t, name+" (window)", p.Window)
	}
	return trial
}

// runOn runs a load as the one trial of a case.
func runOn(t *testing.T, ctx context.Context, load scenarios.Load, bootstrap []string, directory string, observe func(Progress)) (results.Trial, error) {
	t.Helper()
	trial := oneTrial(t, load, bootstrap, directory)
	trial.Observe = observe
	return Run(ctx, trial)
}

// caseIDs counts the trials of this process: those on one broker may go on beside each other.
var caseIDs atomic.Uint32

// oneTrial is the one trial of a case. It does not measure the null sink, which takes all of the
// machine for a third of a second and says nothing about what these tests are for.
func oneTrial(t *testing.T, load scenarios.Load, bootstrap []string, directory string) Trial {
	t.Helper()
	admin, err := kafka.Connect(t.Context(), kgo.SeedBrokers(bootstrap...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	id := fmt.Sprintf("%08x", caseIDs.Add(1))
	return Trial{
		Run: "20261123T120000Z-test-abcd", Owner: "abcd",
		Case: scenarios.Case{ID: id, Load: load}, Ref: results.TrialRef{Case: id, Trial: 1, Round: 1},
		Admin: admin, Bootstrap: bootstrap, Directory: directory,
	}
}

func balance(t *testing.T, name string, b results.Books) {
	t.Helper()
	failed := int64(0)
	for _, n := range b.Failed {
		failed += n
	}
	if b.Intended != b.Acked+failed+b.Unresolved || b.Unresolved < 0 {
		t.Errorf("%s: books do not balance: %+v", name, b)
	}
}

func TestAnOpenLoopSendsAndReadsExactlyWhatTheScheduleWants(t *testing.T) {
	directory := t.TempDir()
	planned := oneTrial(t, load([]scenarios.ProducerGroup{producers(t, "2000/s", "linger.ms", "2")}, consumers(t)), simulated(t).ListenAddrs(), directory)
	planned.Ceilings = NewCeilings()
	if _, err := Run(t.Context(), planned); err != nil {
		t.Fatal(err)
	}
	trial := whole(t, directory)
	p, c := trial.End.Producers["checkout"], trial.End.Consumers["analytics"]
	if p.Whole.Intended != 2000 || p.Whole.Acked != 2000 || p.Window.Intended != 1600 || p.Window.Acked != 1600 {
		t.Errorf("whole %+v, window %+v; want 2000 and 1600 records", p.Whole, p.Window)
	}
	if p.Ack.Count != 1600 || p.Service.Count != 1600 || p.SlipPacer.Count != 1600 {
		t.Errorf("latencies of %d, %d and %d records, want 1600 of each", p.Ack.Count, p.Service.Count, p.SlipPacer.Count)
	}
	if c.Consumed != 2000 || c.Window != 1600 || c.Unread != 0 || c.EndToEnd.Count != 1600 {
		t.Errorf("consumers: %+v", c)
	}
	if want := (results.Integrity{Checked: true}); c.Integrity != want {
		t.Errorf("integrity %+v, want %+v", c.Integrity, want)
	}
	if p.Ack.P50Seconds < p.Service.P50Seconds {
		t.Errorf("response p50 %v is below service p50 %v", p.Ack.P50Seconds, p.Service.P50Seconds)
	}
	if trial.Begin.NullSinkRecordsPerSecond <= 2000 {
		t.Errorf("the null sink takes %v records/s", trial.Begin.NullSinkRecordsPerSecond)
	}
}

func TestTheClosedLoopMeasuresThroughputAndServiceLatencyOnly(t *testing.T) {
	trial := execute(t, load([]scenarios.ProducerGroup{producers(t, "max", "buffer.memory", "1000000")}, consumers(t)))
	p := trial.End.Producers["checkout"]
	if p.Window.Acked == 0 || p.Service.Count != p.Window.Acked || p.Ack.Count != 0 || p.SlipPacer.Count != 0 {
		t.Errorf("books %+v, %d service, %d ack, %d slip", p.Window, p.Service.Count, p.Ack.Count, p.SlipPacer.Count)
	}
	if i := trial.End.Consumers["analytics"].Integrity; i != (results.Integrity{Checked: true}) {
		t.Errorf("integrity %+v", i)
	}
}

func TestSyncAndBatchKeepTheirSchedules(t *testing.T) {
	t.Parallel()
	for _, send := range []scenarios.Send{scenarios.SendSync, scenarios.SendBatch} {
		t.Run(string(send), func(t *testing.T) {
			t.Parallel()
			group := producers(t, "200/s", "linger.ms", "0")
			group.Send, group.BatchSize = send, 5
			trial := execute(t, load([]scenarios.ProducerGroup{group}, consumers(t)))
			if p := trial.End.Producers["checkout"]; p.Whole.Intended != 200 || p.Whole.Acked != 200 {
				t.Errorf("whole %+v, want 200 records", p.Whole)
			}
		})
	}
}

// A caller that waits for its acknowledgement waits for linger.ms too, as in Java: kgo.ProduceSync
// would skip it. The records are further apart than they linger, so that each waits alone.
func TestSyncAndBatchLinger(t *testing.T) {
	t.Parallel()
	for _, send := range []scenarios.Send{scenarios.SendSync, scenarios.SendBatch} {
		t.Run(string(send), func(t *testing.T) {
			t.Parallel()
			group := producers(t, "20/s", "linger.ms", "50")
			group.Send, group.BatchSize = send, 5
			trial := execute(t, load([]scenarios.ProducerGroup{group}))
			p := trial.End.Producers["checkout"]
			if p.Service.Count != 16 || p.Service.P50Seconds < 0.050 {
				t.Errorf("service p50 of %d records is %v s, want 16 and 0.05 s or more", p.Service.Count, p.Service.P50Seconds)
			}
		})
	}
}

func TestWorkThatIsInterruptedDrainsAndBalances(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	l := load([]scenarios.ProducerGroup{producers(t, "1000/s")}, consumers(t))
	l.Duration = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	trial, err := runOn(t, ctx, l, cluster.ListenAddrs(), t.TempDir(), func(Progress) { cancel() })
	if err != nil {
		t.Fatal(err)
	}
	if trial.State != results.Interrupted {
		t.Errorf("state %s", trial.State)
	}
	p := trial.End.Producers["checkout"]
	balance(t, "whole", p.Whole)
	if p.Whole.Acked == 0 || p.Whole.Unresolved != 0 {
		t.Errorf("whole %+v: all that was sent must be resolved", p.Whole)
	}
}
