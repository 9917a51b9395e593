package analysis

import (
	"fmt"
	"math"
	"slices"

	"kaliper/internal/analysis/capacity"
	"kaliper/internal/stats"
	"kaliper/internal/unit"
	"kaliper/results"
)

// PlanRequest is what kaliper plan is asked for. What is 0 or empty is taken from the trials, where
// they have one value of it.
type PlanRequest struct {
	Rate        unit.Rate // records or bytes of key and value
	RecordBytes float64
	Compression string
	// The rest is as in capacity.Demand.
	Groups, Members, ReplicationFactor int
	Survive                            int // below 0: one, where there is more than one replica
	Growth, Headroom, RetentionSeconds float64
	Limits                             capacity.Limits
	// AllowUntrusted lets the model learn from untrusted trials too.
	AllowUntrusted bool
}

// Plan fits the capacity model to the trials of runs and answers the request. An error says what
// is missing from the request or from the runs; what the data do not support is no error, but
// declined in the plan.
func Plan(runs []*results.Run, request PlanRequest) (results.Plan, error) {
	evidence, err := PlanEvidence(runs, request.AllowUntrusted)
	if err != nil {
		return results.Plan{}, err
	}
	return planFrom(emptyPlan(runs, evidence), evidence, request)
}

// planFrom answers a request in a plan that says of the runs what there is to say.
func planFrom(plan results.Plan, evidence Evidence, request PlanRequest) (results.Plan, error) {
	groups := capacity.Groups(evidence.Observations)
	demand, err := request.demand(groups, evidence)
	if err != nil {
		return results.Plan{}, err
	}
	plan.Demand = storedDemand(demand)
	bytes := demand.Bytes()
	plan.NetworkInBytesPerSecond, plan.NetworkOutBytesPerSecond, plan.DiskBytes = bytes.In, bytes.Out, bytes.Disk
	fit, err := capacity.NewFit(evidence.Observations)
	if err != nil {
		declineAll(&plan, results.Reason(capacity.Refusal{Code: capacity.TooFew, Text: err.Error()}))
		return plan, nil
	}
	sizing := fit.Size(demand)
	p := planner{fit, sizing, &plan}
	p.answer()
	p.terms()
	p.points()
	p.curves()
	p.rules()
	p.next()
	return plan, nil
}

func emptyPlan(runs []*results.Run, evidence Evidence) results.Plan {
	plan := results.Plan{
		Schema: results.PlanSchema, Runs: []string{}, Declined: []results.Reason{}, Rules: []results.PlanRule{}, Next: []string{},
		Warnings: []string{}, Terms: []results.PlanTerm{}, Points: []results.PlanPoint{}, Curves: []results.PlanCurve{}, LeftOut: listed(evidence.LeftOut),
	}
	unknown := results.PlanPrediction{Value: results.Number(math.NaN())}
	plan.Capacity, plan.P50, plan.P99, plan.LingerWaitSeconds = unknown, unknown, unknown, unknown.Value
	for _, run := range runs {
		if !slices.Contains(plan.Runs, run.Manifest.ID) {
			plan.Runs = append(plan.Runs, run.Manifest.ID)
		}
		plan.Simulated = plan.Simulated || run.Manifest.Simulated
	}
	if plan.Simulated {
		plan.Warnings = append(plan.Warnings, "SIMULATED BROKER: no figure here says anything about a real Kafka cluster.")
	}
	if evidence.UsesUntrusted {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("UNTRUSTED: the instrument or its machine spoiled %d of the trials that this is made from.", evidence.Untrusted))
	}
	for _, o := range evidence.Observations {
		plan.Within.Trials++
		plan.Within.Seconds = max(plan.Within.Seconds, o.Seconds)
		plan.Within.BytesWrittenPerTrial = max(plan.Within.BytesWrittenPerTrial, o.BytesWritten)
		plan.Within.BytesPerBroker = max(plan.Within.BytesPerBroker, o.BytesWritten/float64(max(o.Brokers, 1)))
	}
	return plan
}

// declineAll declines everything.
func declineAll(p *results.Plan, reason results.Reason) {
	p.Declined = append(p.Declined, reason)
	none := results.PlanCount{Declined: []results.Reason{reason}}
	p.Partitions, p.Producers, p.Members, p.Brokers = none, none, none, none
	p.P50.Declined, p.P99.Declined = none.Declined, none.Declined
	p.Next = append(p.Next, reason.Text)
}

