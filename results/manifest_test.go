package results

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestSummaryReadsAsItWasWritten(t *testing.T) {
	directory := t.TempDir()
	summary := Summary{
		Schema: SummarySchema,
		Run: SummaryRun{ID: "run", State: Complete, Trust: Trusted, Outcome: Sustained,
			Expectations: []ExpectationResult{{Case: "c0ffee00", Condition: "ack.p99 < 50ms", Verdict: "failed", Value: Number(math.Inf(1)), Unit: "s"}}},
		Cases: []SummaryCase{{ID: "c0ffee00", Metrics: map[string]MetricValue{
			"ack.p99": {Unit: "s", Median: Number(math.Inf(1)), Interval: &ConfidenceInterval{0.1, Number(math.Inf(1)), 0.96875}, N: 6}}}},
	}
	if err := WriteSummary(directory, summary); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSummary(directory)
	if err != nil || !reflect.DeepEqual(got, summary) {
		t.Errorf("got %+v, %v; want %+v", got, err, summary)
	}
	text, err := os.ReadFile(filepath.Join(directory, "summary.json"))
	if err != nil || !strings.Contains(string(text), `"ack.p99 < 50ms"`) || !strings.Contains(string(text), `"Infinity"`) {
		t.Errorf("the file is not for people: %s, %v", text, err)
	}
}

func TestManifestIsReadOnlyInAKnownSchema(t *testing.T) {
	tests := []struct {
		name, text string
		want       error
	}{
		{"its own", `{"schema":"kaliper.manifest/1","later":"a key that was added later"}`, nil},
		{"a newer one", `{"schema":"kaliper.manifest/2"}`, ErrNewerSchema},
		{"another kind", `{"schema":"kaliper.summary/1"}`, ErrForeign},
		{"no schema", `{}`, ErrForeign},
		{"a version that is no number", `{"schema":"kaliper.manifest/one"}`, ErrForeign},
		{"a version with a sign", `{"schema":"kaliper.manifest/+1"}`, ErrForeign},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			directory := t.TempDir()
			if err := os.WriteFile(filepath.Join(directory, "manifest.json"), []byte(test.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := ReadManifest(directory); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
		})
	}
}

func TestReadersAcceptThePreviousSchema(t *testing.T) {
	tests := []struct {
		found string
		ok    bool
	}{{"kaliper.x/3", true}, {"kaliper.x/2", true}, {"kaliper.x/1", false}, {"kaliper.x/4", false}, {"kaliper.y/3", false}, {"kaliper.x/0", false}}
	for _, test := range tests {
		if _, err := checkSchema(test.found, "kaliper.x/3"); (err == nil) != test.ok {
			t.Errorf("%s where kaliper.x/3 is current: %v, want acceptance %v", test.found, err, test.ok)
		}
	}
}

func TestReplaceFileLeavesTheOldContentWhereItCannotWrite(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, "report.html")
	if err := ReplaceFile(path, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(path, []byte("two")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "two" {
		t.Errorf("content %q, %v", text, err)
	}
	occupied := filepath.Join(directory, "occupied")
	if err := os.MkdirAll(filepath.Join(occupied, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(occupied, []byte("three")); err == nil {
		t.Error("a directory was replaced")
	}
	entries, err := os.ReadDir(directory)
	if err != nil || len(entries) != 2 {
		t.Errorf("what is left: %v, %v; want no temporary files", entries, err)
	}
}
