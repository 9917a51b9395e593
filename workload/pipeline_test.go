package workload

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
)

// enrich is a pipeline from orders to enriched.
func enrich(t testing.TB, guarantee scenarios.Guarantee, config ...string) scenarios.Pipeline {
	t.Helper()
	reading := []string{"enable.auto.commit", "false"}
	if guarantee == scenarios.ExactlyOnce {
		reading = append(reading, "isolation.level", "read_committed")
	}
	return scenarios.Pipeline{
		Name: "enrich", From: "orders", To: "enriched", Members: 2, Guarantee: guarantee,
		CommitInterval: 20 * time.Millisecond,
		Consumer:       properties(t, property.Consumer, reading...),
		Producer:       properties(t, property.Producer, config...),
	}
}

// through is a load of orders through a pipeline, and a group that reads what comes out.
func through(t testing.TB, rate string, p scenarios.Pipeline) scenarios.Load {
	t.Helper()
	reader := consumers(t, "isolation.level", "read_committed")
	reader.Topics = []string{p.To}
	l := load([]scenarios.ProducerGroup{producers(t, rate)}, reader)
	l.Topics = append(l.Topics, scenarios.Topic{Name: p.To, Partitions: 3, ReplicationFactor: 1})
	l.Pipelines = []scenarios.Pipeline{p}
	l.Drain = 40 * time.Second
	return l
}

// allCameThrough checks that every record had one effect behind the pipeline.
func allCameThrough(t *testing.T, trial results.Trial) {
	t.Helper()
	sent := trial.End.Producers["checkout"].Whole
	stage, read := trial.End.Consumers["enrich"], trial.End.Consumers["analytics"]
	if sent.Intended == 0 || sent.Acked != sent.Intended {
		t.Errorf("producers: %+v", sent)
	}
	if stage.Unread != 0 || stage.Pipeline.Produced != sent.Acked {
		t.Errorf("the pipeline produced %d of %d records, %d unread", stage.Pipeline.Produced, sent.Acked, stage.Unread)
	}
	if read.Unread != 0 || read.Consumed != sent.Acked {
		t.Errorf("%d read of %d behind the pipeline, %d unread", read.Consumed, sent.Acked, read.Unread)
	}
	if want := (results.Integrity{Checked: true}); read.Integrity != want {
		t.Errorf("integrity %+v; anomalies %+v", read.Integrity, trial.End.Anomalies)
	}
	if stage.Pipeline.Stage.Count != stage.Window {
		t.Errorf("%d stage latencies of %d records", stage.Pipeline.Stage.Count, stage.Window)
	}
	if whole, first := read.EndToEnd.P50Seconds, stage.EndToEnd.P50Seconds; whole <= first {
		t.Errorf("end to end through the chain %v s, to the pipeline alone %v s", whole, first)
	}
}

func TestAPipelineBringsEveryRecordThroughOnce(t *testing.T) {
	t.Parallel()
	for _, guarantee := range []scenarios.Guarantee{scenarios.AtLeastOnce, scenarios.ExactlyOnce} {
		t.Run(string(guarantee), func(t *testing.T) {
			t.Parallel()
			shows(t, func(c *comparison) {
				trial := execute(t, through(t, "1000/s", enrich(t, guarantee)))
				allCameThrough(t, trial)
				if trial.End.Consumers["enrich"].Pipeline.Commit.Count == 0 { // those of the window: a slow broker may have none
					c.errorf("no commit was measured")
				}
				n := trial.End.Consumers["enrich"].Pipeline.Transactions
				if once := guarantee == scenarios.ExactlyOnce; once != (n.Committed > 0) || n.Fenced != 0 || n.Planted != 0 {
					t.Errorf("transactions %+v", n)
				}
			})
		})
	}
}

func TestRecordsOfAbortedTransactionsAreDoneAgainAndReadOnce(t *testing.T) {
	t.Parallel()
	p := enrich(t, scenarios.ExactlyOnce)
	p.Aborts = 0.4
	trial := execute(t, through(t, "1000/s", p))
	allCameThrough(t, trial)
	if n := trial.End.Consumers["enrich"].Pipeline.Transactions; n.Planted == 0 || n.Aborted < n.Planted || n.Committed == 0 {
		t.Errorf("transactions %+v", n)
	}
	if i := trial.End.Consumers["enrich"].Integrity; i.Redelivered == 0 || i.Duplicated != 0 || i.Lost != 0 {
		t.Errorf("the pipeline's own reading: %+v", i)
	}
}

func TestAReaderOfUncommittedRecordsReadsAbortedOnesAndDuplicates(t *testing.T) {
	t.Parallel()
	p := enrich(t, scenarios.ExactlyOnce)
	p.Aborts = 0.4
	l := through(t, "1000/s", p)
	l.Consumers[0].Properties = properties(t, property.Consumer)
	trial := execute(t, l)
	i := trial.End.Consumers["analytics"].Integrity
	if i.AbortedRead == 0 || i.Duplicated != i.AbortedRead || i.Lost != 0 || i.Torn != 0 {
		t.Errorf("%+v", i)
	}
}

