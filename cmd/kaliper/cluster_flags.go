package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
	"kaliper/internal/property"
)

// clusterFlags are those of every command that looks at a cluster without a scenario.
type clusterFlags struct {
	servers string
	json    bool
}

func (f *clusterFlags) add(command *cobra.Command) {
	command.Flags().StringVar(&f.servers, "bootstrap-server", "", "the cluster's brokers as host:port, separated by commas")
	command.Flags().BoolVar(&f.json, "json", false, "print JSON, alone on standard output")
}

// connectAdmin connects to a cluster that is named by its brokers alone.
func connectAdmin(ctx context.Context, servers string) (*kafka.Admin, error) {
	if servers == "" {
		return nil, badInput(errors.New("name the cluster: --bootstrap-server host:port"))
	}
	properties, errs := property.Resolve(property.Common, map[string]property.Value{
		"bootstrap.servers": {Text: servers, Origin: "--bootstrap-server"},
	})
	if len(errs) > 0 {
		return nil, badInput(errors.Join(errs...))
	}
	options, err := kafka.CommonOptions(properties)
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
