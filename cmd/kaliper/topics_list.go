package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
)

func newTopicsListCommand(env *environment) *cobra.Command {
	var flags clusterFlags
	var internal bool
	command := &cobra.Command{
		Use:   "list",
		Short: "List the topics that this user may see",
		Long: `list names the cluster's topics with their partitions and replication factor, how many
partitions have no leader or replicas out of sync, and the run that a topic belongs to.`,
		Example: `  kaliper topics list --bootstrap-server localhost:9092
  kaliper topics list --bootstrap-server localhost:9092 --json`,
		Args: exactly(0, "flags alone"),
		RunE: func(c *cobra.Command, _ []string) error {
			admin, err := flags.connect(c.Context(), env.stderr)
			if err != nil {
				return err
			}
			defer admin.Close()
			all, err := admin.ListTopics(c.Context())
			if err != nil {
				return err
			}
			shown := []kafka.TopicSummary{}
			for _, t := range all {
				if internal || !t.Internal {
					shown = append(shown, t)
				}
			}
			if flags.json {
				return printJSON(env.stdout, topicsJSON{"kaliper.topics/1", shown})
			}
			return writeTopicList(env.stdout, shown)
		},
	}
	flags.add(command)
	command.Flags().BoolVar(&internal, "internal", false, "show Kafka's internal topics too")
	return command
}

// topicsJSON is what list --json prints.
type topicsJSON struct {
	Schema string               `json:"schema"`
	Topics []kafka.TopicSummary `json:"topics"`
}

func writeTopicList(w io.Writer, topics []kafka.TopicSummary) error {
	if len(topics) == 0 {
		_, err := fmt.Fprintln(w, "no topics that this user may see")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "topic\tpartitions\treplicas\tremarks")
	for _, topic := range topics {
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\n", topic.Name, topic.Partitions, topic.ReplicationFactor, remarks(topic))
	}
	return t.Flush()
}

func remarks(topic kafka.TopicSummary) string {
	var text string
	add := func(format string, args ...any) {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf(format, args...)
	}
	if topic.Offline > 0 {
		add("%d without a leader", topic.Offline)
	}
	if topic.UnderReplicated > 0 {
		add("%d with replicas out of sync", topic.UnderReplicated)
	}
	if topic.Internal {
		add("Kafka's own")
	}
	if topic.Run != "" {
		add("of run %s", topic.Run)
	}
	return text
}
