package kafka

import (
	"maps"
	"strconv"
	"testing"
	"time"
)

// javaProperties are properties as text with Java's defaults beneath.
type javaProperties struct {
	defaults, set map[string]string
}

// Kafka 4.3's defaults of what the options read.
var (
	clientDefaults = map[string]string{
		"security.protocol": "PLAINTEXT", "connections.max.idle.ms": "540000",
		"request.timeout.ms": "30000", "metadata.max.age.ms": "300000", "retry.backoff.ms": "100",
		"retry.backoff.max.ms": "1000", "socket.connection.setup.timeout.ms": "10000",
	}
	producerDefaults = map[string]string{
		"acks": "all", "enable.idempotence": "true", "retries": "2147483647", "linger.ms": "5",
		"batch.size": "16384", "max.request.size": "1048576", "delivery.timeout.ms": "120000",
		"compression.type": "none", "compression.gzip.level": "-1", "compression.lz4.level": "9",
		"compression.zstd.level": "3", "max.in.flight.requests.per.connection": "5",
	}
	consumerDefaults = map[string]string{
		"group.protocol": "classic", "session.timeout.ms": "45000", "heartbeat.interval.ms": "3000",
		"max.poll.interval.ms": "300000", "fetch.min.bytes": "1", "fetch.max.bytes": "52428800",
		"fetch.max.wait.ms": "500", "max.partition.fetch.bytes": "1048576",
		"isolation.level": "read_uncommitted", "auto.offset.reset": "latest", "check.crcs": "true",
		"enable.auto.commit": "true", "auto.commit.interval.ms": "5000",
		"partition.assignment.strategy": "org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
	}
)

// producer and consumer return a client's properties with settings, in pairs, on top.
func producer(bootstrap string, settings ...string) Properties {
	return javaClient(bootstrap, producerDefaults, settings)
}

func consumer(bootstrap string, settings ...string) Properties {
	return javaClient(bootstrap, consumerDefaults, settings)
}

func javaClient(bootstrap string, defaults map[string]string, settings []string) javaProperties {
	p := javaProperties{defaults: maps.Clone(clientDefaults), set: map[string]string{"bootstrap.servers": bootstrap}}
	maps.Copy(p.defaults, defaults)
	for i := 0; i < len(settings); i += 2 {
		p.set[settings[i]] = settings[i+1]
	}
	return p
}

func (p javaProperties) String(name string) string {
	if v, ok := p.set[name]; ok {
		return v
	}
	return p.defaults[name]
}

func (p javaProperties) Int64(name string) int64 {
	n, _ := strconv.ParseInt(p.String(name), 10, 64)
	return n
}

func (p javaProperties) Duration(name string) time.Duration {
	return time.Duration(p.Int64(name)) * time.Millisecond
}

func (p javaProperties) Bool(name string) bool { return p.String(name) == "true" }

func (p javaProperties) IsSet(name string) bool { _, ok := p.set[name]; return ok }

var _ Properties = javaProperties{}

// must fails the test on an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
