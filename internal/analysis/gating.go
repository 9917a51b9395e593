package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kaliper/internal/analysis/gate"
	"kaliper/internal/stats"
	"kaliper/results"
)

// The sides of a gate, which are the ids of its cases.
const (
	gateBase      = "base"
	gateCandidate = "candidate"
)

// Gating follows a gate pair of trials by pair of trials, while it runs or from its journals.
//
//  1. Where the environment of the two sides differs, nothing is put down to the candidate: it
//     is UNTRUSTED.
//  2. A pair with an untrusted trial is repeated once, whatever came of it: a kaliper that was
//     stopped or starved makes records fail too. A second one in its place ends the gate.
//  3. A candidate whose trial failed is a FAIL, a base whose trial failed leaves nothing to
//     compare with.
//  4. All other pairs go to the rule of internal/analysis/gate.
//
// A trial that did not come to its end is no finding about a side and is not added: what kept it
// from its end is kaliper's own error, or an interruption.
type Gating struct {
	plan    results.GatePlan
	metrics []gate.Metric
	rule    *gate.Gate

	allowUntrusted bool
	repeats        bool // the last pair is to be repeated
	verdict        results.GateVerdict
	why            string
	played         []results.GatePair
}

// intervalOfGate is the level of a gate's intervals: 5% on each side, over all looks.
const intervalOfGate = 0.90

// NewGating begins a gate. Untrusted pairs count where the user allows them.
func NewGating(plan results.GatePlan, allow []string) (*Gating, error) {
	g := &Gating{plan: plan, verdict: results.GateUndecided, allowUntrusted: slices.Contains(allow, AllowUntrusted)}
	for _, m := range plan.Metrics {
		g.metrics = append(g.metrics, gate.Metric{Name: m.Metric, HigherBetter: m.HigherBetter, Tolerate: m.Tolerate, Detect: m.Detect})
	}
	var err error
	g.rule, err = gate.New(plan.Pairs, g.metrics...)
	return g, err
}

// GateTrial is one trial of a gate: its summary, and what was to be said of its cluster.
type GateTrial struct {
	results.SummaryTrial
	Environment []results.Reason
}

// NewGateTrial summarizes a trial for a gate.
func NewGateTrial(trial results.Trial) GateTrial {
	return GateTrial{summarizeTrial(&trial), trial.Begin.Environment}
}

// Add takes a pair, of which first says which side began.
func (g *Gating) Add(base, candidate GateTrial, first string) {
	pair := results.GatePair{Round: base.Round, First: first, Reasons: []string{}}
	var differences []float64
	for _, m := range g.metrics {
		b, c := valueOf(base, m.Name), valueOf(candidate, m.Name)
		pair.Base, pair.Candidate = append(pair.Base, results.Number(b)), append(pair.Candidate, results.Number(c))
		d, err := m.Difference(b, c)
		if err != nil {
			d = math.NaN()
		}
		differences = append(differences, d)
	}
	g.judge(&pair, base, candidate, differences)
	g.played = append(g.played, pair)
}

func valueOf(trial GateTrial, name string) float64 {
	if value, ok := trial.Metrics[name]; ok {
		return float64(value.Value)
	}
	return math.NaN()
}

func (g *Gating) judge(pair *results.GatePair, base, candidate GateTrial, differences []float64) {
	unknown := slices.IndexFunc(differences, math.IsNaN)
	spoiled := append(untrusted(gateBase, base), untrusted(gateCandidate, candidate)...)
	switch {
	case environmentDiffers(base, candidate) != "":
		g.conclude(results.GateUntrusted, environmentDiffers(base, candidate))
	case len(spoiled) > 0 && !g.allowUntrusted && g.repeats:
		pair.Reasons = spoiled
		g.conclude(results.GateUntrusted, "a pair was untrusted, and so was its repetition: "+strings.Join(spoiled, "; "))
		return
	case len(spoiled) > 0 && !g.allowUntrusted:
		g.repeats, pair.Reasons = true, spoiled
		return
	case candidate.Outcome == results.Failed:
		g.conclude(results.GateFail, "the candidate's trial failed: "+because(candidate))
	case base.Outcome == results.Failed:
		g.conclude(results.GateInconclusive, "the base's trial failed, so there is nothing to compare with: "+because(base))
	case unknown >= 0:
		g.conclude(results.GateInconclusive, fmt.Sprintf("%s has no value in round %d", g.metrics[unknown].Name, pair.Round))
	default:
		pair.Reasons = append(pair.Reasons, spoiled...)
		g.repeats, pair.Counts = false, true
		g.take(differences)
		return
	}
	pair.Reasons = []string{g.why}
}

