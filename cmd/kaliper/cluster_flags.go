package main

import (
	"context"
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
)

// clusterFlags are those of every command that looks at a cluster without a scenario; they name
// it as Kafka's own tools do. Of what says the same, --bootstrap-server wins, then
// --command-property, then the file.
type clusterFlags struct {
	servers    string
	file       string
	properties []string
	json       bool
}

func (f *clusterFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.servers, "bootstrap-server", "", "the cluster's brokers as host:port, separated by commas")
	flags.StringVar(&f.file, "command-config", "", "a Java client's properties file, which says how to connect")
	flags.StringArrayVar(&f.properties, "command-property", nil, "one client property, as name=value (repeatable)")
	flags.BoolVar(&f.json, "json", false, "print JSON, alone on standard output")
}

// connect connects to the cluster that the flags name.
func (f *clusterFlags) connect(ctx context.Context, warnings io.Writer) (*kafka.Admin, error) {
	properties, err := f.resolve(warnings)
	if err != nil {
		return nil, err
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
