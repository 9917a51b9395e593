package analysis

import (
	"fmt"
	"math"
	"slices"

	"kaliper/internal/analysis/capacity"
	"kaliper/internal/unit"
	"kaliper/results"
)

// planner writes a fit and a sizing down.
type planner struct {
	fit    *capacity.Fit
	sizing *capacity.Sizing
	plan   *results.Plan
}

func (p planner) answer() {
	s, plan := p.sizing, p.plan
	plan.Complete = s.Complete()
	plan.Declined = listed(storedRefusals(s.Declined))
	plan.Partitions, plan.Producers = storedCount(s.Partitions), storedCount(s.Producers)
	plan.Members, plan.Brokers = storedCount(s.Members), storedCount(s.Brokers)
	plan.P50, plan.P99 = storedForecast(s.P50), storedForecast(s.P99)
	if len(s.Declined) > 0 {
		return
	}
	plan.Capacity, plan.Bottleneck = storedPrediction(s.Capacity), string(s.Binding)
	if s.P99.Level > 0 {
		plan.LingerWaitSeconds = results.Number(s.LingerWait)
	}
}

func (p planner) terms() {
	asked := p.sizing.Demand.Configuration()
	for _, t := range capacity.Terms() {
		term := results.PlanTerm{Name: string(t), Bound: p.fit.Bound(t, asked.Compression), Known: true}
		if r, known := p.fit.Identified(t, asked); !known {
			reason := results.Reason(r)
			term.Known, term.Refusal = false, &reason
		}
		one := p.sizing.Configuration
		if one.RecordBytes == 0 {
			one = p.fit.Groups[0].Configuration
		}
		one.Partitions, one.Producers, one.Members, one.Brokers = 1, 1, min(one.Members, 1), 1
		term.RecordsPerSecondEach = results.Number(math.NaN())
		if each := p.fit.Throughput.Ceiling(t, one); !math.IsInf(each, 1) && term.Known {
			term.RecordsPerSecondEach = results.Number(each)
		}
		p.plan.Terms = append(p.plan.Terms, term)
	}
}

// points are the configurations whose highest rate was measured, each beside its prediction by
// the model of the others.
func (p planner) points() {
	for i, g := range p.fit.Groups {
		measured, ok := g.Capacity()
		if !ok {
			continue
		}
		p.plan.Points = append(p.plan.Points, results.PlanPoint{
			Name: g.Observations[0].Name, Partitions: g.Partitions, Producers: g.Producers, Members: g.Members, Groups: g.Groups,
			ReplicationFactor: g.ReplicationFactor, Brokers: g.Brokers, RecordBytes: g.RecordBytes, Compression: g.Compression,
			Measured: measured, Predicted: storedPrediction(p.fit.CarriesUnknown(i)), Bottleneck: string(p.fit.Throughput.Binding(g.Configuration)),
		})
	}
}

// curves predict along what was varied, from the recommended configuration.
func (p planner) curves() {
	if len(p.sizing.Declined) > 0 {
		return
	}
	for _, t := range capacity.Terms() {
		measured := p.fit.Levels(capacity.Dimension(t))
		if _, known := p.fit.Identified(t, p.sizing.Configuration); !known {
			continue
		}
		curve := results.PlanCurve{Along: string(t), Of: "capacity"}
		for n := max(1, math.Ceil(measured[0]/2)); n <= 2*measured[len(measured)-1]; n = max(n+1, math.Ceil(n*1.15)) {
			c := p.sizing.Configuration.With(capacity.Dimension(t), int(n))
			curve.At, curve.Values = append(curve.At, n), append(curve.Values, storedPrediction(p.fit.Carries(c)))
		}
		p.plan.Curves = append(p.plan.Curves, curve)
	}
	p.latencyCurve()
}

// latencyCurve predicts along the rate, from the lowest to the highest at which it may be done.
func (p planner) latencyCurve() {
	lowest, highest, why := p.fit.WaitRates(capacity.P99, p.sizing.Configuration)
	if !p.sizing.Counted() || len(why) > 0 || lowest >= highest {
		return
	}
	curve := results.PlanCurve{Along: "rate", Of: "ack.p99"}
	const steps = 16
	for i := range steps {
		rate := lowest * math.Pow(highest/lowest, float64(i)/(steps-1))
		wait, _ := p.fit.Wait(capacity.P99, p.sizing.Configuration, rate)
		curve.At, curve.Values = append(curve.At, rate), append(curve.Values, storedPrediction(wait))
	}
	p.plan.Curves = append(p.plan.Curves, curve)
}

