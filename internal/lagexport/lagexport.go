// Package lagexport publishes the lag of consumer groups as Prometheus metrics. It decides
// their names and what is left out: what is not known has no value, for a 0 would be read as
// "no lag", and neither has a sample that is too old. It measures nothing.
package lagexport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kaliper/internal/kafka"
)

// Staleness is the age at which a sample is no longer published: it would be taken for now.
const Staleness = 10 * time.Second

// shutdownBound is how long a scrape that is under way may take when the exporter ends.
const shutdownBound = time.Second

// descriptions are the metrics, under the names of kaliper's own ones with Prometheus' units.
type descriptions struct {
	records, seconds, committed, end                  *prometheus.Desc
	groupRecords, groupSeconds, consumed, produced    *prometheus.Desc
	catchUp, sampleSeconds, sampleTime, failuresTotal *prometheus.Desc
}

// Exporter is a collector of the newest sample.
type Exporter struct {
	descriptions descriptions
	newest       atomic.Pointer[kafka.LagSample]
	failures     atomic.Int64
}

// New returns an exporter that knows nothing until Publish.
func New() *Exporter {
	groupLabels, partitionLabels := []string{"group"}, []string{"group", "topic", "partition"}
	metric := func(name, help string, labels []string) *prometheus.Desc {
		return prometheus.NewDesc("kaliper_"+name, help, labels, nil)
	}
	return &Exporter{descriptions: descriptions{
		records:       metric("lag_records", "Records between a group's committed offset and the end of the log.", partitionLabels),
		seconds:       metric("lag_seconds", "Age of the first unconsumed record; absent where it is unknown.", partitionLabels),
		committed:     metric("committed_offset", "The next offset that a group reads.", partitionLabels),
		end:           metric("end_offset", "The end of the log.", partitionLabels),
		groupRecords:  metric("group_lag_records", "Lag of a group over all its partitions; absent where one is unknown.", groupLabels),
		groupSeconds:  metric("group_lag_seconds", "Age of a group's oldest unconsumed record; absent where one is unknown.", groupLabels),
		consumed:      metric("group_consumed_records_per_second", "How fast a group's committed offsets advance.", groupLabels),
		produced:      metric("group_produced_records_per_second", "How fast the ends of a group's partitions advance.", groupLabels),
		catchUp:       metric("group_catch_up_seconds", "Time until a group has caught up at these rates; +Inf where it does not, absent where it is unknown.", groupLabels),
		sampleSeconds: metric("lag_sample_duration_seconds", "How long the newest sample took.", nil),
		sampleTime:    metric("lag_sample_timestamp_seconds", "When the newest sample was taken.", nil),
		failuresTotal: metric("lag_sample_failures_total", "Samples that the cluster did not answer.", nil),
	}}
}

// Publish makes a sample the newest one. The caller must not change it afterwards.
func (e *Exporter) Publish(sample kafka.LagSample) { e.newest.Store(&sample) }

// Failed counts a sample that could not be taken.
func (e *Exporter) Failed() { e.failures.Add(1) }

// Describe implements prometheus.Collector.
func (e *Exporter) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(e, to) }

// Collect implements prometheus.Collector.
func (e *Exporter) Collect(to chan<- prometheus.Metric) {
	d := e.descriptions
	to <- prometheus.MustNewConstMetric(d.failuresTotal, prometheus.CounterValue, float64(e.failures.Load()))
	sample := e.newest.Load()
	if sample == nil {
		return
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	gauge(d.sampleTime, float64(sample.At.UnixMilli())/1e3)
	gauge(d.sampleSeconds, sample.TookSeconds)
	if time.Since(sample.At) > Staleness {
		return
	}
	known := func(desc *prometheus.Desc, value *float64, labels ...string) {
		if value != nil {
			gauge(desc, *value, labels...)
		}
	}
	for _, g := range sample.Groups {
		known(d.groupRecords, number(g.Records), g.Group)
		known(d.groupSeconds, g.Seconds, g.Group)
		known(d.consumed, g.ConsumedPerSecond, g.Group)
		known(d.produced, g.ProducedPerSecond, g.Group)
		known(d.catchUp, g.CatchUp(), g.Group)
		for _, p := range g.Partitions {
			labels := []string{g.Group, p.Topic, strconv.Itoa(int(p.Partition))}
			known(d.records, number(p.Records), labels...)
			known(d.seconds, p.Seconds, labels...)
			known(d.end, number(p.End), labels...)
			gauge(d.committed, float64(p.Committed), labels...)
		}
	}
}

func number(n *int64) *float64 {
	if n == nil {
		return nil
	}
	value := float64(*n)
	return &value
}

// Handler answers scrapes.
func (e *Exporter) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(e)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// Serve answers scrapes at /metrics until ctx is done.
func (e *Exporter) Serve(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", e.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownBound)
		defer cancel()
		stopped <- server.Shutdown(bounded)
	})
	err := server.Serve(listener)
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
