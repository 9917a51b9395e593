package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"kaliper/internal/analysis"
	"kaliper/internal/experiment"
	"kaliper/internal/kafka"
	"kaliper/internal/property"
	"kaliper/results"
	"kaliper/scenarios"
	"kaliper/workload"
)

// runFlags are the flags of kaliper run.
type runFlags struct {
	scenarioFlags
	sweepFlags
	resume     string
	results    string
	quiet      bool
	json       bool
	allow      []string
	yes        bool
	keepTopics bool
	// simulatedOK lets a choice or a gate go by the simulated broker.
	simulatedOK bool
}

// longRun is the duration from which a run asks for --yes.
const longRun = time.Hour

func newRunCommand(env *environment) *cobra.Command {
	flags := &runFlags{}
	command := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "Run a scenario, measure it, and report",
		Long: `Run executes every case of a scenario as often as it says, in interleaved rounds, and writes
a directory with the journals, a summary and the report.

SCENARIO is a file, the name of a built-in scenario, or - for standard input. Progress goes to
standard error, the report to standard output.`,
		Example: `  kaliper run demo
  kaliper run orders.yaml --bootstrap-server localhost:9092
  kaliper run orders.yaml --target staging --command-config client.properties
  kaliper run orders.yaml --set 'producers.checkout.config.linger.ms=20' --set duration=30s
  kaliper run orders.yaml --only codec=lz4 --only codec=zstd --budget 30m
  kaliper run orders.yaml --resume latest        finish what an interrupted run lacks
  kaliper run orders.yaml --json > summary.json`,
		Args: exactly(1, "one scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			return runScenario(c.Context(), env, flags, args[0])
		},
	}
	flags.scenarioFlags.register(command.Flags())
	flags.sweepFlags.register(command.Flags())
	command.Flags().StringVar(&flags.resume, "resume", "", "go on with this run of the same scenario: a directory, the beginning of an id, or latest")
	command.Flags().StringVar(&flags.results, "results", "results", "write the run's directory into this folder")
	command.Flags().BoolVar(&flags.quiet, "quiet", false, "print no progress")
	command.Flags().BoolVar(&flags.json, "json", false, "print summary.json on standard output, and nothing else there")
	command.Flags().StringSliceVar(&flags.allow, "allow", nil, "exit 0 in spite of: untrusted, inconclusive (a warning stands in every output)")
	command.Flags().BoolVar(&flags.yes, "yes", false, "start even if the run takes more than an hour")
	command.Flags().BoolVar(&flags.keepTopics, "keep-topics", false, "leave the run's topics on the cluster")
	command.Flags().BoolVar(&flags.simulatedOK, "simulated-ok", false, "choose on the simulated broker too, which says nothing about a real one")
	return command
}

