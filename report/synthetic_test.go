package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"kaliper/internal/analysis"
	"kaliper/internal/measure"
	"kaliper/results"
)

// plan describes a synthetic run: plausible figures, the same on every machine.
type plan struct {
	name, question string
	id             string
	cases          []plannedCase
	repeats        int
	seconds        int     // of the window
	rate           float64 // records/s
	stallAt        int     // second of the trial in which the broker stops for 3 s; 0 for never
	simulated      bool
	expect         []string
	show           []string
	interrupted    bool // in the middle of the last trial
	failed         int64
	started        time.Time
	closed         bool // closed loop: no response latency
	seed           uint64
}

type plannedCase struct {
	settings []results.Setting
	median   float64 // seconds
	sigma    float64 // of the lognormal
	cpu      float64 // seconds per record
	wire     float64 // bytes per record
}

const warmupSeconds = 5

func codec(name string, linger int) []results.Setting {
	return []results.Setting{
		{Label: "codec", Path: "producers.*.config.compression.type", Value: name},
		{Label: "linger", Path: "producers.*.config.linger.ms", Value: fmt.Sprint(linger)},
	}
}

// twoCases is the usual comparison: two cases, six rounds.
func twoCases() plan {
	return plan{
		name: "codec-choice", question: "Which codec suits our order events at 2,000 records/s?", id: "20261118T140512Z-codec-choice-7f3a",
		repeats: 6, seconds: 30, rate: 2000, seed: 1,
		cases: []plannedCase{
			{codec("none", 0), 2.6e-3, 0.55, 8.4e-6, 1150},
			{codec("lz4", 10), 8.0e-3, 0.30, 2.8e-6, 589},
		},
	}
}

// stalled has one trial of one case, in which the broker stops for three seconds.
func stalled() plan {
	return plan{
		name: "stall", question: "What does a caller wait when the broker stops for 3 s?", id: "20261118T150000Z-stall-11aa",
		repeats: 1, seconds: 30, rate: 2000, stallAt: 18, seed: 2,
		cases: []plannedCase{{nil, 2.6e-3, 0.4, 3.1e-6, 700}},
	}
}

// matrix has twelve cases.
func matrix() plan {
	p := plan{
		name: "codec-choice", question: "Which codec and linger suit our order events at 500 records/s?", id: "20261118T140512Z-codec-choice-7f3b",
		repeats: 6, seconds: 10, rate: 500, seed: 3,
	}
	for i, name := range []string{"none", "snappy", "lz4", "zstd"} {
		for k, linger := range []int{0, 10, 50} {
			p.cases = append(p.cases, plannedCase{
				codec(name, linger),
				[]float64{2.6e-3, 8e-3, 29e-3}[k] * (1 - 0.03*float64(i)), []float64{0.55, 0.3, 0.28}[k],
				[]float64{8.4e-6, 3.9e-6, 2.9e-6}[k] * []float64{1, 0.75, 0.7, 1.2}[i], []float64{1150, 610, 589, 450}[i],
			})
		}
	}
	return p
}

// study24 has 24 cases of three settings in eight rounds, and a limit that a third of them miss.
func study24() plan {
	p := plan{
		name: "codec-choice", question: "Which codec, linger and batch size suit our order events at 300 records/s?", id: "20261118T140512Z-codec-choice-7f3c",
		repeats: 8, seconds: 5, rate: 300, seed: 4, expect: []string{"ack.p99 < 25ms"},
	}
	for i, name := range []string{"none", "snappy", "lz4", "zstd"} {
		for k, linger := range []int{0, 10, 50} {
			for m, batch := range []string{"16384", "131072"} {
				settings := append(codec(name, linger), results.Setting{Label: "batch", Path: "producers.*.config.batch.size", Value: batch})
				saved := []float64{1, 0.9}[m]
				if linger == 50 {
					saved = []float64{1, 0.7}[m] // large batches need time to fill
				}
				p.cases = append(p.cases, plannedCase{
					settings,
					[]float64{2.6e-3, 6e-3, 29e-3}[k] * (1 - 0.03*float64(i)), []float64{0.55, 0.3, 0.28}[k],
					[]float64{8.4e-6, 3.9e-6, 2.9e-6}[k] * []float64{1, 0.75, 0.7, 1.2}[i] * saved, []float64{1150, 610, 589, 450}[i],
				})
			}
		}
	}
	return p
}

