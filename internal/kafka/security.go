package kafka

import (
	"context"
	"crypto/tls"
	"net"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// securityOptions turns security.protocol, ssl.* and sasl.* into options. The stores are read
// here, once for each client, so that what is wrong with them shows before anything connects.
func securityOptions(r *reader) []kgo.Opt {
	var opts []kgo.Opt
	protocol := strings.ToUpper(r.String("security.protocol"))
	switch protocol {
	case "", "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL":
	default:
		r.reject("security.protocol", protocol, "set PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
		return nil
	}
	if strings.HasSuffix(protocol, "SSL") {
		if config := tlsConfig(r); config != nil {
			opts = append(opts, kgo.Dialer(tlsDialer(r, config)))
		}
	}
	if strings.HasPrefix(protocol, "SASL_") {
		if mechanism := saslMechanism(r); mechanism != nil {
			opts = append(opts, kgo.SASL(mechanism))
		}
	}
	return opts
}

// tlsDialer connects and shakes hands within socket.connection.setup.timeout.ms. It is a
// Dialer rather than kgo.DialTLSConfig, so that the null sink can put its own in its place.
func tlsDialer(r *reader, config *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: r.Duration("socket.connection.setup.timeout.ms")}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		own := config
		if !config.InsecureSkipVerify { // else names are not to be checked
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			own = withHostName(config, host)
		}
		dialer := &tls.Dialer{NetDialer: plain, Config: own}
		return dialer.DialContext(ctx, network, address)
	}
}

// WithoutSecurity returns p for a broker within the process, which speaks neither TLS nor SASL.
func WithoutSecurity(p Properties) Properties { return plaintext{p} }

type plaintext struct{ Properties }

func (p plaintext) String(name string) string {
	if name == "security.protocol" {
		return "PLAINTEXT"
	}
	return p.Properties.String(name)
}
