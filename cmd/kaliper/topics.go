package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
	"kaliper/internal/property"
)

// deleteBound is how long topics may take to be gone from every broker.
const deleteBound = time.Minute

func newTopicsCommand(env *environment) *cobra.Command {
	command := &cobra.Command{
		Use:   "topics",
		Short: "Remove the topics that killed runs left behind",
		Args:  cobra.NoArgs,
	}
	command.AddCommand(newTopicsDeleteCommand(env))
	return command
}

func newTopicsDeleteCommand(env *environment) *cobra.Command {
	var servers, run string
	command := &cobra.Command{
		Use:   "delete --run RUN",
		Short: "Delete the topics and consumer groups of one run",
		Long: `delete removes the topics and consumer groups that a run created and did not remove, because
it was killed or because it was told to keep them. It touches nothing else: everything of a
run is named kaliper.<its short id>. and so on. A run that still has consumers is left alone.

RUN is the name of the run's directory, or the short id at its end. Without --run, what
could be deleted is named.`,
		Example: `  kaliper topics delete --bootstrap-server localhost:9092 --run x7k2
  kaliper topics delete --bootstrap-server localhost:9092 --run 20261123T170000Z-codec-choice-x7k2`,
		Args: exactly(0, "flags alone"),
		RunE: func(c *cobra.Command, _ []string) error {
			admin, err := connectAdmin(c.Context(), servers)
			if err != nil {
				return err
			}
			defer admin.Close()
			if run == "" {
				return nameLeftovers(c.Context(), admin)
			}
			deleted, err := admin.DeleteRun(c.Context(), shortID(run), deleteBound)
			if err != nil {
				return err
			}
			for _, name := range deleted.Topics {
				fmt.Fprintf(env.stdout, "deleted topic %s\n", name)
			}
			for _, name := range deleted.Groups {
				fmt.Fprintf(env.stdout, "deleted group %s\n", name)
			}
			return nil
		},
	}
	flags := command.Flags()
	flags.StringVar(&servers, "bootstrap-server", "", "the cluster's brokers as host:port, separated by commas")
	flags.StringVar(&run, "run", "", "the run's directory or short id")
	return command
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

// nameLeftovers is the answer to a delete that does not say of what.
func nameLeftovers(ctx context.Context, admin *kafka.Admin) error {
	leftovers, err := admin.Leftovers(ctx, "")
	if err != nil {
		return err
	}
	if len(leftovers) == 0 {
		return badInput(errors.New("name a run: --run RUN; no run has left anything on this cluster"))
	}
	var lines strings.Builder
	for _, l := range leftovers {
		fmt.Fprintf(&lines, "\n  --run %s    topics: %d, consumer groups: %d", l.Run, len(l.Topics), len(l.Groups))
	}
	return badInput(fmt.Errorf("name a run; of those on this cluster, some may still be going on:%s", lines.String()))
}

// shortID returns the id that the names of a run's topics carry: the end of its directory's
// name, or what is one already.
func shortID(run string) string {
	run = strings.TrimRight(run, `/\`)
	return run[strings.LastIndexAny(run, `-/\`)+1:]
}
