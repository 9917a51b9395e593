package analysis

import (
	"math"
	"slices"
	"strings"
	"testing"

	"kaliper/internal/analysis/capacity"
	"kaliper/internal/unit"
	"kaliper/results"
)

// sweep is what a system shows whose partitions take 20,000 records/s each, and whose members
// read 9,000 each, whatever the size of the records; trials differ by 1%.
func sweep() Evidence { return sweepAt(0.4, 0.6, 0.8) }

// sweepAt is the sweep with latencies at some loads.
func sweepAt(loads ...float64) Evidence {
	var e Evidence
	add := func(partitions, members int, bytes float64) {
		c := capacity.Configuration{Partitions: partitions, Producers: 4, Members: members, Groups: 1, ReplicationFactor: 1, Brokers: 1,
			RecordBytes: bytes, WireBytes: bytes, Compression: "none", LingerSeconds: 5e-3, BatchBytes: 16384, Spread: partitions}
		highest := math.Min(20_000*float64(partitions), 9_000*float64(min(members, partitions)))
		for i := range 2 {
			wobble := 1 + 0.01*float64((len(e.Observations)+i)%3-1)
			e.Observations = append(e.Observations, capacity.Observation{Name: "a#b/1", Configuration: c, Through: highest * wobble, Saturated: true, Seconds: 20, BytesWritten: 1e9})
		}
		for _, load := range loads {
			e.Observations = append(e.Observations, capacity.Observation{Configuration: c, Offered: load * highest, Through: load * highest, P50: 4e-3, P99: 8e-3 + 2e-3*load, Seconds: 20})
		}
	}
	for _, members := range []int{1, 2, 3, 4, 6, 8, 12} {
		add(12, members, 1000)
	}
	for _, partitions := range []int{1, 2, 3, 4} {
		add(partitions, 12, 1000)
	}
	return e
}

