package kafkatest

import (
	"testing"

	"kaliper/internal/kafkatest/localkafka"
)

// StartRegistry starts a real schema registry (Apicurio) of the test's own, stops it when the
// test ends, and returns where Confluent's API begins. It is skipped where Start is.
func StartRegistry(t testing.TB) (url string) {
	t.Helper()
	skipOrRequire(t)
	registry, err := localkafka.StartRegistry(t.Context(), t.TempDir())
	if err != nil {
		refuse(t, err)
	}
	t.Cleanup(func() {
		if err := registry.Stop(); err != nil {
			t.Error(err)
		}
	})
	return registry.URL()
}
