package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaliper/results"
)

func interval(lo, hi float64) *results.ConfidenceInterval {
	return &results.ConfidenceInterval{Lo: results.Number(lo), Hi: results.Number(hi), Level: 0.9}
}

// anyPlan has everything: counts that are known, bounded and declined.
func anyPlan() results.Plan {
	unknown := results.Number(math.NaN())
	return results.Plan{
		Schema: results.PlanSchema, Runs: []string{"20261118T140512Z-partition-sizing-4c1f"},
		Demand: results.PlanDemand{RecordsPerSecond: 50_000, NeededRecordsPerSecond: 142_857, RecordBytes: 1024, WireBytesPerRecord: 480, Compression: "lz4",
			Groups: 1, Members: 5, ReplicationFactor: 3, Survive: 1, Growth: 2, Headroom: 0.3, RetentionSeconds: 604_800},
		Partitions: results.PlanCount{Value: 15, Middle: 10, Interval: interval(10, 15)},
		Producers:  results.PlanCount{Value: 4, Middle: 4, AtMost: true, Interval: &results.ConfidenceInterval{Lo: 1, Hi: 4}},
		Members:    results.PlanCount{Value: 5, Middle: 5, Interval: interval(4, 5)},
		Brokers: results.PlanCount{Declined: []results.Reason{{Code: "few_levels",
			Text: "brokers: 3 alone was measured, and no limits of a broker were given: measure at least 3 sizes of cluster, or say by --broker-limits what one broker may carry"}}},
		Capacity: results.PlanPrediction{Value: 158_000, Interval: interval(143_000, 176_000)}, Bottleneck: "partitions",
		P50: results.PlanPrediction{Value: 4.1e-3, Interval: interval(3.5e-3, 4.9e-3)}, P99: results.PlanPrediction{Value: 12.4e-3, Interval: interval(9e-3, 17e-3)},
		LingerWaitSeconds: 4.95e-3, NetworkInBytesPerSecond: 144e6, NetworkOutBytesPerSecond: 144e6, DiskBytes: 124e12,
		Rules:  []results.PlanRule{{Name: "max(t/p, t/c) partitions", Value: 9, Text: "t = 102 MB/s, p = 12 MB/s; the rule knows no headroom"}, {Name: "replicas of partitions per broker", Value: unknown, Text: "nothing to compare"}},
		Next:   []string{"brokers: measure at least 3 sizes of cluster", "the interval hangs most on 6 partitions: repeat it"},
		Within: results.PlanWithin{Seconds: 21, BytesWrittenPerTrial: 4.2e9, BytesPerBroker: 1.4e9, Trials: 96},
		Terms: []results.PlanTerm{{Name: "partitions", Bound: 7, Known: true, RecordsPerSecondEach: 11_700},
			{Name: "producers", Refusal: &results.Reason{Code: "never_bound", Text: "producers never kept the system from carrying more"}, RecordsPerSecondEach: unknown}},
		Points: []results.PlanPoint{
			{Name: "a", Partitions: 6, Producers: 4, Members: 6, Groups: 1, ReplicationFactor: 3, Brokers: 3, RecordBytes: 1024, Compression: "lz4", Measured: 66_000,
				Predicted: results.PlanPrediction{Value: 64_000, Interval: interval(58_000, 71_000)}, Bottleneck: "partitions"},
			{Name: "b", Partitions: 24, Producers: 4, Members: 6, Groups: 1, ReplicationFactor: 3, Brokers: 3, RecordBytes: 1024, Compression: "lz4", Measured: 170_000,
				Predicted: results.PlanPrediction{Value: 175_000, Interval: interval(157_000, 190_000)}, Bottleneck: "members"}},
		Curves: []results.PlanCurve{
			{Along: "partitions", Of: "capacity", At: []float64{3, 6, 12, 24}, Values: []results.PlanPrediction{{Value: 34_000, Interval: interval(31_000, 38_000)},
				{Value: 66_000, Interval: interval(60_000, 73_000)}, {Value: 128_000, Interval: interval(116_000, 141_000)}, {Value: 170_000, Interval: interval(150_000, 190_000)}}},
			{Along: "rate", Of: "ack.p99", At: []float64{20_000, 60_000, 110_000}, Values: []results.PlanPrediction{{Value: 9e-3, Interval: interval(7e-3, 12e-3)},
				{Value: 8e-3, Interval: interval(6e-3, 11e-3)}, {Value: 13e-3, Interval: interval(9e-3, 18e-3)}}}},
		LeftOut: []string{"a#b/1: untrusted: slip_pacer"},
	}
}

