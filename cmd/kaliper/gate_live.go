package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"kaliper/internal/analysis"
	"kaliper/internal/analysis/gate"
	"kaliper/internal/experiment"
	"kaliper/internal/metric"
	"kaliper/internal/unit"
	"kaliper/report"
	"kaliper/results"
	"kaliper/scenarios"
	"kaliper/workload"
)

// liveGate is one gate under way.
type liveGate struct {
	session
	plan    *scenarios.GatePlan
	written results.GatePlan
	gating  *analysis.Gating
}

// runLiveGate plays pairs of trials until the gate is decided.
func runLiveGate(ctx context.Context, env *environment, flags *gateFlags, plan *scenarios.GatePlan) error {
	written := gatePlan(plan, flags.aa)
	gating, err := newGating(plan, written, flags.allow)
	if err != nil {
		return err
	}
	most := time.Duration(written.Pairs) * plan.PairDuration
	if most > longRun && !flags.yes {
		return badInput(fmt.Errorf("up to %d pairs take about %v; say --yes to start them", written.Pairs, most.Round(time.Minute)))
	}
	scenario := *plan.Base
	scenario.Cases = plan.Cases
	show := newProgress(env.stderr, flags.quiet, 2*written.Pairs, plan.PairDuration/2)
	show.live = show.live && !flags.json
	g := &liveGate{plan: plan, written: written, gating: gating, session: session{
		env: env, flags: &flags.runFlags, scenario: &scenario, progress: show, ceilings: workload.NewCeilings(),
		clusters: newClusters(env.executable, env.stderr),
	}}
	g.announce()
	failure := g.execute(ctx)
	show.clear()
	if err := g.clusters.close(); err != nil {
		show.say("warning: %v", err)
	}
	end := gateEnd{env: env, flags: flags, manifest: g.manifest(), directory: g.directory, about: results.Gate{AA: flags.aa, MostPairs: written.Pairs}}
	if g.directory == "" { // nothing was started
		return end.withoutFigures(ctx, failure)
	}
	return end.finishLive(ctx, failure)
}

// gatePlan is what the manifest says of a gate.
func gatePlan(plan *scenarios.GatePlan, aa bool) results.GatePlan {
	written := results.GatePlan{
		AA: aa, Pairs: min(plan.Pairs, gate.MostPairs), Candidate: plan.Candidate.Resolved,
		BaseBefore: plan.Base.Gate.Before, CandidateBefore: plan.Candidate.Gate.Before,
	}
	written.Metrics = gateMargins(plan.Base.Gate)
	return written
}

func gateMargins(g scenarios.Gate) []results.GateMargin {
	var margins []results.GateMargin
	for _, m := range g.Metrics {
		d := m.Ref.Definition
		margins = append(margins, results.GateMargin{
			Metric: m.Ref.String(), Unit: d.Unit, HigherBetter: d.Direction == metric.HigherBetter, Tolerate: m.Tolerate, Detect: m.Detect,
		})
	}
	return margins
}

// newGating begins the rule, or says with figures why the budget decides nothing.
func newGating(plan *scenarios.GatePlan, written results.GatePlan, allow []string) (*analysis.Gating, error) {
	budget, pair := plan.Base.Gate.Budget, plan.PairDuration.Round(time.Second/10)
	if plan.Pairs < gate.LeastPairs {
		return nil, badInput(plan.Base.BudgetProblem("%v holds %d pairs of about %v, and fewer than %d pairs decide nothing: allow %v or more, or shorten gate.warmup and gate.duration",
			budget, plan.Pairs, pair, gate.LeastPairs, (time.Duration(gate.LeastPairs)*plan.PairDuration).Round(time.Second)+time.Second))
	}
	gating, err := analysis.NewGating(written, allow)
	if err != nil {
		return nil, badInput(plan.Base.BudgetProblem("%v holds %d pairs of about %v: %v", budget, plan.Pairs, pair, err))
	}
	return gating, nil
}

// announce says beforehand what the gate can show.
func (g *liveGate) announce() {
	s, n := g.progress, g.written.Pairs
	s.say("%s: a gate of at most %d pairs, about %v, and less where it knows earlier", g.scenario.Name, n, (time.Duration(n) * g.plan.PairDuration).Round(time.Second))
	for _, m := range g.written.Metrics {
		text := ""
		for _, noise := range []float64{0.02, 0.05, 0.10} {
			prospect, err := gate.NewProspect(gate.Metric{Name: m.Metric, HigherBetter: m.HigherBetter, Tolerate: m.Tolerate, Detect: m.Detect}, noise*math.Sqrt2, n, len(g.written.Metrics))
			if err != nil {
				continue // the gating has checked it
			}
			if text != "" {
				text += ", "
			}
			text += fmt.Sprintf("%s by %s", unit.Format(prospect.SmallestDetectable, "ratio"), unit.Format(noise, "ratio"))
		}
		s.say("  %s tolerates %s and detects %s; found in 90%% of gates, where trials vary: %s", m.Metric, unit.Format(m.Tolerate, "ratio"), unit.Format(m.Detect, "ratio"), text)
	}
	for _, scenario := range []*scenarios.Scenario{g.plan.Base, g.plan.Candidate} {
		for _, warning := range scenario.Warnings {
			s.say("warning: %s", warning)
		}
		if g.written.AA {
			break
		}
	}
}

