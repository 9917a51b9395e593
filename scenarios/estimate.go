package scenarios

import (
	"math"
	"slices"
	"time"
)

// Estimate is what running a scenario takes, before anything was contacted.
type Estimate struct {
	Cases, Repeats, Trials int
	Duration               time.Duration // of all trials with their rests, set-up included
	Round                  time.Duration // of one trial of every case, likewise
	PerCase                []CaseEstimate
	// TopicBytes are written to topics in all trials, replicas included; those of one trial
	// are gone before the next one, unless topics are kept. NaN where a rate is max.
	TopicBytes float64
	// PeakTopicBytes are on the brokers' disks at one time.
	PeakTopicBytes float64
	// PeakMemoryBytes is kaliper's own memory in the largest case, without the simulated
	// broker.
	PeakMemoryBytes int64
	// MedianInterval is the level that an interval for the median of a case reaches at the
	// most with so many repeats: 1 - 2^(1 - repeats).
	MedianInterval float64
}

// CaseEstimate is what one trial of a case takes.
type CaseEstimate struct {
	ID               string
	Duration         time.Duration // set-up included
	Records          float64       // NaN where a rate is max
	Bytes            float64       // of key and value
	RecordsPerSecond float64       // the mean that is offered
	TopicBytes       float64       // with the replicas, before compression
	MemoryBytes      int64
}

// Set-up and tear-down of one trial, about: topics, groups, connections, deletion. The demo's
// trials take 0.2 to 0.4 s.
const (
	setUp         = 1500 * time.Millisecond
	setUpEmbedded = 250 * time.Millisecond
	// Members of a share group are told their partitions with their second heartbeat, 5 s after
	// the first one where the broker has Kafka's default.
	setUpShare = 5500 * time.Millisecond
	// A log is at rest when it has not shrunk for as long as its cleaner sleeps, by Kafka's default.
	awaitCleaner         = 16 * time.Second
	awaitCleanerEmbedded = 1500 * time.Millisecond
)

// What a trial keeps in memory, as an upper bound.
const (
	baseMemory        = 40 << 20 // the program, its libraries, the garbage collector's share
	clientMemory      = 1 << 20  // connections and their buffers
	arenaMemory       = 16 << 20 // prepared values of all producer groups
	recorderMemory    = 6 * 24 * 1024 * 4
	recordersPerGroup = 8
	// What the client library keeps of each partition of a producer client's topic: 1,000 clients of
	// 2,000 partitions each made an RSS of 3.3 GiB.
	clientPartition = 1_600
	// Of each client and partition of its topic that it sends stamped records to, and of each group
	// that reads them: the next sequence, and what its readers have seen, twice where handlers take time.
	integritySent, integrityRead = 8, 2 * 24
	// Bytes of a record in the buffer beside its key and value, the garbage collector's share
	// included: 335,000 stamped records of 100 B in a full buffer make an RSS of 279 MiB.
	inFlightOverhead = 600
)

// Levels of confidence that a median's interval should reach.
const usualLevel = 0.95

// EnoughRepeats reports whether the repeats can give a 95% interval for a median.
func (e Estimate) EnoughRepeats() bool { return e.MedianInterval >= usualLevel }

// Estimate works out what running the scenario takes.
func (s *Scenario) Estimate() Estimate {
	e := Estimate{
		Cases: len(s.Cases), Repeats: s.Repeats, Trials: len(s.Cases) * s.Repeats,
		MedianInterval: 1 - math.Pow(2, 1-float64(s.Repeats)),
	}
	kept := 0.0
	for _, c := range s.Cases {
		one := c.estimate()
		e.PerCase = append(e.PerCase, one)
		e.Round += one.Duration + s.Rest
		e.TopicBytes += float64(s.Repeats) * one.TopicBytes
		e.PeakTopicBytes = math.Max(e.PeakTopicBytes, one.TopicBytes)
		e.PeakMemoryBytes = max(e.PeakMemoryBytes, one.MemoryBytes)
		if c.Load.KeepTopics {
			kept += float64(s.Repeats) * one.TopicBytes
		}
	}
	e.PeakTopicBytes = math.Max(e.PeakTopicBytes, kept)
	e.Duration = time.Duration(s.Repeats) * e.Round
	return e
}

