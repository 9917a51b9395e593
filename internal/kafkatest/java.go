package kafkatest

import (
	"bytes"
	"io"
	"testing"

	"kaliper/internal/kafkatest/localkafka"
)

// Java runs a Java source file with Kafka's own classes and returns its stdout: what Kafka's
// code makes of an input is asked of that code. It is skipped and required as Start is.
func Java(t testing.TB, source string, stdin io.Reader) []byte {
	t.Helper()
	skipOrRequire(t)
	installation, err := localkafka.Provision(t.Context(), DefaultVersion)
	if err != nil {
		refuse(t, err)
	}
	command := installation.Command(t.Context(), nil, source)
	var stdout, stderr bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = stdin, &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("java %s: %v\n%s", source, err, stderr.Bytes())
	}
	return stdout.Bytes()
}
