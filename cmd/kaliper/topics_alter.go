package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
)

func newTopicsAlterCommand(env *environment) *cobra.Command {
	var flags clusterFlags
	var partitions int
	var configs, reset []string
	command := &cobra.Command{
		Use:   "alter NAME",
		Short: "Change a topic's configs or add partitions, and show it",
		Long: `alter sets and takes back single configs, and adds partitions; everything else stays as it
is. The cluster validates all of it before anything is done. Kafka never removes partitions,
and adding some moves keys to other partitions.`,
		Example: `  kaliper topics alter orders --partitions 24 --bootstrap-server localhost:9092
  kaliper topics alter orders --config retention.ms=3600000 --delete-config max.message.bytes --bootstrap-server localhost:9092`,
		Args: exactly(1, "the name of a topic"),
		RunE: func(c *cobra.Command, args []string) error {
			change := kafka.TopicChange{Partitions: partitions, Reset: reset}
			var err error
			if change.Set, err = configFlags(configs); err != nil {
				return err
			}
			switch {
			case c.Flags().Changed("partitions") && partitions < 1:
				return badInput(errors.New("--partitions takes the new number of all partitions"))
			case partitions == 0 && len(configs) == 0 && len(reset) == 0:
				return badInput(errors.New("say what to alter: --partitions N, --config name=value or --delete-config name"))
			}
			for _, name := range reset {
				if _, both := change.Set[name]; both {
					return badInput(fmt.Errorf("%s cannot be both set and deleted", name))
				}
			}
			admin, err := flags.connect(c.Context(), env.stderr)
			if err != nil {
				return err
			}
			defer admin.Close()
			if err := admin.AlterTopic(c.Context(), args[0], change, topicBound); err != nil {
				return err
			}
			return showTopic(c.Context(), env, admin, args[0], flags.json)
		},
	}
	flags.add(command)
	f := command.Flags()
	f.IntVar(&partitions, "partitions", 0, "the new number of all partitions")
	f.StringArrayVar(&configs, "config", nil, "a topic config as name=value; may be given several times")
	f.StringArrayVar(&reset, "delete-config", nil, "a topic config to take back, so that the brokers' applies; may be given several times")
	return command
}
