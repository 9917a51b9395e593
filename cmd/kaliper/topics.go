package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kaliper/internal/suggest"
)

// topicBound is how long a change of topics may take to be known to every broker.
const topicBound = time.Minute

func newTopicsCommand(env *environment) *cobra.Command {
	names := []string{"list", "describe", "create", "alter", "delete", "apply", "sample"}
	command := &cobra.Command{
		Use:   "topics",
		Short: "List, describe, create, alter, delete, apply and sample topics",
		Example: `  kaliper topics list --bootstrap-server localhost:9092
  kaliper topics describe orders --bootstrap-server localhost:9092`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput(fmt.Errorf("topics takes a subcommand: %s", strings.Join(names, ", ")))
			}
			return badInput(fmt.Errorf("topics has no subcommand %q%s; there are %s", args[0], suggest.DidYouMean(args[0], names), strings.Join(names, ", ")))
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	command.AddCommand(
		newTopicsListCommand(env),
		newTopicsDescribeCommand(env),
		newTopicsCreateCommand(env),
		newTopicsAlterCommand(env),
		newTopicsDeleteCommand(env),
		newTopicsApplyCommand(env),
		newTopicsSampleCommand(env),
	)
	return command
}

// configFlags reads name=value as --config takes it. A value may hold further equals signs.
func configFlags(pairs []string) (map[string]string, error) {
	configs := map[string]string{}
	for _, pair := range pairs {
		name, value, found := strings.Cut(pair, "=")
		if !found || name == "" {
			return nil, badInput(fmt.Errorf("--config %s: write name=value, such as --config retention.ms=3600000", pair))
		}
		if _, twice := configs[name]; twice {
			return nil, badInput(fmt.Errorf("--config %s is given twice", name))
		}
		configs[name] = value
	}
	return configs, nil
}
