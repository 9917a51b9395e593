package workload

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/kafkatest"
)

func TestOnRealKafkaKeysGoWhereItsOwnClassPutsThem(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	keys := make([][]byte, 100_000)
	var lines bytes.Buffer
	for i := range keys {
		keys[i] = make([]byte, random.IntN(200))
		for j := range keys[i] {
			keys[i][j] = byte(random.Uint32())
		}
		fmt.Fprintf(&lines, "%x\n", keys[i])
	}

	answers := bytes.NewReader(kafkatest.Java(t, "testdata/PartitionForKey.java", &lines))

	partitioner := stickiness{batchBytes: 16384}.ForTopic("orders").(*stickyPartitioner)
	for i, key := range keys {
		var hash int32
		var of12, of97 int
		if _, err := fmt.Fscan(answers, &hash, &of12, &of97); err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		record := &kgo.Record{Key: key}
		if got12, got97 := partitioner.PartitionByBackup(record, 12, nil), partitioner.PartitionByBackup(record, 97, nil); got12 != of12 || got97 != of97 {
			t.Fatalf("key %x: partition %d of 12 and %d of 97, want %d and %d (murmur2 %d)", key, got12, got97, of12, of97, hash)
		}
	}
}
