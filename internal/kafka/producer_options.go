package kafka

import (
	"fmt"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// idempotentInFlight is how many produce requests franz-go keeps in flight per broker with
// idempotence, and how many Java and the broker allow at the most.
const idempotentInFlight = 5

// mostProducerOverhead bounds how much longer than request.timeout.ms a producer waits for a
// silent broker.
const mostProducerOverhead = 10 * time.Second

// ProducerOptions turns a producer's properties into options, CommonOptions included. The
// partitioner is not among them. Errors are Problems of bad input, joined.
//
// buffer.memory and max.block.ms are the workload's: it counts bytes itself, because a full
// kgo buffer blocks by records first, and because the deadline of a kgo Produce also fails
// records that are buffered already. So the client's own limits are out of the way here.
// ProduceSync must not be used with these options: it skips linger.ms.
//
// Differences from Java that remain:
//   - with idempotence five requests are in flight per broker, whatever fewer is asked for,
//     and one until the first response;
//   - a broker that has gone silent is given up after request.timeout.ms and as much again,
//     at most 10 s more; all other requests are given up after that second part alone;
//   - the ratio of compression is that of the payload's sample; Java estimates it as it goes.
func ProducerOptions(p Properties, payload Payload) ([]kgo.Opt, error) {
	common, err := CommonOptions(p)
	r := &reader{Properties: p}
	if err != nil {
		r.problems = append(r.problems, err)
	}
	const leastRequest = 1 << 10
	maxRequestSize := r.int32Within("max.request.size", leastRequest, mostBytes-requestSlack)
	requestTimeout := r.durationWithin("request.timeout.ms", leastTimeout, mostWireTimeout)
	opts := append(common,
		kgo.ProducerBatchCompression(codec(r)),
		kgo.ProducerBatchMaxBytes(batchLimit(r.int32Within("batch.size", 0, mostBytes), maxRequestSize, payload)),
		kgo.BrokerMaxWriteBytes(requestLimit(maxRequestSize, payload)),
		kgo.ProducerLinger(r.durationWithin("linger.ms", 0, time.Minute)),
		kgo.ProduceRequestTimeout(requestTimeout),
		kgo.RequestTimeoutOverhead(max(min(requestTimeout, mostProducerOverhead), leastTimeout)),
		kgo.RecordRetries(int(r.int32Within("retries", 0, math.MaxInt32))),
		kgo.RecordDeliveryTimeout(deliveryTimeout(r)),
		// Java retries an unknown topic for as long as any other retriable error.
		kgo.UnknownTopicRetries(-1),
		kgo.MaxBufferedRecords(math.MaxInt),
		kgo.MaxBufferedBytes(0),
	)
	opts = append(opts, acknowledgement(r, payload.Transactional)...)
	return opts, r.err()
}

// deliveryTimeout reads delivery.timeout.ms and holds it to Java's rule.
func deliveryTimeout(r *reader) time.Duration {
	const name = "delivery.timeout.ms"
	timeout := r.durationWithin(name, time.Second, mostWireTimeout)
	if least := r.Duration("linger.ms") + r.Duration("request.timeout.ms"); timeout < least && r.IsSet(name) {
		r.reject(name, milliseconds(timeout), fmt.Sprintf("set it to at least linger.ms + request.timeout.ms, %s", milliseconds(least)))
	}
	return timeout
}

// acknowledgement reads acks, idempotence and the requests in flight. As in Java (KIP-679),
// idempotence that nobody asked for by name gives way to acks and retries that exclude it;
// asked for by name it does not.
func acknowledgement(r *reader, transactional bool) []kgo.Opt {
	acks := requiredAcks(r)
	idempotent := r.Bool("enable.idempotence")
	byName := r.IsSet("enable.idempotence")
	inFlight := r.int32Within("max.in.flight.requests.per.connection", 1, math.MaxInt32)
	if idempotent && acks != kgo.AllISRAcks() {
		if byName {
			r.reject("acks", r.String("acks"), "set acks: all, or enable.idempotence: false")
		}
		idempotent = false
	}
	if idempotent && r.Int64("retries") == 0 {
		if byName {
			r.reject("retries", 0, "set retries above 0, or enable.idempotence: false")
		}
		idempotent = false
	}
	if idempotent && inFlight > idempotentInFlight {
		r.reject("max.in.flight.requests.per.connection", inFlight, fmt.Sprintf("set at most %d, or enable.idempotence: false", idempotentInFlight))
	}
	if transactional && !idempotent {
		r.reject("enable.idempotence", false, "transactions need idempotence: leave enable.idempotence, acks and retries out")
	}
	opts := []kgo.Opt{kgo.RequiredAcks(acks)}
	if transactional {
		// Cancelling single records and transactions exclude each other in the client library.
		return opts
	}
	if idempotent {
		// Without this a record in flight to a broker that died or froze fails by nothing at
		// all: not by its context, not by delivery.timeout.ms.
		return append(opts, kgo.AllowIdempotentProduceCancellation())
	}
	return append(opts, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(int(inFlight)))
}

func requiredAcks(r *reader) kgo.Acks {
	switch acks := r.String("acks"); acks {
	case "all", "-1":
		return kgo.AllISRAcks()
	case "1":
		return kgo.LeaderAck()
	case "0":
		return kgo.NoAck()
	default:
		r.reject("acks", fmt.Sprintf("%q", acks), "use all, 1 or 0")
		return kgo.AllISRAcks()
	}
}
