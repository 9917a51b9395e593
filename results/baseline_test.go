package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func testBaseline() Baseline {
	return Baseline{
		Schema: BaselineSchema, Run: "20261123T161200Z-orders-7f3a", Scenario: "orders", Settings: "sha256:c0ffee", WarmupSeconds: 1, DurationSeconds: 4,
		Trials: []BaselineTrial{{Round: 1, Metrics: map[string]TrialValue{"ack.p50": {Unit: "s", Value: 0.003}}}},
	}
}

func TestABaselineReadsAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baseline.json")
	if err := WriteBaseline(path, testBaseline()); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadBaseline(path); err != nil || !reflect.DeepEqual(got, testBaseline()) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatIsNoBaselineIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"schema":"kaliper.summary/1"}`:                               "not a file of this kind",
		`{"schema":"kaliper.baseline/2"}`:                              "update kaliper",
		`{"schema":"kaliper.baseline/1"}`:                              "it lacks its settings' hash",
		`{"schema":"kaliper.baseline/1","settings":"x"}`:               "it has no trials",
		`{"schema":"kaliper.baseline/1","settings":"x","trials":[{}]}`: "no duration",
		`{"schema":"kalip`:                                             "not a file of this kind",
	} {
		if _, err := DecodeBaseline(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := DecodeBaseline(bytes.NewReader(bytes.Repeat([]byte(" "), mostBaseline+1))); !errors.Is(err, ErrForeign) {
		t.Errorf("a huge file: %v", err)
	}
}

func FuzzDecodeBaseline(f *testing.F) {
	whole, err := json.Marshal(testBaseline())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"schema":"kaliper.baseline/1","settings":"x","duration_seconds":1,"trials":[{"metrics":{"a":{"value":"Infinity"}}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		baseline, err := DecodeBaseline(bytes.NewReader(data))
		if err != nil {
			return
		}
		if len(baseline.Trials) == 0 || baseline.Settings == "" {
			t.Errorf("accepted %+v", baseline)
		}
		if _, err := json.Marshal(baseline); err != nil {
			t.Errorf("cannot be written again: %v", err)
		}
	})
}