// build makes the run and its summary.
// built are the runs of shared, by their plans.
var built = struct {
	sync.Mutex
	runs map[string]*results.Run
}{runs: map[string]*results.Run{}}

// shared returns the run of a plan, made once for all tests, none of which may change it.
func (p plan) shared(t testing.TB) *results.Run {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	key := fmt.Sprintf("%+v", p)
	if built.runs[key] == nil {
		built.runs[key] = p.build(t)
	}
	return built.runs[key]
}

func (p plan) build(t testing.TB) *results.Run {
	t.Helper()
	if p.started.IsZero() {
		p.started = time.Date(2026, 11, 18, 14, 5, 12, 0, time.UTC)
	}
	random := rand.New(rand.NewPCG(p.seed, 7))
	run := &results.Run{Dir: "results/" + p.id, Manifest: p.manifest()}
	m := &run.Manifest
	at := p.started
	for round := 1; round <= p.repeats; round++ {
		for _, i := range random.Perm(len(p.cases)) {
			last := round == p.repeats && len(m.Order) == p.repeats*len(p.cases)-1
			m.Order = append(m.Order, results.TrialRef{Case: m.Cases[i].ID, Trial: round, Round: round})
			journal := p.trial(t, random, i, round, at, p.interrupted && last)
			at = at.Add(time.Duration(p.seconds+warmupSeconds+4) * time.Second)
			run.Trials = append(run.Trials, journal)
		}
	}
	m.Ended = at
	if p.interrupted {
		m.State = results.Interrupted
	}
	summary, err := analysis.Summarize(run)
	if err != nil {
		t.Fatal(err)
	}
	run.Summary = summary
	return run
}

func (p plan) manifest() results.Manifest {
	m := results.Manifest{
		Schema: results.ManifestSchema, ID: p.id, State: results.Complete, Started: p.started,
		Name: p.name, Description: p.question, Target: "staging", Bootstrap: "kafka-1:9092", Simulated: p.simulated,
		Repeats: p.repeats, Seed: p.seed, Client: "franz-go",
		Scenario: "format: kaliper.scenario/1\nname: " + p.name + "\n",
		Command:  []string{"kaliper", "run", p.name + ".yaml", "--target", "staging"},
		Machine:  results.Machine{Hostname: "loadgen-2", OS: "linux", Arch: "amd64", Kernel: "6.12", CPU: "EPYC 7763", Processors: 8, MemoryBytes: 32 << 30, Pacer: "clock_nanosleep"},
		Versions: map[string]string{"kaliper": "0.1.0", "go": "1.26.0", "franz-go": "1.22.2"},
		Expect:   p.expect, Show: p.show,
		Notes: []string{"batch.size counts uncompressed bytes here; Java estimates compressed ones."},
	}
	if p.simulated {
		m.Target, m.Bootstrap = "embedded", "embedded"
	}
	for i, c := range p.cases {
		info := results.CaseInfo{ID: fmt.Sprintf("%08x", 0xc0de0000+i), Settings: c.settings}
		info.Effective = []results.EffectiveProperty{
			{Group: "producers.checkout", Name: "acks", Value: "all", Origin: "codec-choice.yaml:12:9", Class: "honoured"},
			{Group: "producers.checkout", Name: "batch.size", Value: "16384", Origin: "Kafka 4.3 default", Class: "approximated", How: "uncompressed bytes"},
		}
		for _, s := range c.settings {
			name := s.Path[len("producers.*.config."):]
			info.Effective = slices.DeleteFunc(info.Effective, func(p results.EffectiveProperty) bool { return p.Name == name })
			info.Effective = append(info.Effective, results.EffectiveProperty{
				Group: "producers.checkout", Name: name, Value: s.Value, Origin: "matrix", Class: "honoured",
			})
		}
		m.Cases = append(m.Cases, info)
	}
	return m
}

