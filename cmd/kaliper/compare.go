package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kaliper/internal/analysis"
	"kaliper/internal/unit"
	"kaliper/report"
	"kaliper/results"
)

type compareFlags struct {
	results string
	margin  string
	metrics []string
	format  string
	html    string
	json    bool
	allow   []string
}

func newCompareCommand(env *environment) *cobra.Command {
	var flags compareFlags
	command := &cobra.Command{
		Use:   "compare BASE CANDIDATE",
		Short: "Say whether a run, or a case of one, is worse than another",
		Long: `compare holds a candidate against a base: per metric the change with its interval, the smallest
change that these trials could have shown, and a verdict: better, worse, equivalent within the
margin, or cannot tell. It says what else differs (settings, machine, broker, versions), and when
that makes the comparison unsound.

BASE and CANDIDATE are runs, or cases of runs, RUN#CASE: a directory, the beginning of an id in the
results folder, or "latest". Cases of one run are compared round by round, which is what to prefer:
two runs are also different times. A folder that holds runs stands for all of them, pooled by case;
they must be of one kind: the same load, properties, versions and machine.

Exit codes: 0 better or equivalent in every deciding metric; 4 worse in one; 6 nothing is worse but
one metric cannot be told, or the comparison is unsound; 64 bad input.`,
		Example: `  kaliper compare monday tuesday
  kaliper compare latest#1a2b latest#3c4d --margin 3%
  kaliper compare monday tuesday --metric ack.p99,cpu.seconds_per_record --json
  kaliper compare monday tuesday --format markdown
  kaliper compare latest#1a2b latest#3c4d --html comparison.html
  kaliper compare baselines/ results/`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return badInput(errors.New("compare takes two sides, BASE and CANDIDATE: runs, or cases of runs as RUN#CASE"))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runCompare(env, flags, args[0], args[1]) },
	}
	command.Flags().StringVar(&flags.results, "results", "results", "look for runs in this folder")
	command.Flags().StringVar(&flags.margin, "margin", "5%", "changes of less do not matter")
	command.Flags().StringSliceVar(&flags.metrics, "metric", nil, "let these metrics decide (default: response latency, rate, CPU per record, errors, losses)")
	command.Flags().StringVar(&flags.format, "format", "text", strings.Join(compareFormats(), ", "))
	command.Flags().StringVar(&flags.html, "html", "", "write a page to this `file` too: one that needs no network")
	command.Flags().BoolVar(&flags.json, "json", false, "the same as --format json")
	command.Flags().StringSliceVar(&flags.allow, "allow", nil, "inconclusive: exit 0 instead of 6, with a warning")
	return command
}

func compareFormats() []string { return []string{"text", "markdown", "json"} }

func runCompare(env *environment, flags compareFlags, base, candidate string) error {
	if flags.json {
		if flags.format != "text" && flags.format != "json" {
			return badInput(fmt.Errorf("--json and --format %s exclude each other", flags.format))
		}
		flags.format = "json"
	}
	if !slices.Contains(compareFormats(), flags.format) {
		return badInput(fmt.Errorf("--format %q is none of %s", flags.format, strings.Join(compareFormats(), ", ")))
	}
	for _, name := range flags.allow {
		if name != analysis.AllowInconclusive {
			return badInput(fmt.Errorf("--allow %s: compare can allow %s alone", name, analysis.AllowInconclusive))
		}
	}
	margin, err := unit.ParseRatio(flags.margin)
	if err != nil {
		return badInput(fmt.Errorf("--margin: %w", err))
	}
	var sides []*results.Run
	for _, side := range []string{base, candidate} {
		run, err := openSide(flags.results, side)
		if err != nil {
			return err
		}
		sides = append(sides, run)
	}
	contrast, err := report.NewContrast(sides[0], sides[1], margin, flags.metrics)
	if err != nil {
		return badInput(err)
	}
	document := contrast.Document()
	if flags.html != "" {
		if err := writePage(document, flags.html); err != nil {
			return err
		}
	}
	switch flags.format {
	case "json":
		err = contrast.JSON(env.stdout)
	case "markdown":
		err = document.Markdown(env.stdout, "")
	default:
		err = document.Text(env.stdout, report.TextOptions{Color: colours(env.stdout), Width: width(env.stdout, 120)})
	}
	if err != nil {
		return err
	}
	return compareExit(env, contrast.Verdict(), flags.allow)
}

// openSide opens a run, a case of one, or all runs in a folder, pooled.
func openSide(folder, text string) (*results.Run, error) {
	reference, err := results.ParseReference(text)
	if err != nil {
		return nil, badInput(err)
	}
	ids, err := results.List(reference.Run)
	if reference.Run == "" || err != nil || len(ids) == 0 {
		return openReference(folder, text) // not a folder of runs
	}
	var runs []*results.Run
	for _, id := range ids {
		run, err := openCase(filepath.Join(reference.Run, id), reference.Case)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(reference.Run, id), err)
		}
		runs = append(runs, run)
	}
	pooled, err := analysis.Pool(fmt.Sprintf("%s (%s)", text, plural(len(runs), "run")), runs)
	if err != nil {
		return nil, badInput(err)
	}
	return pooled, nil
}

// writePage writes a document as HTML; the file appears whole or not at all.
func writePage(document *report.Document, file string) error {
	var page bytes.Buffer
	if err := document.HTML(&page); err != nil {
		return err
	}
	if err := results.ReplaceFile(file, page.Bytes()); err != nil {
		return fmt.Errorf("write the page of --html: %w", err)
	}
	return nil
}

// compareExit makes an exit code of a verdict.
func compareExit(env *environment, verdict report.ContrastVerdict, allow []string) error {
	code, text := analysis.ExitInconclusive, "inconclusive (exit 6): these trials cannot tell"
	switch verdict {
	case report.ContrastNotWorse:
		return nil
	case report.ContrastWorse:
		return &exitError{analysis.ExitFailed, errors.New("the candidate is worse (exit 4)")}
	case report.ContrastUnsound:
		text = "inconclusive (exit 6): the comparison is unsound"
	}
	if slices.Contains(allow, analysis.AllowInconclusive) {
		fmt.Fprintf(env.stderr, "kaliper: warning: %s, and --allow %s says to go on\n", text, analysis.AllowInconclusive)
		return nil
	}
	return &exitError{code, errors.New(text)}
}
