package workload

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/results"
	"kaliper/scenarios"
)

// integritySeeds is how many trials of each kind are run: make bench-integrity runs 100.
var integritySeeds = flag.Int("integrity-seeds", 1, "trials of each kind of anomaly, and clean ones, by seed")

// watchedLoad is read by two groups, one of which shares its partitions between two members.
func watchedLoad(t *testing.T, seed uint64, config ...string) scenarios.Load {
	t.Helper()
	fast := []string{"heartbeat.interval.ms", "100", "session.timeout.ms", "6000", "auto.commit.interval.ms", "100", "auto.offset.reset", "earliest"}
	audit := consumers(t, fast...)
	audit.Name, audit.Members = "audit", 1
	l := load([]scenarios.ProducerGroup{producers(t, "4000/s", append(config, "linger.ms", "5")...)}, consumers(t, fast...), audit)
	l.Topics[0].Partitions = 3
	l.Seed, l.Drain = seed, 30*time.Second
	return l
}

// simulated starts a cluster for one trial.
func simulated(t *testing.T, options ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(2)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

func TestEveryPlantedAnomalyIsFoundAndNamed(t *testing.T) {
	all := []string{"lost", "duplicated", "reordered", "corrupted"}
	for _, kinds := range append([][]string{all}, []string{"lost"}, []string{"duplicated"}, []string{"reordered"}, []string{"corrupted"}) {
		for seed := range uint64(*integritySeeds) {
			t.Run(fmt.Sprintf("%s, seed %d", strings.Join(kinds, " and "), seed), func(t *testing.T) {
				t.Parallel()
				cluster := simulated(t)
				planter := plant(cluster, seed, kinds...)
				// Another number of records than the client counts breaks idempotence's own sequences.
				l := watchedLoad(t, seed, "enable.idempotence", "false")
				trial := executeOn(t, t.Context(), l, cluster.ListenAddrs())
				if planter.err != nil || len(planter.targets) > 0 || len(planter.planted) == 0 {
					t.Fatalf("%d anomalies were planted, in %d more batches none: %v", len(planter.planted), len(planter.targets), planter.err)
				}
				for _, group := range []string{"analytics", "audit"} {
					wantAnomalies(t, trial, group, planter.planted)
				}
			})
		}
	}
}

// wantAnomalies compares what a group found with what was planted.
func wantAnomalies(t *testing.T, trial results.Trial, group string, planted []results.Anomaly) {
	t.Helper()
	want := results.Integrity{Checked: true}
	for _, a := range planted {
		switch a.Kind { // where handlers take no time, what was read is what was processed
		case "lost":
			want.Missed++
		case "duplicated":
			want.ProcessedTwice++
		}
		*map[string]*int64{"lost": &want.Lost, "duplicated": &want.Duplicated, "reordered": &want.Reordered, "corrupted": &want.Corrupted}[a.Kind]++
	}
	if got := trial.End.Consumers[group].Integrity; got != want {
		t.Errorf("%s: found %+v, want %+v", group, got, want)
	}
	var found, expected []string
	name := func(a results.Anomaly) string {
		if a.Kind == "corrupted" { // who sent it may be what was changed
			a.Producer, a.Sequence = 0, 0
		}
		return fmt.Sprintf("%s %s/%d offset %d producer %d sequence %d", a.Kind, a.Topic, a.Partition, a.Offset, a.Producer, a.Sequence)
	}
	for _, a := range trial.End.Anomalies {
		if a.Group == group {
			found = append(found, name(a))
		}
	}
	for _, a := range planted {
		expected = append(expected, name(a))
	}
	slices.Sort(found)
	slices.Sort(expected)
	if !slices.Equal(found, expected) {
		t.Errorf("%s: found\n%s\nplanted\n%s", group, strings.Join(found, "\n"), strings.Join(expected, "\n"))
	}
}

// disturbance is something that a correct system gets over.
type disturbance struct {
	name        string
	redelivers  bool // members may read again what was not committed
	connections bool // answers are lost with their connections, so that clients try again
	leaders     bool // partitions change their leader
	members     bool // a further member joins and leaves, so that partitions move twice
}

func TestCleanTrialsRaiseNoAlarm(t *testing.T) {
	disturbances := []disturbance{
		{name: "undisturbed"},
		{name: "connections break", connections: true, redelivers: true},
		{name: "leaders change", leaders: true, redelivers: true},
		{name: "members come and go", members: true, redelivers: true},
		{name: "all of it", connections: true, leaders: true, members: true, redelivers: true},
	}
	for n := range max(*integritySeeds, len(disturbances)) {
		d, seed := disturbances[n%len(disturbances)], uint64(n)
		t.Run(fmt.Sprintf("%s, seed %d", d.name, seed), func(t *testing.T) {
			t.Parallel()
			trial := d.trial(t, seed)
			if p := trial.End.Producers["checkout"].Whole; p.Acked != p.Intended {
				t.Errorf("the trial is not clean: %+v", p)
			}
			for name, c := range trial.End.Consumers {
				got := c.Integrity
				if d.redelivers {
					got.Redelivered, got.ProcessedTwice = 0, 0
				}
				if want := (results.Integrity{Checked: true}); got != want {
					t.Errorf("%s: %+v of a clean trial: %v", name, c.Integrity, trial.End.Anomalies)
				}
			}
		})
	}
}

// trial runs a load that is disturbed from its first frame until the drain.
func (d disturbance) trial(t *testing.T, seed uint64) results.Trial {
	t.Helper()
	breaking := &breakingListener{random: rand.New(rand.NewPCG(seed, 11))}
	cluster := simulated(t, kfake.ListenFn(breaking.listen))
	var disturb sync.Once
	var disturbing sync.WaitGroup
	defer disturbing.Wait()
	directory := t.TempDir()
	observe := func(p Progress) {
		breaking.armed.Store(d.connections && p.Phase != "drain")
		disturb.Do(func() {
			if d.leaders {
				disturbing.Go(func() { moveLeaders(cluster, p.Begin.Topics[0].Name) })
			}
			if d.members {
				disturbing.Go(func() { joinAndLeave(t, cluster.ListenAddrs(), p) })
			}
		})
	}
	if _, err := runOn(t, t.Context(), watchedLoad(t, seed), cluster.ListenAddrs(), directory, observe); err != nil {
		t.Fatal(err)
	}
	trial, err := results.ReadJournal(directory + "/journal")
	if err != nil || trial.End == nil {
		t.Fatal(cmp.Or(err, fmt.Errorf("the journal has no end: %s", trial.Damage)))
	}
	return trial
}

// moveLeaders gives each partition to each broker in turn. The simulated broker answers a fetch
// that was under way with OFFSET_OUT_OF_RANGE: readers start from auto.offset.reset, which is
// earliest here. With latest they skip records, and these are found to be lost.
func moveLeaders(cluster *kfake.Cluster, topic string) {
	for node := range int32(2) {
		for partition := range int32(3) {
			_ = cluster.MoveTopicPartition(topic, partition, node) // the trial may be over already
		}
	}
}

// joinAndLeave is a member that gets partitions and leaves without having read anything.
func joinAndLeave(t *testing.T, bootstrap []string, p Progress) {
	assigned := make(chan struct{})
	var once sync.Once
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.ConsumerGroup(p.Begin.Consumers[0].Group), kgo.ConsumeTopics(p.Begin.Topics[0].Name),
		kgo.Balancers(kgo.RangeBalancer(), kgo.CooperativeStickyBalancer()), kgo.HeartbeatInterval(100*time.Millisecond), kgo.DisableAutoCommit(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			if len(got) > 0 {
				once.Do(func() { close(assigned) })
			}
		}))
	if err != nil {
		t.Error(err)
		return
	}
	defer client.Close()
	bound := time.NewTimer(20 * time.Second)
	defer bound.Stop()
	select {
	case <-assigned:
	case <-bound.C: // the trial was over before the group had met
	case <-t.Context().Done():
	}
}

// breakingListener loses some answers with their connections, when it is armed.
type breakingListener struct {
	armed  atomic.Bool
	mu     sync.Mutex
	random *rand.Rand
}

func (b *breakingListener) listen(network, address string) (net.Listener, error) {
	listener, err := net.Listen(network, address)
	return wrappedListener{listener, b}, err
}

type wrappedListener struct {
	net.Listener
	breaking *breakingListener
}

func (l wrappedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &breakingConn{Conn: conn, breaking: l.breaking}, nil
}

type breakingConn struct {
	net.Conn
	breaking *breakingListener
	answers  int
}

func (c *breakingConn) Write(answer []byte) (int, error) {
	c.answers++
	// A connection that ends before its first answer is one that wants SASL, to the client.
	if c.answers > 2 && c.breaking.armed.Load() {
		c.breaking.mu.Lock()
		lose := c.breaking.random.IntN(50) == 0
		c.breaking.mu.Unlock()
		if lose {
			return 0, c.Conn.Close()
		}
	}
	return c.Conn.Write(answer)
}
