package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// connectBound is how long Connect tries: the time in which a person must have an answer.
const connectBound = 15 * time.Second

// Admin is a connection for everything that is not load: topics, offsets, lag, snapshots. It
// is safe for concurrent use.
type Admin struct {
	client *kgo.Client
	kadm   *kadm.Client
	made   madeTopics
}

// Connect opens a client with opts and makes sure within 15 s that a broker answers. Any
// error is a Problem. The caller must Close the Admin.
func Connect(ctx context.Context, opts ...kgo.Opt) (*Admin, error) {
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, &Problem{
			Cause:    fmt.Sprintf("the client refuses its settings: %v", err),
			Remedy:   "correct the client properties",
			Category: BadInput,
			Err:      err,
		}
	}
	if err := ping(ctx, client, connectBound); err != nil {
		return nil, err
	}
	return &Admin{client: client, kadm: kadm.NewClient(client)}, nil
}

// Close ends the connection.
func (a *Admin) Close() { a.client.Close() }

// Check makes sure, within 15 s and without leaving anything open, that a broker answers.
func Check(ctx context.Context, opts ...kgo.Opt) error {
	admin, err := Connect(ctx, opts...)
	if err != nil {
		return err
	}
	admin.Close()
	return nil
}

// ping makes sure that a broker answers within bound, and closes the client where none does:
// closing is what ends a Ping early, whose context does not reach the negotiation of versions.
func ping(ctx context.Context, client *kgo.Client, bound time.Duration) error {
	bounded, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- client.Ping(bounded) }()
	var err error
	select {
	case err = <-answer:
		if err == nil {
			return nil
		}
		client.Close()
	case <-bounded.Done():
		client.Close()
		err = <-answer
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case bounded.Err() != nil:
		err = fmt.Errorf("no answer within %v: %w", bound, errors.Join(context.DeadlineExceeded, err))
	}
	return connectProblem(seedsOf(client), err)
}

// seedsOf returns the bootstrap servers of a client.
func seedsOf(client *kgo.Client) string {
	seeds, _ := client.OptValue(kgo.SeedBrokers).([]string)
	return strings.Join(seeds, ",")
}

// connectProblem says what keeps a client from its brokers.
func connectProblem(brokers string, err error) *Problem {
	p := &Problem{Category: Unreachable, Err: err}
	p.Cause, p.Remedy = diagnose(err)
	p.Cause = fmt.Sprintf("cannot use %s: %s", brokers, p.Cause)
	return p
}

// startOrCorrect is what to do about one broker that is in the metadata and does not answer.
const startOrCorrect = "start the broker, or correct its advertised.listeners to what can be reached from here"

// unanswered is the error of a request, what, that did not come through: a Problem that names the
// broker where it is known. What a broker refuses, and the end of a context that is not the
// request's own, are no Problems of the connection.
func unanswered(ctx context.Context, what string, err error) error {
	_, refused := errors.AsType[*kerr.Error](err)
	if ctx.Err() != nil || refused || errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", what, err)
	}
	p := &Problem{Category: Unreachable, Err: err}
	p.Cause, p.Remedy = diagnose(err)
	if failed, ok := errors.AsType[*kadm.ShardErrors](err); ok && len(failed.Errs) > 0 {
		cause, _ := diagnose(failed.Errs[0].Err)
		if broker := failed.Errs[0].Broker; broker.NodeID >= 0 {
			cause = fmt.Sprintf("broker %d at %s: %s", broker.NodeID, net.JoinHostPort(broker.Host, strconv.Itoa(int(broker.Port))), cause)
		}
		p.Cause, p.Remedy = cause, startOrCorrect
	}
	p.Cause = what + ": " + p.Cause
	return p
}