func TestAPlanReadsAsTheGoldenFilesDo(t *testing.T) {
	d := NewPlan(anyPlan())
	var text, markdown bytes.Buffer
	if err := d.Text(&text, TextOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	if err := d.Markdown(&markdown, "plan-plots"); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.txt", text.Bytes())
	golden(t, "plan.md", markdown.Bytes())
}

func TestThePageOfAPlanRecommendsFirstAndDrawsItsCurves(t *testing.T) {
	var page bytes.Buffer
	if err := NewPlan(anyPlan()).HTML(&page); err != nil {
		t.Fatal(err)
	}
	html := page.String()
	if *writeTo != "" {
		if err := os.WriteFile(filepath.Join(*writeTo, "plan.html"), page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	last := -1
	for _, want := range []string{"Take ", `id="next"`, `id="curve-partitions"`, `id="curve-rate"`, `id="residuals"`, `id="measured"`} {
		at := strings.Index(html, want)
		if at <= last {
			t.Errorf("%q is at %d, after what comes before it at %d", want, at, last)
		}
		last = at
	}
	for _, figure := range []string{"plan-partitions", "plan-rate", "plan-residuals"} {
		if !strings.Contains(html, `data-figure="`+figure+`"`) {
			t.Errorf("the page lacks figure %s", figure)
		}
	}
}

func TestALatencyThatWasDeclinedSaysWhy(t *testing.T) {
	reason := results.Reason{Code: "high_load", Text: "latencies: 90000 records/s are 92% of what these counts carry"}
	plan := anyPlan()
	none := results.PlanPrediction{Value: results.Number(math.NaN()), Declined: []results.Reason{reason}}
	plan.P50, plan.P99, plan.LingerWaitSeconds = none, none, none.Value
	var text, page, file bytes.Buffer
	d := NewPlan(plan)
	if err := errors.Join(d.Text(&text, TextOptions{Width: 200}), d.HTML(&page), WritePlanJSON(&file, plan)); err != nil {
		t.Fatal(err)
	}
	const said = "No ack p50 and no ack p99: latencies: 90000 records/s are 92%"
	if !strings.Contains(strings.Join(strings.Fields(text.String()), " "), said) || strings.Contains(text.String(), "At the planned rate") {
		t.Errorf("the text: %s", text.String())
	}
	if !strings.Contains(page.String(), "No ack p50 and no ack p99") || !strings.Contains(page.String(), reason.Text) {
		t.Error("the page does not say why")
	}
	var read results.Plan
	if err := json.Unmarshal(file.Bytes(), &read); err != nil || len(read.P99.Declined) != 1 || read.P99.Declined[0] != reason {
		t.Errorf("plan.json: %v, %+v", err, read.P99)
	}
}

func TestCountsThatCarryTooLittleSaySo(t *testing.T) {
	plan := anyPlan()
	plan.Capacity.Value = 120_000
	said := func() string {
		var text bytes.Buffer
		if err := NewPlan(plan).Text(&text, TextOptions{Width: 200}); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(text.String()), " ")
	}
	if text := said(); !strings.Contains(text, "less than the 142,857 records/s that are needed, though a trial carried as much, and run into") {
		t.Errorf("%s", text)
	}
	plan.Members = results.PlanCount{Declined: []results.Reason{{Code: "never_bound", Text: "members never bound"}}}
	if text := said(); !strings.Contains(text, "less than the 142,857 records/s that are needed, and run into") {
		t.Errorf("%s", text)
	}
}

func TestADeclinedPlanSaysWhyBeforeAnythingElse(t *testing.T) {
	reason := results.Reason{Code: "too_far", Text: "no trial carried more than 40000 records/s"}
	plan := anyPlan()
	plan.Declined, plan.Curves, plan.Points = []results.Reason{reason}, nil, nil
	plan.Partitions, plan.Producers, plan.Members, plan.Brokers = results.PlanCount{}, results.PlanCount{}, results.PlanCount{}, results.PlanCount{}
	plan.Capacity.Value, plan.P99.Value = results.Number(math.NaN()), results.Number(math.NaN())
	var text bytes.Buffer
	if err := NewPlan(plan).Text(&text, TextOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "Declined: no trial carried more than 40000 records/s") || strings.Contains(text.String(), "Take ") {
		t.Errorf("%s", text.String())
	}
}
