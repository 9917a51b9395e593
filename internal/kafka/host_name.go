package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
)

// withHostName returns config for one connection, where the broker's name is checked as Java
// checks it. crypto/tls has one switch for the name and the chain, so both are checked by hand.
func withHostName(config *tls.Config, host string) *tls.Config {
	own := config.Clone()
	own.ServerName = host
	own.InsecureSkipVerify = true
	own.VerifyConnection = func(state tls.ConnectionState) error {
		if err := verifyChain(state.PeerCertificates, config.RootCAs); err != nil {
			return err
		}
		// Not by state.ServerName, which is empty for an IP address.
		if err := verifyHostName(state.PeerCertificates[0], host); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
		}
		return nil
	}
	return own
}

// verifyHostName checks whether a certificate is of a host as Java does (the JDK's
// HostnameChecker), which takes more than Go: where a certificate has no DNS name, its common
// name counts; and a wildcard stands for any part of a label, of any label but the last. An IP
// address must be in the certificate as one. Java alone refuses wildcards over public suffixes,
// such as *.com, of authorities that come with it.
func verifyHostName(certificate *x509.Certificate, host string) error {
	err := certificate.VerifyHostname(host)
	if err == nil || net.ParseIP(host) != nil {
		return err
	}
	names := certificate.DNSNames
	if len(names) == 0 && certificate.Subject.CommonName != "" {
		names = []string{certificate.Subject.CommonName}
		err = fmt.Errorf("%w; its common name is %q", err, names[0])
	}
	for _, name := range names {
		if isNameOf(host, name) {
			return nil
		}
	}
	return err
}

// isNameOf reports whether the name in a certificate is of the host: label by label, whatever
// their case.
func isNameOf(host, name string) bool {
	if last := strings.LastIndex(name, "*"); strings.HasSuffix(name, ".") || last >= 0 && !strings.Contains(name[last:], ".") {
		return false
	}
	labels := func(name string) []string {
		return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '.' })
	}
	have, want := labels(host), labels(name)
	if len(have) != len(want) {
		return false
	}
	for i, label := range have {
		if !isLabelOf(label, want[i]) {
			return false
		}
	}
	return true
}

// isLabelOf reports whether the pattern, in which each * stands for any text, is of the label.
func isLabelOf(label, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return label == pattern
	}
	rest, begins := strings.CutPrefix(label, parts[0])
	if !begins {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[last])
}
