package main

import (
	"bytes"
	"io"

	"github.com/spf13/pflag"

	"kaliper/report"
	"kaliper/results"
)

// gateOutputs are the files that a gate writes for CI besides its run's directory.
type gateOutputs struct {
	markdown string
}

func (o *gateOutputs) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.markdown, "markdown", "", "write the report as Markdown into this file too, as a comment for a merge request")
}

// write writes what was asked for.
func (o *gateOutputs) write(env *environment, answer *report.Gate) error {
	for _, file := range []struct {
		path   string
		render func(io.Writer) error
	}{
		{o.markdown, func(w io.Writer) error { return answer.Document().Markdown(w, "") }},
	} {
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
	return nil
}
