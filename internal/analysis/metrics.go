package analysis

import (
	"math"
	"strings"

	"kaliper/internal/measure"
	"kaliper/internal/metric"
	"kaliper/results"
)

// fewBeyond is the number of records beyond a percentile under which it is marked: the 20th
// largest value varies by about a fifth of its rank, and a tail hangs on less than that.
const fewBeyond = 20

// Metrics returns every metric that the trial's journal tells, of each group by its name
// (checkout.ack.p99) and pooled over groups (ack.p99). What was not measured is absent; what
// was, and whose answer is not known, is NaN. Definitions and units are those of
// internal/metric.
func Metrics(trial results.Trial) map[string]results.TrialValue {
	return readFigures(&trial).metrics()
}

func (f *figures) metrics() map[string]results.TrialValue {
	table := newTable()
	f.producerMetrics(table)
	sum := f.consumerMetrics(table)
	f.logMetrics(table, &sum)
	sum.set(table, "")
	f.pipelineMetrics(table)
	f.dedupMetrics(table)
	f.failureMetrics(table)
	f.shareMetrics(table)
	f.followerMetrics(table)
	f.clientMetrics(table)
	f.processMetrics(table)
	f.healthMetrics(table)
	return table.values
}

// table gathers metrics with the units of their definitions.
type table struct {
	units  map[string]string
	values map[string]results.TrialValue
}

func newTable() *table {
	t := &table{units: map[string]string{}, values: map[string]results.TrialValue{}}
	for _, definition := range metric.All() {
		t.units[definition.Name] = definition.Unit
	}
	return t
}

// set adds a metric; group is empty for the pooled one. An infinite rate or ratio, of a zero
// denominator, says nothing and is left out.
func (t *table) set(group, name string, value float64) {
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return
	}
	t.put(group, name, results.TrialValue{Value: results.Number(value)})
}

// put adds a metric whatever its value.
func (t *table) put(group, name string, value results.TrialValue) {
	value.Unit = t.units[name]
	if strings.HasPrefix(name, "errors.") && value.Unit == "" {
		value.Unit = t.units["errors.KIND.count"]
	}
	if group != "" {
		name = group + "." + name
	}
	t.values[name] = value
}

// latency adds all statistics of a latency, of which infinite records never resolved.
// Without any record it was not measured.
func (t *table) latency(group, name string, h *measure.Histogram, infinite int64) {
	if h.Count()+infinite == 0 {
		return
	}
	for _, statistic := range metric.LatencyStatistics() {
		value := results.TrialValue{}
		quantile, isQuantile := metric.Quantile(statistic)
		switch {
		case isQuantile:
			value.Value = results.Number(h.QuantileSeconds(quantile, infinite))
			value.Few = h.Beyond(quantile, infinite) < fewBeyond
		case statistic == "max":
			value.Value = results.Number(h.QuantileSeconds(1, infinite))
		case h.Count() == 0:
			continue // a mean of no resolved records
		default:
			value.Value = results.Number(h.MeanSeconds())
			value.Excluded = infinite
		}
		t.put(group, name+"."+statistic, value)
	}
}

// producerMetrics adds what the books and latencies of the producer groups tell. The closed
// loop has no intended times: of it there are throughput and service latency alone.
func (f *figures) producerMetrics(t *table) {
	var pooled pool
	for _, name := range f.producerNames() {
		p := f.producers[name]
		f.producerGroup(t, name, p, p.openLoop)
		pooled.add(p)
	}
	if len(f.producers) > 0 {
		f.producerGroup(t, "", pooled.figures, pooled.openLoops > 0)
		if pooled.openLoops > 0 {
			t.latency("", "ack", pooled.open.ack, pooled.open.infinite())
			t.latency("", "slip.pacer", pooled.open.pacer, 0)
			t.latency("", "slip.blocked", pooled.open.blocked, 0)
		}
	}
}

func (f *figures) producerGroup(t *table, name string, p producerFigures, openLoop bool) {
	if openLoop && name != "" {
		t.latency(name, "ack", p.ack, p.infinite())
		// A slip belongs to records that were handed over: those that never were are the
		// infinite ones of ack.
		t.latency(name, "slip.pacer", p.pacer, 0)
		t.latency(name, "slip.blocked", p.blocked, 0)
	}
	t.latency(name, "service", p.service, p.infinite())
	p.serialize.set(t, name, "serialize")

	window, seconds := p.totals.Window, f.seconds()
	t.set(name, "offered.records_per_second", float64(window.Intended)/seconds)
	t.set(name, "offered.bytes_per_second", float64(window.IntendedBytes)/seconds)
	t.set(name, "acked.records_per_second", float64(p.totals.CompletedInWindow)/seconds)
	t.set(name, "acked.bytes_per_second", float64(p.totals.CompletedBytesInWindow)/seconds)
	t.set(name, "errors.ratio", float64(p.infinite())/float64(window.Intended))
	for kind, n := range window.Failed {
		t.set(name, "errors."+kind+".count", float64(n))
	}
}

