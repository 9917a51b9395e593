package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kaliper/internal/analysis"
	"kaliper/internal/unit"
	"kaliper/report"
	"kaliper/results"
)

type reportFlags struct {
	results string
	format  string
	output  string
	json    bool
	prune   bool
}

func newReportCommand(env *environment) *cobra.Command {
	var flags reportFlags
	command := &cobra.Command{
		Use:   "report RUN...",
		Short: "Show a run again, compare several, or write tables and plots",
		Long: `report reads the journals of a run and makes everything derived from them anew. RUN is a
directory, the beginning of an id in the results folder, or "latest"; RUN#CASE is one case of it.
Several runs become one comparative report, against the first.

Without --format it prints the answer, and rewrites the run's summary.json, report.html and
report.md. A run that was interrupted or killed is shown as far as it got.`,
		Example: `  kaliper report latest
  kaliper report 20261118T140512Z-codec --format csv > figures.csv
  kaliper report monday tuesday --format html --output compared.html
  kaliper report latest --format png --output slides
  kaliper report latest --prune                 drop what no report needs`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput(errors.New("report takes at least one RUN: a directory, the beginning of an id, or latest"))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runReport(env, flags, args) },
	}
	command.Flags().StringVar(&flags.results, "results", "results", "look for runs in this folder")
	command.Flags().StringVar(&flags.format, "format", "", strings.Join(reportFormats(), ", "))
	command.Flags().StringVarP(&flags.output, "output", "o", "", "write into this file (svg, png: folder); default: standard output (the run's plots folder)")
	command.Flags().BoolVar(&flags.json, "json", false, "the same as --format json")
	command.Flags().BoolVar(&flags.prune, "prune", false, "drop the histograms of single seconds from the journals; every report stays possible")
	return command
}

func reportFormats() []string {
	return []string{"text", "html", "markdown", "json", "csv", "svg", "png"}
}

func runReport(env *environment, flags reportFlags, args []string) error {
	if flags.json {
		if flags.format != "" && flags.format != "json" {
			return badInput(fmt.Errorf("--json and --format %s exclude each other", flags.format))
		}
		flags.format = "json"
	}
	if flags.format != "" && !slices.Contains(reportFormats(), flags.format) {
		return badInput(fmt.Errorf("--format %q is none of %s", flags.format, strings.Join(reportFormats(), ", ")))
	}
	var runs []*results.Run
	whole := true // not a case of a run
	for _, arg := range args {
		reference, err := results.ParseReference(arg)
		if err != nil {
			return badInput(err)
		}
		directory, err := results.Find(flags.results, reference.Run)
		if err != nil {
			return badInput(err)
		}
		if flags.prune {
			if err := pruneRun(env.stderr, directory); err != nil {
				return err
			}
		}
		run, err := openCase(directory, reference.Case)
		if err != nil {
			return err
		}
		whole = whole && reference.Case == ""
		runs = append(runs, run)
	}
	document, err := documentOf(runs, whole)
	if err != nil {
		return err
	}
	rebuild := flags.format == "" && flags.output == "" && len(runs) == 1 && whole
	if rebuild {
		if err := writeDerived(runs[0]); err != nil {
			return err
		}
	}
	if err := writeReport(env, document, runs, flags); err != nil {
		return err
	}
	if rebuild {
		fmt.Fprintf(env.stdout, "\nreport   %s\nresults  %s\n", filepath.Join(runs[0].Dir, htmlName), runs[0].Dir)
	}
	return nil
}

// documentOf is the report of a run, a comparative one of several, or that of a gate, a search or a choice.
func documentOf(runs []*results.Run, whole bool) (*report.Document, error) {
	if len(runs) != 1 || !whole {
		return report.New(runs...)
	}
	switch {
	case runs[0].Manifest.Search != nil:
		result, err := analysis.Search(runs[0])
		if err != nil {
			return nil, err
		}
		return report.NewSearch(runs[0], result).Document(), nil
	case runs[0].Manifest.Choose != nil:
		result, err := analysis.Choose(runs[0])
		if err != nil {
			return nil, err
		}
		return report.NewChoice(runs[0], result).Document()
	case runs[0].Manifest.Gate == nil:
		return report.New(runs[0])
	}
	result, err := gateOf(runs[0])
	if err != nil {
		return nil, err
	}
	return report.NewGate(runs[0], result).Document(), nil
}