func (p plan) begin(i, round int, at time.Time) results.Begin {
	version := "4.3"
	return results.Begin{
		Schema: results.JournalSchema, Run: p.id, Case: fmt.Sprintf("%08x", 0xc0de0000+i), Trial: round, Round: round, Started: at,
		WarmupSeconds: warmupSeconds, DurationSeconds: float64(p.seconds), DrainSeconds: 30, Simulated: p.simulated, Integrity: "full",
		Topics:    []results.TopicInfo{{Logical: "orders", Name: "k-orders-7f3a", Partitions: 12, ReplicationFactor: 3, Config: map[string]string{"min.insync.replicas": "2"}}},
		Producers: []results.ProducerInfo{{Name: "checkout", Topic: "orders", Clients: 4, OpenLoop: !p.closed, Send: "async", Rate: "2000/s", OfferedRecordsPerSecond: p.rate}},
		Consumers: []results.ConsumerInfo{{Name: "analytics", Group: "k-analytics", Topics: []string{"orders"}, Members: 3}},
		Cluster: results.ClusterSnapshot{ID: "4L6g3nShT-eMCtK--X86sw", Version: version, Brokers: []results.BrokerInfo{
			{ID: 1, Address: "kafka-1:9092"}, {ID: 2, Address: "kafka-2:9092"}, {ID: 3, Address: "kafka-3:9092"},
		}},
		NullSinkRecordsPerSecond: 1.4e6,
	}
}

// trial simulates one trial second by second.
// recorded are the latencies of one kind in a trial.
type recorded struct {
	second, window measure.Recorder
}

func (r *recorded) record(nanoseconds int64, inWindow bool) {
	r.second.Record(nanoseconds)
	if inWindow {
		r.window.Record(nanoseconds)
	}
}

// encoded returns those of the window, once.
func (r *recorded) encoded(t testing.TB) measure.Encoded {
	h := measure.NewHistogram()
	r.window.DrainInto(h)
	return encoded(t, h)
}

