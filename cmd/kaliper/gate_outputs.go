package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"kaliper/report"
	"kaliper/results"
)

// gateOutputs are what a gate writes for CI besides its run's directory.
type gateOutputs struct {
	markdown, junit, benchfmt string
	github                    bool
}

func (o *gateOutputs) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.junit, "junit", "", "write JUnit XML into this file: FAIL is a failure, UNTRUSTED an error, INCONCLUSIVE skipped")
	flags.StringVar(&o.markdown, "markdown", "", "write the report as Markdown into this file, as a comment for a merge request")
	flags.StringVar(&o.benchfmt, "benchfmt", "", "write the trials in Go's benchmark format into this file; benchstat -col side reads it")
	flags.BoolVar(&o.github, "github", os.Getenv("GITHUB_ACTIONS") == "true", "write annotations on standard error, and the report into the step's summary ($GITHUB_STEP_SUMMARY)")
}

// write writes what was asked for.
func (o *gateOutputs) write(env *environment, answer *report.Gate) error {
	comment := func(w io.Writer) error { return answer.Document().Markdown(w, "") }
	for _, file := range []struct {
		path   string
		render func(io.Writer) error
	}{{o.markdown, comment}, {o.junit, answer.JUnit}, {o.benchfmt, answer.BenchFmt}} {
		if file.path == "" {
			continue
		}
		var out bytes.Buffer
		if err := file.render(&out); err != nil {
			return err
		}
		if err := results.ReplaceFile(file.path, out.Bytes()); err != nil {
			return err
		}
	}
	if !o.github {
		return nil
	}
	if err := answer.Annotations(env.stderr); err != nil {
		return err
	}
	return appendTo(os.Getenv("GITHUB_STEP_SUMMARY"), comment)
}

// appendTo adds to a file that belongs to somebody else; an empty path is nobody's.
func appendTo(path string, render func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	var out bytes.Buffer
	if err := render(&out); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("the step's summary: %w", err)
	}
	_, err = out.WriteTo(file)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}