// openCase opens and summarizes a run, or one case of it.
func openCase(directory, name string) (*results.Run, error) {
	if name == "" {
		return openSummarized(directory)
	}
	run, err := results.OpenRun(directory)
	if err != nil {
		return nil, err
	}
	info, err := run.Manifest.FindCase(name)
	if err != nil {
		return nil, badInput(err)
	}
	run.Manifest.Cases = []results.CaseInfo{info}
	run.Manifest.Order = slices.DeleteFunc(run.Manifest.Order, func(ref results.TrialRef) bool { return ref.Case != info.ID })
	run.Missing = slices.DeleteFunc(run.Missing, func(ref results.TrialRef) bool { return ref.Case != info.ID })
	run.Trials = slices.DeleteFunc(run.Trials, func(t results.Trial) bool { return t.Begin.Case != info.ID })
	run.Superseded = slices.DeleteFunc(run.Superseded, func(t results.Trial) bool { return t.Begin.Case != info.ID })
	if run.Summary, err = analysis.Summarize(run); err != nil {
		return nil, fmt.Errorf("summarize %s: %w", directory, err)
	}
	return run, nil
}

// writeReport writes the document in the format that was asked for.
func writeReport(env *environment, document *report.Document, runs []*results.Run, flags reportFlags) error {
	if flags.format == string(report.SVG) || flags.format == string(report.PNG) {
		directory := flags.output
		if directory == "" {
			if len(runs) > 1 {
				return badInput(fmt.Errorf("--format %s of several runs needs --output, the folder for the plots", flags.format))
			}
			directory = filepath.Join(runs[0].Dir, plotsName)
		}
		paths, err := document.Plots(directory, report.Format(flags.format))
		for _, path := range paths {
			fmt.Fprintln(env.stdout, path)
		}
		return err
	}
	options := report.TextOptions{Width: 100}
	if flags.output == "" {
		options = textOptions(env)
	}
	images := "" // the figures of Markdown lie beside the file
	if flags.format == "markdown" && flags.output != "" {
		images = strings.TrimSuffix(filepath.Base(flags.output), filepath.Ext(flags.output)) + "-plots"
		if _, err := document.Plots(filepath.Join(filepath.Dir(flags.output), images), report.SVG); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	var err error
	switch flags.format {
	case "html":
		err = document.HTML(&out)
	case "markdown":
		err = document.Markdown(&out, images)
	case "json":
		err = document.JSON(&out)
	case "csv":
		err = document.CSV(&out)
	default:
		err = document.Text(&out, options)
	}
	if err != nil {
		return err
	}
	if flags.output == "" {
		_, err = out.WriteTo(env.stdout)
		return err
	}
	if err := os.MkdirAll(filepath.Dir(flags.output), 0o777); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := results.ReplaceFile(flags.output, out.Bytes()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	fmt.Fprintln(env.stderr, flags.output)
	return nil
}

// pruneRun makes the journals of a run smaller, and says by how much.
func pruneRun(stderr io.Writer, directory string) error {
	pruned, err := results.Prune(directory)
	if err != nil {
		return err
	}
	for _, kept := range pruned.Kept {
		fmt.Fprintln(stderr, kept)
	}
	trials := "trials"
	if pruned.Trials == 1 {
		trials = "trial"
	}
	fmt.Fprintf(stderr, "pruned %d %s of %s: %s freed\n", pruned.Trials, trials, directory, unit.Format(float64(pruned.FreedBytes), "bytes"))
	return nil
}
