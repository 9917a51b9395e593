package kafka

import (
	"slices"
	"strings"
	"testing"
)

func TestAStoreThatCannotBeUsedSaysWhyWithoutItsPassword(t *testing.T) {
	ours, other := authority(t, "ours"), authority(t, "other")
	me := ours.leaf(t, "me")
	for _, test := range []struct {
		name     string
		settings []string
		want     string
	}{
		{"a file that is missing", []string{"ssl.truststore.location", "nowhere.jks"}, "ssl.truststore.location nowhere.jks cannot be used: open nowhere.jks"},
		{"a JKS trust store with a wrong password", []string{"ssl.truststore.location", file(t, "a.jks", ours.trustJKS(t)), "ssl.truststore.password", "hunter3"}, "does not open with its password"},
		{"a PKCS12 trust store with a wrong password", []string{"ssl.truststore.location", file(t, "a.p12", ours.trustPKCS12(t)), "ssl.truststore.password", "hunter3"}, "does not open with its password"},
		{"a JKS trust store without authorities", []string{"ssl.truststore.location", file(t, "a.jks", me.jks(t, storePassword)), "ssl.truststore.password", storePassword}, "holds no trusted certificate"},
		{"a PEM file that is said to be JKS", []string{"ssl.truststore.location", file(t, "a.pem", ours.PEM())}, "it is a PEM file, and its type is said to be JKS"},
		{"a JKS file that is said to be PEM", []string{"ssl.truststore.type", "PEM", "ssl.truststore.location", file(t, "a.jks", ours.trustJKS(t))}, "holds no PEM block"},
		{"a key where certificates should be", []string{"ssl.truststore.type", "PEM", "ssl.truststore.certificates", me.KeyPEM(t)}, "ssl.truststore.certificates cannot be used: it holds no certificate"},
		{"a damaged certificate", []string{"ssl.truststore.type", "PEM", "ssl.truststore.certificates", "-----BEGIN CERTIFICATE-----\nhunter\n-----END CERTIFICATE-----"}, "damaged"},
		{"an encrypted key without its password", []string{"ssl.keystore.type", "PEM", "ssl.keystore.key", me.encryptedKeyPEM(t), "ssl.keystore.certificate.chain", me.PEM()}, "set ssl.key.password"},
		{"an encrypted key with another password", []string{"ssl.keystore.type", "PEM", "ssl.keystore.key", me.encryptedKeyPEM(t), "ssl.keystore.certificate.chain", me.PEM(), "ssl.key.password", "hunter3"}, "does not open with ssl.key.password"},
		{"another one's certificate", []string{"ssl.keystore.type", "PEM", "ssl.keystore.key", me.KeyPEM(t), "ssl.keystore.certificate.chain", other.PEM()}, "not of its first certificate"},
		{"a key of OpenSSL's own form", []string{"ssl.keystore.type", "PEM", "ssl.keystore.key", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----", "ssl.keystore.certificate.chain", me.PEM()}, "openssl pkcs8"},
		{"a JKS key store without a key", []string{"ssl.keystore.location", file(t, "a.jks", ours.trustJKS(t)), "ssl.keystore.password", storePassword}, "holds no private key"},
		{"a JKS key with another password", []string{"ssl.keystore.location", file(t, "a.jks", me.jks(t, "another-one")), "ssl.keystore.password", storePassword}, `key "me" does not open`},
		{"a PKCS12 key store with a wrong password", []string{"ssl.keystore.type", "PKCS12", "ssl.keystore.location", file(t, "a.p12", me.pkcs12(t)), "ssl.keystore.password", "hunter3"}, "does not open with its password"},
		{"a token file that is missing", []string{"security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.jaas.config", "a required;", "sasl.oauthbearer.token.endpoint.url", "file:///nowhere/token"}, "/nowhere/token"},
		{"an empty token file", []string{"security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.jaas.config", "a required;", "sasl.oauthbearer.token.endpoint.url", "file://" + file(t, "token", "\n")}, "does not hold one token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := CommonOptions(producer(nowhere, slices.Concat([]string{"security.protocol", "SSL"}, test.settings)...))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter") {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if category, _ := CategoryOf(err); category != BadInput {
				t.Errorf("category %q", category)
			}
		})
	}
}

// FuzzPEM looks for texts that crash the reader of PEM blocks.
func FuzzPEM(f *testing.F) {
	f.Add("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")
	f.Add("Bag Attributes\n-----BEGIN PRIVATE KEY----- MC4= -----END PRIVATE KEY-----")
	f.Fuzz(func(t *testing.T, text string) {
		blocks, err := pemBlocks(text)
		if err != nil && blocks != nil {
			t.Error("blocks beside an error")
		}
		_, _ = certificatesOf(text)
		_, _ = privateKeyOf(text, "")
	})
}