// oldPartitionsPerBroker is the usual advice for brokers without KRaft: 4,000 replicas.
const oldPartitionsPerBroker = 4000

// rules set the usual rules of thumb beside the answer, and explain the difference.
func (p planner) rules() {
	if len(p.sizing.Declined) > 0 {
		return
	}
	d := p.sizing.Demand
	target := d.Grown() * d.RecordBytes
	one := p.sizing.Configuration
	one.Partitions, one.Members = 1, 1
	perPartition := p.fit.Throughput.Ceiling(capacity.PartitionTerm, one) * d.RecordBytes
	perMember := p.fit.Throughput.Ceiling(capacity.ConsumerTerm, one) * d.RecordBytes
	rule := results.PlanRule{Name: "max(t/p, t/c) partitions", Value: results.Number(math.NaN())}
	byProducing, byConsuming := target/perPartition, target/perMember
	_, partitionsKnown := p.fit.Identified(capacity.PartitionTerm, one)
	_, membersKnown := p.fit.Identified(capacity.ConsumerTerm, one)
	switch {
	case !partitionsKnown && !membersKnown:
		rule.Text = "what one partition takes (p) and what one member reads (c) were not measured at their limits"
	default:
		n := 1.0
		text := fmt.Sprintf("t = %s", unit.Format(target, "bytes/s"))
		if partitionsKnown {
			n = max(n, math.Ceil(byProducing))
			text += fmt.Sprintf(", p = %s", unit.Format(perPartition, "bytes/s"))
		}
		if membersKnown && d.Groups > 0 {
			n = max(n, math.Ceil(byConsuming))
			text += fmt.Sprintf(", c = %s", unit.Format(perMember, "bytes/s"))
		}
		rule.Value = results.Number(n)
		rule.Text = text + "; the rule knows neither headroom, nor that each further partition adds less, nor how far a prediction may miss"
		if members := p.sizing.Configuration.Members; members > 1 {
			rule.Text += fmt.Sprintf(", nor that %d members share partitions evenly only if their number divides", members)
		}
	}
	p.plan.Rules = append(p.plan.Rules, rule)
	brokers := p.plan.Brokers.Value
	perBroker := results.PlanRule{Name: "replicas of partitions per broker", Value: results.Number(math.NaN()),
		Text: fmt.Sprintf("usual advice is at most %s; without a number of brokers there is nothing to compare", unit.Number(oldPartitionsPerBroker))}
	if brokers > 0 && p.plan.Partitions.Value > 0 {
		n := float64(p.plan.Partitions.Value*d.ReplicationFactor) / float64(brokers)
		perBroker.Value = results.Number(n)
		perBroker.Text = fmt.Sprintf("of this topic alone; usual advice is at most %s over all topics, which is about failing over and opening files, and says nothing about rates", unit.Number(oldPartitionsPerBroker))
	}
	p.plan.Rules = append(p.plan.Rules, perBroker)
}

// next says what to measure next: first what would lift a refusal, else where the models without
// one configuration disagree most about the answer.
func (p planner) next() {
	add := func(text string) {
		if !slices.Contains(p.plan.Next, text) {
			p.plan.Next = append(p.plan.Next, text)
		}
	}
	for _, reasons := range [][]results.Reason{p.plan.Declined, p.plan.Partitions.Declined, p.plan.Producers.Declined, p.plan.Members.Declined, p.plan.Brokers.Declined,
		p.plan.P50.Declined, p.plan.P99.Declined} {
		for _, r := range reasons {
			add(r.Text)
		}
	}
	if len(p.sizing.Declined) > 0 {
		return
	}
	c := p.sizing.Configuration
	if i := p.fit.Pivotal(c); i >= 0 {
		g := p.fit.Groups[i]
		add(fmt.Sprintf("the interval hangs most on %d partitions, %d producers, %d members, %s records: repeat it, and measure the recommended %d partitions, %d producers, %d members themselves",
			g.Partitions, g.Producers, g.Members, unit.Format(g.RecordBytes, "bytes"), c.Partitions, c.Producers, c.Members))
	}
}
