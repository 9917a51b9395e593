package benchformat

import (
	"os"
	"testing"

	"golang.org/x/perf/benchfmt"
)

func TestBenchstatReadsWhatAGateWrites(t *testing.T) {
	file, err := os.Open("../../report/testdata/gate.bench")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := benchfmt.NewReader(file, "gate.bench")
	trials, units := map[string]int{}, 0
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Error(record)
		case *benchfmt.UnitMetadata:
			units++
		case *benchfmt.Result:
			trials[record.GetConfig("side")]++
			if rate, ok := record.Value("acked.records_per_second-records/s"); !ok || rate < 4000 {
				t.Errorf("the rate is %v, %v", rate, ok)
			}
		}
	}
	if err := reader.Err(); err != nil {
		t.Fatal(err)
	}
	if trials["base"] != 2 || trials["candidate"] != 2 || units != 2 {
		t.Errorf("trials %v, %d units", trials, units)
	}
}
