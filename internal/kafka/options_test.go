package kafka

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const nowhere = "127.0.0.1:1"

func TestOptionsMeanWhatJavaMeans(t *testing.T) {
	role := Role{Group: "g", Member: 2}
	for _, test := range []struct {
		name     string
		producer bool
		settings []string
		option   any
		want     any
	}{
		{"linger is 5 ms by default", true, nil, kgo.ProducerLinger, 5 * time.Millisecond},
		{"linger is honoured", true, []string{"linger.ms", "50"}, kgo.ProducerLinger, 50 * time.Millisecond},
		{"deliveries end by default after two minutes", true, nil, kgo.RecordDeliveryTimeout, 2 * time.Minute},
		{"acks is all by default", true, nil, kgo.RequiredAcks, kgo.AllISRAcks()},
		{"idempotence is on by default", true, nil, kgo.DisableIdempotentWrite, false},
		{"an idempotent record can be given up", true, nil, kgo.AllowIdempotentProduceCancellation, true},
		{"acks 1 turns idempotence off that nobody named", true, []string{"acks", "1"}, kgo.DisableIdempotentWrite, true},
		{"no retries turn idempotence off that nobody named", true, []string{"retries", "0"}, kgo.DisableIdempotentWrite, true},
		{"without idempotence five requests are in flight", true, []string{"enable.idempotence", "false"}, kgo.MaxProduceRequestsInflightPerBroker, 5},
		{"without idempotence one request in flight is one", true, []string{"enable.idempotence", "false", "max.in.flight.requests.per.connection", "1"}, kgo.MaxProduceRequestsInflightPerBroker, 1},
		{"retries are endless by default", true, nil, kgo.RecordRetries, int64(2147483647)},
		{"the broker is told request.timeout.ms", true, []string{"request.timeout.ms", "2000"}, kgo.ProduceRequestTimeout, 2 * time.Second},
		{"a silent broker is given up soon after request.timeout.ms", true, nil, kgo.RequestTimeoutOverhead, 10 * time.Second},
		{"the client's own record limit is out of the way", true, nil, kgo.MaxBufferedBytes, int64(0)},
		{"metadata are asked again as soon as Java does", true, nil, kgo.MetadataMinAge, 100 * time.Millisecond},
		{"metadata age", true, []string{"metadata.max.age.ms", "60000"}, kgo.MetadataMaxAge, time.Minute},
		{"idle connections last nine minutes", true, nil, kgo.ConnIdleTimeout, 9 * time.Minute},
		{"idle connections that last for ever last fifteen minutes", true, []string{"connections.max.idle.ms", "-1"}, kgo.ConnIdleTimeout, 15 * time.Minute},
		{"idle connections are kept for a tenth of a second at least", true, []string{"connections.max.idle.ms", "0"}, kgo.ConnIdleTimeout, 100 * time.Millisecond},
		{"metadata that may grow a day old grow an hour old", true, []string{"metadata.max.age.ms", "86400000"}, kgo.MetadataMaxAge, time.Hour},
		{"metadata that may not grow old grow 10 ms old", true, []string{"metadata.max.age.ms", "0"}, kgo.MetadataMaxAge, 10 * time.Millisecond},
		{"the client id is kaliper by default", true, nil, kgo.ClientID, "kaliper"},
		{"the client id is honoured", true, []string{"client.id", "checkout"}, kgo.ClientID, "checkout"},

		{"fetches wait for half a second", false, nil, kgo.FetchMaxWait, 500 * time.Millisecond},
		{"a fetch that does not wait waits for 10 ms", false, []string{"fetch.max.wait.ms", "0"}, kgo.FetchMaxWait, 10 * time.Millisecond},
		{"a reset by duration", false, []string{"auto.offset.reset", "by_duration:PT1H"}, kgo.ConsumeResetOffset, kgo.LookbackOffset(time.Hour)},
		{"fetch.min.bytes", false, []string{"fetch.min.bytes", "100000"}, kgo.FetchMinBytes, int32(100000)},
		{"fetch.max.bytes", false, nil, kgo.FetchMaxBytes, int32(50 << 20)},
		{"a fetch of 2 GiB is one of 512 MiB", false, []string{"fetch.max.bytes", "2147483647"}, kgo.FetchMaxBytes, int32(512 << 20)},
		{"a fetch of nothing is one of a batch", false, []string{"fetch.max.bytes", "0"}, kgo.FetchMaxBytes, int32(1)},
		{"a partition's fetch of nothing is one of a batch", false, []string{"max.partition.fetch.bytes", "0"}, kgo.FetchMaxPartitionBytes, int32(1)},
		{"auto commit with every poll is one every 100 ms", false, []string{"auto.commit.interval.ms", "0"}, kgo.AutoCommitInterval, 100 * time.Millisecond},
		{"max.partition.fetch.bytes", false, nil, kgo.FetchMaxPartitionBytes, int32(1 << 20)},
		{"isolation", false, []string{"isolation.level", "read_committed"}, kgo.FetchIsolationLevel, int8(1)},
		{"session timeout", false, nil, kgo.SessionTimeout, 45 * time.Second},
		{"heartbeat", false, []string{"heartbeat.interval.ms", "1000"}, kgo.HeartbeatInterval, time.Second},
		{"the rebalance timeout is max.poll.interval.ms", false, nil, kgo.RebalanceTimeout, 5 * time.Minute},
		{"auto commit every five seconds", false, nil, kgo.AutoCommitInterval, 5 * time.Second},
		{"auto commit off", false, []string{"enable.auto.commit", "false"}, kgo.DisableAutoCommit, true},
		{"static members are told apart", false, []string{"group.instance.id", "reader"}, kgo.InstanceID, "reader-2"},
		{"rack", false, []string{"client.rack", "a"}, kgo.Rack, "a"},
		{"group.protocol consumer is KIP-848", false, []string{"group.protocol", "consumer"}, kgo.ServerSideBalancer, true},
		{"checksums unchecked on request", false, []string{"check.crcs", "false"}, kgo.DisableFetchCRCValidation, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var opts []kgo.Opt
			if test.producer {
				opts = must(ProducerOptions(producer(nowhere, test.settings...), Payload{}))(t)
			} else {
				opts = must(ConsumerOptions(consumer(nowhere, test.settings...), role))(t)
			}
			client := must(kgo.NewClient(opts...))(t)
			defer client.Close()
			got := client.OptValue(test.option)
			if s, ok := got.(*string); ok && s != nil {
				got = *s
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v (%[1]T), want %v (%[2]T)", got, test.want)
			}
		})
	}
}