// pool merges producer groups: all of them, and those of an open loop.
type pool struct {
	figures   producerFigures
	open      producerFigures
	openLoops int
}

func (p *pool) add(group producerFigures) {
	p.figures.add(group)
	if group.openLoop {
		p.open.add(group)
		p.openLoops++
	}
}

func (p *producerFigures) add(other producerFigures) {
	if p.ack == nil {
		p.ack, p.service = measure.NewHistogram(), measure.NewHistogram()
		p.pacer, p.blocked = measure.NewHistogram(), measure.NewHistogram()
		p.totals.Window.Failed = map[string]int64{}
	}
	p.ack.Merge(other.ack)
	p.service.Merge(other.service)
	p.pacer.Merge(other.pacer)
	p.blocked.Merge(other.blocked)
	p.serialize.add(other.serialize)
	mine, its := &p.totals.Window, other.totals.Window
	mine.Intended += its.Intended
	mine.IntendedBytes += its.IntendedBytes
	mine.Acked += its.Acked
	mine.AckedBytes += its.AckedBytes
	mine.Unresolved += its.Unresolved
	for kind, n := range its.Failed {
		mine.Failed[kind] += n
	}
	p.totals.CompletedInWindow += other.totals.CompletedInWindow
	p.totals.CompletedBytesInWindow += other.totals.CompletedBytesInWindow
}

// consumerMetrics adds what the consumer groups tell. Pooled, counts and rates are sums, lags
// and pauses are those of the worst group. It returns the sum of what they found of integrity.
func (f *figures) consumerMetrics(t *table) (sum integrity) {
	if len(f.consumers) == 0 {
		return sum
	}
	endToEnd, processed := measure.NewHistogram(), measure.NewHistogram()
	var unread, unprocessed, records, bytes int64
	var decoded serializationFigures
	lags := f.lags()
	drains := f.drains()
	for _, name := range f.consumerNames() {
		c := f.consumers[name]
		t.latency(name, "e2e", c.endToEnd, c.totals.Unread)
		t.set(name, "consumed.records_per_second", float64(c.totals.ConsumedInWindow)/f.seconds())
		t.set(name, "consumed.bytes_per_second", float64(c.totals.ConsumedBytesInWindow)/f.seconds())
		if c.processed.Count() > 0 {
			t.latency(name, "processed", c.processed, c.unprocessed())
			processed.Merge(c.processed)
			unprocessed += c.unprocessed()
		}
		c.deserialize.set(t, name, "deserialize")
		decoded.add(c.deserialize)
		endToEnd.Merge(c.endToEnd)
		unread += c.totals.Unread
		records += c.totals.ConsumedInWindow
		bytes += c.totals.ConsumedBytesInWindow
		if f.trial.End != nil {
			one := newIntegrity(c.totals.Integrity)
			one.unordered = c.totals.Share != nil
			one.set(t, name)
			sum.add(one)
		}
		lags[name].set(t, name)
		drains[name].set(t, name)
	}
	t.latency("", "e2e", endToEnd, unread)
	t.latency("", "processed", processed, unprocessed)
	decoded.set(t, "", "deserialize")
	t.set("", "consumed.records_per_second", float64(records)/f.seconds())
	t.set("", "consumed.bytes_per_second", float64(bytes)/f.seconds())
	worstLag(lags).set(t, "")
	worstDrain(drains).set(t, "")
	return sum
}