// demand fills the gaps of a request from what was measured.
func (r PlanRequest) demand(groups []capacity.Group, evidence Evidence) (capacity.Demand, error) {
	d := capacity.Demand{
		Groups: r.Groups, Members: r.Members, ReplicationFactor: r.ReplicationFactor, Survive: r.Survive, Growth: r.Growth,
		Headroom: r.Headroom, RetentionSeconds: r.RetentionSeconds, Limits: r.Limits, Keyed: evidence.Keyed,
		Compression: r.Compression, RecordBytes: r.RecordBytes,
	}
	if len(groups) > 0 && d.ReplicationFactor == 0 {
		replicas := (&capacity.Fit{Groups: groups}).Levels(capacity.ReplicationFactor)
		d.ReplicationFactor = int(replicas[len(replicas)-1])
	}
	if d.Survive < 0 {
		d.Survive = min(1, d.ReplicationFactor-1)
	}
	if d.Survive >= d.ReplicationFactor && len(groups) > 0 {
		return d, fmt.Errorf("--survive %d with %d replicas: some records would have no replica left", d.Survive, d.ReplicationFactor)
	}
	if len(groups) == 0 {
		return d, &NothingToLearnError{evidence}
	}
	if d.Compression == "" {
		codecs := distinct(groups, func(g capacity.Group) string { return g.Compression })
		if len(codecs) > 1 {
			return d, fmt.Errorf("the runs measured compression.type %v: say by --compression which is planned for", codecs)
		}
		d.Compression = codecs[0]
	}
	if d.RecordBytes == 0 {
		sizes := (&capacity.Fit{Groups: groups}).Levels(capacity.RecordBytes)
		if len(sizes) > 1 {
			return d, fmt.Errorf("the runs measured records of %s to %s: say by --record-size how large those are that are planned for",
				unit.Format(sizes[0], "bytes"), unit.Format(sizes[len(sizes)-1], "bytes"))
		}
		d.RecordBytes = sizes[0]
	}
	if wire, known := capacity.WireBytes(groups, d.Compression, d.RecordBytes); known {
		d.WireBytes = wire
	} else {
		return d, fmt.Errorf("--compression %s was not measured: the runs have %v", d.Compression, distinct(groups, func(g capacity.Group) string { return g.Compression }))
	}
	d.RecordsPerSecond = r.Rate.PerSecond
	if r.Rate.Bytes {
		d.RecordsPerSecond /= d.RecordBytes
	}
	var nearest capacity.Group
	for _, g := range groups {
		off := func(g capacity.Group) float64 { return math.Abs(math.Log(g.RecordBytes / d.RecordBytes)) }
		if g.Compression == d.Compression && (nearest.RecordBytes == 0 || off(g) < off(nearest)) {
			nearest = g
		}
	}
	d.LingerSeconds, d.BatchBytes = nearest.LingerSeconds, nearest.BatchBytes
	return d, nil
}

// NothingToLearnError says that runs have no trial that a plan can be made from.
type NothingToLearnError struct{ Evidence Evidence }

func (e *NothingToLearnError) Error() string {
	switch left := e.Evidence.LeftOut; {
	case len(left) == 0:
		return "the runs have no trial: measure some with `kaliper run partition-sizing`"
	case e.Evidence.Untrusted > 0:
		return fmt.Sprintf("the runs have no trial to plan from, %d are untrusted: measure on a quieter machine, or say --allow untrusted (%s)", e.Evidence.Untrusted, left[0])
	default:
		return "the runs have no trial to plan from: " + left[0]
	}
}

func distinct[T comparable](groups []capacity.Group, of func(capacity.Group) T) []T {
	var found []T
	for _, g := range groups {
		if v := of(g); !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	return found
}

func storedDemand(d capacity.Demand) results.PlanDemand {
	return results.PlanDemand{
		RecordsPerSecond: d.RecordsPerSecond, NeededRecordsPerSecond: d.Needed(), RecordBytes: d.RecordBytes, WireBytesPerRecord: d.WireBytes,
		Compression: d.Compression, Groups: d.Groups, Members: d.Members, ReplicationFactor: d.ReplicationFactor, Survive: d.Survive,
		Growth: d.Growth, Headroom: d.Headroom, RetentionSeconds: d.RetentionSeconds,
	}
}

func storedPrediction(p capacity.Prediction) results.PlanPrediction {
	prediction := results.PlanPrediction{Value: results.Number(p.Value)}
	if p.Level > 0 {
		prediction.Interval = stored(p.Interval)
	}
	return prediction
}

func storedForecast(k capacity.Forecast) results.PlanPrediction {
	if len(k.Declined) > 0 {
		return results.PlanPrediction{Value: results.Number(math.NaN()), Declined: storedRefusals(k.Declined)}
	}
	return storedPrediction(k.Prediction)
}

func storedRefusals(refusals []capacity.Refusal) []results.Reason {
	var all []results.Reason
	for _, r := range refusals {
		all = append(all, results.Reason(r))
	}
	return all
}

func storedCount(k capacity.Count) results.PlanCount {
	c := results.PlanCount{Value: k.Value, Middle: k.Middle, AtMost: k.AtMost, Declined: storedRefusals(k.Declined)}
	if len(k.Declined) == 0 && k.Interval != (stats.Interval{}) {
		c.Interval = stored(k.Interval)
	}
	return c
}
