package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"kaliper/internal/analysis"
	"kaliper/report"
	"kaliper/results"
)

// The derived files of a run; they are rebuilt from the journals and appear whole or not at all.
const (
	htmlName     = "report.html"
	markdownName = "report.md"
	plotsName    = "plots" // a folder of SVG files, which report.md shows
)

// finished is a run whose trials are over, one way or the other.
type finished struct {
	directory string
	failure   error // what ended it early
	json      bool
	quiet     bool
	allow     []string
}

// finish summarizes a run, writes its reports, prints the answer, and returns the error that
// carries the exit code.
func finish(ctx context.Context, env *environment, f finished) error {
	run, err := openSummarized(f.directory)
	if err != nil {
		return errors.Join(f.failure, err)
	}
	failure := analysis.ExitDone
	if f.failure != nil {
		failure = exitCodeOf(ctx, f.failure)
	}
	if run.Manifest.Choose != nil {
		return finishChoice(ctx, env, f, run)
	}
	code, warnings := analysis.ExitCode(run.Summary, failure, f.allow)
	if err := writeDerived(run); err != nil {
		// Without any measured second there is nothing to report on: the failure says why.
		return errors.Join(f.failure, err)
	}
	document, err := report.New(run)
	if err != nil {
		return errors.Join(f.failure, err)
	}
	if f.json {
		err = document.JSON(env.stdout)
	} else {
		err = printReport(env, document, f.directory)
	}
	if err != nil {
		return errors.Join(f.failure, err)
	}
	for _, warning := range warnings {
		fmt.Fprintf(env.stderr, "kaliper: warning: %s\n", warning)
	}
	switch {
	case f.failure != nil:
		return &exitError{code, f.failure}
	case code != analysis.ExitDone:
		return &exitError{code, errors.New(meaning(code, run.Summary))}
	}
	return nil
}

// printReport prints a report as text, and where it and its run lie.
func printReport(env *environment, document *report.Document, directory string) error {
	if err := document.Text(env.stdout, textOptions(env)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(env.stdout, "\nreport   %s\nresults  %s\n", filepath.Join(directory, htmlName), directory)
	return err
}

// textOptions are how reports look on standard output.
func textOptions(env *environment) report.TextOptions {
	return report.TextOptions{Color: colours(env.stdout), Width: width(env.stdout, 100)}
}

// meaning says why a run that went to its end does not exit 0.
func meaning(code analysis.Exit, s results.Summary) string {
	switch code {
	case analysis.ExitInterrupted:
		return "interrupted: partial results are kept and marked"
	case analysis.ExitUntrusted:
		return "untrusted: the instrument or its machine spoiled the measurement (exit 5); the report says why"
	case analysis.ExitFailed:
		return "an expectation failed, or a trial's outcome is failed (exit 4)"
	case analysis.ExitInconclusive:
		return fmt.Sprintf("inconclusive (exit 6): the run is %s, or an expectation could not be decided", s.Run.State)
	}
	return fmt.Sprintf("exit %d", code)
}

// openSummarized opens a run and computes its summary from the journals.
func openSummarized(directory string) (*results.Run, error) {
	run, err := results.OpenRun(directory)
	if err != nil {
		return nil, err
	}
	if run.Summary, err = analysis.Summarize(run); err != nil {
		return nil, fmt.Errorf("summarize %s: %w", directory, err)
	}
	return run, nil
}

// writeDerived writes summary.json, report.html and report.md with its plots.
func writeDerived(run *results.Run) error {
	switch {
	case run.Manifest.Gate != nil:
		_, err := writeGateDerived(run)
		return err
	case run.Manifest.Search != nil:
		_, err := writeSearchDerived(run)
		return err
	}
	if run.Manifest.Choose != nil {
		_, _, err := writeChoiceDerived(run)
		return err
	}
	if err := results.WriteSummary(run.Dir, run.Summary); err != nil {
		return err
	}
	document, err := report.New(run)
	if err != nil {
		return err
	}
	return writeDocument(run.Dir, document)
}

// writeDocument writes report.html and report.md with its plots.
func writeDocument(directory string, document *report.Document) error {
	var page, markdown bytes.Buffer
	if err := document.HTML(&page); err != nil {
		return err
	}
	if err := results.ReplaceFile(filepath.Join(directory, htmlName), page.Bytes()); err != nil {
		return err
	}
	if _, err := document.Plots(filepath.Join(directory, plotsName), report.SVG); err != nil {
		return err
	}
	if err := document.Markdown(&markdown, plotsName); err != nil {
		return err
	}
	return results.ReplaceFile(filepath.Join(directory, markdownName), markdown.Bytes())
}
