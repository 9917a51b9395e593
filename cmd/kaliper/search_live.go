package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"kaliper/internal/analysis"
	"kaliper/internal/analysis/search"
	"kaliper/internal/experiment"
	"kaliper/internal/unit"
	"kaliper/report"
	"kaliper/results"
	"kaliper/scenarios"
	"kaliper/workload"
)

// liveSearch is one search under way.
type liveSearch struct {
	session
	plan      *scenarios.SearchPlan
	written   results.SearchPlan
	searching *analysis.Searching
	usual     time.Duration
	started   time.Time
}

// runLiveSearch makes trials until every case has its answer.
func runLiveSearch(ctx context.Context, env *environment, flags *searchFlags, scenario *scenarios.Scenario, plan *scenarios.SearchPlan, resumed *results.Run) error {
	written := searchPlan(plan, slices.Contains(flags.allow, analysis.AllowUntrusted))
	if resumed != nil {
		written.Gone = resumed.Manifest.Search.Gone
	}
	searching, err := analysis.NewSearching(written, scenario.Seed)
	if err != nil {
		return badInput(err)
	}
	short, holds := analysis.SearchProspect(written)
	usual, longest := searchTime(plan, short, holds, written.MostTrials)
	if flags.budget > 0 {
		usual, longest = min(usual, flags.budget), min(longest, flags.budget)
	}
	if usual > longRun && !flags.yes {
		return badInput(fmt.Errorf("the search takes about %v; say --yes to start it, --quick for less, or --budget to end it earlier", usual.Round(time.Minute)))
	}
	trials := len(plan.Cases) * (short + holds)
	show := newProgress(env.stderr, flags.quiet, trials, usual/time.Duration(trials))
	show.live, show.guessed = show.live && !flags.json, true
	l := &liveSearch{plan: plan, written: written, searching: searching, usual: usual, started: time.Now(), session: session{
		env: env, flags: &flags.runFlags, scenario: scenario, progress: show, ceilings: workload.NewCeilings(),
		clusters: newClusters(env.executable, env.stderr), resumed: resumed,
	}}
	l.announce(short, holds, longest)
	failure := l.execute(ctx)
	show.clear()
	if err := l.clusters.close(); err != nil {
		show.say("warning: %v", err)
	}
	if l.directory == "" { // nothing was started
		return failure
	}
	return finishSearch(ctx, env, flags, l.directory, failure)
}

// announce prints the plan.
func (l *liveSearch) announce(short, holds int, longest time.Duration) {
	s := l.progress
	s.say("%s: the highest rate with %s", l.scenario.Name, strings.Join(l.written.Objectives, ", "))
	s.say("  about %d short trials of %v and %d holds of %v for each of %s: about %v, and up to %v where trials are noisy",
		short, l.plan.Lengths.Trial, holds, l.plan.Lengths.Hold, plural(len(l.plan.Cases), "case"), l.usual.Round(time.Second), longest.Round(time.Minute))
	if len(l.plan.Cases[0].Load.Producers) > 1 {
		s.say("  the rate is that of all producer groups together; each keeps its share")
	}
	for _, warning := range l.scenario.Warnings {
		s.say("warning: %s", warning)
	}
}

// execute begins or resumes the run, and searches.
func (l *liveSearch) execute(ctx context.Context) error {
	if err := l.unchanged(); err != nil {
		return err
	}
	manifest, err := l.open(ctx)
	if err != nil {
		return err
	}
	manifest.Search, manifest.Repeats, manifest.Cases = &l.written, 1, nil
	order := experiment.NewSearch(l.directory, l.plan, l.searching, func(c scenarios.Case) results.CaseInfo {
		return describeCase(c, map[string]bool{})
	}, l.fits, l.tell)
	return experiment.Run(ctx, experiment.Options{
		Directory: l.directory, Manifest: manifest, Rest: l.scenario.Rest, Next: order.Next, Case: order.Case, Resume: l.resumed != nil,
	}, l.trial)
}

