// Package credentials makes what tests of secure connections need, anew for every test: keys
// with certificates, and tokens. How a store wraps them is for whoever tests stores.
package credentials

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Issued is a key with its certificate.
type Issued struct {
	Key         *ecdsa.PrivateKey
	Certificate *x509.Certificate
}

// Authority makes an authority of the test's own.
func Authority(t testing.TB, name string) Issued {
	t.Helper()
	return issue(t, nil, &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
}

// SelfSigned makes a certificate that is its own authority: for a broker at 127.0.0.1, or at
// host names alone.
func SelfSigned(t testing.TB, name string, hosts ...string) Issued {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true}
	at(template, hosts)
	return issue(t, nil, template)
}

// Leaf makes a certificate for a client, and for a broker at 127.0.0.1 or at host names alone.
func (i Issued) Leaf(t testing.TB, name string, hosts ...string) Issued {
	t.Helper()
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	at(template, hosts)
	return issue(t, &i, template)
}

// CommonName makes a certificate for a broker that has a name as its common name alone, as they
// were made before there were subject alternative names.
func (i Issued) CommonName(t testing.TB, name string) Issued {
	t.Helper()
	return issue(t, &i, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
}

func at(template *x509.Certificate, hosts []string) {
	if template.DNSNames = hosts; len(hosts) == 0 {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
}

func issue(t testing.TB, by *Issued, template *x509.Certificate) Issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		t.Fatal(err)
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	if by == nil {
		by = &Issued{key, template}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.Certificate, key.Public(), by.Key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return Issued{key, certificate}
}

// PEM returns the certificate as text.
func (i Issued) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Certificate.Raw}))
}

// PKCS8 returns the key.
func (i Issued) PKCS8(t testing.TB) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(i.Key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// KeyPEM returns the key as text.
func (i Issued) KeyPEM(t testing.TB) string {
	t.Helper()
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: i.PKCS8(t)}))
}

// TLS returns key and certificate as a broker, or a client, takes them.
func (i Issued) TLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{i.Certificate.Raw}, PrivateKey: i.Key}
}

// Files writes a key store, and a trust store of the certificate alone, both PEM, and returns
// their paths.
func (i Issued) Files(t testing.TB) (store, trust string) {
	t.Helper()
	folder := t.TempDir()
	store, trust = filepath.Join(folder, "store.pem"), filepath.Join(folder, "trust.pem")
	for path, text := range map[string]string{store: i.KeyPEM(t) + i.PEM(), trust: i.PEM()} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return store, trust
}

// UnsignedToken returns a token that a broker without configured keys takes.
func UnsignedToken(subject string) string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return part(`{"alg":"none"}`) + "." + part(fmt.Sprintf(`{"sub":%q,"iat":1,"exp":4102444800}`, subject)) + "."
}
