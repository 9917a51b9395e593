package kafka

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/youmark/pkcs8"
)

// pemBlock finds what Java's PemParser finds: unlike encoding/pem also in text whose line
// breaks became spaces, as a property with continuations has it.
var pemBlock = regexp.MustCompile(`-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END ([A-Z0-9 ]+)-----`)

// block is one PEM block.
type block struct {
	kind string
	der  []byte
}

func pemBlocks(text string) ([]block, error) {
	var blocks []block
	for _, found := range pemBlock.FindAllStringSubmatch(text, -1) {
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(found[2]), ""))
		if err != nil || found[1] != found[3] {
			return nil, fmt.Errorf("its %s block is damaged", found[1])
		}
		blocks = append(blocks, block{found[1], der})
	}
	return blocks, nil
}

// certificatesOf returns all certificates in a PEM text.
func certificatesOf(text string) ([]*x509.Certificate, error) {
	blocks, err := pemBlocks(text)
	if err != nil {
		return nil, err
	}
	var list []*x509.Certificate
	for _, b := range blocks {
		if b.kind != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.der)
		if err != nil {
			return nil, fmt.Errorf("certificate %d in it does not read: %w", len(list)+1, err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, errors.New("it holds no certificate in PEM form")
	}
	return list, nil
}

// keyPair returns the private key of one PEM text with the certificates of another, or of the
// same one.
func keyPair(key, chain, password string) (*tls.Certificate, error) {
	certificates, err := certificatesOf(chain)
	if err != nil {
		return nil, err
	}
	private, err := privateKeyOf(key, password)
	if err != nil {
		return nil, err
	}
	return certificateWith(private, certificates)
}

// certificateWith makes sure that the key is the first certificate's.
func certificateWith(private any, chain []*x509.Certificate) (*tls.Certificate, error) {
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, errors.New("its private key cannot sign")
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || len(chain) == 0 || !public.Equal(chain[0].PublicKey) {
		return nil, errors.New("its private key is not of its first certificate")
	}
	own := &tls.Certificate{PrivateKey: private, Leaf: chain[0]}
	for _, c := range chain {
		own.Certificate = append(own.Certificate, c.Raw)
	}
	return own, nil
}

func privateKeyOf(text, password string) (any, error) {
	blocks, err := pemBlocks(text)
	if err != nil {
		return nil, err
	}
	for _, b := range blocks {
		switch b.kind {
		case "PRIVATE KEY":
			return x509.ParsePKCS8PrivateKey(b.der)
		case "ENCRYPTED PRIVATE KEY":
			if password == "" {
				return nil, errors.New("its private key is encrypted: set ssl.key.password")
			}
			private, err := pkcs8.ParsePKCS8PrivateKey(b.der, []byte(password))
			if err != nil {
				return nil, errors.New("its private key does not open with ssl.key.password")
			}
			return private, nil
		}
		if strings.HasSuffix(b.kind, "PRIVATE KEY") {
			return nil, fmt.Errorf("its key is a %s, which Java does not read either: convert it with openssl pkcs8 -topk8", b.kind)
		}
	}
	return nil, errors.New("it holds no private key in PEM form (PKCS #8)")
}

// isPEM tells a text with PEM blocks from a binary store.
func isPEM(data []byte) bool { return bytes.Contains(data, []byte("-----BEGIN ")) }
