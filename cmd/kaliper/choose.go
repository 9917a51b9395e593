package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaliper/internal/analysis"
	"kaliper/internal/analysis/choose"
	"kaliper/internal/experiment"
	"kaliper/report"
	"kaliper/results"
	"kaliper/scenarios"
)

// usualNoise is how much trials vary where nobody has measured it yet.
const usualNoise = 0.05

// planChoice makes the plan of a choice, and says how long it is about and at the most.
func planChoice(s *scenarios.Scenario, budget time.Duration) (sweep, error) {
	cases := len(s.Cases)
	if cases < 2 {
		return sweep{}, badInput(errors.New("--only leaves one case, and choose needs two or more to choose from"))
	}
	s.Repeats = choose.ScreeningRounds
	plan := &results.ChoosePlan{SubjectTo: []string{}}
	for _, condition := range s.Choose.SubjectTo {
		plan.SubjectTo = append(plan.SubjectTo, condition.Text)
	}
	for _, ref := range s.Choose.Objectives {
		plan.Objectives = append(plan.Objectives, analysis.NewChooseObjective(ref))
	}
	perTrial := s.Estimate().Round / time.Duration(cases)
	screening := choose.ScreeningRounds * cases
	kept, rounds := choose.Expect(cases, usualNoise)
	p := sweep{choose: plan, perTrial: perTrial, trials: screening + kept*rounds, most: screening + cases*choose.MostRounds}
	if budget > 0 {
		plan.Trials = int(budget / perTrial)
		least := screening + 2*choose.FewestRounds
		if plan.Trials < least {
			return sweep{}, badInput(fmt.Errorf("--budget %v: a choice among %d cases takes %d trials at least, of about %v each: allow %v or more, or name fewer cases by --only",
				budget, cases, least, perTrial.Round(time.Second/10), (time.Duration(least)*perTrial).Round(time.Second)+time.Second))
		}
		p.most, p.trials = min(p.most, plan.Trials), min(p.trials, plan.Trials)
	}
	p.says = fmt.Sprintf("%d rounds of all %d cases, then fresh ones of those that may be the best: about %d trials, %v, where trials vary by 5%%, and at most %d, %v",
		choose.ScreeningRounds, cases, p.trials, roughly(p.expected()), p.most, roughly(p.longest()))
	return p, nil
}

// choice returns the order of a choice's trials.
func (s *session) choice() (*experiment.Choice, error) {
	var ids []string
	for _, c := range s.scenario.Cases {
		ids = append(ids, c.ID)
	}
	choosing, err := analysis.NewChoosing(*s.plan.choose, ids, s.scenario.Cases[0].Load.Groups())
	if err != nil {
		return nil, err
	}
	return experiment.NewChoice(s.directory, choosing, s.scenario.Seed, s.tellChoice), nil
}

// tellChoice says how the choice stands after a round.
func (s *session) tellChoice(state results.Choose) {
	switch {
	case state.ScreeningRounds == choose.ScreeningRounds && state.ConfirmationRounds == 0:
		kept := 0
		for _, one := range state.Cases {
			if one.Kept {
				kept++
			}
		}
		s.progress.say("screening is over: %d of %s are confirmed", kept, plural(len(state.Cases), "case"))
	case state.ConfirmationRounds > 0:
		s.progress.say("confirmation: %s done", plural(state.ConfirmationRounds, "round"))
	}
}

// refuseSimulated refuses to choose on the simulated broker.
func refuseSimulated(s *scenarios.Scenario, ok bool) error {
	if s.Choose == nil || ok || !s.Cases[0].Load.Target.Embedded {
		return nil
	}
	return badInput(errors.New("the target is the simulated broker, which says nothing about which setting is best on a real one: name a cluster by --bootstrap-server or --target, say --simulated-ok to choose all the same, or leave choose out by --set choose=null"))
}

// finishChoice prints the answer of a choice and returns the error that carries the exit code.
func finishChoice(ctx context.Context, env *environment, f finished, run *results.Run) error {
	answer, document, err := writeChoiceDerived(run)
	if err != nil {
		return errors.Join(f.failure, err)
	}
	if f.json {
		err = answer.JSON(env.stdout)
	} else {
		err = printReport(env, document, f.directory)
	}
	if err != nil {
		return errors.Join(f.failure, err)
	}
	failure := analysis.ExitDone
	if f.failure != nil {
		failure = exitCodeOf(ctx, f.failure)
	}
	code, warnings := analysis.ChooseExit(answer.Result, run.Summary, failure, f.allow)
	for _, warning := range warnings {
		fmt.Fprintf(env.stderr, "kaliper: warning: %s\n", warning)
	}
	switch {
	case f.failure != nil:
		return &exitError{code, f.failure}
	case code == analysis.ExitDone:
		return nil
	case code == analysis.ExitInterrupted, code == analysis.ExitUntrusted:
		return &exitError{code, errors.New(meaning(code, run.Summary))}
	}
	return &exitError{code, fmt.Errorf("%s (exit %d): %s", answer.Result.Verdict, code, answer.Result.Why)}
}

// writeChoiceDerived writes choose.json and summary.json, and the choice's report instead of a
// run's.
func writeChoiceDerived(run *results.Run) (*report.Choice, *report.Document, error) {
	result, err := analysis.Choose(run)
	if err != nil {
		return nil, nil, err
	}
	if err := results.WriteSummary(run.Dir, run.Summary); err != nil {
		return nil, nil, err
	}
	if err := results.WriteChoose(run.Dir, result); err != nil {
		return nil, nil, err
	}
	answer := report.NewChoice(run, result)
	document, err := answer.Document()
	if err != nil {
		return nil, nil, err
	}
	return answer, document, writeDocument(run.Dir, document)
}
