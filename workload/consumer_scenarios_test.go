package workload

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
	"kaliper/results"
)

// shown are the figures of one case of a built-in scenario.
type shown map[string]results.TrialValue

// of returns a figure; NaN where the trial does not tell it.
func (s shown) of(name string) float64 {
	if v, ok := s[name]; ok {
		return float64(v.Value)
	}
	return math.NaN()
}

// cure is a built-in scenario with a case that has a trouble, and one that has it no more.
type cure struct {
	scenario        string
	sets            []string // that make it short
	troubled, cured string   // values of the cases' settings
	other           string   // of another case that is cured by other means; empty where there is none
	shows           func(t *testing.T, c *comparison, troubled, cured shown)
}

// consumerCures are what a real broker shows. What is compared is far apart by the settings
// themselves, on the slowest machine too.
func consumerCures() []cure {
	short := []string{"warmup=500ms", "duration=3s", "drain=1s"}
	// Few records and long handlers: what a busy machine adds to each handler is little.
	slow := append([]string{"producers.checkout.rate=600/s", "consumers.workers.processing.time=4ms"}, short...)
	return []cure{
		{scenario: "consumer-lag-growing", sets: slow, troubled: "1", cured: "4", shows: lagGrows},
		{scenario: "hot-partition", sets: slow, troubled: "80%", cured: "1%", shows: lagGrows},
		{scenario: "slow-processing", sets: short, troubled: "record", cured: "batch", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
			c.less("workers.processed.p90", cured, troubled, 2)
		}},
		{scenario: "rebalance-storm", sets: []string{"duration=12s", "drain=1s"}, troubled: "500 2000", cured: "50 2000", other: "500 300000", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
			if n := troubled.of("workers.errors.poll_interval_exceeded.count"); !(n > 1) {
				c.errorf("members were put out %v times", n)
			}
			if n := cured.of("workers.errors.poll_interval_exceeded.count"); n > 0 {
				c.errorf("cured, and members were put out %v times", n)
			}
			c.less("workers.rebalances.count", cured, troubled, 1)
			c.less("workers.processed_twice", cured, troubled, 1)
		}},
		{scenario: "duplicates-after-crash", sets: []string{"warmup=500ms", "duration=4s", "consumers.workers.schedule=[{at: 3s, crash: 1}]"},
			troubled: "interval", cured: "per-record", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
				if n := troubled.of("workers.processed_twice"); !(n > 100) {
					c.errorf("%v were processed twice", n)
				}
				if n := cured.of("workers.processed_twice"); !(n <= 1) {
					c.errorf("committed after each record, and %v were processed twice", n)
				}
				for _, s := range []shown{troubled, cured} {
					if n := s.of("workers.missed"); n != 0 {
						t.Errorf("%v missed", n)
					}
				}
			}},
		{scenario: "backlog-drain", sets: []string{"producers.checkout.rate=[{for: 4s, at: 250/s}, {at: 100/s}]", "consumers.workers.start={from: earliest, backlog: 1000}",
			// Ten times slower than in the file, and so are polls: of 500 records each would take two seconds
			// of the three from which the drain is predicted.
			"consumers.workers.processing.time=4ms", "consumers.workers.config={max.poll.records: 50}", "duration=11s", "drain=1s"}, troubled: "1", cured: "4", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
			c.less("workers.drain.seconds", cured, troubled, 1.5)
			took, expected := troubled.of("workers.drain.seconds"), troubled.of("workers.drain.predicted.seconds")
			if !(math.Abs(expected-took) <= 0.2*took) {
				c.errorf("the drain took %v s, and %v s were expected", took, expected)
			}
		}},
		// The broker makes the files of 300 partitions with their first records, and what waits meanwhile fills
		// batches. So few records and so long a linger time that a broker that is slow to answer does not.
		{scenario: "too-many-partitions", sets: []string{"warmup=4s", "duration=3s", "drain=1s", "producers.checkout.rate=1000/s", "producers.checkout.config.linger.ms=50"}, troubled: "300", cured: "6", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
			c.less("checkout.batch.records", troubled, cured, 2)
			c.less("checkout.wire.bytes_per_record", cured, troubled, 1)
		}},
		{scenario: "many-clients", sets: []string{"warmup=1s", "duration=3s", "producers.checkout.rate=1000/s"}, troubled: "500", cured: "5", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
			c.less("checkout.batch.records", troubled, cured, 1.5)
			c.less("checkout.requests.per_second", cured, troubled, 2)
			c.less("cpu.seconds_per_record", cured, troubled, 1.2)
			if n := troubled.of("checkout.errors.ratio"); n != 0 {
				t.Errorf("%v of the records failed", n)
			}
		}},
		{scenario: "commit-per-record", sets: short, troubled: "per-record", cured: "per-batch", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
			c.less("workers.consumed.records_per_second", troubled, cured, 1.5)
			c.less("workers.e2e.p90", cured, troubled, 2)
		}},
		{scenario: "auto-commit-loss", sets: []string{"warmup=500ms", "duration=6s", "consumers.workers.processing.stall=[{at: 1s, for: 4s}]", "consumers.workers.schedule=[{at: 4s, crash: 1}]"},
			troubled: "true", cured: "false", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
				if n := troubled.of("workers.missed"); !(n > 50) {
					c.errorf("%v missed", n)
				}
				if n := cured.of("workers.missed"); n != 0 {
					t.Errorf("cured, and %v missed", n)
				}
				for _, s := range []shown{troubled, cured} {
					if n := s.of("workers.lost"); n != 0 {
						t.Errorf("%v lost", n)
					}
				}
			}},
		// Of so few records 100,000 bytes take longer than a busy machine takes for each record.
		{scenario: "fan-out", sets: append([]string{"producers.checkout.rate=100/s", "consumers.*.config.fetch.max.wait.ms=3000"}, short...), troubled: "1", cured: "100000", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
			c.less("search.requests.per_second", cured, troubled, 1.5)
			c.less("search.e2e.p50", troubled, cured, 1)
			if n := troubled.of("consumed.records_per_second") / troubled.of("acked.records_per_second"); !(n > 4 && n < 6) {
				c.errorf("five groups read %v times what was written", n)
			}
		}},
		{scenario: "large-records", sets: []string{"warmup=500ms", "duration=3s", "drain=40s"}, troubled: "none", cured: "zstd", shows: func(t *testing.T, c *comparison, troubled, cured shown) {
			c.less("scanner.wire.bytes_per_record", cured, troubled, 2)
			if n := troubled.of("scanner.errors.ratio"); n != 0 {
				t.Errorf("%v of the records failed", n)
			}
		}},
	}
}

