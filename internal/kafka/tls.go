package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
)

// tlsConfig returns the configuration of ssl.*, nil if something is wrong with it.
func tlsConfig(r *reader) *tls.Config {
	before := len(r.problems)
	config := &tls.Config{RootCAs: trusted(r)}
	config.MinVersion, config.MaxVersion = tlsVersions(r.String("ssl.enabled.protocols"))
	restrictSuites(config, r.String("ssl.cipher.suites"))
	if own := ownCertificate(r); own != nil {
		// Always the one there is, as in Java's key manager with one key: Go would send none
		// where the broker names other authorities, and the broker's error would say less.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	}
	if r.String("ssl.endpoint.identification.algorithm") == "" {
		withoutHostNames(config)
	}
	if len(r.problems) > before {
		return nil
	}
	return config
}

// tlsVersions returns the least and the most of ssl.enabled.protocols.
func tlsVersions(protocols string) (least, most uint16) {
	least, most = tls.VersionTLS12, tls.VersionTLS13
	if !strings.Contains(protocols, "TLSv1.2") {
		least = tls.VersionTLS13
	}
	if !strings.Contains(protocols, "TLSv1.3") {
		most = tls.VersionTLS12
	}
	return least, most
}

// restrictSuites applies ssl.cipher.suites, whose names were checked with the properties. As
// in Java, a version of TLS none of whose suites is listed is not spoken.
func restrictSuites(config *tls.Config, names string) {
	listed := map[string]bool{}
	for name := range strings.SplitSeq(names, ",") {
		listed[strings.TrimSpace(name)] = true
	}
	if delete(listed, ""); len(listed) == 0 {
		return
	}
	spoken := map[uint16]bool{}
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if !listed[s.Name] {
			continue
		}
		for _, version := range s.SupportedVersions {
			spoken[version] = true
		}
		config.CipherSuites = append(config.CipherSuites, s.ID) // of TLS 1.2: crypto/tls skips the others
	}
	if !spoken[tls.VersionTLS13] {
		config.MaxVersion = tls.VersionTLS12
	}
	if !spoken[tls.VersionTLS12] {
		config.MinVersion = tls.VersionTLS13
	}
}

// withoutHostNames leaves the host name unchecked, and nothing else: crypto/tls has one switch
// for the name and the chain, so the chain is checked by hand.
func withoutHostNames(config *tls.Config) {
	roots := config.RootCAs
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(state tls.ConnectionState) error {
		return verifyChain(state.PeerCertificates, roots)
	}
}

// verifyChain checks that the first of a broker's certificates is of one of the roots, nil for
// the operating system's, as crypto/tls does.
func verifyChain(presented []*x509.Certificate, roots *x509.CertPool) error {
	if len(presented) == 0 {
		return errors.New("tls: the broker has no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range presented[1:] {
		between.AddCert(c)
	}
	if _, err := presented[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between}); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: presented, Err: err}
	}
	return nil
}

// trusted returns the authorities of ssl.truststore.*; nil stands for the operating system's.
func trusted(r *reader) *x509.CertPool {
	list, told := trustedCertificates(r)
	if !told || list == nil {
		return nil
	}
	pool := x509.NewCertPool()
	for _, c := range list {
		pool.AddCert(c)
	}
	return pool
}

// trustedCertificates returns the certificates of ssl.truststore.*, nil if something is wrong
// with them, and whether there are any told.
func trustedCertificates(r *reader) (list []*x509.Certificate, told bool) {
	const inline, location = "ssl.truststore.certificates", "ssl.truststore.location"
	var err error
	name := location
	switch {
	case r.String(inline) != "":
		name = inline
		list, err = certificatesOf(r.String(inline))
	case r.String(location) != "":
		list, err = readTrustStore(r.String(location), r.String("ssl.truststore.type"), r.String("ssl.truststore.password"))
	default:
		return nil, false
	}
	if err == nil && len(list) == 0 {
		err = errors.New("it holds no trusted certificate")
	}
	if err != nil {
		r.rejectStore(name, err, "correct it, ssl.truststore.type and ssl.truststore.password")
		return nil, true
	}
	return list, true
}

// ownCertificate returns the key and the certificates of ssl.keystore.*, nil for none.
func ownCertificate(r *reader) *tls.Certificate {
	const inline, location = "ssl.keystore.key", "ssl.keystore.location"
	var own *tls.Certificate
	var err error
	name := location
	switch {
	case r.String(inline) != "":
		name = inline
		own, err = keyPair(r.String(inline), r.String("ssl.keystore.certificate.chain"), r.String("ssl.key.password"))
	case r.String(location) != "":
		own, err = readKeyStore(r.String(location), r.String("ssl.keystore.type"), r.String("ssl.keystore.password"), r.String("ssl.key.password"))
	default:
		return nil
	}
	if err != nil {
		r.rejectStore(name, err, "correct it, ssl.keystore.type, ssl.keystore.password and ssl.key.password")
		return nil
	}
	return own
}
