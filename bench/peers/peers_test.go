package main

import (
	"strings"
	"testing"
)

func TestThePerformanceOfAllRecordsIsReadFromTheLastLine(t *testing.T) {
	tests := []struct {
		name, output string
		records      int64
		rate         float64
		fails        bool
	}{
		{"after lines of progress", "100 records sent, 20.0 records/sec (0.00 MB/sec), 9.0 ms avg latency, 10.0 ms max latency.\n" +
			"8000000 records sent, 523456.3 records/sec (49.92 MB/sec), 540.2 ms avg latency, 900.00 ms max latency, 500 ms 50th, 800 ms 95th, 850 ms 99th, 890 ms 99.9th.\n", 8000000, 523456.3, false},
		{"nothing", "", 0, 0, true},
		{"an error", "org.apache.kafka.common.errors.TimeoutException", 0, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			records, rate, err := parsePerformance(test.output)
			if (err != nil) != test.fails || records != test.records || rate != test.rate {
				t.Errorf("%d, %g, %v; want %d, %g", records, rate, err, test.records, test.rate)
			}
		})
	}
}

func FuzzParsePerformance(f *testing.F) {
	f.Add("8000000 records sent, 523456.3 records/sec (49.92 MB/sec)")
	f.Add("1 records sent, . records/sec ")
	f.Fuzz(func(t *testing.T, output string) {
		if records, rate, err := parsePerformance(output); err == nil && (records < 0 || rate < 0) {
			t.Errorf("%d records at %g", records, rate)
		}
	})
}

func TestRatiosAreTakenWithinARound(t *testing.T) {
	samples := map[string][]sample{
		kaliperSide:   {{1000, 2e-6, 3e-6, 1 << 20, ""}, {3000, 2e-6, 3e-6, 1 << 20, ""}},
		integritySide: {{1000, 2e-6, 3e-6, 1 << 20, ""}, {3000, 2e-6, 3e-6, 1 << 20, ""}},
		bareSide:      {{1000, 1e-6, 2e-6, 1 << 20, ""}, {3000, 1e-6, 2e-6, 1 << 20, ""}},
		javaSide:      {{500, 0, 6e-6, 1 << 20, ""}, {1500, 0, 6e-6, 1 << 20, ""}},
	}
	var text strings.Builder
	if err := printTables(&text, samples); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">= 1.7   2 [2, 2] 50%", "<= 0.4   0.5 [0.5, 0.5] 50%", ">= 0.95  1 [1, 1] 50%"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
}
