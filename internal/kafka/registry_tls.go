package kafka

import (
	"crypto/tls"
	"errors"
)

// TLSOf returns the TLS configuration of ssl.* for a service that is no broker, such as a schema
// registry. Its host name is checked by Go, which wants a DNS name in the certificate. The
// error's parts are each a *Problem.
func TLSOf(p Properties) (*tls.Config, error) {
	r := &reader{Properties: p}
	config := tlsConfig(r)
	return config, errors.Join(r.problems...)
}
