package kafka

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

const storePassword = "changeit-hunter2"

// issued is a key with its certificate.
type issued struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

// authority makes an authority of one's own.
func authority(t *testing.T, name string) issued {
	return issue(t, nil, &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
}

// leaf makes a certificate for a server at 127.0.0.1, or at a name alone, and for a client.
func (a issued) leaf(t *testing.T, name string, at ...string) issued {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    at,
	}
	if len(at) == 0 {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	return issue(t, &a, template)
}

func issue(t *testing.T, by *issued, template *x509.Certificate) issued {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template.SerialNumber = must(rand.Int(rand.Reader, big.NewInt(1<<62)))(t)
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	if by == nil {
		by = &issued{key, template}
	}
	der := must(x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key))(t)
	return issued{key, must(x509.ParseCertificate(der))(t)}
}

// pem returns the certificate as text.
func (i issued) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.certificate.Raw}))
}

func (i issued) pkcs8(t *testing.T) []byte {
	return must(x509.MarshalPKCS8PrivateKey(i.key))(t)
}

// keyPEM returns the key as text.
func (i issued) keyPEM(t *testing.T) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: i.pkcs8(t)}))
}

// encryptedKeyPEM returns the key as text, encrypted with storePassword.
func (i issued) encryptedKeyPEM(t *testing.T) string {
	der := must(pkcs8.MarshalPrivateKey(i.key, []byte(storePassword), nil))(t)
	return string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}))
}

// pkcs12 returns a key store.
func (i issued) pkcs12(t *testing.T, authorities ...*x509.Certificate) string {
	return string(must(pkcs12.Modern.Encode(i.key, i.certificate, authorities, storePassword))(t))
}

// trustPKCS12 returns a trust store.
func (i issued) trustPKCS12(t *testing.T) string {
	return string(must(pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{i.certificate}, storePassword))(t))
}

// jks returns a key store whose key has a password of its own.
func (i issued) jks(t *testing.T, keyPassword string) string {
	store := keystore.New()
	entry := keystore.PrivateKeyEntry{CreationTime: time.Now(), PrivateKey: i.pkcs8(t),
		CertificateChain: []keystore.Certificate{{Type: "X509", Content: i.certificate.Raw}}}
	if err := store.SetPrivateKeyEntry("me", entry, []byte(keyPassword)); err != nil {
		t.Fatal(err)
	}
	return stored(t, store)
}

func (i issued) trustJKS(t *testing.T) string {
	store := keystore.New()
	entry := keystore.TrustedCertificateEntry{CreationTime: time.Now(), Certificate: keystore.Certificate{Type: "X509", Content: i.certificate.Raw}}
	if err := store.SetTrustedCertificateEntry("authority", entry); err != nil {
		t.Fatal(err)
	}
	return stored(t, store)
}

func stored(t *testing.T, store keystore.KeyStore) string {
	var data bytes.Buffer
	if err := store.Store(&data, []byte(storePassword)); err != nil {
		t.Fatal(err)
	}
	return data.String()
}

// file writes a file of the test's own and returns its path.
func file(t *testing.T, name, content string) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