// runScenario is kaliper run.
func runScenario(ctx context.Context, env *environment, flags *runFlags, argument string) error {
	if err := checkAllow(flags.allow); err != nil {
		return err
	}
	scenario, err := flags.load(env, argument)
	if err != nil {
		return err
	}
	var resumed *results.Run
	if flags.resume != "" {
		if resumed, err = openToResume(flags.results, flags.resume); err != nil {
			return err
		}
		if resumed.Manifest.Search != nil {
			return badInput(fmt.Errorf("--resume %s: it is a search: say kaliper search SCENARIO --resume", resumed.Dir))
		}
	}
	if err := refuseSimulated(scenario, flags.simulatedOK); err != nil {
		return err
	}
	plan, err := flags.sweepFlags.plan(scenario, resumed)
	if err != nil {
		return err
	}
	if plan.longest() > longRun && !flags.yes {
		return badInput(fmt.Errorf("up to %d trials take about %v; say --yes to start them, or bound them by --budget", plan.most, plan.longest().Round(time.Minute)))
	}
	show := newProgress(env.stderr, flags.quiet, plan.trials, plan.perTrial)
	show.say("%s: %s, %s, about %v", scenario.Name, plural(len(scenario.Cases), "case"), plural(plan.trials, "trial"), plan.expected().Round(time.Second))
	if plan.says != "" {
		show.say("%s", plan.says)
	}
	for _, warning := range scenario.Warnings {
		show.say("warning: %s", warning)
	}
	show.live = show.live && !flags.json

	s := &session{env: env, flags: flags, scenario: scenario, progress: show, ceilings: workload.NewCeilings(), resumed: resumed, plan: plan}
	s.clusters = newClusters(env.executable, env.stderr)
	failure := s.execute(ctx)
	show.clear()
	if err := s.clusters.close(); err != nil {
		show.say("warning: %v", err)
	}
	if s.directory == "" { // nothing was started
		return failure
	}
	return finish(ctx, env, finished{
		directory: s.directory, failure: failure, json: flags.json, allow: flags.allow, quiet: flags.quiet,
	})
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// session is one run under way.
type session struct {
	env       *environment
	flags     *runFlags
	scenario  *scenarios.Scenario
	progress  *progress
	clusters  *clusters
	ceilings  *workload.Ceilings
	id        string
	owner     string // the id's last part
	directory string
	resumed   *results.Run // nil for a new run
	plan      sweep
}

// execute connects, makes the run's directory or resumes it, and carries out the trials.
func (s *session) execute(ctx context.Context) error {
	manifest, err := s.open(ctx)
	if err != nil {
		return err
	}
	again := analysis.Untrusted
	if slices.Contains(s.flags.allow, analysis.AllowUntrusted) {
		again = nil // what is planted from outside into a first attempt is not in a second one
	}
	options := experiment.Options{
		Directory: s.directory, Manifest: manifest, Cases: s.scenario.Cases, Rest: s.scenario.Rest,
		Again: again, Resume: s.resumed != nil, Budget: s.flags.budget,
	}
	if s.plan.choose != nil {
		choice, err := s.choice()
		if err != nil {
			return err
		}
		options.Next = choice.Next
	}
	return experiment.Run(ctx, options, s.trial)
}

// open begins a new run or resumes one, and returns its manifest.
func (s *session) open(ctx context.Context) (results.Manifest, error) {
	if s.resumed != nil {
		return s.resume(ctx)
	}
	err := s.begin(ctx)
	return s.manifest(), err
}

// begin connects to the clusters of all cases and makes the run's directory.
func (s *session) begin(ctx context.Context) error {
	s.id = results.NewRunID(time.Now(), s.scenario.Name, rand.Uint32())
	s.owner = s.id[strings.LastIndexByte(s.id, '-')+1:]
	// A cluster that does not answer is told before anything is written.
	for _, target := range targetsOf(s.scenario.Cases) {
		cluster, err := s.clusters.of(ctx, target)
		if err != nil {
			return err
		}
		if !target.Embedded {
			cluster.nameLeftovers(ctx, s.owner, s.env.stderr)
		}
	}
	err := workload.CheckServices(ctx, s.scenario.Cases...)
	if err != nil {
		return err
	}
	if err := workload.CheckRegistries(ctx, s.scenario.Cases); err != nil {
		return err
	}
	if s.directory, err = results.CreateRun(s.flags.results, s.id); err != nil {
		return err
	}
	s.progress.say("run %s", s.directory)
	return nil
}

// trial is experiment.Execute.
func (s *session) trial(ctx context.Context, c scenarios.Case, ref results.TrialRef, directory string) (results.Trial, error) {
	cluster, err := s.clusters.of(ctx, c.Load.Target)
	if err != nil {
		return results.Trial{}, experiment.Stop(err)
	}
	name := caseName(c)
	if ref.Attempt > 0 {
		name += " again"
	}
	s.progress.begin(name)
	c.Load.KeepTopics = c.Load.KeepTopics || s.flags.keepTopics
	trial, err := workload.Run(ctx, workload.Trial{
		Run: s.id, Owner: s.owner, Case: c, Ref: ref, Admin: cluster.admin, Cluster: cluster.snapshot,
		Environment: cluster.warnings, Bootstrap: cluster.bootstrap, Directory: directory,
		Ceilings: s.ceilings, Observe: s.progress.observe, Preparing: s.progress.preparing,
	})
	if err != nil && stops(err) {
		return trial, experiment.Stop(err)
	}
	if err != nil {
		s.progress.say("trial %s: %v", ref, err)
	}
	return trial, err
}

// stops says whether no later trial could do better.
func stops(err error) bool {
	_, problem := kafka.CategoryOf(err)
	return problem || errors.Is(err, syscall.ENOSPC) || errors.Is(err, os.ErrPermission)
}

// caseName is a case in a few words.
func caseName(c scenarios.Case) string {
	if len(c.Settings) == 0 {
		return "the only case"
	}
	var parts []string
	for _, setting := range c.Settings {
		parts = append(parts, setting.Label+" "+setting.Value)
	}
	return strings.Join(parts, ", ")
}

// manifest is what is known before the first trial.
func (s *session) manifest() results.Manifest {
	targets := targetsOf(s.scenario.Cases)
	var names, servers []string
	for _, target := range targets {
		names = append(names, target.Name)
		servers = append(servers, target.Bootstrap())
	}
	m := results.Manifest{
		Schema: results.ManifestSchema, ID: s.id,
		Name: s.scenario.Name, Description: s.scenario.Description, Scenario: s.scenario.Resolved,
		Command: append([]string{"kaliper"}, withoutSecrets(os.Args[1:])...),
		Target:  strings.Join(names, ", "), Bootstrap: strings.Join(servers, "; "), Simulated: targets[0].Embedded,
		Repeats: s.scenario.Repeats, Seed: s.scenario.Seed,
		Machine: describeMachine(), Versions: versions(), Client: "franz-go", Allow: s.flags.allow, ProcessID: os.Getpid(),
		Choose: s.plan.choose,
	}
	if m.Simulated {
		m.Bootstrap = "embedded"
	}
	for _, e := range s.scenario.Expect {
		m.Expect = append(m.Expect, e.Text)
	}
	for _, ref := range s.scenario.Show {
		m.Show = append(m.Show, ref.String())
	}
	notes := map[string]bool{}
	for _, c := range s.scenario.Cases {
		m.Cases = append(m.Cases, describeCase(c, notes))
	}
	for note := range notes {
		m.Notes = append(m.Notes, note)
	}
	slices.Sort(m.Notes)
	return m
}

// describeCase is what a manifest says of a case.
func describeCase(c scenarios.Case, notes map[string]bool) results.CaseInfo {
	info := results.CaseInfo{ID: c.ID}
	for _, setting := range c.Settings {
		info.Settings = append(info.Settings, results.Setting(setting))
	}
	info.Effective = effective(c, notes)
	return info
}

// effective lists a case's client properties, and notes those that work otherwise than in Java.
func effective(c scenarios.Case, notes map[string]bool) []results.EffectiveProperty {
	var list []results.EffectiveProperty
	add := func(group string, set property.Set) {
		for _, e := range set.All() {
			if e.Class == property.Inert && !e.UserSet {
				continue // without effect, and nobody asked for it
			}
			list = append(list, results.EffectiveProperty{
				Group: group, Name: e.Name, Value: e.Printed(), Origin: e.Origin, Class: string(e.Class), How: e.How,
			})
			if e.UserSet && e.Class != property.Honoured {
				notes[fmt.Sprintf("%s is %s: %s", e.Name, e.Class, e.How)] = true
			}
		}
	}
	for _, g := range c.Load.Producers {
		add("producers."+g.Name, g.Properties)
	}
	for _, g := range c.Load.Consumers {
		add("consumers."+g.Name, g.Properties)
	}
	for _, g := range c.Load.Pipelines {
		add("pipelines."+g.Name+" (reading)", g.Consumer)
		add("pipelines."+g.Name+" (writing)", g.Producer)
	}
	return list
}
