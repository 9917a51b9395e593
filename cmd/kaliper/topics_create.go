package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
)

func newTopicsCreateCommand(env *environment) *cobra.Command {
	var flags clusterFlags
	var partitions, replication int
	var placement string
	var configs []string
	command := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a topic, and show it",
		Long: `create makes a topic and waits until every broker knows the leader of each partition. What
is not said is as the cluster's defaults have it.

--replica-assignment places replicas as kafka-topics.sh does: partitions are separated by
commas, the brokers of one by colons, the preferred leader first. It says how many partitions
and replicas there are.`,
		Example: `  kaliper topics create orders --partitions 12 --replication-factor 3 --bootstrap-server localhost:9092
  kaliper topics create orders --config min.insync.replicas=2 --config retention.ms=3600000 --bootstrap-server localhost:9092
  kaliper topics create orders --replica-assignment 1:2,2:3,3:1 --bootstrap-server localhost:9092`,
		Args: exactly(1, "a name for the topic"),
		RunE: func(c *cobra.Command, args []string) error {
			topic := kafka.NewTopic{Name: args[0], Partitions: partitions, ReplicationFactor: replication}
			for _, flag := range []struct {
				name  string
				value int
			}{{"partitions", partitions}, {"replication-factor", replication}} {
				switch {
				case c.Flags().Changed(flag.name) && flag.value < 1:
					return badInput(fmt.Errorf("--%s takes a number from 1", flag.name))
				case c.Flags().Changed(flag.name) && placement != "":
					return badInput(fmt.Errorf("--%s and --replica-assignment say the same thing; leave one out", flag.name))
				}
			}
			var err error
			if topic.Config, err = configFlags(configs); err != nil {
				return err
			}
			if placement != "" {
				if topic.Placement, err = parsePlacement(placement); err != nil {
					return badInput(fmt.Errorf("--replica-assignment: %w; write it as 1:2,2:3,3:1", err))
				}
			}
			admin, err := flags.connect(c.Context(), env.stderr)
			if err != nil {
				return err
			}
			defer admin.Close()
			if err := admin.CreateTopic(c.Context(), topic, topicBound); err != nil {
				return err
			}
			return showTopic(c.Context(), env, admin, topic.Name, flags.json)
		},
	}
	flags.add(command)
	f := command.Flags()
	f.IntVar(&partitions, "partitions", 0, "how many partitions; the cluster's default if not given")
	f.IntVar(&replication, "replication-factor", 0, "how many replicas of each; the cluster's default if not given")
	f.StringVar(&placement, "replica-assignment", "", "the brokers of each partition, as 1:2,2:3")
	f.StringArrayVar(&configs, "config", nil, "a topic config as name=value; may be given several times")
	return command
}

// parsePlacement reads the brokers of every partition.
func parsePlacement(text string) ([][]int32, error) {
	var placement [][]int32
	for p, part := range strings.Split(text, ",") {
		var ids []int32
		for _, word := range strings.Split(part, ":") {
			id, err := strconv.ParseInt(strings.TrimSpace(word), 10, 32)
			if err != nil || id < 0 {
				return nil, fmt.Errorf("partition %d: %q is no broker's id", p, word)
			}
			if slices.Contains(ids, int32(id)) {
				return nil, fmt.Errorf("partition %d: broker %d is there twice", p, id)
			}
			ids = append(ids, int32(id))
		}
		if len(placement) > 0 && len(ids) != len(placement[0]) {
			return nil, errors.New("every partition needs equally many brokers")
		}
		placement = append(placement, ids)
	}
	return placement, nil
}
