package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kaliper/internal/analysis"
	"kaliper/internal/analysis/capacity"
	"kaliper/internal/unit"
	"kaliper/report"
	"kaliper/results"
	"kaliper/scenarios"
)

// The files of a plan, beside the summary of the first run that it is made from.
const (
	planHTMLName     = "plan.html"
	planMarkdownName = "plan.md"
)

// sizingFlags are those of kaliper plan.
type sizingFlags struct {
	results     string
	rate        string
	recordSize  string
	compression string
	groups      int
	members     int
	replicas    int
	survive     int
	growth      string
	headroom    string
	retention   string
	limits      string
	output      string
	json        bool
	simulatedOK bool
	allow       []string
}

func newPlanCommand(env *environment) *cobra.Command {
	var flags sizingFlags
	command := &cobra.Command{
		Use:   "plan RUN...",
		Short: "Say how many partitions, producers, members and brokers a rate needs",
		Long: `plan fits a capacity model to the trials of runs (sweeps such as the built-in partition-sizing,
and searches) and answers how many partitions, producers, members and brokers a rate needs, with
90% prediction intervals, what it runs into first, the disk for the retention, the network, and
what to measure next. The partitions are a multiple of the members.

It declines, and says why, where the trials do not support an answer: more than twice past what
was measured, between fewer than three values of a setting, for a count that never kept the system
from carrying more, for latencies above 80% of the capacity. Brokers are counted only where
clusters of three sizes were measured, or --broker-limits says what one may carry: a YAML file with network_in, network_out, disk_write
(rates of bytes), disk (a size) and partitions.

RUN is a directory, the beginning of an id in the results folder, or "latest"; RUN#CASE is one case.
The plan is written as plan.json, plan.html and plan.md beside the summary of the first RUN.

Exit codes: 0 answered; 5 all trials are untrusted; 6 something was declined; 64 bad input.`,
		Example: `  kaliper run partition-sizing --bootstrap-server broker:9092
  kaliper plan latest --rate 300MB/s --record-size 1KiB --members 5 --growth 2x --retention 7d
  kaliper plan monday tuesday --rate 50000/s --replication-factor 3 --survive 1 --broker-limits limits.yaml
  kaliper plan latest --rate 50000/s --json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput(errors.New("plan takes at least one RUN to learn from: a directory, the beginning of an id, or latest; `kaliper run partition-sizing` makes one"))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runPlan(c.Context(), env, flags, args) },
	}
	f := command.Flags()
	f.StringVar(&flags.rate, "rate", "", "what must be carried today, such as 300MB/s (bytes of key and value) or 50000/s")
	f.StringVar(&flags.recordSize, "record-size", "", "key and value of a record, such as 1KiB (default: what was measured, where that is one size)")
	f.StringVar(&flags.compression, "compression", "", "compression.type (default: what was measured, where that is one)")
	f.IntVar(&flags.groups, "groups", 1, "consumer groups that read everything")
	f.IntVar(&flags.members, "members", 0, "members of each group at the least (default: as many as needed)")
	f.IntVar(&flags.replicas, "replication-factor", 0, "replicas (default: the most that was measured)")
	f.IntVar(&flags.survive, "survive", -1, "brokers that may be away while the rate is carried (default: 1, or 0 with one replica)")
	f.StringVar(&flags.growth, "growth", "1x", "by how much the rate grows, such as 2x")
	f.StringVar(&flags.headroom, "headroom", "30%", "share of the capacity that stays free")
	f.StringVar(&flags.retention, "retention", "7d", "how long records are kept")
	f.StringVar(&flags.limits, "broker-limits", "", "what one broker may carry, a YAML `file`")
	f.StringVar(&flags.results, "results", "results", "look for runs in this folder")
	f.StringVarP(&flags.output, "output", "o", "", "write plan.json, plan.html and plan.md into this `folder` instead of the first run's")
	f.BoolVar(&flags.json, "json", false, "print plan.json alone on standard output")
	f.BoolVar(&flags.simulatedOK, "simulated-ok", false, "plan from the simulated broker too, which says nothing about a real one")
	f.StringSliceVar(&flags.allow, "allow", nil, "untrusted: learn from untrusted trials too; inconclusive: exit 0 instead of 6; with a warning")
	return command
}

// runPlan is kaliper plan.
func runPlan(ctx context.Context, env *environment, flags sizingFlags, args []string) error {
	request, err := flags.request()
	if err != nil {
		return badInput(err)
	}
	limits, err := flags.brokerLimits()
	if err != nil {
		return err
	}
	request.Limits = limits
	var runs []*results.Run
	for _, arg := range args {
		run, err := openReference(flags.results, arg)
		if err != nil {
			return err
		}
		if run.Manifest.Simulated && !flags.simulatedOK {
			return badInput(fmt.Errorf("run %s is of the simulated broker, which says nothing about a real one: plan from runs on a cluster, or say --simulated-ok to try the command", run.Manifest.ID))
		}
		runs = append(runs, run)
	}
	plan, err := analysis.Plan(runs, request)
	if nothing, ok := errors.AsType[*analysis.NothingToLearnError](err); ok && nothing.Evidence.Untrusted > 0 {
		return &exitError{analysis.ExitUntrusted, err}
	}
	if err != nil {
		return badInput(err)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	directory := flags.output
	if directory == "" {
		directory = runs[0].Dir
	} else if err := os.MkdirAll(directory, 0o777); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	if err := results.WritePlan(directory, plan); err != nil {
		return err
	}
	document := report.NewPlan(plan)
	if err := writePage(document, filepath.Join(directory, planHTMLName)); err != nil {
		return err
	}
	if err := writePlanMarkdown(directory, document); err != nil {
		return err
	}
	if flags.json {
		err = report.WritePlanJSON(env.stdout, plan)
	} else {
		err = document.Text(env.stdout, textOptions(env))
		if err == nil {
			fmt.Fprintf(env.stdout, "\nreport   %s\n", filepath.Join(directory, planHTMLName))
		}
	}
	if err != nil {
		return err
	}
	return planExit(env, plan, flags.allow)
}

// request reads the flags.
func (f sizingFlags) request() (r analysis.PlanRequest, err error) {
	for _, name := range f.allow {
		if name != analysis.AllowInconclusive && name != analysis.AllowUntrusted {
			return r, fmt.Errorf("--allow %s: use untrusted, inconclusive or both, separated by a comma", name)
		}
	}
	r.AllowUntrusted = slices.Contains(f.allow, analysis.AllowUntrusted)
	if f.rate == "" {
		return r, errors.New("say by --rate what must be carried, such as --rate 300MB/s or --rate 50000/s")
	}
	if r.Rate, err = unit.ParseRate(f.rate); err != nil {
		return r, fmt.Errorf("--rate: %w", err)
	}
	if r.Rate.Max || r.Rate.PerSecond <= 0 {
		return r, fmt.Errorf("--rate %s: write a rate above 0, such as 300MB/s or 50000/s", f.rate)
	}
	if f.recordSize != "" {
		size, err := unit.ParseSize(f.recordSize)
		if err != nil || size < 1 {
			return r, errors.Join(fmt.Errorf("--record-size %s: write a size above 0, such as 1KiB", f.recordSize), err)
		}
		r.RecordBytes = float64(size)
	}
	growth := strings.TrimSuffix(f.growth, "x")
	if r.Growth, err = strconv.ParseFloat(growth, 64); err != nil || !(r.Growth > 0 && r.Growth <= 1000) {
		return r, fmt.Errorf("--growth %s: write a factor such as 2x", f.growth)
	}
	if r.Headroom, err = unit.ParseRatio(f.headroom); err != nil || !(r.Headroom >= 0 && r.Headroom < 1) {
		return r, fmt.Errorf("--headroom %s: write a share from 0%% to under 100%%, such as 40%%", f.headroom)
	}
	retention, err := unit.ParseDuration(f.retention)
	if err != nil {
		return r, fmt.Errorf("--retention: %w", err)
	}
	r.RetentionSeconds, r.Compression = retention.Seconds(), f.compression
	switch {
	case f.groups < 0 || f.members < 0 || f.replicas < 0:
		return r, errors.New("--groups, --members and --replication-factor cannot be negative")
	case f.groups == 0 && f.members > 0:
		return r, errors.New("--members needs a group to be members of: leave --groups at 1 or more")
	case f.replicas > 0 && f.survive >= f.replicas:
		return r, fmt.Errorf("--survive %d with --replication-factor %d: some records would have no replica left; use --survive %d or more replicas", f.survive, f.replicas, f.replicas-1)
	}
	r.Groups, r.Members, r.ReplicationFactor, r.Survive = f.groups, f.members, f.replicas, f.survive
	return r, nil
}

func (f sizingFlags) brokerLimits() (capacity.Limits, error) {
	if f.limits == "" {
		return capacity.Limits{}, nil
	}
	data, err := os.ReadFile(f.limits)
	if err != nil {
		return capacity.Limits{}, badInput(fmt.Errorf("--broker-limits: %w", err))
	}
	limits, err := scenarios.ParseBrokerLimits(scenarios.Source{Name: f.limits, Data: data})
	return capacity.Limits(limits), err
}

// openReference opens RUN or RUN#CASE, summarized.
func openReference(folder, text string) (*results.Run, error) {
	reference, err := results.ParseReference(text)
	if err != nil {
		return nil, badInput(err)
	}
	directory, err := results.Find(folder, reference.Run)
	if err != nil {
		return nil, badInput(err)
	}
	return openCase(directory, reference.Case)
}

func writePlanMarkdown(directory string, document *report.Document) error {
	var out strings.Builder
	const images = "plan-plots"
	if _, err := document.Plots(filepath.Join(directory, images), report.SVG); err != nil {
		return err
	}
	if err := document.Markdown(&out, images); err != nil {
		return err
	}
	return results.ReplaceFile(filepath.Join(directory, planMarkdownName), []byte(out.String()))
}

// planExit makes an exit code of a plan.
func planExit(env *environment, plan results.Plan, allow []string) error {
	if plan.Complete {
		return nil
	}
	const text = "inconclusive (exit 6): the trials do not support all that was asked; the plan says what to measure"
	if slices.Contains(allow, analysis.AllowInconclusive) {
		fmt.Fprintf(env.stderr, "kaliper: warning: %s, and --allow %s says to go on\n", text, analysis.AllowInconclusive)
		return nil
	}
	return &exitError{analysis.ExitInconclusive, errors.New(text)}
}
