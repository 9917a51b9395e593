package scenarios

import (
	"strings"
	"testing"
	"time"
)

// A plan predicts latencies from three rates on, for sizes and replicas of which they were measured.
func TestPartitionSizingMeasuresWaitingTimesAtThreeRates(t *testing.T) {
	source, _ := BuiltIn("partition-sizing")
	s, err := Parse(source, Options{LookupEnv: noEnvironment})
	if err != nil {
		t.Fatal(err)
	}
	rates := map[string]map[string]bool{}
	for _, c := range s.Cases {
		values := map[string]string{}
		for _, setting := range c.Settings {
			values[setting.Label] = setting.Value
		}
		if values["rate"] == "max" {
			continue
		}
		records := values["size"] + ", replicas " + values["replicas"]
		if rates[records] == nil {
			rates[records] = map[string]bool{}
		}
		rates[records][values["rate"]] = true
	}
	if len(rates) != 6 {
		t.Errorf("waiting times of %d sizes and replicas, want 6", len(rates))
	}
	for records, at := range rates {
		if len(at) < 3 {
			t.Errorf("%s: waiting times at %d rates", records, len(at))
		}
	}
	if e := s.Estimate(); !strings.Contains(string(source.Data), "(about 61 min,") || e.Duration.Round(time.Minute) != 61*time.Minute {
		t.Errorf("it takes %v", e.Duration)
	}
}