// clientMetrics adds what the client library told of its requests, and rebalances.
func (f *figures) clientMetrics(t *table) {
	var all, produced results.ClientInterval
	var acked int64
	for _, name := range f.producerNames() {
		var client results.ClientInterval
		var records int64
		for _, interval := range f.inWindow {
			addClient(&client, interval.Producers[name].Client)
			records += interval.Producers[name].Acked
		}
		f.setRequests(t, name, client)
		setBatches(t, name, client, records)
		addClient(&produced, client)
		acked += records
	}
	setBatches(t, "", produced, acked)
	addClient(&all, produced)

	var rebalances, moved int64
	var pause, idle float64
	rebalancing := false
	for _, name := range f.consumerNames() {
		var client results.ClientInterval
		var count, others int64
		var longest, ownerless float64
		failed := map[string]int64{}
		for _, interval := range f.inWindow {
			c := interval.Consumers[name]
			addClient(&client, c.Client)
			count += c.Rebalances
			others += c.RebalanceMoved
			ownerless += c.RebalanceIdleSeconds
			longest = max(longest, c.RebalancePauseSeconds)
			for kind, n := range c.Failed {
				failed[kind] += n
			}
		}
		f.setRequests(t, name, client)
		if !f.shared(name) {
			rebalancing = true
			t.set(name, "rebalances.count", float64(count))
			t.set(name, "rebalances.pause.max", longest)
			t.set(name, "rebalances.moved.count", float64(others))
			t.set(name, "rebalances.idle.seconds", ownerless)
		}
		for kind, n := range failed {
			t.set(name, "errors."+kind+".count", float64(n))
			pooled := float64(t.values["errors."+kind+".count"].Value)
			t.set("", "errors."+kind+".count", pooled+float64(n))
		}
		addClient(&all, client)
		rebalances += count
		moved += others
		idle += ownerless
		pause = max(pause, longest)
	}
	f.setRequests(t, "", all)
	if rebalancing {
		t.set("", "rebalances.count", float64(rebalances))
		t.set("", "rebalances.pause.max", pause)
		t.set("", "rebalances.moved.count", float64(moved))
		t.set("", "rebalances.idle.seconds", idle)
	}
}

// setRequests adds rates over the window's intervals. A client that told of no request at all
// did not tell.
func (f *figures) setRequests(t *table, group string, client results.ClientInterval) {
	if client.Requests == 0 {
		return
	}
	t.set(group, "requests.per_second", float64(client.Requests)/f.intervalSeconds)
	t.set(group, "requests.round_trip.mean", client.RoundTripSeconds/float64(client.Requests))
	t.set(group, "requests.queue.mean", client.QueueSeconds/float64(client.Requests))
	t.set(group, "throttle.seconds", client.ThrottleSeconds)
}

func setBatches(t *table, group string, client results.ClientInterval, acked int64) {
	if client.Requests == 0 {
		return
	}
	t.set(group, "batch.records", float64(client.BatchRecords)/float64(client.Batches))
	t.set(group, "compression.ratio", float64(client.CompressedBytes)/float64(client.UncompressedBytes))
	t.set(group, "wire.bytes_per_record", float64(client.WireBytes)/float64(acked))
}

func addClient(sum *results.ClientInterval, c results.ClientInterval) {
	sum.Requests += c.Requests
	sum.Batches += c.Batches
	sum.BatchRecords += c.BatchRecords
	sum.UncompressedBytes += c.UncompressedBytes
	sum.CompressedBytes += c.CompressedBytes
	sum.WireBytes += c.WireBytes
	sum.RoundTripSeconds += c.RoundTripSeconds
	sum.QueueSeconds += c.QueueSeconds
	sum.ThrottleSeconds += c.ThrottleSeconds
}

// processMetrics adds what the process used. Its CPU is set against the records that the same
// intervals acknowledged and consumed, for the window's edges lie within intervals.
func (f *figures) processMetrics(t *table) {
	var cpu, pacer float64
	var records, allocated, collections int64
	for _, interval := range f.inWindow {
		allocated += interval.Process.AllocatedBytes
		collections += interval.Process.GarbageCollections
		cpu += interval.Process.CPUSeconds
		pacer += interval.Process.PacerCPUSeconds
		for _, p := range interval.Producers {
			records += p.Acked
		}
		for _, c := range interval.Consumers {
			records += c.Consumed
		}
	}
	t.set("", "cpu.seconds_per_record", max(cpu-pacer, 0)/float64(records))
	t.set("", "allocated.bytes_per_record", float64(allocated)/float64(records))
	t.set("", "gc.count", float64(collections))
	t.set("", "pacer.cpu.ratio", pacer/f.intervalSeconds)
	var rss int64
	for _, interval := range f.trial.Intervals {
		rss = max(rss, interval.Process.RSSBytes)
	}
	if f.trial.End != nil {
		rss = max(rss, f.trial.End.ProcessRSSBytes)
	}
	if rss > 0 {
		t.set("", "memory.rss.max", float64(rss))
	}
}