// comparison collects what two trials do not show beside each other.
type comparison struct{ lacking []string }

func (c *comparison) errorf(format string, arguments ...any) {
	c.lacking = append(c.lacking, fmt.Sprintf(format, arguments...))
}

// less wants that one case has less of something than the other, by a factor.
func (c *comparison) less(name string, little, much shown, factor float64) {
	if a, b := little.of(name), much.of(name); !(a*factor < b || a*factor == b && factor == 1 && a == 0) {
		c.errorf("%s is %v and %v, which should be %v times as much", name, a, b, factor)
	}
}

// shows makes a comparison, at most three times: what else the machine does can hide a difference
// that is there, and does not make one that is not. What must hold of every trial is no part of a
// comparison and fails the test at once.
func shows(t *testing.T, compare func(c *comparison)) {
	t.Helper()
	for attempt := 1; ; attempt++ {
		var c comparison
		compare(&c)
		if len(c.lacking) == 0 || t.Failed() {
			return
		}
		if attempt == 3 {
			t.Error(strings.Join(c.lacking, "; "))
			return
		}
		t.Logf("attempt %d: %s", attempt, strings.Join(c.lacking, "; "))
	}
}

func lagGrows(_ *testing.T, c *comparison, troubled, cured shown) {
	c.less("workers.lag.slope", cured, troubled, 3)
	if slope := troubled.of("workers.lag.slope"); !(slope > 100) {
		c.errorf("the lag's slope is %v records/s", slope)
	}
}