// take gives a pair to the rule.
func (g *Gating) take(differences []float64) {
	verdict, err := g.rule.Add(differences...)
	switch {
	case err != nil:
		g.conclude(results.GateInconclusive, err.Error())
	case verdict != gate.Undecided:
		g.conclude(results.GateVerdict(verdict), g.ruleSays(verdict))
	}
}

func (g *Gating) conclude(verdict results.GateVerdict, why string) { g.verdict, g.why = verdict, why }

// ruleSays gives the reason of those metrics that made the verdict.
func (g *Gating) ruleSays(verdict gate.Verdict) string {
	var parts []string
	for _, m := range g.rule.Decision().Metrics {
		if m.Verdict == verdict || verdict == gate.Inconclusive && m.Verdict != gate.Pass {
			parts = append(parts, m.Metric.Name+": "+m.Why)
		}
	}
	return strings.Join(parts, "; ")
}

// untrusted says why a trial cannot be trusted; nothing where it can.
func untrusted(side string, trial GateTrial) []string {
	if trial.Trust != results.Untrusted {
		return nil
	}
	return []string{side + ": " + because(trial)}
}

func because(trial GateTrial) string {
	var texts []string
	for _, reason := range trial.Reasons {
		texts = append(texts, reason.Text)
	}
	return strings.Join(texts, "; ")
}

// environmentDiffers names a warning that one side has and the other lacks. What warnings say
// in detail may vary: their codes are compared. Idle members follow from a side's own settings, which are
// what is judged.
func environmentDiffers(base, candidate GateTrial) string {
	lacks := func(side string, has, other []results.Reason) string {
		for _, reason := range has {
			if reason.Code != "idle_members" && !slices.ContainsFunc(other, func(r results.Reason) bool { return r.Code == reason.Code }) {
				return fmt.Sprintf("the environment of the two sides differs: of the %s alone, %s", side, reason.Text)
			}
		}
		return ""
	}
	if text := lacks(gateBase, base.Environment, candidate.Environment); text != "" {
		return text
	}
	return lacks(gateCandidate, candidate.Environment, base.Environment)
}

// GateEnvironment says what the environment of two sides does not have in common; empty where
// they are alike.
func GateEnvironment(base, candidate []results.Reason) string {
	return environmentDiffers(GateTrial{Environment: base}, GateTrial{Environment: candidate})
}

// Decided says whether the gate needs no more pairs.
func (g *Gating) Decided() bool { return g.verdict != results.GateUndecided }

// Result is the state of the gate; of run and state the caller knows more.
func (g *Gating) Result() results.Gate {
	d := g.rule.Decision()
	result := results.Gate{
		Schema: results.GateSchema, Verdict: g.verdict, Why: g.why, AA: g.plan.AA,
		Pairs: d.Pairs, MostPairs: g.plan.Pairs, Metrics: []results.GateMetric{}, Played: listed(g.played), Warnings: g.warnings(),
	}
	for i, m := range d.Metrics {
		one := results.GateMetric{
			GateMargin: g.plan.Metrics[i], Verdict: results.GateVerdict(m.Verdict), Why: m.Why, Advisory: m.Advisory,
			Base: results.Number(stats.Median(g.counted(i, false))), Candidate: results.Number(stats.Median(g.counted(i, true))),
			Change: results.Number(m.Change), Spread: results.Number(m.Spread),
			Interval:           results.ConfidenceInterval{Lo: results.Number(m.Lo), Hi: results.Number(m.Hi), Level: intervalOfGate},
			SmallestDetectable: results.Number(m.Prospect.SmallestDetectable), PairsNeeded: m.Prospect.PairsNeeded,
		}
		result.Metrics = append(result.Metrics, one)
	}
	return result
}

