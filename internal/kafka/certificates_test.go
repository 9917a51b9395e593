package kafka

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"

	"kaliper/internal/kafkatest/credentials"
)

const storePassword = "changeit-hunter2"

// issued is a key with its certificate, and the stores that hold them.
type issued struct{ credentials.Issued }

// authority makes an authority of one's own.
func authority(t *testing.T, name string) issued { return issued{credentials.Authority(t, name)} }

func (i issued) leaf(t *testing.T, name string, hosts ...string) issued {
	return issued{i.Leaf(t, name, hosts...)}
}

// encryptedKeyPEM returns the key as text, encrypted with storePassword.
func (i issued) encryptedKeyPEM(t *testing.T) string {
	der := must(pkcs8.MarshalPrivateKey(i.Key, []byte(storePassword), nil))(t)
	return string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}))
}

// pkcs12 returns a key store.
func (i issued) pkcs12(t *testing.T, authorities ...*x509.Certificate) string {
	return string(must(pkcs12.Modern.Encode(i.Key, i.Certificate, authorities, storePassword))(t))
}

// trustPKCS12 returns a trust store.
func (i issued) trustPKCS12(t *testing.T) string {
	return string(must(pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{i.Certificate}, storePassword))(t))
}

// jks returns a key store whose key has a password of its own.
func (i issued) jks(t *testing.T, keyPassword string) string {
	store := keystore.New()
	entry := keystore.PrivateKeyEntry{CreationTime: time.Now(), PrivateKey: i.PKCS8(t),
		CertificateChain: []keystore.Certificate{{Type: "X509", Content: i.Certificate.Raw}}}
	if err := store.SetPrivateKeyEntry("me", entry, []byte(keyPassword)); err != nil {
		t.Fatal(err)
	}
	return stored(t, store)
}

func (i issued) trustJKS(t *testing.T) string {
	store := keystore.New()
	entry := keystore.TrustedCertificateEntry{CreationTime: time.Now(), Certificate: keystore.Certificate{Type: "X509", Content: i.Certificate.Raw}}
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
