package kafka

import (
	"path/filepath"
	"testing"
)

// The stores are Java's own: testdata/keytool/generate.sh makes them.
func TestStoresOfKeytoolOpen(t *testing.T) {
	store := func(name string) string { return filepath.Join("testdata", "keytool", name) }
	for _, test := range []struct{ name, file, kind, password string }{
		{"PKCS12", "truststore.p12", "PKCS12", storePassword},
		{"PKCS12 under Java's default type", "truststore.p12", "JKS", storePassword},
		{"PKCS12 without a password", "truststore-open.p12", "PKCS12", ""},
		{"JKS", "truststore.jks", "JKS", storePassword},
		{"JKS without a password, as Java reads it", "truststore.jks", "JKS", ""},
	} {
		t.Run("a trust store as "+test.name, func(t *testing.T) {
			list, err := readTrustStore(store(test.file), test.kind, test.password)
			if err != nil || len(list) != 1 || list[0].Subject.CommonName != "me" {
				t.Errorf("%d certificates, %v", len(list), err)
			}
		})
	}
	for _, test := range []struct{ name, file, kind, keyPassword string }{
		{"PKCS12", "keystore.p12", "PKCS12", ""},
		{"JKS", "keystore.jks", "JKS", ""},
		{"JKS with a password for the key", "keystore-own.jks", "JKS", "another-one"},
	} {
		t.Run("a key store as "+test.name, func(t *testing.T) {
			own, err := readKeyStore(store(test.file), test.kind, storePassword, test.keyPassword)
			if err != nil || own.Leaf.Subject.CommonName != "me" {
				t.Errorf("%v, %v", own, err)
			}
		})
	}
	for _, file := range []string{"truststore.p12", "truststore.jks"} {
		if _, err := readTrustStore(store(file), "JKS", "hunter3"); err != errWrongStorePassword {
			t.Errorf("%s with a wrong password: %v", file, err)
		}
	}
}