func planned(t *testing.T, e Evidence, request PlanRequest) results.Plan {
	t.Helper()
	if request.Growth == 0 {
		request.Growth = 1
	}
	plan, err := planFrom(emptyPlan(nil, e), e, request)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestAPlanNamesWhatBindsAndHowManyMembersItNeeds(t *testing.T) {
	plan := planned(t, sweep(), PlanRequest{Rate: unit.Rate{PerSecond: 40_000}, Groups: 1, Headroom: 0.2, RetentionSeconds: 100, Limits: capacity.Limits{NetworkIn: 30e6}})
	// 50,000/s are 5.6 members, which share 6 partitions or more.
	if m := plan.Members; m.Value < 6 || m.Value > 7 || m.AtMost || m.Interval == nil || m.Interval.Level < 0.8 {
		t.Errorf("members %+v", m)
	}
	if plan.Partitions.Value%max(plan.Members.Value, 1) != 0 || plan.Bottleneck != "members" {
		t.Errorf("partitions %+v, bottleneck %s", plan.Partitions, plan.Bottleneck)
	}
	// 40 MB/s, with a fifth free 50 MB/s, over 30 MB/s each.
	if plan.Brokers.Value != 2 || plan.NetworkInBytesPerSecond != 40e6 || plan.NetworkOutBytesPerSecond != 40e6 || plan.DiskBytes != 5e9 {
		t.Errorf("brokers %+v, in %g, out %g, disk %g", plan.Brokers, plan.NetworkInBytesPerSecond, plan.NetworkOutBytesPerSecond, plan.DiskBytes)
	}
	if len(plan.Points) != 11 || plan.Within.Seconds != 20 || plan.Within.BytesPerBroker != 1e9 || !(float64(plan.P99.Value) > 0) || len(plan.Next) == 0 {
		t.Errorf("%d points, within %+v, p99 %v, next %q", len(plan.Points), plan.Within, plan.P99, plan.Next)
	}
	rule := plan.Rules[0]
	if float64(rule.Value) < 4 || float64(rule.Value) > 6 || !strings.Contains(rule.Text, "headroom") {
		t.Errorf("rule of thumb %+v", rule)
	}
}

func TestAPlanBeyondTheMeasurementsIsDeclinedWithAReason(t *testing.T) {
	plan := planned(t, sweep(), PlanRequest{Rate: unit.Rate{PerSecond: 400e6, Bytes: true}, Groups: 1})
	if plan.Complete || len(plan.Declined) == 0 || plan.Declined[0].Code != "too_far" || plan.Partitions.Value != 0 || len(plan.Next) == 0 {
		t.Errorf("%+v", plan)
	}
	if plan.NetworkInBytesPerSecond == 0 {
		t.Error("what is arithmetic is known all the same")
	}
}

// A rate that is carried has counts, and a latency where it was measured: else a reason beside them.
func TestAPlanDeclinesALatencyByItself(t *testing.T) {
	request := func(headroom float64) PlanRequest {
		return PlanRequest{Rate: unit.Rate{PerSecond: 40_000}, Groups: 1, Headroom: headroom, Limits: capacity.Limits{NetworkIn: 30e6}}
	}
	for name, test := range map[string]struct {
		evidence Evidence
		headroom float64
		want     string  // code of the refusal; empty: predicted
		ends     float64 // of the curve, as a share of the capacity; 0: no curve
	}{
		"within what was measured":          {sweep(), 0.3, "", 0.8},
		"above 80% of the capacity":         {sweep(), 0, "high_load", 0.8},
		"far above what was measured":       {sweepAt(0.05, 0.08, 0.12), 0.3, "too_far", 0.24},
		"measured in the closed loop alone": {sweepAt(), 0.3, "few_levels", 0},
		"measured at two loads":             {sweepAt(0.4, 0.8), 0.3, "few_levels", 0},
	} {
		t.Run(name, func(t *testing.T) {
			plan := planned(t, test.evidence, request(test.headroom))
			if plan.Partitions.Value == 0 || plan.Members.Value == 0 || plan.Brokers.Value == 0 || len(plan.Declined) > 0 {
				t.Fatalf("no counts: %+v", plan)
			}
			for _, p := range []results.PlanPrediction{plan.P50, plan.P99} {
				known := !math.IsNaN(float64(p.Value))
				if test.want == "" && (!known || p.Declined != nil) || test.want != "" && (known || len(p.Declined) != 1 || p.Declined[0].Code != test.want) {
					t.Errorf("%+v, want a refusal by %q", p, test.want)
				}
			}
			if plan.Complete != (test.want == "") {
				t.Errorf("complete: %v", plan.Complete)
			}
			if test.want != "" && !slices.Contains(plan.Next, plan.P99.Declined[0].Text) {
				t.Errorf("what to measure next: %q", plan.Next)
			}
			ends := 0.0
			for _, curve := range plan.Curves {
				if curve.Along == "rate" {
					ends = curve.At[len(curve.At)-1] / float64(plan.Capacity.Value)
				}
			}
			if math.Abs(ends-test.ends) > 0.1*test.ends {
				t.Errorf("the curve ends at %.0f%% of the capacity, want %.0f%%", 100*ends, 100*test.ends)
			}
		})
	}
}

func TestAPlanWithoutLimitsHasNoBrokers(t *testing.T) {
	plan := planned(t, sweep(), PlanRequest{Rate: unit.Rate{PerSecond: 20_000}, Groups: 1})
	if plan.Complete || plan.Brokers.Value != 0 || len(plan.Brokers.Declined) == 0 || !strings.Contains(plan.Brokers.Declined[0].Text, "--broker-limits") || plan.Partitions.Value == 0 {
		t.Errorf("brokers %+v, partitions %+v", plan.Brokers, plan.Partitions)
	}
}

func TestARequestThatTheTrialsLeaveOpenIsAnError(t *testing.T) {
	e := sweep()
	other := sweep().Observations
	for i := range other {
		other[i].RecordBytes, other[i].WireBytes = 100, 100
	}
	mixed := Evidence{Observations: append(e.Observations, other...)}
	for name, test := range map[string]struct {
		e       Evidence
		request PlanRequest
		want    string
	}{
		"records of several sizes":        {mixed, PlanRequest{}, "--record-size"},
		"a codec that was not measured":   {e, PlanRequest{Compression: "zstd"}, "--compression zstd was not measured"},
		"no trial at all":                 {Evidence{}, PlanRequest{}, "partition-sizing"},
		"more brokers away than replicas": {e, PlanRequest{Survive: 1, ReplicationFactor: 1}, "--survive 1"},
	} {
		t.Run(name, func(t *testing.T) {
			test.request.Rate, test.request.Growth, test.request.Groups = unit.Rate{PerSecond: 1000}, 1, 1
			if _, err := planFrom(emptyPlan(nil, test.e), test.e, test.request); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestSettingsThatTheModelDoesNotKnowAreRefused(t *testing.T) {
	run := func(settings []results.Setting, acks string) *results.Run {
		return &results.Run{Manifest: results.Manifest{ID: "r", Cases: []results.CaseInfo{{ID: "c", Settings: settings,
			Effective: []results.EffectiveProperty{{Group: "producers.a", Name: "acks", Value: acks}}}}}}
	}
	known := []results.Setting{{Path: "topics.orders.partitions"}, {Path: "producers.*.rate"}, {Path: "consumers.readers.members"},
		{Path: "producers.a.value.size"}, {Path: "producers.*.config.linger.ms"}, {Path: "topics.orders.replication.factor"},
		{Path: "search.rate"}}
	if _, err := PlanEvidence([]*results.Run{run(known, "all")}, false); err != nil {
		t.Error(err)
	}
	if _, err := PlanEvidence([]*results.Run{run([]results.Setting{{Path: "consumers.readers.processing.time"}}, "all")}, false); err == nil || !strings.Contains(err.Error(), "processing.time") {
		t.Errorf("processing.time: %v", err)
	}
	if _, err := PlanEvidence([]*results.Run{run(nil, "all"), run(nil, "1")}, false); err == nil || !strings.Contains(err.Error(), "acks") {
		t.Errorf("acks: %v", err)
	}
}
