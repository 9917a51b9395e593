package kafka

import (
	"bytes"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"
)

// jksMagic begins a JKS file. Java reads JKS where PKCS12 is said and the other way round
// (keystore.type.compat), so the file decides here too.
var jksMagic = []byte{0xFE, 0xED, 0xFE, 0xED}

// rejectStore notes what is wrong with a store: the text of err holds no secret, and the value
// of the property is only told where it is a path.
func (r *reader) rejectStore(name string, err error, remedy string) {
	cause := fmt.Sprintf("%s cannot be used: %v", name, err)
	if strings.HasSuffix(name, ".location") {
		cause = fmt.Sprintf("%s %s cannot be used: %v", name, r.String(name), err)
	}
	r.problems = append(r.problems, &Problem{Cause: cause, Remedy: remedy, Category: BadInput, Err: err})
}

// readStore reads a file and makes sure that it is of the type that was said.
func readStore(path, kind string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pem := strings.EqualFold(kind, "PEM")
	switch {
	case pem && !isPEM(data):
		return nil, errors.New("its type is said to be PEM, and it holds no PEM block")
	case !pem && isPEM(data):
		return nil, fmt.Errorf("it is a PEM file, and its type is said to be %s", kind)
	}
	return data, nil
}

// readTrustStore returns the trusted certificates of a file.
func readTrustStore(path, kind, password string) ([]*x509.Certificate, error) {
	data, err := readStore(path, kind)
	switch {
	case err != nil:
		return nil, err
	case isPEM(data):
		return certificatesOf(string(data))
	case bytes.HasPrefix(data, jksMagic):
		return jksTrusted(data, password)
	}
	list, err := pkcs12.DecodeTrustStore(data, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, errWrongStorePassword
	}
	return list, err
}

// readKeyStore returns the first private key of a file with its certificates. The key's own
// password is the store's unless it is set.
func readKeyStore(path, kind, password, keyPassword string) (*tls.Certificate, error) {
	data, err := readStore(path, kind)
	switch {
	case err != nil:
		return nil, err
	case isPEM(data):
		return keyPair(string(data), string(data), keyPassword)
	case bytes.HasPrefix(data, jksMagic):
		if keyPassword == "" {
			keyPassword = password
		}
		return jksKey(data, password, keyPassword)
	}
	private, first, others, err := pkcs12.DecodeChain(data, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, errWrongStorePassword
	case err != nil:
		return nil, err
	}
	return certificateWith(private, append([]*x509.Certificate{first}, others...))
}

var errWrongStorePassword = errors.New("it does not open with its password")

func loadJKS(data []byte, password string) (keystore.KeyStore, error) {
	if password == "" {
		data = unsealed(data)
	}
	store := keystore.New(keystore.WithOrderedAliases())
	if err := store.Load(bytes.NewReader(data), []byte(password)); err != nil {
		if strings.Contains(err.Error(), "digest") {
			err = errWrongStorePassword
		}
		return store, err
	}
	return store, nil
}

// unsealed returns a JKS file that opens without a password: Java leaves its digest unchecked
// where no password is given, and the library has no such switch. The digest is that of the
// password (here none), a constant, and all that comes before it.
func unsealed(data []byte) []byte {
	if len(data) < sha1.Size {
		return data
	}
	content := data[:len(data)-sha1.Size]
	digest := sha1.Sum(append([]byte("Mighty Aphrodite"), content...))
	return append(slices.Clone(content), digest[:]...)
}

func jksTrusted(data []byte, password string) ([]*x509.Certificate, error) {
	store, err := loadJKS(data, password)
	if err != nil {
		return nil, err
	}
	var list []*x509.Certificate
	for _, alias := range store.Aliases() {
		if !store.IsTrustedCertificateEntry(alias) {
			continue
		}
		entry, err := store.GetTrustedCertificateEntry(alias)
		if err != nil {
			return nil, err
		}
		c, err := x509.ParseCertificate(entry.Certificate.Content)
		if err != nil {
			return nil, fmt.Errorf("certificate %q in it does not read: %w", alias, err)
		}
		list = append(list, c)
	}
	return list, nil
}

func jksKey(data []byte, password, keyPassword string) (*tls.Certificate, error) {
	store, err := loadJKS(data, password)
	if err != nil {
		return nil, err
	}
	aliases := store.Aliases()
	n := slices.IndexFunc(aliases, store.IsPrivateKeyEntry)
	if n < 0 {
		return nil, errors.New("it holds no private key")
	}
	entry, err := store.GetPrivateKeyEntry(aliases[n], []byte(keyPassword))
	if err != nil {
		return nil, fmt.Errorf("its key %q does not open with ssl.key.password, or the store's", aliases[n])
	}
	private, err := x509.ParsePKCS8PrivateKey(entry.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("its key %q does not read: %w", aliases[n], err)
	}
	var chain []*x509.Certificate
	for _, c := range entry.CertificateChain {
		read, err := x509.ParseCertificate(c.Content)
		if err != nil {
			return nil, fmt.Errorf("the certificate of %q does not read: %w", aliases[n], err)
		}
		chain = append(chain, read)
	}
	return certificateWith(private, chain)
}