func TestBalancersFollowTheStrategies(t *testing.T) {
	for _, test := range []struct{ strategies, want string }{
		{"", "range cooperative-sticky"},
		{"range", "range"},
		{"roundrobin", "roundrobin"},
		{"sticky", "sticky"},
		{"cooperative-sticky", "cooperative-sticky"},
		{"org.apache.kafka.clients.consumer.RoundRobinAssignor, org.apache.kafka.clients.consumer.StickyAssignor", "roundrobin sticky"},
	} {
		t.Run(test.strategies, func(t *testing.T) {
			r := &reader{Properties: consumer(nowhere, "partition.assignment.strategy", test.strategies)}
			var names []string
			for _, b := range balancers(r) {
				names = append(names, b.ProtocolName())
			}
			if got := strings.Join(names, " "); got != test.want || r.err() != nil {
				t.Errorf("got %s (%v), want %s", got, r.err(), test.want)
			}
		})
	}
}

func TestAnAssignedConsumerNeedsNoGroup(t *testing.T) {
	opts := must(ConsumerOptions(consumer(nowhere, "enable.auto.commit", "false"), Role{}))(t)
	client, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

func TestWhatCannotBeHonouredIsRejected(t *testing.T) {
	for _, test := range []struct {
		name     string
		producer bool
		settings []string
		want     string
	}{
		{"an unknown protocol", true, []string{"security.protocol", "TLS"}, "set PLAINTEXT, SSL"},
		{"a bootstrap server without a port", true, []string{"bootstrap.servers", "broker"}, `bootstrap.servers is "broker"; write each broker as host:port`},
		{"no bootstrap server", true, []string{"bootstrap.servers", ""}, "name at least one broker"},
		{"port 0", true, []string{"bootstrap.servers", "broker:0"}, "host:port"},
		{"linger beyond a minute", true, []string{"linger.ms", "60001"}, "linger.ms is 60001 ms; set 0 ms to 60000 ms"},
		{"an unknown codec", true, []string{"compression.type", "brotli"}, "use one of none, gzip, snappy, lz4, zstd"},
		{"gzip level 0", true, []string{"compression.type", "gzip", "compression.gzip.level", "0"}, "use 1 to 9"},
		{"lz4 level 18", true, []string{"compression.type", "lz4", "compression.lz4.level", "18"}, "use 1 to 17"},
		{"zstd level 23", true, []string{"compression.type", "zstd", "compression.zstd.level", "23"}, "to 22"},
		{"acks 2", true, []string{"acks", "2"}, "use all, 1 or 0"},
		{"idempotence by name with acks 1", true, []string{"enable.idempotence", "true", "acks", "1"}, "set acks: all"},
		{"idempotence by name without retries", true, []string{"enable.idempotence", "true", "retries", "0"}, "set retries above 0"},
		{"idempotence with six requests in flight", true, []string{"max.in.flight.requests.per.connection", "6"}, "set at most 5"},
		{"a delivery timeout below linger and request timeout", true, []string{"delivery.timeout.ms", "30000"}, "at least linger.ms + request.timeout.ms, 30005 ms"},
		{"a delivery timeout that the client library refuses", true, []string{"delivery.timeout.ms", "999", "request.timeout.ms", "100", "linger.ms", "0"}, "1000 ms"},
		{"an unknown reset", false, []string{"auto.offset.reset", "middle"}, "use earliest, latest, none or by_duration"},
		{"a reset by no duration", false, []string{"auto.offset.reset", "by_duration:1h"}, "by_duration:P1D"},
		{"a heartbeat as long as the session", false, []string{"heartbeat.interval.ms", "45000"}, "below session.timeout.ms"},
		{"an unknown strategy", false, []string{"partition.assignment.strategy", "com.example.Mine"}, "com.example.Mine"},
		{"a session timeout with the consumer protocol", false, []string{"group.protocol", "consumer", "session.timeout.ms", "9000"}, "the broker decides"},
		{"a group protocol of the future", false, []string{"group.protocol", "streams"}, "classic or consumer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var err error
			if test.producer {
				_, err = ProducerOptions(producer(nowhere, test.settings...), Payload{})
			} else {
				_, err = ConsumerOptions(consumer(nowhere, test.settings...), Role{Group: "g"})
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want it to contain %q", err, test.want)
			}
			if category, ok := CategoryOf(err); !ok || category != BadInput {
				t.Errorf("got category %q, want bad input", category)
			}
		})
	}
}

func TestAllRejectionsAreToldAtOnce(t *testing.T) {
	_, err := ProducerOptions(producer("broker", "acks", "2", "linger.ms", "-1"), Payload{})
	for _, name := range []string{"bootstrap.servers", "acks", "linger.ms"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is missing in: %v", name, err)
		}
	}
}

func TestRetriesBackOffAsJavas(t *testing.T) {
	opts := must(CommonOptions(producer(nowhere)))(t)
	client := must(kgo.NewClient(opts...))(t)
	defer client.Close()
	backoff := client.OptValue(kgo.RetryBackoffFn).(func(int) time.Duration)
	for failures, want := range map[int]time.Duration{0: 100, 1: 100, 2: 200, 3: 400, 4: 800, 5: 1000, 1000: 1000} {
		want *= time.Millisecond
		if got := backoff(failures); got < want*8/10 || got > want*12/10 {
			t.Errorf("after %d failures: %v, want %v and a fifth either way", failures, got, want)
		}
	}
}