// diagnose returns what is wrong and what to do. The texts matched are those of franz-go
// where it has no type for the case.
func diagnose(err error) (cause, remedy string) {
	text := err.Error()
	if p, ok := errors.AsType[*Problem](err); ok { // of the token endpoint
		return p.Cause, p.Remedy
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("the host name %q does not resolve", dns.Name), "correct bootstrap.servers, or the broker's advertised.listeners"
	}
	if _, ok := errors.AsType[*kgo.ErrFirstReadEOF](err); ok {
		return closedEarly(text)
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(text, "refused"):
		return "nothing listens there (connection refused)", "start the broker, or correct bootstrap.servers"
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return "the user or the password is wrong (" + text + ")", "correct sasl.jaas.config"
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return "the broker does not offer the SASL mechanism (" + text + ")", "correct sasl.mechanism"
	case errors.Is(err, kerr.IllegalSaslState):
		return "the broker does not expect SASL on this listener", "set security.protocol to PLAINTEXT or SSL, or use the SASL listener's port"
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return "the user may not use the cluster (" + text + ")", "grant it Describe on the cluster"
	case strings.Contains(text, "certificate required"), strings.Contains(text, "bad certificate"): // the second is a Java broker's
		return "the broker asks for a client certificate and gets none that it can use (" + text + ")", "set ssl.keystore.location, or ssl.keystore.key and ssl.keystore.certificate.chain"
	case strings.Contains(text, "tls alert record"):
		return "the broker expects TLS on this listener", "set security.protocol to SSL or SASL_SSL, or use the plaintext listener's port"
	case strings.Contains(text, "first record does not look like a TLS handshake"):
		return "the broker does not expect TLS on this listener", "set security.protocol to PLAINTEXT or SASL_PLAINTEXT, or use the TLS listener's port"
	case isHostnameError(err):
		return "the broker's certificate is not of the host name that was asked for (" + text + ")", "use a name that the certificate has in bootstrap.servers and advertised.listeners, or turn the check off by an empty ssl.endpoint.identification.algorithm"
	case isUnknownAuthority(err):
		return "the broker's certificate is of an authority that is not trusted (" + text + ")", "put its authority's certificate into ssl.truststore.location, or ssl.truststore.certificates"
	case strings.Contains(text, "unknown certificate"):
		return "the broker does not trust the client's certificate (" + text + ")", "use a key store whose certificate is of an authority that the broker trusts"
	case isCertificateError(err):
		return "the TLS handshake fails (" + text + ")", "correct ssl.truststore.location, and ssl.keystore.location where the broker asks for a certificate"
	case errors.Is(err, syscall.ECONNRESET), strings.Contains(text, "connection reset"):
		return "the broker resets the connection, as it does where it expects TLS and gets none, or the other way round", "set security.protocol as the listener has it"
	case isTimeout(err):
		return "no answer in time (" + firstLine(text) + ")", "correct bootstrap.servers, or open the firewall between here and the broker"
	default:
		return text, "check bootstrap.servers and security.protocol against the broker's listeners"
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// closedEarly tells apart the three reasons for which a broker hangs up at once.
func closedEarly(text string) (cause, remedy string) {
	switch {
	case strings.Contains(text, "SASL missing"):
		return "the broker hangs up after the first request, as it does where SASL is required", "set security.protocol to SASL_PLAINTEXT or SASL_SSL with sasl.mechanism and sasl.jaas.config"
	case strings.Contains(text, "TLS missing"):
		return "the broker hangs up during negotiation, as it does where TLS is required", "set security.protocol to SSL or SASL_SSL, or use the plaintext listener's port"
	default:
		return "the broker hangs up at once, as it does where it does not expect TLS", "set security.protocol to PLAINTEXT or SASL_PLAINTEXT, or use the TLS listener's port"
	}
}

func isUnknownAuthority(err error) bool {
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

func isHostnameError(err error) bool {
	_, ok := errors.AsType[x509.HostnameError](err)
	return ok
}

func isCertificateError(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	return strings.Contains(err.Error(), "tls: ")
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