// warnings are what belongs into every output.
func (g *Gating) warnings() []string {
	spoiled := 0
	for _, pair := range g.played {
		if pair.Counts && len(pair.Reasons) > 0 {
			spoiled++
		}
	}
	if spoiled == 0 {
		return []string{}
	}
	return []string{fmt.Sprintf("%d of %d pairs count although they are untrusted, as --allow %s says; the table of pairs says why", spoiled, len(g.played), AllowUntrusted)}
}

// counted returns the values of a metric on one side.
func (g *Gating) counted(metric int, candidate bool) []float64 {
	var values []float64
	for _, pair := range g.played {
		side := pair.Base
		if candidate {
			side = pair.Candidate
		}
		if pair.Counts {
			values = append(values, float64(side[metric]))
		}
	}
	return values
}

// Gate derives a gate's answer from a run that has its summary: the pairs are played again.
func Gate(run *results.Run) (results.Gate, error) {
	manifest := run.Manifest
	if manifest.Gate == nil {
		return results.Gate{}, fmt.Errorf("run %s is no gate", manifest.ID)
	}
	g, err := NewGating(*manifest.Gate, manifest.Allow)
	if err != nil {
		return results.Gate{}, fmt.Errorf("gate of run %s: %w", manifest.ID, err)
	}
	stopped := manifest.Gate.Stopped
	var last *results.Trial
	for i := range run.Trials {
		trial := &run.Trials[i]
		if trial.State != results.Complete {
			if stopped == "" && trial.End != nil {
				stopped = trial.End.Error
			}
			break
		}
		if last == nil || last.Begin.Round != trial.Begin.Round {
			last = trial
			continue
		}
		first := last.Begin.Case
		base, candidate := NewGateTrial(*last), NewGateTrial(*trial)
		if first == gateCandidate {
			base, candidate = candidate, base
		}
		if g.Decided() {
			break
		}
		g.Add(base, candidate, first)
		last = nil
	}
	result := g.Result()
	result.Run, result.State, result.Simulated = manifest.ID, manifest.State, manifest.Simulated
	return result, settle(&result, run, stopped)
}

// settle adds what the run as a whole says: that it is not at its end, and expectations that the
// candidate does not meet.
func settle(result *results.Gate, run *results.Run, stopped string) error {
	if result.Verdict == results.GateUndecided {
		result.Why = fmt.Sprintf("the gate is %s after %d of at most %d pairs", result.State, result.Pairs, result.MostPairs)
		if stopped != "" {
			result.Why = "the gate was stopped: " + stopped
		}
	}
	if result.Verdict != results.GatePass && result.Verdict != results.GateInconclusive {
		return nil
	}
	expectations, err := expect(run.Manifest.Expect, groups(run), withoutRepeated(run.Summary.Cases, result.Played))
	for _, e := range expectations {
		if e.Case == gateCandidate && e.Verdict == NotMet {
			result.Verdict, result.Why = results.GateFail, fmt.Sprintf("the candidate does not meet the expectation %s", e.Condition)
		}
	}
	return err
}

// withoutRepeated returns the cases without the trials of pairs that were repeated: what spoiled
// them is no fault of the candidate's, in its figures or in its expectations.
func withoutRepeated(cases []results.SummaryCase, played []results.GatePair) []results.SummaryCase {
	repeated := map[int]bool{}
	for i, pair := range played {
		repeated[pair.Round] = !pair.Counts && i < len(played)-1
	}
	cases = slices.Clone(cases)
	for i := range cases {
		trials := slices.DeleteFunc(slices.Clone(cases[i].Trials), func(t results.SummaryTrial) bool { return repeated[t.Round] })
		cases[i].Trials, cases[i].Metrics = trials, overTrials(trials)
	}
	return cases
}

// GateExit is a gate's exit code, before what ended it early is considered.
func GateExit(gate results.Gate, allow []string) (code Exit, warning string) {
	switch gate.Verdict {
	case results.GatePass:
		return ExitDone, ""
	case results.GateFail:
		return ExitFailed, ""
	case results.GateUntrusted:
		return ExitUntrusted, ""
	}
	if slices.Contains(allow, AllowInconclusive) {
		return ExitDone, fmt.Sprintf("the gate is inconclusive, and --allow %s says to go on", AllowInconclusive)
	}
	return ExitInconclusive, ""
}
