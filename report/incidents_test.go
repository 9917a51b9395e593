package report

import (
	"bytes"
	"strings"
	"testing"

	"kaliper/internal/measure"
	"kaliper/results"
)

// Rebalances, anomalies and what is in the log stand in the report one by one, on the page and in a terminal.
func TestRebalancesAndAnomaliesAreListedOneByOne(t *testing.T) {
	d := oneTrialWithIncidents(t)
	var text, page bytes.Buffer
	if err := d.Text(&text, TextOptions{Width: 200}); err != nil {
		t.Fatal(err)
	}
	if err := d.HTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Rebalances", "Anomalies", "duplicated", "4711", "1234567", "k of n",
		"Read back from the log", "8,123", "Compaction", "31%", "the cleaner sleeps"} {
		for where, report := range map[string]string{"terminal": text.String(), "page": page.String()} {
			if !strings.Contains(report, want) {
				t.Errorf("%s: %q is missing", where, want)
			}
		}
	}
}

func oneTrialWithIncidents(t *testing.T) *Document {
	t.Helper()
	recorder, h := new(measure.Recorder), measure.NewHistogram()
	recorder.Record(10_000_000)
	recorder.DrainInto(h)
	encoded, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	trial := &results.Trial{State: results.Complete,
		Begin: results.Begin{Case: "a", Trial: 1, DurationSeconds: 2, Consumers: []results.ConsumerInfo{{Name: "workers"}}},
		Intervals: []results.Interval{{End: 2, Consumers: map[string]results.ConsumerInterval{"workers": {
			EndToEnd:      results.Latency{Window: encoded},
			RebalanceList: []results.Rebalance{{Seconds: 1, Generation: 2, Given: 6, Moved: 2, PauseSeconds: 0.7}},
		}}}},
		End: &results.End{State: results.Complete, WindowEnd: 2, Seconds: 2,
			Readback:   &results.Readback{Records: 8123, Seconds: 0.2, Integrity: results.Integrity{Checked: true, Unknown: "not read to the end"}},
			Compaction: []results.Compaction{{Topic: "state", Written: 1000, Remaining: 310, Keys: 40}, {Topic: "other", Unknown: "the cleaner sleeps"}}, Anomalies: []results.Anomaly{
				{Kind: "duplicated", Group: "workers", Topic: "orders", Partition: 3, Offset: 4711, Producer: 1, Sequence: 1234567, Text: "k of n"},
			}},
	}
	s := &study{subjects: []*subject{{name: "a", trials: []*results.Trial{trial}, summary: results.SummaryCase{
		ID: "a", Trials: []results.SummaryTrial{{ID: trial.Begin.Ref().String(), State: results.Complete}},
	}}}}
	d := &Document{Title: "What happened?", Kind: "run report"}
	for _, section := range []*Section{s.rebalancesSection(), s.compactionSection(), s.readbackSection(), s.anomaliesSection()} {
		if section == nil {
			t.Fatal("a section is missing")
		}
		d.Sections = append(d.Sections, *section)
	}
	return d
}
