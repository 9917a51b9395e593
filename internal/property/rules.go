package property

import (
	"fmt"
	"math"
	"strings"
)

// mostIdempotentInFlight is how many requests may be in flight per connection with
// idempotence (ProducerConfig, KIP-185).
const mostIdempotentInFlight = 5

// applyRules checks the rules between properties and derives what follows from them.
func (s Set) applyRules() []error {
	errs := s.securityRules()
	switch s.role {
	case Producer:
		errs = append(append(errs, s.idempotenceRules()...), s.producerRules()...)
	case Consumer:
		errs = append(errs, s.consumerRules()...)
	}
	return errs
}

// blame makes the error out of the first of the properties that the user set.
func (s Set) blame(text string, names ...string) error {
	for _, name := range names {
		if v, ok := s.user[name]; ok {
			return &Error{name, v, text}
		}
	}
	return &Error{names[0], s.Get(names[0]).Value, text}
}

// idempotenceRules are ProducerConfig.postProcessAndValidateIdempotenceConfigs: too many
// requests in flight are an error as long as nobody turned idempotence off (since Kafka 4.0,
// even where acks turns it off). acks and retries that exclude it are an error where the user
// asked for it by name; otherwise they turn it off.
func (s Set) idempotenceRules() []error {
	const name = "enable.idempotence"
	if !s.Bool(name) {
		return nil
	}
	var errs []error
	const inFlight = "max.in.flight.requests.per.connection"
	if n := s.Int64(inFlight); n > mostIdempotentInFlight {
		errs = append(errs, s.blame(fmt.Sprintf("%d is above %d, the most with idempotence; use %d or less, or add %s: false", n, mostIdempotentInFlight, mostIdempotentInFlight, name), inFlight))
	}
	for _, rule := range []struct {
		excludes    bool
		by, instead string
	}{
		{s.String("acks") != "all" && s.String("acks") != "-1", "acks", "all"},
		{s.Int64("retries") == 0, "retries", "1 or more"},
	} {
		if !rule.excludes {
			continue
		}
		if s.IsSet(name) {
			errs = append(errs, s.blame(fmt.Sprintf("%s excludes %s: true; use %s, or %s: false", s.String(rule.by), name, rule.instead, name), rule.by))
			continue
		}
		s.derived[name] = Value{Text: "false", Origin: fmt.Sprintf("%s %s turns it off, as in Java", rule.by, s.String(rule.by))}
		break
	}
	return errs
}

func (s Set) producerRules() []error {
	var errs []error
	batch, request, buffer := s.Int64("batch.size"), s.Int64("max.request.size"), s.Int64("buffer.memory")
	if batch > request {
		errs = append(errs, s.blame(fmt.Sprintf("a batch of %d bytes does not fit into a request: batch.size %d is above max.request.size %d; raise max.request.size too, and the topic's max.message.bytes", batch, batch, request), "batch.size", "max.request.size"))
	}
	if batch > buffer {
		errs = append(errs, s.blame(fmt.Sprintf("a batch of %d bytes does not fit into the buffer: batch.size %d is above buffer.memory %d", batch, batch, buffer), "buffer.memory", "batch.size"))
	}
	// KafkaProducer.configureDeliveryTimeout: an error where the user set the timeout,
	// otherwise it is raised.
	const name = "delivery.timeout.ms"
	least := min(s.Int64("linger.ms")+s.Int64("request.timeout.ms"), math.MaxInt32)
	if s.Int64(name) < least {
		if s.IsSet(name) {
			errs = append(errs, s.blame(fmt.Sprintf("%d is less than linger.ms + request.timeout.ms, %d; use %d or more", s.Int64(name), least, least), name))
		} else {
			s.derived[name] = Value{Text: fmt.Sprint(least), Origin: "raised to linger.ms + request.timeout.ms, as in Java"}
		}
	}
	return errs
}

func (s Set) consumerRules() []error {
	var errs []error
	// ConsumerConfig: the broker decides these with the new protocol, and has no part in an
	// assignor with the old one.
	if strings.EqualFold(s.String("group.protocol"), "consumer") {
		for _, name := range []string{"partition.assignment.strategy", "heartbeat.interval.ms", "session.timeout.ms"} {
			if s.IsSet(name) {
				errs = append(errs, s.blame("cannot be set with group.protocol: consumer, where the broker decides it; leave it out", name))
			}
		}
		if a := s.String("group.remote.assignor"); a != "" && a != "uniform" && a != "range" {
			errs = append(errs, s.blame(fmt.Sprintf("%q is not one of uniform, range", a), "group.remote.assignor"))
		}
	} else {
		if s.IsSet("group.remote.assignor") {
			errs = append(errs, s.blame("needs group.protocol: consumer", "group.remote.assignor"))
		}
		if heartbeat, session := s.Int64("heartbeat.interval.ms"), s.Int64("session.timeout.ms"); heartbeat >= session {
			errs = append(errs, s.blame(fmt.Sprintf("heartbeat.interval.ms %d must be below session.timeout.ms %d; a third of it is usual", heartbeat, session), "heartbeat.interval.ms", "session.timeout.ms"))
		}
		errs = append(errs, s.assignorRules()...)
	}
	return errs
}

// assignorRules checks partition.assignment.strategy: Java's class names, or their last word.
func (s Set) assignorRules() []error {
	const name = "partition.assignment.strategy"
	var errs []error
	for _, strategy := range s.List(name) {
		short := strings.TrimPrefix(strategy, "org.apache.kafka.clients.consumer.")
		switch strings.ToLower(strings.TrimSuffix(short, "Assignor")) {
		case "range", "roundrobin", "sticky", "cooperativesticky", "cooperative-sticky":
		default:
			errs = append(errs, s.blame(fmt.Sprintf("%q is no assignor that runs here; use range, roundrobin, sticky or cooperative-sticky", strategy), name))
		}
	}
	return errs
}
