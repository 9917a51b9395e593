package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/analysis"
	"kaliper/internal/sample"
	"kaliper/results"
)

// fill makes a topic of two partitions with 3,000 events of three customers; the last has no
// value.
func fill(t *testing.T, bootstrap, topic string) {
	t.Helper()
	if got := call(t, "topics", "create", topic, "--partitions", "2", "--bootstrap-server", bootstrap); got.code != analysis.ExitDone {
		t.Fatal(got.stderr)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.DefaultProduceTopic(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var records []*kgo.Record
	for i := range 3000 {
		records = append(records, &kgo.Record{Key: fmt.Appendf(nil, "c%d", i%3), Value: fmt.Appendf(nil, "event %06d", i)})
	}
	records[2999].Value = nil
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func readSample(t *testing.T, path string) *sample.Topic {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := sample.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestASampleIsOfTheNewestRecordsOfEachPartitionWithinItsBounds(t *testing.T) {
	t.Parallel()
	bootstrap, folder := simulate(t), t.TempDir()
	fill(t, bootstrap, "orders")
	for _, test := range []struct {
		name    string
		more    []string
		records [2]int64 // at least, at the most
		stopped sample.Stop
	}{
		{"all", nil, [2]int64{3000, 3000}, sample.AtEnd},
		{"some", []string{"--max-records", "500"}, [2]int64{500, 502}, sample.ByRecords},
		{"bytes", []string{"--max-bytes", "1400"}, [2]int64{100, 101}, sample.ByBytes},
		{"records", []string{"--records"}, [2]int64{3000, 3000}, sample.AtEnd},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(folder, test.name+".kts")
			got := call(t, append([]string{"topics", "sample", "orders", "--output", file, "--bootstrap-server", bootstrap}, test.more...)...)
			if got.code != analysis.ExitDone || !strings.Contains(got.stdout, "value: {sample: "+file+"}") {
				t.Fatalf("exit %d: %s%s", got.code, got.stdout, got.stderr)
			}
			s := readSample(t, file)
			if s.Records < test.records[0] || s.Records > test.records[1] || s.StoppedBy != test.stopped || s.Partitions != 2 {
				t.Errorf("%d records, stopped by %s", s.Records, s.StoppedBy)
			}
			if keeps := len(s.Contents) > 0; keeps != (test.name == "records") {
				t.Errorf("it has %d records in it", len(s.Contents))
			}
			if s.StoppedBy == sample.AtEnd && (s.Tombstones != 1 || s.DistinctKeys() != 3) {
				t.Errorf("%d tombstones, %d keys", s.Tombstones, s.DistinctKeys())
			}
		})
	}
}

func TestWhatIsWrongWithASampleIsSaid(t *testing.T) {
	bootstrap := simulate(t)
	if got := call(t, "topics", "create", "empty", "--bootstrap-server", bootstrap); got.code != analysis.ExitDone {
		t.Fatal(got.stderr)
	}
	there := filepath.Join(t.TempDir(), "there.kts")
	writeFile(t, there, "mine")
	for _, test := range []struct{ args, want string }{
		{"sample", "the name of a topic"},
		{"sample empty --output " + there, "there already"},
		{"sample empty --max-records 0", "a number from 1"},
		{"sample empty --max-bytes 5", "gave no record with a value"},
		{"sample empty --max-bytes much", "--max-bytes takes a size"},
		{"sample empty --max-time 0s", "a duration above 0"},
		{"sample empty", "gave no record with a value"},
		{"sample misspelt", "does not exist"},
	} {
		t.Run(test.args, func(t *testing.T) {
			got := call(t, append(append([]string{"topics"}, strings.Fields(test.args)...), "--bootstrap-server", bootstrap)...)
			if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, test.want) {
				t.Errorf("exit %d: %s, want %q", got.code, got.stderr, test.want)
			}
		})
	}
	if data, err := os.ReadFile(there); err != nil || string(data) != "mine" {
		t.Errorf("a file that was there is now %q, %v", data, err)
	}
}

// sampledFrom is what a topic is filled with, and what a sample of it is held against.
const sampledFrom = `format: kaliper.scenario/1
name: sampled
topics: {orders: {existing: load.sampled}}
warmup: 300ms
duration: 1s
producers:
  checkout:
    topic: orders
    rate: 8000/s
    key: {distribution: zipf, cardinality: 500, size: 12}
    value: {format: json, size: {distribution: lognormal, median: 700, sigma: 0.4, min: 400, max: 4KiB}}
    config: {linger.ms: 100}
matrix: {vary: {producers.checkout.config.compression.type: [gzip, snappy, lz4, zstd]}}
repeats: 1
`

// sampledTolerance is what a load that is made from a sample may differ by from what was
// sampled, in bytes a record and in the share that compression leaves.
const sampledTolerance = 0.10

func TestOnRealKafkaALoadFromASampleHasTheSizesAndTheCompressionOfItsTopic(t *testing.T) {
	t.Parallel()
	cluster := oneBroker.Start(t)
	bootstrap, file := strings.Join(cluster.Addresses(), ","), filepath.Join(t.TempDir(), "orders.kts")
	if got := call(t, "topics", "create", "load.sampled", "--partitions", "2", "--bootstrap-server", bootstrap); got.code != analysis.ExitDone {
		t.Fatal(got.stderr)
	}
	once := func(t *testing.T, more ...string) map[string][2]float64 {
		t.Helper()
		got := call(t, append(append([]string{"run", scenarioFile(t, sampledFrom), "--json", "--bootstrap-server", bootstrap}, allowed(t.TempDir())...), more...)...)
		var summary results.Summary
		if err := json.Unmarshal([]byte(got.stdout), &summary); err != nil || got.code != analysis.ExitDone {
			t.Fatalf("exit %d, %v: %s", got.code, err, got.stderr)
		}
		of := map[string][2]float64{}
		for _, c := range summary.Cases {
			m := c.Metrics
			for _, codec := range sample.Codecs() {
				if strings.Contains(fmt.Sprint(c.Settings), codec) {
					of[codec] = [2]float64{float64(m["offered.bytes_per_second"].Median) / float64(m["offered.records_per_second"].Median), float64(m["compression.ratio"].Median)}
				}
			}
		}
		return of
	}
	figures := func(t *testing.T, more ...string) map[string][2]float64 {
		t.Helper()
		for attempt := 1; ; attempt++ {
			of := once(t, more...)
			silent := false // a window in which a busy broker acknowledged nothing has no ratio
			for _, f := range of {
				silent = silent || !(f[1] > 0)
			}
			if !silent || attempt == 3 {
				return of
			}
		}
	}
	original := figures(t)
	for _, kept := range []struct {
		name string
		more []string
	}{{"statistics", nil}, {"records", []string{"--records"}}} {
		t.Run(kept.name, func(t *testing.T) {
			name := strings.Replace(file, ".kts", kept.name+".kts", 1)
			got := call(t, append([]string{"topics", "sample", "load.sampled", "--output", name, "--bootstrap-server", bootstrap}, kept.more...)...)
			if got.code != analysis.ExitDone {
				t.Fatal(got.stderr)
			}
			t.Log(got.stdout)
			made := figures(t, "--set", "topics.orders={partitions: 2}", "--set", "producers.checkout.value={sample: "+name+"}", "--set", "producers.checkout.key={sample: "+name+"}")
			for codec, want := range original {
				size, ratio := made[codec][0]/want[0], made[codec][1]/want[1]
				t.Logf("%s: %.0f B a record, %.1f%% after compression; sampled: %.0f B, %.1f%%", codec, made[codec][0], 100*made[codec][1], want[0], 100*want[1])
				if math.Abs(size-1) > sampledTolerance || math.Abs(ratio-1) > sampledTolerance {
					t.Errorf("%s: %.3f of the size, %.3f of the ratio", codec, size, ratio)
				}
			}
			if len(made) != 4 {
				t.Errorf("%d codecs", len(made))
			}
		})
	}
}