func (c Case) estimate() CaseEstimate {
	load := c.Load
	total := load.Warmup + load.Duration
	e := CaseEstimate{ID: c.ID, Duration: total + around(load), MemoryBytes: baseMemory}
	groups := len(load.Producers) + len(load.Consumers) + len(load.Pipelines)
	e.MemoryBytes += int64(groups * recordersPerGroup * recorderMemory)
	if len(load.Producers) > 0 {
		e.MemoryBytes += arenaMemory
	}
	for _, g := range load.Producers {
		size := g.Value.mean() + g.Key.mean()
		records := scheduled(g.Rate, total, size)
		replicas := 1
		partitions := 1
		for _, t := range load.Topics {
			if t.Declared() == g.Topic {
				replicas, partitions = max(t.ReplicationFactor, 1), max(t.Partitions, 1)
			}
		}
		e.Records += records
		e.Bytes += records * size
		e.TopicBytes += records * size * float64(replicas)
		e.MemoryBytes += min(g.memory(size), int64(g.Clients)*clientMemory+buffered(records, size))
		e.MemoryBytes += int64(g.Clients*partitions) * clientPartition
		if load.Integrity == IntegrityFull {
			readers := len(load.Consumers) + len(load.Pipelines)
			if load.Verify.On() {
				readers++
			}
			e.MemoryBytes += int64(g.Clients*partitions) * int64(integritySent+integrityRead*readers)
		}
	}
	for _, g := range load.Consumers {
		fetched := int64(64 << 20)
		if g.Properties.Role() != "" {
			fetched = g.Properties.Int64("fetch.max.bytes")
		}
		// A fetch is decoded beside the next one; members rarely have full ones all at once.
		e.MemoryBytes += int64(g.Members)*clientMemory + min(fetched, 8<<20)*int64(g.Members)
	}
	if load.Verify.On() {
		e.MemoryBytes += clientMemory + 8<<20
	}
	e.pipelines(load)
	e.RecordsPerSecond = e.Records / total.Seconds()
	return e
}

// around is the time beside warm-up and window. A load that is sustained drains in moments,
// whatever the drain's bound is.
func around(load Load) time.Duration {
	drained := min(load.Drain, 200*time.Millisecond)
	if slices.ContainsFunc(load.Consumers, func(g ConsumerGroup) bool { return g.Share != nil }) {
		drained += setUpShare
	}
	if load.Verify.Compaction {
		if load.Target.Embedded {
			drained += awaitCleanerEmbedded
		} else {
			drained += awaitCleaner
		}
	}
	if load.Target.Embedded {
		return setUpEmbedded + drained
	}
	return setUp + drained
}

// memory bounds what the buffers of a producer group take: the whole of buffer.memory where
// the load can fill it.
func (g ProducerGroup) memory(size float64) int64 {
	buffer := int64(32 << 20)
	if g.Properties.Role() != "" {
		buffer = g.Properties.Int64("buffer.memory")
	}
	overhead := 1 + inFlightOverhead/math.Max(size, 1)
	return int64(g.Clients) * (clientMemory + int64(float64(buffer)*math.Min(overhead, 4)))
}

// buffered bounds what is in all buffers together by what is sent at all; without a schedule
// nothing is known.
func buffered(records, size float64) int64 {
	if math.IsNaN(records) {
		return math.MaxInt64 / 2
	}
	return int64(records * (size + inFlightOverhead))
}

// scheduled returns how many records a schedule offers in so long a time; NaN for max.
func scheduled(phases []Phase, total time.Duration, size float64) float64 {
	sum, begin := 0.0, time.Duration(0)
	for i, p := range phases {
		if p.Max() {
			return math.NaN()
		}
		if begin >= total {
			break
		}
		length := p.For
		if length == 0 || i == len(phases)-1 {
			length = total - begin
		}
		part := min(length, total-begin)
		share := part.Seconds() / length.Seconds()
		to := p.From.PerSecond + (p.To.PerSecond-p.From.PerSecond)*share
		amount := (p.From.PerSecond + to) / 2 * part.Seconds()
		if p.From.Bytes {
			amount /= math.Max(size, 1)
		}
		sum += amount
		begin += length
	}
	return sum
}

// mean returns the mean size of a value in bytes.
func (v Value) mean() float64 {
	switch {
	case v.Lines != nil:
		total := 0
		for _, line := range v.Lines {
			total += len(line)
		}
		return float64(total) / math.Max(float64(len(v.Lines)), 1)
	case v.Size.Distribution == SizeUniform:
		return float64(v.Size.Min+v.Size.Max) / 2
	case v.Size.Distribution == SizeLognormal:
		// Without the cut at the maximum, of which it is an upper bound.
		return math.Min(float64(v.Size.Median)*math.Exp(v.Size.Sigma*v.Size.Sigma/2), float64(v.Size.Max))
	case v.Size.Distribution == SizeHistogram:
		sum, weight := 0.0, 0.0
		for _, bin := range v.Size.Bins {
			sum += float64(bin.Bytes) * bin.Weight
			weight += bin.Weight
		}
		return sum / weight
	default:
		return float64(v.Size.Bytes)
	}
}

// mean returns about the mean size of a key in bytes.
func (k Key) mean() float64 {
	switch {
	case k.Distribution == KeyNone:
		return 0
	case k.Distribution == KeySample:
		return k.Sample.MeanKeyBytes()
	case k.Size > 0:
		return float64(k.Size)
	default:
		return math.Max(1, math.Log10(float64(min(k.Cardinality, 1_000_000_000))))
	}
}
