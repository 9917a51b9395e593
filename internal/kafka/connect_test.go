package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafkatest/credentials"
)

func TestConnectSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name          string
		bootstrap     func(*testing.T) string
		opts          []kgo.Opt
		cause, remedy string
	}{
		{"nothing listens", closedPort, nil, "connection refused", "start the broker"},
		{"the broker expects TLS", func(t *testing.T) string {
			return bootstrapOf(simulate(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{credentials.SelfSigned(t, "broker").TLS()}})))
		}, nil, "TLS is required", "security.protocol"},
		{"the broker does not expect TLS", func(t *testing.T) string {
			return hangsUp(t)
		}, []kgo.Opt{kgo.DialTLSConfig(&tls.Config{InsecureSkipVerify: true})}, "does not expect TLS", "PLAINTEXT"},
		{"the certificate is of an unknown authority", func(t *testing.T) string {
			return bootstrapOf(simulate(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{credentials.SelfSigned(t, "broker").TLS()}})))
		}, []kgo.Opt{kgo.DialTLS()}, "not trusted", "ssl.truststore.location"},
		{"the broker requires SASL", func(t *testing.T) string {
			return bootstrapOf(simulate(t, kfake.EnableSASL()))
		}, nil, "SASL", "sasl.jaas.config"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bootstrap := test.bootstrap(t)
			opts := must(CommonOptions(producer(bootstrap)))(t)
			err := Check(t.Context(), append(opts, test.opts...)...)
			p, ok := errors.AsType[*Problem](err)
			if !ok {
				t.Fatalf("got %v, want a Problem", err)
			}
			if !strings.Contains(p.Cause, test.cause) || !strings.Contains(p.Remedy, test.remedy) || !strings.Contains(p.Cause, bootstrap) {
				t.Errorf("cause: %s\nremedy: %s\nwant %q and %q", p.Cause, p.Remedy, test.cause, test.remedy)
			}
			if p.Category != Unreachable {
				t.Errorf("category %q", p.Category)
			}
			if strings.Contains(p.Error(), "\n") {
				t.Errorf("more than a line: %s", p)
			}
		})
	}
}

func TestASilentBrokerIsGivenUp(t *testing.T) {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer listener.Close() // nobody accepts: the kernel does, and nothing answers
	opts := must(CommonOptions(producer(listener.Addr().String())))(t)
	client := must(kgo.NewClient(opts...))(t)
	err := ping(t.Context(), client, 50*time.Millisecond)
	if category, _ := CategoryOf(err); category != Unreachable || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("got %v", err)
	}
}

func TestAnInterruptedConnectIsNoProblemOfTheCluster(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	opts := must(CommonOptions(producer(closedPort(t))))(t)
	if _, err := Connect(ctx, opts...); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestDiagnoses(t *testing.T) {
	for _, test := range []struct {
		name  string
		err   error
		cause string
	}{
		{"a name that does not resolve", &net.DNSError{Name: "kafka.invalid", IsNotFound: true}, `"kafka.invalid" does not resolve`},
		{"a wrong password", fmt.Errorf("sasl: %w", kerr.SaslAuthenticationFailed), "password is wrong"},
		{"a mechanism that is not offered", kerr.UnsupportedSaslMechanism, "SASL mechanism"},
		{"SASL on a plain listener", kerr.IllegalSaslState, "does not expect SASL"},
		{"no right to use the cluster", kerr.ClusterAuthorizationFailed, "may not use the cluster"},
		{"a client certificate that is missing", errors.New("remote error: tls: certificate required"), "asks for a client certificate"},
		{"a connection reset", errors.New("read: connection reset by peer"), "resets the connection"},
		{"a timeout", context.DeadlineExceeded, "no answer in time"},
		{"anything else in its own words", errors.New("odd"), "odd"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cause, remedy := diagnose(test.err)
			if !strings.Contains(cause, test.cause) || remedy == "" {
				t.Errorf("got %q; %q", cause, remedy)
			}
		})
	}
}

// closedPort returns an address of this machine at which nothing listens.
func closedPort(t *testing.T) string {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer listener.Close()
	return listener.Addr().String()
}

// hangsUp returns the address of something that hangs up on what it does not understand, as
// Kafka does.
func hangsUp(t *testing.T) string {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	done := make(chan struct{})
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 64<<10))
			conn.Close()
		}
	}()
	return listener.Addr().String()
}