func TestLatenciesGoThroughAChainOfPipelines(t *testing.T) {
	t.Parallel()
	first, second := enrich(t, scenarios.AtLeastOnce), enrich(t, scenarios.ExactlyOnce)
	second.Name, second.From, second.To = "index", "enriched", "indexed"
	l := through(t, "500/s", first)
	l.Topics = append(l.Topics, scenarios.Topic{Name: "indexed", Partitions: 2, ReplicationFactor: 1})
	l.Pipelines = append(l.Pipelines, second)
	l.Consumers[0].Topics = []string{"indexed"}
	trial := execute(t, l)
	allCameThrough(t, trial)
	if last := trial.End.Consumers["index"]; last.Pipeline.Produced != trial.End.Producers["checkout"].Whole.Acked {
		t.Errorf("the second pipeline: %+v", last)
	}
}

// Another producer that takes over the transactional id: the member is fenced, its transaction
// is aborted, and the work is done again.
func TestAFencedPipelineIsCountedAndGoesOn(t *testing.T) {
	t.Parallel()
	shows(t, func(c *comparison) {
		cluster := simulated(t, kfake.NumBrokers(1))
		p := enrich(t, scenarios.ExactlyOnce, "transactional.id", "enrich-of-ours")
		p.Members = 1
		l := through(t, "500/s", p)
		l.Duration = 3 * time.Second
		fenced := false
		trial, err := runOn(t, t.Context(), l, cluster.ListenAddrs(), t.TempDir(), func(at Progress) {
			if fenced || at.Interval.End < 1 {
				return
			}
			fenced = true
			if err := takeOver(t, cluster.ListenAddrs(), "enrich-of-ours-0"); err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		allCameThrough(t, trial)
		switch n := trial.End.Consumers["enrich"].Pipeline.Transactions; n.Fenced {
		case 1:
		case 0: // it may have been done with its work before
			c.errorf("transactions %+v", n)
		default:
			t.Errorf("transactions %+v", n)
		}
	})
}

// takeOver makes a transaction under an id, which fences whoever else has it.
func takeOver(t *testing.T, bootstrap []string, id string) error {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.TransactionalID(id))
	if err != nil {
		return err
	}
	defer client.Close()
	if _, _, err = client.ProducerID(t.Context()); err != nil {
		return fmt.Errorf("take over %s: %w", id, err)
	}
	return nil
}

// What a group was working on that holds all others up while it tries again is undone: it is not
// committed, and so it is not missed.
func TestWhatAGroupWithFailuresDidNotComeToIsUndoneAndNotMissed(t *testing.T) {
	t.Parallel()
	g := consumers(t, "enable.auto.commit", "false")
	g.Commit, g.CommitInterval = scenarios.CommitAtInterval, 20*time.Millisecond
	g.Members = 1
	// After the stall one poll has nearly all records, and the drain ends within it.
	g.Processing = scenarios.Processing{Distribution: "fixed", Stalls: []scenarios.Stall{{At: 100 * time.Millisecond, For: 1200 * time.Millisecond}}}
	g.Failures = scenarios.Failures{Policy: scenarios.FailureRetry, Ratio: 0.05, Retries: 3, FailingAttempts: 2, Backoff: 100 * time.Millisecond}
	g.Producer = properties(t, property.Producer)
	l := load([]scenarios.ProducerGroup{producers(t, "300/s")}, g)
	l.Drain = 2 * time.Second
	trial := execute(t, l)
	booksOfPaths(t, trial)
	if read := trial.End.Consumers["analytics"]; read.Failures.Paths.Undone == 0 || read.Integrity.Lost != 0 || read.Integrity.Missed != 0 {
		t.Errorf("paths %+v, integrity %+v", read.Failures.Paths, read.Integrity)
	}
}

// A pipeline that is too slow for the trial's drain has lost nothing: what it was working on is
// unread, and so it is not known whether its effects would have come.
func TestWhatAPipelineDidNotComeToIsUnreadAndNotLost(t *testing.T) {
	t.Parallel()
	for _, guarantee := range []scenarios.Guarantee{scenarios.AtLeastOnce, scenarios.ExactlyOnce} {
		t.Run(string(guarantee), func(t *testing.T) {
			t.Parallel()
			p := enrich(t, guarantee)
			p.Members = 1
			// After the stall one poll has nearly all records, and the drain ends within it.
			p.Processing = scenarios.Processing{
				Time: 20 * time.Millisecond, Distribution: "fixed", Stalls: []scenarios.Stall{{At: 100 * time.Millisecond, For: 1200 * time.Millisecond}},
			}
			l := through(t, "300/s", p)
			l.Drain = 2 * time.Second
			trial := execute(t, l)
			stage, read := trial.End.Consumers["enrich"], trial.End.Consumers["analytics"]
			if read.Unread == 0 || read.Integrity.Lost != 0 || read.Integrity.Missed != 0 {
				t.Errorf("%d unread behind, integrity %+v; %d before", read.Unread, read.Integrity, stage.Unread)
			}
		})
	}
}
