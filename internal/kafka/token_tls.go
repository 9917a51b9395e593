package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"strings"

	"kaliper/internal/jaas"
)

// endpointTLS returns how the token endpoint is trusted; nil if something is wrong with it. As
// in Java that is said by the ssl.* options in sasl.jaas.config. Where there are none, Java
// trusts the JVM's authorities, which can be set for the whole process; here it is the
// operating system's and those of ssl.truststore.*.
func endpointTLS(r *reader, login jaas.Entry) *tls.Config {
	for option := range login.Options {
		if strings.HasPrefix(option, "ssl.") {
			own := &reader{Properties: loginProperties{r.Properties, login}}
			config := tlsConfig(own)
			r.problems = append(r.problems, own.problems...)
			return config
		}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	list, told := trustedCertificates(r)
	if !told {
		return config
	}
	if list == nil {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil { // there is none on this machine
		pool = x509.NewCertPool()
	}
	for _, c := range list {
		pool.AddCert(c)
	}
	config.RootCAs = pool
	return config
}

// loginProperties are client properties whose ssl.* come from a login module's options alone.
type loginProperties struct {
	Properties
	login jaas.Entry
}

func (p loginProperties) String(name string) string {
	if !strings.HasPrefix(name, "ssl.") {
		return p.Properties.String(name)
	}
	if value, ok := p.login.Option(name); ok {
		return value
	}
	switch name { // Java's defaults
	case "ssl.enabled.protocols":
		return "TLSv1.2,TLSv1.3"
	case "ssl.endpoint.identification.algorithm":
		return "https"
	case "ssl.truststore.type", "ssl.keystore.type":
		return "JKS"
	default:
		return ""
	}
}
