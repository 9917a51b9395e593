package kafka

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What franz-go takes, where it takes less than Java (kgo's validate).
const (
	leastTimeout              = 100 * time.Millisecond
	mostRequestOverhead       = 15 * time.Minute
	mostConnectionIdle        = 15 * time.Minute
	mostMetadataAge           = time.Hour
	leastMetadataAge          = 10 * time.Millisecond
	mostWireTimeout           = time.Duration(1<<31-1) * time.Millisecond
	mostBytes           int32 = 1 << 30
)

// defaultClientID names connections whose client.id is empty; Java makes up producer-1,
// consumer-1, and so on, which no quota can be set for.
const defaultClientID = "kaliper"

// CommonOptions turns the properties that all clients share into options: where to connect,
// and how safely, how long to wait, how fast to retry. Errors are Problems of bad input, joined.
//
// Differences from Java that remain: connections.max.idle.ms beyond 15 minutes works as 15
// minutes, and never (-1) as well; metadata.max.age.ms works within 10 ms and an hour.
func CommonOptions(p Properties) ([]kgo.Opt, error) {
	r := &reader{Properties: p}
	opts := []kgo.Opt{
		kgo.SeedBrokers(bootstrapServers(r)...),
		kgo.ClientID(clientID(r)),
		kgo.ConnIdleTimeout(connectionIdle(r)),
		kgo.RequestTimeoutOverhead(r.durationWithin("request.timeout.ms", leastTimeout, mostRequestOverhead)),
		// KIP-714 pushes metrics to the cluster under test; the instrument sends nothing that
		// the scenario does not ask for.
		kgo.DisableClientMetrics(),
		retryBackoff(r),
	}
	opts = append(opts, metadataAge(r)...)
	opts = append(opts, dialTimeout(r)...)
	opts = append(opts, securityOptions(r)...)
	return opts, r.err()
}

func clientID(r *reader) string {
	if id := r.String("client.id"); id != "" {
		return id
	}
	return defaultClientID
}

// bootstrapServers reads host:port pairs, separated by commas.
func bootstrapServers(r *reader) []string {
	const name = "bootstrap.servers"
	var servers []string
	for _, s := range strings.Split(r.String(name), ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		host, port, err := net.SplitHostPort(s)
		n, portErr := strconv.ParseUint(port, 10, 16)
		if err != nil || portErr != nil || host == "" || n == 0 {
			r.reject(name, fmt.Sprintf("%q", s), "write each broker as host:port, separated by commas")
			continue
		}
		servers = append(servers, s)
	}
	if len(servers) == 0 && len(r.problems) == 0 {
		r.reject(name, "empty", "name at least one broker as host:port")
	}
	return servers
}

func connectionIdle(r *reader) time.Duration {
	idle := r.Duration("connections.max.idle.ms")
	if idle < 0 || idle > mostConnectionIdle {
		return mostConnectionIdle
	}
	return max(idle, leastTimeout)
}

// metadataAge sets how old metadata grows, and how soon it may be asked for again: Java's
// refresh backoff is retry.backoff.ms, where franz-go waits for 5 s after a leader has moved.
func metadataAge(r *reader) []kgo.Opt {
	age := r.durationNearest("metadata.max.age.ms", leastMetadataAge, mostMetadataAge)
	again := max(r.Duration("retry.backoff.ms"), leastMetadataAge)
	return []kgo.Opt{kgo.MetadataMaxAge(age), kgo.MetadataMinAge(min(again, age))}
}

func dialTimeout(r *reader) []kgo.Opt {
	if d := r.Duration("socket.connection.setup.timeout.ms"); d > 0 {
		return []kgo.Opt{kgo.DialTimeout(d)}
	}
	return nil
}

// retryBackoff doubles from retry.backoff.ms up to retry.backoff.max.ms with a jitter of a
// fifth either way, as Java does since KIP-580.
func retryBackoff(r *reader) kgo.Opt {
	first, most := r.Duration("retry.backoff.ms"), r.Duration("retry.backoff.max.ms")
	return kgo.RetryBackoffFn(func(failures int) time.Duration {
		doubled := float64(first) * math.Pow(2, float64(max(failures-1, 0)))
		return time.Duration((0.8 + 0.4*rand.Float64()) * min(doubled, float64(most)))
	})
}
