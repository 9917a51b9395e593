// Package localkafka runs real Apache Kafka on the loopback interface, without Docker: one
// node or three, combined KRaft, from the jars that Maven Central has. It serves the tests
// (kafkatest), the benchmarks and `make kafka-up`.
//
// From nothing to a cluster:
//
//  1. Provision finds java, and lets mvn copy one version's jars into the user's cache. A
//     file lock makes parallel processes wait for the first rather than download twice.
//  2. The first use of a version and a JVM records an archive of loaded classes (AppCDS),
//     which halves every later start.
//  3. Start picks ports, writes server.properties, formats the storage and starts the nodes.
//  4. It returns once every node answers, and answers that all nodes are registered: asked
//     by protocol, nothing is guessed from logs or from time.
//
// It decides how such a cluster is configured: small, quick to start, without automatic
// topics. It refuses to decide what a missing Java means (ErrUnavailable: a test skips, CI
// fails), and does not serve production, nor Windows.
package localkafka

// The versions that are tried: the last of the ZooKeeper era's line, and the current one.
const (
	Version3 = "3.9.1"
	Version4 = "4.3.1"

	// DefaultVersion is what an empty Config.Version means.
	DefaultVersion = Version4
)