func TestOnRealKafkaTheCuresOfConsumerScenariosShow(t *testing.T) {
	t.Parallel()
	bootstrap := oneBroker.Start(t).Addresses()
	for _, c := range consumerCures() {
		t.Run(c.scenario, func(t *testing.T) {
			t.Parallel()
			cases := builtIn(t, bootstrap, c.scenario, append([]string{"drain=20s"}, c.sets...)...)
			figures := func(name string) shown {
				load, ok := cases[name]
				if !ok {
					t.Fatalf("there is no case %q in %v", name, strings.Join(keysOf(cases), ", "))
				}
				return analysis.Metrics(executeOn(t, t.Context(), load, bootstrap))
			}
			shows(t, func(seen *comparison) {
				troubled := figures(c.troubled)
				c.shows(t, seen, troubled, figures(c.cured))
				if c.other != "" {
					c.shows(t, seen, troubled, figures(c.other))
				}
			})
		})
	}
}

func keysOf[V any](m map[string]V) (keys []string) {
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}

// A broker of three is killed while it runs: with one replica more in sync demanded than there
// are brokers left, nothing is taken any more; with one less, all of it is.
func TestOnRealKafkaTheCureOfMinISRLossShows(t *testing.T) {
	t.Parallel()
	cluster := kafkatest.Start(t, kafkatest.Config{Nodes: 3, Fast: true, Properties: map[string]string{
		"broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "300",
	}})
	bootstrap := cluster.Addresses()
	cases := builtIn(t, bootstrap, "min-isr-loss", "warmup=500ms", "duration=5s", "drain=15s", "producers.checkout.rate=200/s",
		"producers.checkout.config={delivery.timeout.ms: 8000, request.timeout.ms: 2000, linger.ms: 0}")
	lost := func(name string) shown {
		killed := false
		trial, err := runOn(t, t.Context(), cases[name], bootstrap, t.TempDir(), func(at Progress) {
			if !killed && at.Interval.End >= 2 {
				killed = true
				if err := cluster.Nodes[2].Kill(); err != nil {
					t.Error(err)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := cluster.Nodes[2].Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		return analysis.Metrics(trial)
	}
	cured, troubled := lost("2"), lost("3")
	if n := cured.of("errors.ratio"); n > 0.001 {
		t.Errorf("with min.insync.replicas 2, %v of the records failed", n)
	}
	if n := troubled.of("errors.ratio"); !(n > 0.2) {
		t.Errorf("with min.insync.replicas 3, %v of the records failed", n)
	}
	for _, s := range []shown{cured, troubled} {
		// With records that nobody answered for the count may be a lower bound.
		if n := s.of("lost"); n > 0 {
			t.Errorf("%v acknowledged records were lost", n)
		}
	}
}

// Three brokers in three zones: with client.rack all comes from the one in the consumer's zone,
// which follows in two thirds of the partitions.
func TestOnRealKafkaTheCureOfFollowerReadsShows(t *testing.T) {
	t.Parallel()
	bootstrap := kafkatest.Start(t, kafkatest.Config{Nodes: 3, Fast: true, Properties: map[string]string{
		"broker.rack": "zone-{node.id}", "replica.selector.class": "org.apache.kafka.common.replica.RackAwareReplicaSelector",
	}}).Addresses()
	cases := builtIn(t, bootstrap, "follower-reads", "warmup=1s", "duration=3s", "drain=20s", `matrix={vary: {consumers.analytics.config.client.rack: [nowhere, zone-2]}}`)
	figures, brokers := map[string]shown{}, map[string]map[int32]int64{}
	for _, rack := range []string{"nowhere", "zone-2"} {
		trial := executeOn(t, t.Context(), cases[rack], bootstrap)
		figures[rack], brokers[rack] = analysis.Metrics(trial), map[int32]int64{}
		for _, i := range trial.Intervals {
			for _, b := range i.Consumers["analytics"].FetchedFrom {
				if i.Start >= trial.End.WindowStart {
					brokers[rack][b.Broker] += b.Records
				}
			}
		}
		if lost := figures[rack].of("analytics.lost"); lost != 0 {
			t.Errorf("%s: %v lost", rack, lost)
		}
	}
	if n := figures["nowhere"].of("analytics.fetch.follower.ratio"); n != 0 || len(brokers["nowhere"]) != 3 {
		t.Errorf("no broker is in the rack, and %v came from followers; by broker %v", n, brokers["nowhere"])
	}
	if n := figures["zone-2"].of("fetch.follower.ratio"); !(n > 0.55 && n < 0.78) || len(brokers["zone-2"]) != 1 || brokers["zone-2"][2] < 5000 {
		t.Errorf("%v came from followers; by broker %v", n, brokers["zone-2"])
	}
}