// execute connects to both sides' clusters, refuses what cannot be compared, and plays.
func (g *liveGate) execute(ctx context.Context) error {
	var environments [][]results.Reason
	for _, c := range g.plan.Cases {
		cluster, err := g.clusters.of(ctx, c.Load.Target)
		if err != nil {
			return err
		}
		environments = append(environments, cluster.warnings)
	}
	if err := workload.CheckServices(ctx, g.plan.Cases...); err != nil {
		return err
	}
	if text := analysis.GateEnvironment(environments[0], environments[1]); text != "" {
		return &exitError{analysis.ExitUntrusted, fmt.Errorf("untrusted (exit 5): nothing was started, because %s; mend that first", text)}
	}
	if err := g.begin(ctx); err != nil {
		return err
	}
	manifest := g.manifest()
	manifest.Gate, manifest.Repeats = &g.written, g.written.Pairs
	// The coin does not follow the scenario's seed, which would make one order of every gate.
	coin := func() bool { return rand.IntN(2) == 0 }
	order := experiment.NewGate(g.directory, scenarios.BaseSide, scenarios.CandidateSide, g.gating, coin, g.tell)
	return experiment.Run(ctx, experiment.Options{
		Directory: g.directory, Manifest: manifest, Cases: g.plan.Cases, Rest: g.scenario.Rest, Next: order.Next,
	}, g.trial)
}

// trial is experiment.Execute.
func (g *liveGate) trial(ctx context.Context, c scenarios.Case, ref results.TrialRef, directory string) (results.Trial, error) {
	side := g.plan.Base
	if c.ID == scenarios.CandidateSide {
		side = g.plan.Candidate
	}
	if err := runBefore(ctx, side.Gate.Before, side.Gate.BeforeTimeout); err != nil {
		g.written.Stopped = fmt.Sprintf("%s: %v", c.ID, err)
		return results.Trial{}, experiment.Stop(fmt.Errorf("%s: %w", c.ID, err))
	}
	trial, err := g.session.trial(ctx, c, ref, directory)
	// A trial that an error kept from its end is no finding about its side, and the next pair would
	// be no better: a gate ends with that error, where a run goes on.
	if err != nil && ctx.Err() == nil && (stops(err) || trial.State != results.Complete) {
		g.written.Stopped = fmt.Sprintf("%s: %v", c.ID, err)
		return trial, experiment.Stop(err)
	}
	return trial, err
}

// tell says how the gate stands after a pair.
func (g *liveGate) tell(state results.Gate) {
	last := state.Played[len(state.Played)-1]
	if !last.Counts && len(last.Reasons) > 0 {
		g.progress.say("round %d does not count: %s", last.Round, last.Reasons[0])
		return
	}
	for _, m := range state.Metrics {
		g.progress.say("pair %d of at most %d: %s", state.Pairs, state.MostPairs, report.GateMetricText(m))
	}
}

// finishLive derives the answer from the journals, writes everything, prints it, and returns the
// error that carries the exit code.
func (e gateEnd) finishLive(ctx context.Context, failure error) error {
	run, err := openSummarized(e.directory)
	if err != nil {
		return e.withoutFigures(ctx, errors.Join(failure, err))
	}
	answer, err := writeGateDerived(run)
	if answer == nil {
		return e.withoutFigures(ctx, errors.Join(failure, err))
	}
	err = errors.Join(err, e.tell(answer))
	switch {
	case failure != nil || err != nil:
		return joined(failure, err)
	case ctx.Err() != nil:
		return errInterrupted()
	}
	return gateExit(e.env, e.flags, answer.Result)
}

// gateExit is the error that carries a gate's exit code.
func gateExit(env *environment, flags *gateFlags, result results.Gate) error {
	code, warning := analysis.GateExit(result, flags.allow)
	if warning != "" {
		fmt.Fprintln(env.stderr, "kaliper: warning: "+warning)
	}
	if code == analysis.ExitDone {
		return nil
	}
	return &exitError{code, fmt.Errorf("%s (exit %d): %s", result.Verdict, code, result.Why)}
}

// writeGateDerived writes gate.json and summary.json, and the gate's report instead of a run's. The
// answer is there, too, where not all of them could be written.
func writeGateDerived(run *results.Run) (*report.Gate, error) {
	result, err := gateOf(run)
	if err != nil {
		return nil, err
	}
	answer := report.NewGate(run, result)
	if err := results.WriteSummary(run.Dir, run.Summary); err != nil {
		return answer, err
	}
	if err := results.WriteGate(run.Dir, result); err != nil {
		return answer, err
	}
	return answer, writeDocument(run.Dir, answer.Document())
}

// gateOf derives a gate's answer from its run, with the warning of what was allowed.
func gateOf(run *results.Run) (results.Gate, error) {
	result, err := analysis.Gate(run)
	if err == nil {
		analysis.WarnOfAllowed(&result, run.Manifest.Allow)
	}
	return result, err
}
