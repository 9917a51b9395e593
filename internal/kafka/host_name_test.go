package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"strings"
	"testing"

	"kaliper/internal/kafkatest/credentials"
)

// The answers are those of the HostnameChecker of OpenJDK 17, which was asked for each but the
// certificate without a name, which it does not read.
func TestHostNamesAreCheckedAsInJava(t *testing.T) {
	for _, test := range []struct {
		about, common string
		names         []string
		host          string
		want          bool
	}{
		{"a DNS name", "x", []string{"broker.example"}, "broker.example", true},
		{"one of several", "x", []string{"a.example", "broker.example"}, "BROKER.example", true},
		{"the common name where there is no other", "broker.example", nil, "broker.example", true},
		{"another common name", "other.example", nil, "broker.example", false},
		{"the common name beside a DNS name", "broker.example", []string{"other.example"}, "broker.example", false},
		{"no name at all", "", nil, "broker.example", false},
		{"a common name of one label", "localhost", nil, "localhost", true},
		{"an IP address as the common name", "127.0.0.1", nil, "127.0.0.1", false},
		{"an IP address as a DNS name", "x", []string{"127.0.0.1"}, "127.0.0.1", false},
		{"a wildcard", "x", []string{"*.example.com"}, "broker.example.com", true},
		{"a wildcard in the common name", "*.example.com", nil, "broker.example.com", true},
		{"a wildcard is one label", "*.example.com", nil, "a.broker.example.com", false},
		{"a wildcard is not no label", "*.example.com", nil, "example.com", false},
		{"a part of a label", "x", []string{"broker-*.example.com"}, "broker-1.example.com", true},
		{"a part of another label", "x", []string{"broker-*.example.com"}, "zookeeper-1.example.com", false},
		{"two parts of a label", "b*-*z.example.com", nil, "broker-1-xz.example.com", true},
		{"the end of a label", "*-1.example.com", nil, "broker-2.example.com", false},
		{"a label that is not the first", "x", []string{"broker.*.example"}, "broker.eu.example", true},
		{"the last label", "broker.*", nil, "broker.example", false},
		{"any host", "*", nil, "localhost", false},
		{"any host of one label", "*.", nil, "localhost", false},
		{"several wildcards", "*.*.com", nil, "broker.example.com", true},
		{"a point at its end", "broker.example.", nil, "broker.example", false},
	} {
		t.Run(test.about, func(t *testing.T) {
			certificate := &x509.Certificate{Subject: pkix.Name{CommonName: test.common}, DNSNames: test.names}
			if err := verifyHostName(certificate, test.host); (err == nil) != test.want {
				t.Errorf("for %s: %v", test.host, err)
			}
		})
	}
}

func TestABrokerNeedsItsNameInItsCertificate(t *testing.T) {
	ours := credentials.Authority(t, "ours")
	for _, test := range []struct {
		about     string
		broker    credentials.Issued
		host      string
		algorithm string
		want      string // in the error; empty: it connects
	}{
		{"a common name alone", ours.CommonName(t, "localhost"), "localhost", "https", ""},
		{"another common name alone", ours.CommonName(t, "kafka.example"), "localhost", "https", `its common name is "kafka.example"`},
		{"the common name beside an IP address", ours.Leaf(t, "localhost"), "localhost", "https", ""},
		{"the common name beside another DNS name", ours.Leaf(t, "localhost", "kafka.example"), "localhost", "https", "not localhost"},
		{"a DNS name", ours.Leaf(t, "x", "localhost"), "localhost", "https", ""},
		{"an IP address", ours.Leaf(t, "x"), "127.0.0.1", "https", ""},
		{"no IP address", ours.CommonName(t, "127.0.0.1"), "127.0.0.1", "https", "legacy Common Name"},
		{"the name of another authority's", credentials.Authority(t, "other").CommonName(t, "localhost"), "localhost", "https", "unknown authority"},
		{"a name that nobody checks", ours.CommonName(t, "kafka.example"), "localhost", "", ""},
		{"another authority's, whose name nobody checks", credentials.Authority(t, "other").CommonName(t, "localhost"), "localhost", "", "unknown authority"},
	} {
		t.Run(test.about, func(t *testing.T) {
			err := shakeHands(t, test.broker, test.host, "security.protocol", "SSL", "ssl.truststore.type", "PEM",
				"ssl.truststore.certificates", ours.PEM(), "ssl.endpoint.identification.algorithm", test.algorithm)
			switch {
			case (err == nil) != (test.want == ""), err != nil && !strings.Contains(err.Error(), test.want):
				t.Errorf("got %v, want %q", err, test.want)
			case err != nil && isHostnameError(err) == isUnknownAuthority(err):
				t.Errorf("it is not told what is wrong: %v", err)
			}
		})
	}
}

// shakeHands connects by a client's dialer to a broker with a certificate.
func shakeHands(t *testing.T, broker credentials.Issued, host string, settings ...string) error {
	t.Helper()
	listener := must(tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{broker.TLS()}}))(t)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if accepted, err := listener.Accept(); err == nil {
			_ = accepted.(*tls.Conn).HandshakeContext(t.Context()) // what the client says of it counts
			_ = accepted.Close()
		}
	}()
	defer func() { _ = listener.Close(); <-served }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	dial := must(Dialer(producer(nowhere, settings...)))(t)
	connection, err := dial(t.Context(), "tcp", net.JoinHostPort(host, port))
	if err == nil {
		_ = connection.Close()
	}
	return err
}
