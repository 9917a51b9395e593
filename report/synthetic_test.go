package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kaliper/internal/measure"
	"kaliper/internal/metric"
	"kaliper/internal/stats"
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
		name: "codec-choice", question: "Which codec and linger suit our order events at 2,000 records/s?", id: "20261118T140512Z-codec-choice-7f3b",
		repeats: 6, seconds: 10, rate: 2000, seed: 3,
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

// build makes the run and its summary.
func (p plan) build(t testing.TB) *results.Run {
	t.Helper()
	if p.started.IsZero() {
		p.started = time.Date(2026, 11, 18, 14, 5, 12, 0, time.UTC)
	}
	random := rand.New(rand.NewPCG(p.seed, 7))
	run := &results.Run{Dir: "results/" + p.id, Manifest: p.manifest()}
	run.Summary = results.Summary{Schema: results.SummarySchema, Run: results.SummaryRun{
		ID: p.id, State: results.Complete, Trust: results.Trusted, Outcome: results.Sustained,
	}}
	m := &run.Manifest
	var summaries [][]results.SummaryTrial = make([][]results.SummaryTrial, len(p.cases))
	at := p.started
	for round := 1; round <= p.repeats; round++ {
		for _, i := range random.Perm(len(p.cases)) {
			last := round == p.repeats && len(m.Order) == p.repeats*len(p.cases)-1
			m.Order = append(m.Order, results.TrialRef{Case: m.Cases[i].ID, Trial: round, Round: round})
			journal := p.trial(t, random, i, round, at, p.interrupted && last)
			at = at.Add(time.Duration(p.seconds+warmupSeconds+4) * time.Second)
			run.Trials = append(run.Trials, journal)
			summaries[i] = append(summaries[i], p.summarize(t, journal, i, random))
		}
	}
	m.Ended = at
	for i, c := range m.Cases {
		run.Summary.Cases = append(run.Summary.Cases, results.SummaryCase{
			ID: c.ID, Settings: c.Settings, Trials: summaries[i], Metrics: overTrials(summaries[i]),
		})
	}
	if p.interrupted {
		m.State, run.Summary.Run.State = results.Interrupted, results.Interrupted
		last := m.Order[len(m.Order)-1]
		run.Summary.Run.Missing = []string{last.String()}
	}
	if p.simulated {
		run.Summary.Run.Environment = append(run.Summary.Run.Environment, results.Reason{Code: "simulated", Text: "the broker is simulated"})
	}
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
		Notes:    []string{"batch.size counts uncompressed bytes here; Java estimates compressed ones."},
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
			info.Effective = append(info.Effective, results.EffectiveProperty{
				Group: "producers.checkout", Name: s.Path[len("producers.*.config."):], Value: s.Value, Origin: "matrix", Class: "honoured",
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
func (p plan) trial(t testing.TB, random *rand.Rand, i, round int, at time.Time, cut bool) results.Trial {
	t.Helper()
	trial := results.Trial{State: results.Complete, Begin: p.begin(i, round, at)}
	c := p.cases[i]
	total := warmupSeconds + p.seconds + 2
	if cut {
		total = warmupSeconds + p.seconds/2
	}
	noise := math.Exp(0.02 * random.NormFloat64())
	whole := map[string]*measure.Histogram{"ack": measure.NewHistogram(), "service": measure.NewHistogram(), "e2e": measure.NewHistogram()}
	var intended int64
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
		var ackRecorder, serviceRecorder, e2eRecorder measure.Recorder
		for range records {
			served := c.median * noise * math.Exp(c.sigma*random.NormFloat64())
			if second < 3 {
				served *= 4 / float64(second+1)
			}
			response := served + 50e-6
			if p.stallAt > 0 && second >= p.stallAt && second < p.stallAt+3 {
				response += float64(p.stallAt+3-second) - random.Float64()
			}
			ackRecorder.Record(int64(response * 1e9))
			serviceRecorder.Record(int64(served * 1e9))
			e2eRecorder.Record(int64((response + 3e-3) * 1e9))
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
		encode := func(name string, r *measure.Recorder) results.Latency {
			h := measure.NewHistogram()
			r.DrainInto(h)
			e, err := h.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if !inWindow {
				return results.Latency{Outside: e}
			}
			whole[name].Merge(h)
			return results.Latency{Window: e}
		}
		if !p.closed {
			producer.Ack = encode("ack", &ackRecorder)
		}
		producer.Service = encode("service", &serviceRecorder)
		consumer.EndToEnd = encode("e2e", &e2eRecorder)
		interval.Producers["checkout"], interval.Consumers["analytics"] = producer, consumer
		trial.Intervals = append(trial.Intervals, interval)
		if inWindow {
			intended += int64(records)
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
	totals := results.ProducerTotals{Whole: books, Window: books, CompletedInWindow: intended}
	totals.Ack, totals.Service = encoded(t, whole["ack"]), encoded(t, whole["service"])
	end.Producers = map[string]results.ProducerTotals{"checkout": totals}
	end.Consumers = map[string]results.ConsumerTotals{"analytics": {Consumed: intended, Window: intended, Expected: intended, EndToEnd: encoded(t, whole["e2e"]), Integrity: results.Integrity{Checked: true}}}
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

// summarize stands in for internal/analysis.
func (p plan) summarize(t testing.TB, trial results.Trial, i int, random *rand.Rand) results.SummaryTrial {
	t.Helper()
	c := p.cases[i]
	s := results.SummaryTrial{
		ID: fmt.Sprintf("%s/%d", trial.Begin.Case, trial.Begin.Trial), Round: trial.Begin.Round, State: trial.State,
		Trust: results.Trusted, Outcome: results.Sustained, Metrics: map[string]results.TrialValue{},
	}
	set := func(name string, v float64, few bool) {
		definition, ok := metric.Lookup(name)
		if !ok {
			t.Fatalf("no metric %s", name)
		}
		s.Metrics[name] = results.TrialValue{Unit: definition.Unit, Value: results.Number(v), Few: few}
	}
	for _, kind := range latencyKinds() {
		h, infinite, err := pooled(&trial, kind)
		if err != nil {
			t.Fatal(err)
		}
		if h.Count() == 0 {
			continue
		}
		for _, statistic := range []string{"p50", "p99", "p99_9"} {
			q, _ := metric.Quantile(statistic)
			set(string(kind)+"."+statistic, h.QuantileSeconds(q, infinite), h.Beyond(q, infinite) < 20)
		}
	}
	noise := func() float64 { return 1 + 0.01*random.NormFloat64() }
	set("offered.records_per_second", p.rate, false)
	set("acked.records_per_second", p.rate*math.Min(1, 0.9995+0.0005*noise()), false)
	set("consumed.records_per_second", p.rate, false)
	set("cpu.seconds_per_record", c.cpu*noise(), false)
	set("wire.bytes_per_record", c.wire*(1+0.002*random.NormFloat64()), false)
	set("batch.records", 5.2*noise(), false)
	set("lag.records.max", 4200*noise(), false)
	set("errors.ratio", float64(p.failed)/(p.rate*float64(p.seconds)), false)
	set("lost", 0, false)
	set("duplicated", 0, false)
	set("slip.pacer.p99", 90e-6*noise(), false)
	return s
}

func overTrials(trials []results.SummaryTrial) map[string]results.MetricValue {
	metrics := map[string]results.MetricValue{}
	samples := map[string][]float64{}
	for _, trial := range trials {
		for name, v := range trial.Metrics {
			samples[name] = append(samples[name], float64(v.Value))
		}
	}
	for name, sample := range samples {
		v := results.MetricValue{Unit: trials[0].Metrics[name].Unit, Median: results.Number(stats.Median(sample)), N: len(sample)}
		if len(sample) >= 5 {
			if interval, ok := stats.MedianInterval(sample, 0.95); ok {
				v.Interval = &results.ConfidenceInterval{Lo: results.Number(interval.Lo), Hi: results.Number(interval.Hi), Level: interval.Level}
			}
		}
		metrics[name] = v
	}
	return metrics
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