// unchanged refuses to resume a search that was asked for something else. What the session
// compares are the cases of the scenario: those of a search's manifest are its rates.
func (l *liveSearch) unchanged() error {
	if l.resumed == nil {
		return nil
	}
	before := *l.resumed.Manifest.Search
	before.Stopped = ""
	if !reflect.DeepEqual(before, l.written) {
		return refuseToResume(l.resumed, []string{"the objectives, the lengths or the number of trials, the cases, or --allow untrusted"})
	}
	l.resumed.Manifest.Cases = l.manifest().Cases
	return nil
}

// fits says whether a trial of that duration still fits into the budget, and notes it where not.
func (l *liveSearch) fits(trial time.Duration) bool {
	if l.flags.budget == 0 || time.Since(l.started)+trial <= l.flags.budget {
		return true
	}
	l.written.Stopped = analysis.StoppedByBudget
	return false
}

// trial is experiment.Execute. A trial whose target is gone when it ends would look like one at too
// high a rate: it is marked, and ends the search, which is then resumed.
func (l *liveSearch) trial(ctx context.Context, c scenarios.Case, ref results.TrialRef, directory string) (results.Trial, error) {
	trial, err := l.session.trial(ctx, c, ref, directory)
	if ctx.Err() == nil && (err != nil || suffered(trial)) {
		if gone := l.clusters.answers(ctx, c.Load.Target); gone != nil {
			l.written.Gone = append(l.written.Gone, ref.String())
			err = experiment.Stop(gone)
		}
	}
	if err != nil && stops(err) {
		l.written.Stopped = err.Error()
	}
	return trial, err
}

// suffered says whether records of a trial came to nothing.
func suffered(trial results.Trial) bool {
	if trial.End == nil || trial.End.Error != "" {
		return true
	}
	for _, p := range trial.End.Producers {
		if p.Whole.Unresolved > 0 || len(p.Whole.Failed) > 0 {
			return true
		}
	}
	return false
}

// tell says what a trial showed.
func (l *liveSearch) tell(trial results.SearchTrial) {
	kind := "short trial"
	if trial.Hold {
		kind = "hold"
	}
	text := trial.Finding
	if trial.By != "" {
		text += ": " + trial.By
	}
	if trial.Text != "" && trial.Finding == string(search.Fails) {
		text += " (" + trial.Text + ")"
	}
	l.progress.say("%s at %s %s", kind, unit.Format(trial.RecordsPerSecond, "records/s"), text)
}

// finishSearch derives the answer from the journals, writes everything, prints it, and returns
// the error that carries the exit code.
func finishSearch(ctx context.Context, env *environment, flags *searchFlags, directory string, failure error) error {
	run, err := openSummarized(directory)
	if err != nil {
		return errors.Join(failure, err)
	}
	answer, err := writeSearchDerived(run)
	if err != nil {
		return errors.Join(failure, err)
	}
	if flags.json {
		err = answer.JSON(env.stdout)
	} else {
		err = printReport(env, answer.Document(), directory)
	}
	if err != nil || failure != nil {
		return errors.Join(failure, err)
	}
	if ctx.Err() != nil {
		return &exitError{analysis.ExitInterrupted, fmt.Errorf("interrupted: partial results are kept and marked; --resume %s goes on", run.Manifest.ID)}
	}
	code, why := analysis.SearchExit(answer.Result, flags.allow)
	if code == analysis.ExitDone {
		if why != "" {
			fmt.Fprintf(env.stderr, "kaliper: warning: %s, and --allow %s says to go on\n", why, analysis.AllowInconclusive)
		}
		return nil
	}
	return &exitError{code, fmt.Errorf("%s (exit %d)", why, code)}
}

// writeSearchDerived writes search.json and summary.json, and the search's report instead of a run's.
func writeSearchDerived(run *results.Run) (*report.Search, error) {
	result, err := analysis.Search(run)
	if err != nil {
		return nil, err
	}
	if err := results.WriteSummary(run.Dir, run.Summary); err != nil {
		return nil, err
	}
	if err := results.WriteSearch(run.Dir, result); err != nil {
		return nil, err
	}
	answer := report.NewSearch(run, result)
	return answer, writeDocument(run.Dir, answer.Document())
}