func (p plan) trial(t testing.TB, random *rand.Rand, i, round int, at time.Time, cut bool) results.Trial {
	t.Helper()
	trial := results.Trial{State: results.Complete, Begin: p.begin(i, round, at)}
	c := p.cases[i]
	total := warmupSeconds + p.seconds + 2
	if cut {
		total = warmupSeconds + p.seconds/2
	}
	noise := math.Exp(0.02 * random.NormFloat64())
	var ack, service, e2e, slip recorded
	scratch := measure.NewHistogram()
	var intended, completed int64
	backlog := 0.0
	for second := range total {
		interval := results.Interval{Start: float64(second), End: float64(second + 1), Producers: map[string]results.ProducerInterval{}, Consumers: map[string]results.ConsumerInterval{}}
		loading := second < warmupSeconds+p.seconds
		inWindow := loading && second >= warmupSeconds
		records := 0
		if loading {
			records = int(p.rate * (1 + 0.01*random.NormFloat64()))
		}
		acked := float64(records)
		for range records {
			served := c.median * noise * math.Exp(c.sigma*random.NormFloat64())
			if second < 3 {
				served *= 4 / float64(second+1)
			}
			response := served + 50e-6
			if p.stallAt > 0 && second >= p.stallAt && second < p.stallAt+3 {
				response += float64(p.stallAt+3-second) - random.Float64()
			}
			ack.record(int64(response*1e9), inWindow)
			service.record(int64(served*1e9), inWindow)
			slip.record(int64(40e3+15e3*random.NormFloat64()), inWindow)
			e2e.record(int64((response+3e-3)*1e9), inWindow)
		}
		lag := 300 + 120*random.Float64()
		if p.stallAt > 0 && second >= p.stallAt && second < p.stallAt+3 {
			backlog += acked
			acked = 0
		} else if backlog > 0 {
			acked += backlog
			lag += backlog
			backlog = 0
		}
		if p.stallAt > 0 && second == p.stallAt {
			interval.Events = append(interval.Events, results.Event{Seconds: float64(second) + 0.1, Kind: "stall", Text: "no acknowledgement for 3 s"})
		}
		if second == warmupSeconds+p.seconds/4 {
			interval.Events = append(interval.Events, results.Event{Seconds: float64(second) + 0.4, Kind: "rebalance", Text: "third member joins"})
			lag += 4000
		}
		producer := results.ProducerInterval{Offered: int64(records), OfferedBytes: int64(records) * 1024, Acked: int64(acked), AckedBytes: int64(acked) * 1024}
		consumer := results.ConsumerInterval{Consumed: int64(acked), Lag: map[string]results.PartitionLag{"orders": {Records: []int64{int64(lag), 0, -1}, Seconds: []float64{0, 0, -1}}}}
		producer.Client = results.ClientInterval{
			Requests: int64(acked / 5.2), Batches: int64(acked / 5.2), BatchRecords: int64(acked), UncompressedBytes: int64(acked * 1100),
			CompressedBytes: int64(acked * c.wire), WireBytes: int64(acked * c.wire * (1 + 0.004*random.NormFloat64())),
		}
		interval.Process = results.ProcessInterval{CPUSeconds: 2*acked*c.cpu*noise*(1+0.01*random.NormFloat64()) + 0.02, PacerCPUSeconds: 0.02, RSSBytes: 60 << 20}
		encode := func(r *recorded) results.Latency {
			h := scratch
			h.Reset()
			r.second.DrainInto(h)
			if h.Count() == 0 {
				return results.Latency{}
			}
			// As OpenRun leaves them: figures alone, where an end frame has the whole.
			e := measure.Encoded{Count: h.Count(), P50Seconds: h.QuantileSeconds(0.5, 0), P99Seconds: h.QuantileSeconds(0.99, 0), MaxSeconds: h.MaxSeconds()}
			if cut {
				e = encoded(t, h)
			}
			if !inWindow {
				return results.Latency{Outside: e}
			}
			return results.Latency{Window: e}
		}
		if !p.closed {
			producer.Ack = encode(&ack)
		}
		producer.Service = encode(&service)
		producer.SlipPacer = encode(&slip)
		consumer.EndToEnd = encode(&e2e)
		interval.Producers["checkout"], interval.Consumers["analytics"] = producer, consumer
		trial.Intervals = append(trial.Intervals, interval)
		if inWindow {
			intended += int64(records)
			completed += int64(acked)
		}
	}
	if cut {
		trial.State, trial.Damage = results.Interrupted, "the journal ends without an end frame"
		return trial
	}
	end := &results.End{State: results.Complete, Seconds: float64(total), WindowStart: warmupSeconds, WindowEnd: float64(warmupSeconds + p.seconds)}
	books := results.Books{Intended: intended + p.failed, IntendedBytes: intended * 1024, Acked: intended, AckedBytes: intended * 1024}
	if p.failed > 0 {
		books.Failed = map[string]int64{"REQUEST_TIMED_OUT": p.failed}
	}
	totals := results.ProducerTotals{Whole: books, Window: books, CompletedInWindow: completed, CompletedBytesInWindow: completed * 1024}
	totals.Ack, totals.Service, totals.SlipPacer = ack.encoded(t), service.encoded(t), slip.encoded(t)
	end.Producers = map[string]results.ProducerTotals{"checkout": totals}
	end.Consumers = map[string]results.ConsumerTotals{"analytics": {Consumed: intended, ConsumedInWindow: completed, ConsumedBytesInWindow: completed * 1024, Window: intended, Expected: intended, EndToEnd: e2e.encoded(t), Integrity: results.Integrity{Checked: true}}}
	trial.End = end
	return trial
}

func encoded(t testing.TB, h *measure.Histogram) measure.Encoded {
	t.Helper()
	e, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// untrusted spoils two trials of a run.
func untrusted(run *results.Run) *results.Run {
	run.Summary.Run.Trust = results.Untrusted
	run.Manifest.Allow = []string{"untrusted"}
	for i := range min(2, len(run.Summary.Cases[0].Trials)) {
		trial := &run.Summary.Cases[0].Trials[i]
		trial.Trust = results.Untrusted
		trial.Reasons = append(slices.Clone(trial.Reasons), results.Reason{Code: "slip_pacer", Text: "pacer 3.2 ms late at p99, more than 10% of ack p99"})
	}
	return run
}
