package kafka

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/property"
)

// Role is a consumer's place in its scenario.
type Role struct {
	// Group is the cluster's group id; empty where partitions are assigned by kaliper.
	Group string
	// Member is its number within the group, appended to group.instance.id so that each
	// member is static under a name of its own.
	Member int
}

// ConsumerOptions turns a consumer's properties into options, CommonOptions included; topics,
// partitions and callbacks are the workload's, and so is max.poll.records, an argument of
// PollRecords. Errors are Problems of bad input, joined.
//
// Differences from Java that remain: max.poll.interval.ms is the rebalance timeout alone, and
// enable.auto.commit commits what the poll before returned, but nothing on closing; the workload
// watches the time between polls, and commits before partitions go. fetch.max.wait.ms,
// fetch.max.bytes and auto.commit.interval.ms work within what the client library takes.
func ConsumerOptions(p Properties, role Role) ([]kgo.Opt, error) {
	common, err := CommonOptions(p)
	r := &reader{Properties: p}
	if err != nil {
		r.problems = append(r.problems, err)
	}
	opts := append(common, fetching(r)...)
	opts = append(opts, reset(r)...)
	if role.Group != "" {
		opts = append(opts, membership(r, role)...)
		opts = append(opts, committing(r)...)
	}
	return opts, r.err()
}

func fetching(r *reader) []kgo.Opt {
	const leastWait = 10 * time.Millisecond
	const mostFetch = mostBytes / 2
	maxBytes := r.int32Nearest("fetch.max.bytes", 1, mostFetch)
	opts := []kgo.Opt{
		kgo.FetchMinBytes(r.int32Within("fetch.min.bytes", 0, math.MaxInt32)),
		kgo.FetchMaxBytes(maxBytes),
		kgo.FetchMaxPartitionBytes(r.int32Nearest("max.partition.fetch.bytes", 1, math.MaxInt32)),
		kgo.FetchMaxWait(r.durationNearest("fetch.max.wait.ms", leastWait, mostWireTimeout)),
		// A first batch is returned whatever its size, so a response may exceed fetch.max.bytes.
		kgo.BrokerMaxReadBytes(max(2*maxBytes, mostRequestBytes)),
		kgo.FetchIsolationLevel(isolation(r)),
	}
	if rack := r.String("client.rack"); rack != "" {
		opts = append(opts, kgo.Rack(rack))
	}
	if !r.Bool("check.crcs") && r.IsSet("check.crcs") {
		opts = append(opts, kgo.DisableFetchCRCValidation())
	}
	return opts
}

func isolation(r *reader) kgo.IsolationLevel {
	const name = "isolation.level"
	switch level := r.String(name); level {
	case "read_uncommitted", "":
		return kgo.ReadUncommitted()
	case "read_committed":
		return kgo.ReadCommitted()
	default:
		r.reject(name, level, "use read_uncommitted or read_committed")
		return kgo.ReadUncommitted()
	}
}

// reset reads auto.offset.reset, which in Java is both where a group without commits starts
// and where a consumer goes on whose offset is gone.
func reset(r *reader) []kgo.Opt {
	const name = "auto.offset.reset"
	var offset kgo.Offset
	switch from := r.String(name); from {
	case "earliest":
		offset = kgo.NewOffset().AtStart()
	case "latest", "":
		offset = kgo.NewOffset().AtEnd()
	case "none":
		offset = kgo.NoResetOffset()
	default:
		ago, by, err := property.ResetDuration(from)
		switch {
		case err != nil:
			r.reject(name, from, err.Error())
		case by:
			offset = kgo.LookbackOffset(ago)
		default:
			r.reject(name, from, "use earliest, latest, none or by_duration:PnDTnHnMn.nS")
		}
	}
	return []kgo.Opt{kgo.ConsumeStartOffset(offset), kgo.ConsumeResetOffset(offset)}
}

func membership(r *reader, role Role) []kgo.Opt {
	opts := []kgo.Opt{
		kgo.ConsumerGroup(role.Group),
		kgo.RebalanceTimeout(r.durationWithin("max.poll.interval.ms", leastTimeout, mostWireTimeout)),
	}
	if id := r.String("group.instance.id"); id != "" {
		opts = append(opts, kgo.InstanceID(fmt.Sprintf("%s-%d", id, role.Member)))
	}
	const name = "group.protocol"
	switch protocol := strings.ToLower(r.String(name)); protocol {
	case "classic", "":
		return append(opts, classic(r)...)
	case "consumer":
		return append(opts, serverSide(r)...)
	default:
		r.reject(name, protocol, "use classic or consumer")
		return opts
	}
}

// classic is the protocol in which members balance themselves.
func classic(r *reader) []kgo.Opt {
	session := r.durationWithin("session.timeout.ms", leastTimeout, mostWireTimeout)
	heartbeat := r.durationWithin("heartbeat.interval.ms", time.Millisecond, mostWireTimeout)
	if heartbeat >= session {
		r.reject("heartbeat.interval.ms", milliseconds(heartbeat), fmt.Sprintf("set it below session.timeout.ms, %s", milliseconds(session)))
	}
	return []kgo.Opt{
		kgo.SessionTimeout(session),
		kgo.HeartbeatInterval(heartbeat),
		kgo.Balancers(balancers(r)...),
	}
}

// serverSide is KIP-848, in which the broker balances and owns the timeouts. As in Java,
// properties of the classic protocol are an error beside it.
func serverSide(r *reader) []kgo.Opt {
	for _, name := range []string{"session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"} {
		if r.IsSet(name) {
			r.reject(name, r.String(name), "leave it out: with group.protocol consumer the broker decides it")
		}
	}
	opts := []kgo.Opt{kgo.ServerSideBalancer()}
	const name = "group.remote.assignor"
	switch assignor := r.String(name); assignor {
	case "", "uniform":
		// franz-go asks for uniform as long as a sticky balancer stands first.
		return append(opts, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	case "range":
		return append(opts, kgo.Balancers(kgo.RangeBalancer()))
	default:
		r.reject(name, assignor, "use uniform or range: the Go client asks for no other")
		return opts
	}
}

// balancers reads partition.assignment.strategy: Java's class names or their last word.
func balancers(r *reader) []kgo.GroupBalancer {
	const name = "partition.assignment.strategy"
	var chosen []kgo.GroupBalancer
	for _, strategy := range strings.Split(r.String(name), ",") {
		strategy = strings.TrimSpace(strategy)
		short := strings.TrimPrefix(strategy, "org.apache.kafka.clients.consumer.")
		switch strings.ToLower(strings.TrimSuffix(short, "Assignor")) {
		case "":
		case "range":
			chosen = append(chosen, kgo.RangeBalancer())
		case "roundrobin":
			chosen = append(chosen, kgo.RoundRobinBalancer())
		case "sticky":
			chosen = append(chosen, kgo.StickyBalancer())
		case "cooperativesticky", "cooperative-sticky":
			chosen = append(chosen, kgo.CooperativeStickyBalancer())
		default:
			r.reject(name, strategy, "use range, roundrobin, sticky or cooperative-sticky")
		}
	}
	if len(chosen) == 0 {
		return []kgo.GroupBalancer{kgo.RangeBalancer(), kgo.CooperativeStickyBalancer()} // Java's default
	}
	return chosen
}

func committing(r *reader) []kgo.Opt {
	if !r.Bool("enable.auto.commit") {
		return []kgo.Opt{kgo.DisableAutoCommit()}
	}
	return []kgo.Opt{kgo.AutoCommitInterval(r.durationNearest("auto.commit.interval.ms", leastTimeout, mostWireTimeout))}
}
