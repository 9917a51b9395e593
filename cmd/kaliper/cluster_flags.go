package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
	"kaliper/scenarios"
)

// clusterFlags are those of every command that looks at a cluster without a scenario.
type clusterFlags struct {
	connectionFlags
	json bool
}

func (f *clusterFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.servers, "bootstrap-server", "", "the cluster's brokers as host:port, separated by commas")
	f.register(flags)
	flags.BoolVar(&f.json, "json", false, "print JSON, alone on standard output")
}

// connect connects to the cluster that the flags name.
func (f *clusterFlags) connect(ctx context.Context, warnings io.Writer) (*kafka.Admin, error) {
	var named scenarios.Options
	if err := f.apply(&named); err != nil {
		return nil, err
	}
	target, told, err := scenarios.ParseTarget(named)
	for _, warning := range told {
		fmt.Fprintf(warnings, "warning: %s\n", warning)
	}
	if err != nil {
		return nil, err
	}
	options, err := kafka.CommonOptions(target.Properties)
	if err != nil {
		return nil, badInput(err)
	}
	return kafka.Connect(ctx, options...)
}

// printJSON prints an answer for machines.
func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
