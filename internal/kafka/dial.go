package kafka

import (
	"context"
	"net"
	"strings"
)

// DialFunc opens a connection, as kgo.Dialer takes it.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Dialer returns how a client with these properties connects: by TCP, or by TLS over it, within
// socket.connection.setup.timeout.ms. It is for those who want to look at the connection; what
// is wrong with the properties is told as by CommonOptions.
func Dialer(p Properties) (DialFunc, error) {
	r := &reader{Properties: p}
	if strings.HasSuffix(strings.ToUpper(r.String("security.protocol")), "SSL") {
		config := tlsConfig(r)
		if err := r.err(); err != nil {
			return nil, err
		}
		return tlsDialer(r, config), nil
	}
	dialer := &net.Dialer{Timeout: r.Duration("socket.connection.setup.timeout.ms")}
	return dialer.DialContext, nil
}
